"""Which presentation contexts are accepted, in which transfer syntax and role (PS3.8 7.1.1.13, PS3.7 D.3.3.4)."""

from collections.abc import Sequence
from functools import lru_cache

from pydicom._uid_dict import UID_dictionary

from dokuei.dicom import syntax
from dokuei.dicom.net.pdu import (
    ABSTRACT_UNKNOWN,
    ACCEPTED,
    TRANSFER_UNKNOWN,
    Context,
    Proposed,
    Role,
)
from dokuei.dicom.uid import is_uid

VERIFICATION = "1.2.840.10008.1.1"
COMMITMENT = "1.2.840.10008.1.20.1"
MPPS = "1.2.840.10008.3.1.2.3.3"
FIND_PATIENT, MOVE_PATIENT, GET_PATIENT = (f"1.2.840.10008.5.1.4.1.2.1.{number}" for number in (1, 2, 3))
FIND_STUDY, MOVE_STUDY, GET_STUDY = (f"1.2.840.10008.5.1.4.1.2.2.{number}" for number in (1, 2, 3))
QUERIES = {FIND_PATIENT, FIND_STUDY}
MOVES = {MOVE_PATIENT, MOVE_STUDY}
GETS = {GET_PATIENT, GET_STUDY}
OURS = {VERIFICATION, COMMITMENT, MPPS, *QUERIES, *MOVES, *GETS}

LIKED = (
    syntax.EXPLICIT_LE,
    syntax.IMPLICIT_LE,
    "1.2.840.10008.1.2.4.202",
    "1.2.840.10008.1.2.4.201",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.5",
    syntax.DEFLATED_LE,
    syntax.EXPLICIT_BE,
)
"""Where a peer leaves the choice to us: never a lossy one before a lossless one."""


@lru_cache(4096)
def is_storage(abstract: str) -> bool:
    """Whether a class is taken as a storage class: every standard one, and every one the standard does not know."""
    known = UID_dictionary.get(abstract)
    if known is None:
        return is_uid(abstract)
    return known[1] == "SOP Class" and "Storage" in known[0] and "Commitment" not in known[0]


def answer(proposed: Sequence[Proposed], *, may_query: bool) -> tuple[Context, ...]:
    """One answer to each proposed context."""
    return tuple(_answer(one, may_query=may_query) for one in proposed)


def _answer(one: Proposed, *, may_query: bool) -> Context:
    if one.abstract in OURS:
        may = may_query or one.abstract not in QUERIES | MOVES | GETS
        liked: tuple[str, ...] = LIKED[:2]
    else:
        may = is_storage(one.abstract)
        liked = LIKED
    if not may:
        return Context(one.id, ABSTRACT_UNKNOWN)
    chosen = next((uid for uid in liked if uid in one.transfer), "")
    if not chosen and one.abstract not in OURS:
        chosen = next((uid for uid in one.transfer if is_uid(uid)), "")
    return Context(one.id, ACCEPTED, chosen) if chosen else Context(one.id, TRANSFER_UNKNOWN)


def roles(asked: Sequence[Role], *, may_query: bool) -> tuple[Role, ...]:
    """A peer that retrieves by C-GET is the SCP of the storage classes it asked to be (PS3.4 C.5.3)."""
    return tuple(
        Role(one.abstract, one.is_scu, one.is_scp and may_query and is_storage(one.abstract)) for one in asked
    )
