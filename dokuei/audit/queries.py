"""Reading and proving the trail."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from dokuei.audit.events import BY_CODE
from dokuei.audit.models import Entry, Head, Link
from dokuei.audit.services import canonical

GENESIS = "0" * 64


@dataclass(frozen=True)
class Line:
    """One entry as people read it."""

    seq: int
    at: datetime
    event: str
    sentence: str
    by: str
    object: str
    facility_id: int | None
    detail: dict[str, Any]


@dataclass(frozen=True)
class Proof:
    """The answer of `verify`: how many links were checked, and the first that does not hold."""

    checked: int
    head: str
    broken_seq: int | None = None
    reason: str = ""

    @property
    def is_whole(self) -> bool:
        return self.broken_seq is None


def trail_of(subject: models.Model) -> list[Line]:
    """The acts on one object, oldest first."""
    name = f"{subject._meta.model_name}:{subject.pk}"
    return lines(Entry.objects.filter(object=name).order_by("at", "id"))


def lines(entries: models.QuerySet[Entry]) -> list[Line]:
    """Shape entries for people; an entry whose transaction is still open has no link yet and number 0."""
    seqs = dict(Link.objects.filter(entry__in=entries).values_list("entry_id", "seq"))
    return [_line(entry, seqs.get(entry.id, 0)) for entry in entries]


def page(
    *, before: int | None, limit: int, by: str = "", event: str = "", patient_id: int | None = None
) -> list[Line]:
    """The newest acts first, below link number `before`; row-level security narrows them to the caller's scope."""
    links = Link.objects.select_related("entry").order_by("-seq")
    if before is not None:
        links = links.filter(seq__lt=before)
    if by:
        links = links.filter(entry__by=by)
    if event:
        links = links.filter(entry__event__startswith=event)
    if patient_id is not None:
        links = links.filter(entry__patient_id=patient_id)
    return [_line(link.entry, link.seq) for link in links[:limit]]


def verify() -> Proof:
    """Walk the whole chain and name the first link that does not hold. Needs a scope that sees every facility."""
    previous, expected = GENESIS, 1
    for link, entry in _chain():
        reason = _why_broken(link, entry, previous, expected)
        if reason:
            return Proof(expected - 1, previous, broken_seq=expected, reason=reason)
        previous, expected = link.sha256, expected + 1
    head = Head.objects.get()
    if (head.seq, head.sha256) != (expected - 1, previous):
        reason = f"the chain ends at {expected - 1}, its head says {head.seq}"
        return Proof(expected - 1, previous, broken_seq=expected, reason=reason)
    loose = Entry.objects.filter(link__isnull=True).first()
    if loose is not None:
        return Proof(expected - 1, previous, broken_seq=expected, reason="an entry has no link")
    return Proof(expected - 1, previous)


def link_sha256(seq: int) -> str:
    """The hash of one link, to compare with one that was kept elsewhere; empty if there is no such link."""
    return Link.objects.filter(seq=seq).values_list("sha256", flat=True).first() or ""


def _chain() -> Iterator[tuple[Link, Entry | None]]:
    last = 0
    while batch := list(Link.objects.filter(seq__gt=last).order_by("seq")[:2000]):
        entries = Entry.objects.in_bulk([link.entry_id for link in batch])
        for link in batch:
            yield link, entries.get(link.entry_id)
        last = batch[-1].seq


def _why_broken(link: Link, entry: Entry | None, previous: str, expected: int) -> str:
    if link.seq != expected:
        return f"link {expected} is missing"
    if entry is None:
        return "its entry is missing"
    if link.previous != previous:
        return "it does not follow the link before it"
    text = f"{link.seq}|{link.previous}|{entry.body}"
    if hashlib.sha256(text.encode()).hexdigest() != link.sha256:
        return "its entry was changed"
    if canonical(entry, json.loads(entry.body)["detail"]) != entry.body:
        return "its columns differ from its body"
    return ""


def _line(entry: Entry, seq: int) -> Line:
    known = BY_CODE.get(entry.event)
    return Line(
        seq=seq,
        at=entry.at,
        event=entry.event,
        sentence=known.value.sentence if known else entry.event,
        by=entry.by,
        object=entry.object,
        facility_id=entry.facility_id,
        detail=json.loads(entry.body)["detail"],
    )
