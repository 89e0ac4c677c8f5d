"""Command of whoever hands in papers: the same bytes are one paper of a facility, however often they come."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import Invalid
from dokuei.identity.access import Actor, Permission, require
from dokuei.intake.paper.files import MOST_FILES, Given
from dokuei.intake.paper.models import Paper, PaperFile
from dokuei.kit import store


@dataclass(frozen=True)
class Taken:
    """The paper that was made, if anything of it was new; and what of it is another paper already."""

    paper: Paper | None
    known: tuple[PaperFile, ...]


@transaction.atomic
def take_paper(
    actor: Actor,
    *,
    facility_id: int,
    files: Sequence[Given],
    source: str,
    note: str = "",
    is_emergency: bool = False,
    study_id: int | None = None,
    at: datetime,
) -> Taken:
    """Keep files as one paper. The bytes lie in the store before the row that names them."""
    require(actor, Permission.PAPER_TAKE, facility_id=facility_id)
    if len(files) > MOST_FILES:
        raise Invalid(f"一度に送信できるのは{MOST_FILES}ファイルまでです。", code="paper.too_many")
    digests = {hashlib.sha256(one.data).hexdigest(): one for one in files}
    paper = None
    known = _known(facility_id, digests)
    while digests.keys() - known.keys():
        fresh = {key: one for key, one in digests.items() if key not in known}
        made = Paper(
            facility_id=facility_id,
            source=source,
            note=note.strip()[:500],
            is_emergency=is_emergency,
            study_id=study_id,
            received_at=at,
            received_by=actor.name,
            state_at=at,
        )
        try:
            with transaction.atomic():
                _keep(made, fresh)
            paper = made
            break
        except IntegrityError:  # somebody hands in the same at the same time, and was first
            before, known = known, _known(facility_id, digests)
            if known.keys() == before.keys():
                raise
    if paper is not None:
        record(Event.PAPER_TAKEN, by=actor, of=paper, at=at, source=source, sha256=sorted(digests))
    for one in known.values():
        record(Event.PAPER_KNOWN, by=actor, of=one.paper, at=at, sha256=one.sha256)
    return Taken(paper, tuple(known.values()))


def _known(facility_id: int, digests: dict[str, Given]) -> dict[str, PaperFile]:
    rows = PaperFile.objects.select_related("paper").filter(facility_id=facility_id, sha256__in=digests)
    return {row.sha256: row for row in rows}


def _keep(paper: Paper, fresh: dict[str, Given]) -> None:
    paper.pages = sum(one.pages for one in fresh.values())
    paper.save(force_insert=True)
    for number, (digest, one) in enumerate(fresh.items(), 1):
        key = f"{paper.facility_id}/paper/{digest}"
        store.default().put(key, one.data)
        PaperFile.objects.create(
            facility_id=paper.facility_id,
            paper=paper,
            number=number,
            sha256=digest,
            kind=one.kind,
            name=one.name,
            size_bytes=len(one.data),
            store_key=key,
            pages=one.pages,
            problem=one.problem,
        )
