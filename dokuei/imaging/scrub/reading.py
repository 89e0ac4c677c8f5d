"""Reading bytes back and comparing them. No database."""

import errno
import hashlib
from dataclasses import dataclass

from dokuei.base.errors import NotFound, Unavailable
from dokuei.kit.store import Store

CHUNK = 1 << 20
DIFFERS, MISSING, UNREADABLE = "differs", "missing", "unreadable"
BROKEN_DISK = {errno.EIO, errno.EBADMSG, errno.EUCLEAN}


@dataclass(frozen=True)
class Piece:
    """A row whose bytes are compared: from where, how many, with which hash."""

    pk: int
    key: str
    offset: int
    """Where the file begins in its object."""
    skip: int
    """What of it the hash does not cover: our own lead."""
    length: int
    sha256: str


def why_damaged(place: Store, piece: Piece) -> str:
    """Why these bytes are not what was kept; empty if they are. `Unavailable` if the store does not answer."""
    digest = hashlib.sha256()
    end = piece.offset + piece.length
    try:
        if place.size(piece.key) < end:
            return MISSING
        for at in range(piece.offset + piece.skip, end, CHUNK):
            digest.update(place.get_range(piece.key, at, min(CHUNK, end - at)))
    except NotFound:
        return MISSING
    except Unavailable as error:
        if isinstance(error.__cause__, OSError) and error.__cause__.errno in BROKEN_DISK:
            return UNREADABLE
        raise
    return "" if digest.hexdigest() == piece.sha256 else DIFFERS
