"""Holding a report while it is written."""

from dokuei.base.errors import NotFound, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.reporting import queries, rules
from dokuei.reporting.models import Report
from dokuei.reporting.rules import State


def held(actor: Actor, **wanted: int) -> Report:
    """The report, locked, if this actor may write it now. The reading is locked first: claims move there."""
    require(actor, Permission.REPORT_WRITE)
    rows = queries.visible_to(actor).filter(**wanted)
    return _writable(actor, rows.select_for_update(no_key=True, of=("self", "reading")).first())


def may_write(actor: Actor, **wanted: int) -> Report:
    """The report, not locked, if this actor may write it now."""
    require(actor, Permission.REPORT_WRITE)
    return _writable(actor, queries.visible_to(actor).filter(**wanted).first())


def _writable(actor: Actor, report: Report | None) -> Report:
    if report is None:
        raise NotFound()
    if refusal := rules.why_not_write(State(report.state), report.reading.reader_id, actor.person_id):
        raise refuse(refusal)
    return report
