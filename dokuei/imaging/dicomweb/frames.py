"""Frames (PS3.18 10.4.1.1.6): packed HTJ2K where there is a pack, else as stored, else made on the spot.

Beyond the standard: `resolution=k` asks for the prefix of a packed frame that holds its k-th resolution (0 is the
smallest), and a single-part answer names in ``dokuei-resolution-ends`` where each resolution ends, for Range.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from dokuei.base.errors import Invalid
from dokuei.dicom import syntax
from dokuei.dicom.codec import sandbox
from dokuei.imaging.dicomweb import accept, access
from dokuei.imaging.dicomweb.accept import HTJ2K_RPCL, Choice
from dokuei.imaging.dicomweb.access import Packed, Placed, View
from dokuei.imaging.dicomweb.answer import Answer, Piece, Stored, multipart
from dokuei.imaging.errors import FrameMissing
from dokuei.imaging.frames import form_of_instance, frame_of, pieces_of
from dokuei.imaging.packs.rules import LOSSLESS

MOST_FRAMES = 10_000
MOST_MADE = 64
"""Frames decoded or encoded for one request; a viewer asks for one or a few at a time."""


@dataclass(frozen=True)
class Asked:
    """What a caller wants of an instance's frames."""

    numbers: tuple[int, ...]
    accept: str = ""
    resolution: int | None = None


def parse(numbers: str, accept_header: str, resolution: str | None) -> Asked:
    """The frames a request names; `Invalid` if that makes no sense."""
    try:
        found = tuple(int(one) for one in numbers.split(","))
        level = int(resolution) if resolution is not None else None
    except ValueError as error:
        raise Invalid(code="frame.number") from error
    if not 0 < len(found) <= MOST_FRAMES or (level is not None and not 0 <= level <= 32):
        raise Invalid(code="frame.number")
    return Asked(found, accept_header, level)


def at_once(view: View, instance: Placed, asked: Asked) -> Answer | None:
    """The answer, if it takes nothing but what is remembered; None if something must be read or made first."""
    is_known, packed = access.remembered_packed(view, instance)
    if not is_known:
        return None
    choice = _choice(instance, packed, asked)
    if choice.is_made or not (_is_packed(choice, packed) or is_at_hand(instance)):
        return None
    return _answer(view, instance, packed, choice, asked)


def retrieve(view: View, instance: Placed, asked: Asked) -> Answer:
    """The answer, whatever it takes. Blocking."""
    packed = access.packed(view, instance)
    return _answer(view, instance, packed, _choice(instance, packed, asked), asked)


def is_at_hand(instance: Placed) -> bool:
    """Whether a frame can be placed without reading anything: no query, no inflating, no swapping."""
    if instance.transfer_syntax == syntax.DEFLATED_LE:
        return False
    if not instance.frame_bits:
        return access.are_ranges_remembered(instance)
    return instance.word_bytes == 1 and instance.frame_bits % 8 == 0


def _choice(instance: Placed, packed: Packed | None, asked: Asked) -> Choice:
    if not instance.frames or any(not 1 <= one <= instance.frames for one in asked.numbers):
        raise FrameMissing()
    at_hand = [HTJ2K_RPCL] if packed else []
    makeable: list[str] = []
    if asked.resolution is None:
        at_hand.append(syntax.served_as(instance.transfer_syntax))
        if instance.transfer_syntax not in syntax.VIDEO and len(asked.numbers) <= MOST_MADE:
            makeable.append(syntax.EXPLICIT_LE)
            makeable += [HTJ2K_RPCL] if instance.transfer_syntax in LOSSLESS else []
    return accept.choose_frame(
        accept.parse(asked.accept), at_hand, makeable, is_single=len(asked.numbers) == 1
    )


def _is_packed(choice: Choice, packed: Packed | None) -> bool:
    return packed is not None and choice.transfer_syntax == HTJ2K_RPCL


def _answer(view: View, instance: Placed, packed: Packed | None, choice: Choice, asked: Asked) -> Answer:
    headers = [(b"accept-ranges", b"bytes"), (b"vary", b"accept")]
    if packed is not None and _is_packed(choice, packed):
        bodies = [_packed_piece(packed, number, asked.resolution) for number in asked.numbers]
        if len(asked.numbers) == 1:
            ends = ",".join(map(str, packed.frames[asked.numbers[0] - 1][1:]))
            headers.append((b"dokuei-resolution-ends", ends.encode()))
        source = packed.sha256
    elif choice.is_made:
        bodies = _made(view, instance, choice, asked.numbers)
        source = instance.sha256
    else:
        ranges = access.frame_ranges(view, instance) if not instance.frame_bits else ()
        bodies = [pieces_of(instance, ranges, number) for number in asked.numbers]
        source = instance.sha256
    etag = _etag(source, instance, choice, asked)
    headers.append((b"etag", f'"{etag}"'.encode()))
    kind = f"{choice.media}; transfer-syntax={choice.transfer_syntax}"
    if choice.is_multipart:
        answer = multipart(f"dokuei-{etag[:24]}", choice.media, [(kind, one) for one in bodies], *headers)
    else:
        answer = Answer(200, kind, tuple(bodies[0]), tuple(headers))
    return answer.kept_for(settings.DOKUEI.frame_cache_seconds)


def _etag(source: str, instance: Placed, choice: Choice, asked: Asked) -> str:
    """Strong: the same only for the same bytes."""
    said = (
        f"{source} {instance.sop_instance_uid} {choice.transfer_syntax} {choice.media} {choice.is_multipart} "
    )
    said += f"{asked.numbers} {asked.resolution}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _packed_piece(packed: Packed, number: int, resolution: int | None) -> list[Piece]:
    offset, *ends = packed.frames[number - 1]
    end = ends[-1] if resolution is None else ends[min(resolution, len(ends) - 1)]
    return [Stored(packed.key, offset, end)]


def _made(view: View, instance: Placed, choice: Choice, numbers: Sequence[int]) -> list[list[Piece]]:
    """Frames decoded, or encoded anew, in the sandbox."""
    job = "to_native" if choice.transfer_syntax == syntax.EXPLICIT_LE else "to_htj2k"
    told = {"form": form_of_instance(instance).as_dict()}
    ranges = access.frame_ranges(view, instance) if not instance.frame_bits else ()
    made: list[list[Piece]] = []
    for number in numbers:
        made.append([sandbox.default().run(job, told, [frame_of(instance, ranges, number)]).data])
    return made
