"""How quickly frames become verified lossless HTJ2K, through the sandbox: ``python -m bench.transcode [FOLDER]``.

Prints, for each series of the real data, slices a second of one core for encoding and comparing (decoding the source
is not counted), the same with the way to the sandboxed process and back, and raw bytes over packed bytes.
"""

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from dokuei.dicom import syntax
from dokuei.dicom.codec import htj2k
from dokuei.dicom.codec.decode import decode
from dokuei.dicom.codec.form import Form, Pixels
from dokuei.dicom.codec.sandbox import Sandbox
from dokuei.dicom.codec.tests.frames import frames_of

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "dicom" / "studies"
SERIES = {
    "human chest, soft kernel": "ct-chest-lungdx-a0001/s3-5mm-jpegls",
    "human chest, sharp kernel": "ct-chest-lungdx-a0001/s2-5mm-implicit-le",
    "head phantom, 5 mm": "ct-head-phantom-philips-s21570/s201-5mm-jpeg-lossless",
    "head phantom, 1 mm bone": "ct-head-phantom-philips-s21570/s203-1mm-bone-j2k",
    "human brain, 7 T MR": "mr-brain-7t-384-slices-jpegls",
}
MOST = 64
ROUNDS = 5


def main(arguments: Sequence[str]) -> int:
    root = Path(arguments[0]) if arguments else DATA
    if not root.exists():
        print(f"The real data is absent: {root}. Name its studies folder, or any folder of series.")
        return 2
    series = (
        SERIES if (root / next(iter(SERIES.values()))).exists() else {p.name: p.name for p in root.iterdir()}
    )
    print(
        f"{'series':28} {'slices':>6} {'matrix':>10} {'encode+compare':>15} {'through sandbox':>16} {'ratio':>6}"
    )
    for name, folder in series.items():
        measure(name, sorted((root / folder).glob("*.dcm"))[:MOST])
    return 0


def measure(name: str, paths: Sequence[Path]) -> None:
    """One line of the table: medians of rounds, in processor time."""
    loaded = [load(path) for path in paths]
    if not loaded:
        return
    packed = sum(len(htj2k.encode(pixels).stream) for _, pixels in loaded)
    inside = median(cpu_seconds(loaded) for _ in range(ROUNDS))
    sandbox = Sandbox(1)
    through = median(sandboxed_seconds(sandbox, loaded) for _ in range(ROUNDS))
    sandbox.close()
    raw = sum(pixels.nbytes for _, pixels in loaded)
    rows, columns = loaded[0][1].shape[:2]
    print(
        f"{name:28} {len(loaded):6} {rows:5}x{columns:4} {len(loaded) / inside:11.0f} /s "
        f"{len(loaded) / through:13.0f} /s {raw / packed:6.2f}"
    )


def load(path: Path) -> tuple[Form, Pixels]:
    form, frames = frames_of(path.read_bytes())
    return replace(form, transfer_syntax=syntax.EXPLICIT_LE, is_planar=False), decode(frames[0], form).pixels


def cpu_seconds(loaded: Sequence[tuple[Form, Pixels]]) -> float:
    begun = time.process_time()
    for _, pixels in loaded:
        htj2k.encode(pixels)
    return time.process_time() - begun


def sandboxed_seconds(sandbox: Sandbox, loaded: Sequence[tuple[Form, Pixels]]) -> float:
    """Processor time of both ends: a busy neighbour does not count."""
    blobs = [(form.as_dict(), pixels.tobytes()) for form, pixels in loaded]
    sandbox.run("to_htj2k", {"form": blobs[0][0]}, [blobs[0][1]])
    before = time.process_time() + child_seconds(sandbox)
    for form, data in blobs:
        sandbox.run("to_htj2k", {"form": form}, [data])
    return time.process_time() + child_seconds(sandbox) - before


def child_seconds(sandbox: Sandbox) -> float:
    """Processor time of the sandbox's processes so far."""
    ticks = 0
    for pid in sandbox.idle_pids():
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
