"""Proving all that is kept at once: for the drill of a backup."""

from collections.abc import Callable

from dokuei.imaging.models import Instance
from dokuei.imaging.packs.models import Pack
from dokuei.imaging.scrub.reading import Piece, why_damaged
from dokuei.kit import store
from dokuei.kit.db import system_scope

TOGETHER = 1000
Proved = tuple[int, list[str]]
"""How many were read, and which of them are not what was kept, as ``instance:12: differs``."""


def prove_originals() -> Proved:
    """Read every original back and compare its hash."""
    return _prove(originals, "instance")


def prove_packs() -> Proved:
    """Read every pack back and compare its hash."""
    return _prove(packs, "pack")


def originals(after: int, most: int) -> list[Piece]:
    """The next originals, in the order of their ids."""
    fields = ("pk", "store_key", "store_offset", "data_set_offset", "store_length", "sha256")
    rows = Instance.objects.filter(pk__gt=after).order_by("pk").values_list(*fields)
    return [Piece(*row) for row in rows[:most]]


def packs(after: int, most: int) -> list[Piece]:
    """The next packs, in the order of their ids."""
    rows = Pack.objects.filter(pk__gt=after).exclude(store_key="").order_by("pk")
    fields = ("pk", "store_key", "size_bytes", "sha256")
    return [Piece(pk, key, 0, 0, size, sha256) for pk, key, size, sha256 in rows.values_list(*fields)[:most]]


def _prove(following: Callable[[int, int], list[Piece]], kind: str) -> Proved:
    place, last, count = store.default(), 0, 0
    lost: list[str] = []
    while True:
        with system_scope("proof"):
            pieces = following(last, TOGETHER)
        if not pieces:
            return count, lost
        for one in pieces:
            if reason := why_damaged(place, one):
                lost.append(f"{kind}:{one.pk}: {reason}")
        last, count = pieces[-1].pk, count + len(pieces)
