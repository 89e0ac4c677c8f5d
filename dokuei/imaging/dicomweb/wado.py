"""WADO-RS (PS3.18 10.4).

Frames, instances and bulk data, all blocking; called in a worker thread.
"""

from collections.abc import Iterable, Mapping, Sequence

from dokuei.base.errors import Invalid, NotFound
from dokuei.dicom import pixels, syntax
from dokuei.dicom.walk import PIXELS, Element
from dokuei.identity.access import Permission, require
from dokuei.imaging.dicomweb import access
from dokuei.imaging.dicomweb.access import Placed, View
from dokuei.imaging.dicomweb.answer import Answer, Piece, Stored
from dokuei.imaging.errors import FrameMissing
from dokuei.imaging.headers import inflated, read_header
from dokuei.kit import store


def frames(view: View, series_uid: str, sop_uid: str, numbers: str) -> Answer:
    """Frames as stored, each a part with its transfer syntax; native ones as explicit little endian."""
    instance = access.instance_of(view, series_uid, sop_uid)
    wanted = _numbers(numbers)
    if not instance.frames or any(not 1 <= one <= instance.frames for one in wanted):
        raise FrameMissing()
    kind = f"application/octet-stream; transfer-syntax={syntax.served_as(instance.transfer_syntax)}"
    bodies = [(kind, _frame(view, instance, number)) for number in wanted]
    boundary = f"dokuei-{instance.sha256[:24]}"
    return multipart(boundary, "application/octet-stream", bodies, (b"accept-ranges", b"bytes"))


def is_at_hand(instance: Placed) -> bool:
    """Whether `frames` can answer without reading anything: no query, no inflating, no swapping."""
    if instance.transfer_syntax == syntax.DEFLATED_LE:
        return False
    if not instance.frame_bits:
        return access.are_ranges_remembered(instance)
    return instance.word_bytes == 1 and instance.frame_bits % 8 == 0


def _numbers(text: str) -> list[int]:
    try:
        numbers = [int(one) for one in text.split(",")]
    except ValueError as error:
        raise Invalid(code="frame.number") from error
    if not 0 < len(numbers) <= 10_000:
        raise Invalid(code="frame.number")
    return numbers


def _frame(view: View, instance: Placed, number: int) -> list[Piece]:
    base = instance.store_offset + instance.data_set_offset
    if not instance.frame_bits:
        ranges = access.frame_ranges(view, instance)[number - 1]
        return [Stored(instance.store_key, base + offset, length) for offset, length in ranges]
    first = (number - 1) * instance.frame_bits
    start, end = first // 8, (first + instance.frame_bits + 7) // 8
    offset = instance.pixel_offset + start
    is_plain = instance.word_bytes == 1 and first % 8 == 0 and instance.frame_bits % 8 == 0
    if is_plain and instance.transfer_syntax != syntax.DEFLATED_LE:
        return [Stored(instance.store_key, base + offset, end - start)]
    if instance.transfer_syntax == syntax.DEFLATED_LE:
        data = inflated(instance)[offset : offset + end - start]
    else:
        data = store.default().get_range(instance.store_key, base + offset, end - start)
    data = pixels.little_endian(data, instance.word_bytes)
    return [data if is_plain or not _shares_bits(instance) else _bits(data, first, instance)]


def _shares_bits(instance: Placed) -> bool:
    return instance.frame_bits % 8 != 0


def _bits(data: bytes, first: int, instance: Placed) -> bytes:
    return pixels.cut_bits(data, first % 8, instance.frame_bits)


def instances(view: View, series_uid: str, sop_uid: str, accept: str) -> Answer:
    """Whole instances, for those who may take them along: facilities, support, machines; never a reader."""
    require(view.actor, Permission.STUDY_READ)
    found = access.matching(view, series_uid, sop_uid)
    if sop_uid and "multipart/related" not in accept and "application/dicom" in accept:
        return Answer(200, "application/dicom", (_whole(found[0]),))
    boundary = f"dokuei-{found[0].sha256[:24]}"
    parts = [(f"application/dicom; transfer-syntax={one.transfer_syntax}", [_whole(one)]) for one in found]
    return multipart(boundary, "application/dicom", parts)


def _whole(instance: Placed) -> Stored:
    return Stored(instance.store_key, instance.store_offset, instance.store_length)


def multipart(
    boundary: str,
    kind: str,
    parts: Iterable[tuple[str, Sequence[Piece]]],
    *headers: tuple[bytes, bytes],
) -> Answer:
    """A multipart/related answer.

    The boundary is the same for the same content, so that ranges fit together.
    """
    pieces: list[Piece] = []
    for content_type, body in parts:
        pieces.append(f"--{boundary}\r\nContent-Type: {content_type}\r\n\r\n".encode())
        pieces.extend(body)
        pieces.append(b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode())
    content_type = f'multipart/related; type="{kind}"; boundary={boundary}'
    return Answer(200, content_type, tuple(pieces), headers)


def bulk(view: View, series_uid: str, sop_uid: str, path: str) -> Answer:
    """One large value: pixel data as its frames, anything else as it is stored."""
    instance = access.instance_of(view, series_uid, sop_uid)
    steps = path.split("/")
    try:
        tag = int(steps[0], 16)
        if tag in PIXELS:
            return frames(view, series_uid, sop_uid, ",".join(map(str, range(1, instance.frames + 1))))
        ds = read_header(instance)
        element = _find(ds.elements, steps)
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise NotFound() from error
    data = ds.raw(element, element.length)
    kind = f"application/octet-stream; transfer-syntax={syntax.EXPLICIT_LE}"
    return multipart(f"dokuei-{instance.sha256[:24]}", "application/octet-stream", [(kind, [data])])


def _find(elements: Mapping[int, Element], steps: Sequence[str]) -> Element:
    element = elements[int(steps[0], 16)]
    for number, tag in zip(steps[1::2], steps[2::2], strict=True):
        if element.items is None:
            raise KeyError(tag)
        element = element.items[int(number)][int(tag, 16)]
    if element.items is not None or element.fragments is not None:
        raise KeyError(steps[-1])
    return element
