"""Steps the commands share; the caller has locked the rows and asked for permission."""

from datetime import datetime

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.identity.access import Actor
from dokuei.kit.events import publish
from dokuei.priors import rules
from dokuei.priors.events import PriorsChanged
from dokuei.priors.models import PriorCandidate, PriorSearch
from dokuei.priors.rules import Act, Candidate

ACCEPTED = "accepted"
"""The only state of a request in which anything is fetched for it."""


def contradict(actor: Actor, row: PriorCandidate, why: str, at: datetime) -> None:
    """It is neither fetched nor shown; the row is locked with its search."""
    row.state = rules.LIFECYCLE[Candidate(row.state), Act.CONTRADICT]
    row.why, row.try_at = why[:40], None
    row.save(update_fields=["state", "why", "try_at"])
    record(Event.PRIOR_CONTRADICTS, by=actor, of=row, at=at, why=why)


def want(actor: Actor, row: PriorCandidate, at: datetime) -> None:
    row.state = rules.LIFECYCLE[Candidate(row.state), Act.WANT]
    row.tries, row.why, row.try_at, row.sent_at, row.sent_count = 0, "", at, None, 0
    row.save(update_fields=["state", "tries", "why", "try_at", "sent_at", "sent_count"])
    record(Event.PRIOR_WANTED, by=actor, of=row, at=at)


def changed(search: PriorSearch) -> None:
    publish(PriorsChanged(request_id=search.request_id, facility_id=search.facility_id))
