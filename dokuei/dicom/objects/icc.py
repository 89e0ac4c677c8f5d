"""The sRGB colour space (IEC 61966-2-1) as an ICC profile: what numbers of red, green and blue mean on a screen."""

import struct
from functools import lru_cache

D50 = (0.9642, 1.0, 0.8249)
RED, GREEN, BLUE = (0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)
"""The primaries adapted to D50, as ICC profiles hold them."""
STEPS = 1024


@lru_cache(1)
def srgb() -> bytes:
    """An input profile of version 2.4, with a curve of the exact sRGB transfer function."""
    curve = b"curv" + struct.pack(">4xI", STEPS) + struct.pack(f">{STEPS}H", *map(_light, range(STEPS)))
    tags = [
        (b"desc", _description("sRGB")),
        (b"cprt", b"text" + bytes(4) + b"CC0\0"),
        (b"wtpt", _xyz(D50)),
        (b"rXYZ", _xyz(RED)),
        (b"gXYZ", _xyz(GREEN)),
        (b"bXYZ", _xyz(BLUE)),
        (b"rTRC", curve),
        (b"gTRC", curve),
        (b"bTRC", curve),
    ]
    here, table, data = 128 + 4 + 12 * len(tags), b"", b""
    places: dict[bytes, int] = {}
    for name, content in tags:
        if content not in places:
            places[content] = here + len(data)
            data += content + bytes(-len(content) % 4)
        table += name + struct.pack(">II", places[content], len(content))
    size = here + len(data)
    return _head(size) + struct.pack(">I", len(tags)) + table + data


def _head(size: int) -> bytes:
    made = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    start = struct.pack(">I4xI", size, 0x02400000) + b"scnr" + b"RGB " + b"XYZ " + made + b"acsp"
    return start + bytes(28) + struct.pack(">3i", *(round(one * 65536) for one in D50)) + bytes(48)


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(one * 65536) for one in values))


def _description(text: str) -> bytes:
    plain = text.encode() + b"\0"
    return b"desc" + bytes(4) + struct.pack(">I", len(plain)) + plain + bytes(78)


def _light(step: int) -> int:
    share = step / (STEPS - 1)
    light = share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
    return round(light * 65535)
