"""WADO-RS study, series and instance (PS3.18 10.4.1.1.1), and the same for WADO-URI: as kept, or in another syntax.

Blocking. `plan` decides what is sent without looking at a pixel; `Plan.answer` makes what must be made.
"""

import hashlib
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from dokuei.base.errors import DokueiError, Unavailable
from dokuei.identity.access import Permission, require
from dokuei.imaging import transcode
from dokuei.imaging.dicomweb import accept, access
from dokuei.imaging.dicomweb.accept import DICOM, NOT_ON_THE_WEB
from dokuei.imaging.dicomweb.access import Placed, View
from dokuei.imaging.dicomweb.answer import Answer, Piece, Stored, multipart
from dokuei.imaging.dicomweb.media import NotAcceptable
from dokuei.imaging.errors import AnswerTooLarge, NotWritable
from dokuei.imaging.spool import LARGEST, Spool

log = logging.getLogger("dokuei.dicomweb")
Part = tuple[Placed, str, list[Piece]]
"""An instance, the syntax it is sent in, and its bytes."""


def plan(view: View, series_uid: str, sop_uid: str, header: str) -> "Plan":
    """What is sent to those who may take whole instances along: facilities, support, machines; never a reader."""
    require(view.actor, Permission.STUDY_READ)
    wanted = accept.for_instances(accept.parse(header))
    found = access.matching(view, series_uid, sop_uid)
    return _planned(view, found, wanted, is_single=bool(sop_uid) and not wanted[0].is_multipart)


def plan_object(view: View, series_uid: str, sop_uid: str, transfer_syntax: str) -> "Plan":
    """One object for WADO-URI (PS3.18 9.4.2.4); Implicit VR too for those who name it.

    Its media type carries no transfer syntax (8.7.3.5.2).
    """
    require(view.actor, Permission.STUDY_READ)
    wanted = [accept.Wanted(DICOM, transfer_syntax, is_multipart=False)]
    found = access.matching(view, series_uid, sop_uid)
    return _planned(view, found, wanted, is_single=True, is_uri=True)


def _planned(
    view: View,
    found: Sequence[Placed],
    wanted: Sequence[accept.Wanted],
    *,
    is_single: bool,
    is_uri: bool = False,
) -> "Plan":
    barred = () if is_uri else NOT_ON_THE_WEB
    choices = [
        (one, accept.instance_syntaxes(wanted, one.transfer_syntax, transcode.writable(one), barred=barred))
        for one in found
    ]
    if not any(offers for _, offers in choices):
        raise NotAcceptable()
    made = [one for one, offers in choices if offers and offers[0] != one.transfer_syntax]
    if sum(one.rows * one.columns * one.frames * 2 for one in made) > LARGEST:
        raise AnswerTooLarge()
    return Plan(view, choices, is_single, is_uri, is_at_hand=not made)


@dataclass
class Plan:
    """The instances of one answer, each with the syntaxes it may be sent in."""

    view: View
    choices: list[tuple[Placed, list[str]]]
    is_single: bool
    is_uri: bool
    is_at_hand: bool
    """Nothing must be made."""
    failed: list[DokueiError] = field(default_factory=list)

    def answer(self) -> Answer:
        """The answer; what cannot be given is left out of many and said so (206), of one it is the error."""
        spool = Spool()
        parts = [part for one, offers in self.choices if (part := self._part(one, offers, spool))]
        if not parts:
            raise next((one for one in self.failed if not isinstance(one, NotWritable)), NotAcceptable())
        said = [(one.sha256, uid) for one, uid, _ in parts]
        tag = hashlib.sha256(repr((said, self.is_single)).encode()).hexdigest()[:32]
        headers = [(b"vary", b"accept")]
        headers.append(self._warning() if self.failed else (b"etag", f'"{tag}"'.encode()))
        if self.is_single:
            _, uid, pieces = parts[0]
            kind = DICOM if self.is_uri else f"{DICOM}; transfer-syntax={uid}"
            return Answer(200, kind, tuple(pieces), tuple(headers))
        bodies = [(f"{DICOM}; transfer-syntax={uid}", pieces) for _, uid, pieces in parts]
        whole = multipart(f"dokuei-{tag[:24]}", DICOM, bodies, *headers)
        return whole if not self.failed else whole.partial()

    def _part(self, one: Placed, offers: Sequence[str], spool: Spool) -> Part | None:
        """The instance in the best syntax it can be written in; a failure harms no other."""
        error: DokueiError = NotWritable()
        for uid in offers:
            try:
                return one, uid, self._pieces(one, uid, spool)
            except (Unavailable, AnswerTooLarge):
                raise
            except DokueiError as failed:
                error = failed if isinstance(error, NotWritable) else error
        log.warning("an instance cannot be sent", extra={"instance": one.pk, "code": error.error_code})
        self.failed.append(error)
        return None

    def _pieces(self, one: Placed, uid: str, spool: Spool) -> list[Piece]:
        if uid == one.transfer_syntax:
            return [Stored(one.store_key, one.store_offset, one.store_length)]
        ranges = access.frame_ranges(self.view, one) if one.frames and not one.frame_bits else ()
        pack = access.packed(self.view, one) if uid in transcode.HTJ2K else None
        return transcode.as_file(one, uid, ranges, spool, pack)

    def _warning(self) -> tuple[bytes, bytes]:
        counts = Counter(one.error_code for one in self.failed)
        why = ", ".join(f"{code}: {count}" for code, count in sorted(counts.items()))
        text = f"{len(self.failed)} of {len(self.choices)} instances are left out ({why})"
        return b"warning", f'299 dokuei "{text}"'.encode("ascii", "replace")
