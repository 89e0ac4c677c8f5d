"""Which form of a frame or an instance the caller takes (PS3.18 8.3.3, 8.7): media types and transfer syntaxes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dokuei.dicom import syntax
from dokuei.imaging.dicomweb.media import NotAcceptable

OCTETS = "application/octet-stream"
HTJ2K_RPCL = syntax.HTJ2K_RPCL
_4 = "1.2.840.10008.1.2.4"
MEDIA = {
    "1.2.840.10008.1.2.5": "image/dicom-rle",
    **dict.fromkeys((f"{_4}.{number}" for number in (50, 51, 53, 55, 57, 70)), "image/jpeg"),
    **dict.fromkeys((f"{_4}.{number}" for number in (80, 81)), "image/jls"),
    **dict.fromkeys((f"{_4}.{number}" for number in (90, 91)), "image/jp2"),
    **dict.fromkeys((f"{_4}.{number}" for number in (92, 93)), "image/jpx"),
    **dict.fromkeys((f"{_4}.{number}" for number in (110, 111, 112)), "image/jxl"),
    **dict.fromkeys((f"{_4}.{number}" for number in (201, 202, 203)), "image/jphc"),
}
"""Media type of a single frame (PS3.18 Table 8.7.3-5)."""
LONGEST = 4096
DICOM = "application/dicom"
NOT_ON_THE_WEB = {syntax.IMPLICIT_LE, syntax.EXPLICIT_BE, syntax.GE_PRIVATE_BE_PIXELS}
"""Syntaxes nobody can ask for by name (PS3.18 8.7.3); ``*`` still gives an instance that came so as it came."""


@dataclass(frozen=True)
class Wanted:
    """One media range of an Accept header. `kind` is what is inside when it is multipart."""

    kind: str = "*/*"
    transfer_syntax: str = ""
    """Empty if none was named, ``*`` for any."""
    is_multipart: bool = True
    q: float = 1.0


@dataclass(frozen=True)
class Choice:
    """What is sent: in which transfer syntax, under which media type, in parts or alone."""

    transfer_syntax: str
    media: str
    is_multipart: bool
    is_made: bool
    """True when it must first be decoded or encoded."""


@lru_cache(512)
def parse(header: str) -> tuple[Wanted, ...]:
    """The ranges of an Accept header, the most wanted first; without any, whatever there is.

    >>> parse('multipart/related; type="image/jphc"; q=0.5, application/octet-stream')[0].is_multipart
    False
    """
    if len(header) > LONGEST:
        raise NotAcceptable()
    found = [_range(one) for one in _split(header, ",") if one.strip()]
    return (
        tuple(sorted((one for one in found if one.q > 0), key=lambda one: -one.q)) if found else (Wanted(),)
    )


def _range(text: str) -> Wanted:
    media, *rest = (one.strip() for one in _split(text, ";"))
    given = {}
    for one in rest:
        name, _, value = one.partition("=")
        given[name.strip().lower()] = value.strip().strip('"')
    media = media.lower()
    try:
        q = float(given.get("q", "1"))
    except ValueError:
        q = 0.0
    is_multipart = media in {"multipart/related", "multipart/*", "*/*"}
    kind = given.get("type", "*/*").lower() if is_multipart else media
    return Wanted(kind, given.get("transfer-syntax", ""), is_multipart, q)


def _split(text: str, mark: str) -> list[str]:
    """Split outside quotes."""
    parts, quoted = [""], False
    for one in text:
        quoted ^= one == '"'
        if one == mark and not quoted:
            parts.append("")
        else:
            parts[-1] += one
    return parts


def choose_frame(
    wanted: Sequence[Wanted], at_hand: Sequence[str], makeable: Collection[str], *, is_single: bool
) -> Choice:
    """The form to send frames in: what lies ready before what must be made; `NotAcceptable` if nothing fits."""
    for one in wanted:
        if not one.is_multipart and not is_single:
            continue
        for is_made, offers in ((False, at_hand), (True, makeable)):
            for uid in offers:
                if media := _frame_media(one, uid):
                    return Choice(uid, media, one.is_multipart, is_made)
    raise NotAcceptable()


def _frame_media(one: Wanted, uid: str) -> str:
    """The media type this syntax is sent under for this range; empty if the range does not take it.

    Octets without a named transfer syntax are uncompressed (PS3.18 8.7.3.5.2); with ``*`` they are anything.
    """
    if one.transfer_syntax not in {"", "*", uid}:
        return ""
    own = MEDIA.get(uid, OCTETS)
    if one.kind in {"*/*", "application/*", OCTETS}:
        is_plain = uid in syntax.NATIVE or one.transfer_syntax != "" or one.kind != OCTETS
        return OCTETS if is_plain else ""
    return own if one.kind in {own, "image/*"} and own != OCTETS else ""


def for_instances(wanted: Sequence[Wanted]) -> list[Wanted]:
    """The ranges that whole instances fit in, the most wanted first; `NotAcceptable` if there is none."""
    found = [one for one in wanted if one.kind in {"*/*", "application/*", DICOM}]
    if not found:
        raise NotAcceptable()
    return found


def instance_syntaxes(
    wanted: Sequence[Wanted],
    stored: str,
    writable: Collection[str],
    *,
    barred: Collection[str] = NOT_ON_THE_WEB,
) -> list[str]:
    """The transfer syntaxes an instance may be sent in, the best first: of those liked alike, the one it is kept in.

    Without a named syntax it is Explicit VR Little Endian (PS3.18 8.7.3, Table 8.7.3-2), except for what cannot be
    decompressed at all.
    """
    found: list[tuple[float, bool, str]] = []
    for one in wanted:
        uid = one.transfer_syntax
        if uid == "*" or (not uid and syntax.EXPLICIT_LE not in {stored, *writable}):
            uid = stored
        elif uid in barred or uid not in {"", stored, *writable}:
            continue
        uid = uid or syntax.EXPLICIT_LE
        found.append((-one.q, uid != stored, uid))
    return list(dict.fromkeys(uid for _, _, uid in sorted(found, key=lambda one: one[:2])))
