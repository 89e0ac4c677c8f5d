"""Making the bytes of a pack: every frame read, encoded in the sandbox and compared there. No database."""

import hashlib
import logging
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from dokuei.base.errors import DokueiError, Unavailable
from dokuei.dicom.codec import sandbox
from dokuei.dicom.codec.errors import PixelsTooLarge, Undecodable
from dokuei.dicom.codec.form import Form
from dokuei.imaging.frames import form_of_instance, frame_of
from dokuei.imaging.models import Instance
from dokuei.imaging.packs import rules

log = logging.getLogger("dokuei.packs")
FRAME_SECONDS = 120.0
NICENESS = 10
Coded = tuple[bytes, list[int]]


@dataclass
class Built:
    """The parts of a pack in order, its index, and what was left out and why."""

    parts: list[bytes] = field(default_factory=list)
    index: dict[str, list[list[int]]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def size_bytes(self) -> int:
        return sum(map(len, self.parts))

    def sha256(self) -> str:
        digest = hashlib.sha256()
        for part in self.parts:
            digest.update(part)
        return digest.hexdigest()


def build(instances: Sequence[Instance]) -> Built:
    """Encode these instances; one that cannot be is left out whole. `Unavailable` ends it all: try later."""
    walls = sandbox.background()
    built, here = Built(), 0
    with ThreadPoolExecutor(walls.size, "pack", initializer=step_back) as pool:
        waiting = [(one, pool.submit(_encode, walls, one)) for one in instances]
        for instance, future in waiting:
            try:
                coded = future.result()
            except Unavailable:
                raise
            except DokueiError as error:
                log.warning("left out of a pack", extra={"instance": instance.pk, "code": error.error_code})
                built.left_out[str(instance.pk)] = error.error_code
                continue
            rows = built.index.setdefault(str(instance.pk), [])
            for stream, ends in coded:
                built.parts.append(stream)
                rows.append([here, *ends])
                here += len(stream)
    return built


def step_back() -> None:
    """Let this thread's work go after that of others; Linux keeps a priority for each thread."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def _encode(walls: sandbox.Sandbox, instance: Instance) -> list[Coded]:
    if rules.size_of(instance) > rules.LARGEST_INSTANCE:
        raise PixelsTooLarge()
    form = form_of_instance(instance)
    if form.photometric not in rules.PHOTOMETRIC or form.bits_allocated not in {8, 16}:
        raise Undecodable(code="pixels.not_packed")
    return [_one(walls, instance, form, number) for number in range(1, instance.frames + 1)]


def _one(walls: sandbox.Sandbox, instance: Instance, form: Form, number: int) -> Coded:
    frame = frame_of(instance, instance.frame_ranges or [], number)
    result = walls.run("to_htj2k", {"form": form.as_dict()}, [frame], seconds=FRAME_SECONDS)
    return result.data, result.said["ends"]
