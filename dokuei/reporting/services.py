"""Commands on reports: begin, save, sign."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotPermitted, refuse
from dokuei.identity.access import Actor, Permission, require, require_elevation
from dokuei.imaging import queries as imaging
from dokuei.intake import queries as requests
from dokuei.intake import services as intake
from dokuei.kit.events import publish
from dokuei.reporting import hold, queries, rules
from dokuei.reporting.errors import AnotherPatientOpen, ChecksStand, DraftConflict
from dokuei.reporting.events import ReportSigned
from dokuei.reporting.figures import queries as figures
from dokuei.reporting.figures.rules import FigureRefusal
from dokuei.reporting.models import Report, ReportVersion
from dokuei.reporting.rules import State
from dokuei.worklist import queries as worklist
from dokuei.worklist import services as readings

TEXT_MOST = 50_000


@transaction.atomic
def report_of_reading(actor: Actor, reading_id: int, *, at: datetime) -> Report:
    """The report of a reading; its reader begins an empty one by looking."""
    require(actor, Permission.REPORT_READ)
    reading = worklist.one(actor, reading_id)
    report = queries.visible_to(actor).filter(reading_id=reading.pk).first()
    if report is not None:
        record(Event.REPORT_OPENED, by=actor, of=report, at=at)
        return report
    if refusal := rules.why_not_write(State.DRAFT, reading.reader_id, actor.person_id):
        raise refuse(refusal)
    report, begun = Report.objects.get_or_create(
        reading=reading,
        defaults={
            "facility_id": reading.facility_id,
            "request_id": reading.request_id,
            "patient_id": reading.patient_id,
            "saved_at": at,
            "author_id": actor.person_id,
        },
    )
    if begun:
        record(Event.REPORT_DRAFTED, by=actor, of=report, at=at)
    return report


@transaction.atomic
def save_draft(
    actor: Actor, report_id: int, *, findings: str, impression: str, revision: int, at: datetime
) -> Report:
    """Keep what the reader typed; a save against an older revision is refused with the newer text."""
    require(actor, Permission.REPORT_WRITE)
    report = hold.held(actor, pk=report_id)
    if revision != report.revision:
        raise DraftConflict(theirs=_text(report))
    report.findings, report.impression = findings[:TEXT_MOST], impression[:TEXT_MOST]
    report.revision += 1
    report.saved_at, report.author_id = at, actor.person_id
    report.save(update_fields=["findings", "impression", "revision", "saved_at", "author"])
    record(Event.REPORT_SAVED, by=actor, of=report, at=at, revision=report.revision)
    return report


@transaction.atomic
def sign_report(
    actor: Actor,
    report_id: int,
    *,
    revision: int,
    overrides: Mapping[str, str],
    at: datetime,
    figures_revision: int = 0,
    marks_revision: int = 0,
    ask_backs_revision: int = 0,
    request_version: int = 1,
) -> Report:
    """Make the draft the final report: version 1 of exactly what the reader saw, key images and marks included.

    So are the answers to what was asked back, and the request itself: what came meanwhile is read before it is signed.

    The reading is completed and the request fulfilled in the same transaction; delivery hears of it afterwards.
    `overrides` gives a reason for each warning that is signed against.
    """
    require(actor, Permission.REPORT_SIGN)
    require_elevation(actor)
    report = hold.held(actor, pk=report_id)
    if imaging.is_another_open(actor.person_id, worklist.launch_reason(report.reading)):
        raise AnotherPatientOpen()
    _must_be_what_was_seen(report, revision, figures_revision, marks_revision)
    ask_backs = requests.held_for_signing(report.request_id)
    if ask_backs_revision != requests.revision_of_ask_backs(ask_backs):
        raise refuse(rules.ReportRefusal.ASK_BACKS_CHANGED)
    draft = queries.draft_of(report)
    reasons = {code: reason.strip() for code, reason in overrides.items() if reason.strip()}
    if standing := rules.why_not_sign(draft, frozenset(reasons)):
        raise ChecksStand(checks=[vars(check) for check in standing])
    last = queries.versions(report)[-1:]
    previous, number = (last[0].sha256, last[0].number + 1) if last else (queries.GENESIS, 1)
    said = requests.ask_backs_in_report(ask_backs)
    body = queries.signed_body(report, draft, reasons, said, at)
    row = ReportVersion.objects.create(
        facility_id=report.facility_id,
        report=report,
        number=number,
        body=body,
        signed_by_id=actor.person_id or _nobody(),
        signed_by_name=actor.name,
        signed_at=at,
        previous=previous,
        sha256=queries.chain_hash(previous, number, body),
    )
    report.state = rules.LIFECYCLE[State(report.state), rules.Act.SIGN]
    report.save(update_fields=["state"])
    readings.complete_reading(actor, report.reading_id, at=at)
    intake.fulfil_request(actor, report.request_id, version=request_version, at=at)
    record(
        Event.REPORT_SIGNED, by=actor, of=report, at=at,
        version=number, sha256=row.sha256, overridden=sorted(reasons),
    )  # fmt: skip
    publish(ReportSigned(report.pk, report.facility_id, number))
    return report


@transaction.atomic
def open_report(actor: Actor, report_id: int, *, at: datetime) -> Report:
    """Read a report: who looked is written down."""
    require(actor, Permission.REPORT_READ)
    report = queries.one(actor, report_id)
    record(Event.REPORT_OPENED, by=actor, of=report, at=at)
    return report


def _must_be_what_was_seen(report: Report, revision: int, figures_revision: int, marks_revision: int) -> None:
    """Nothing was saved since the screen that is signed: no text, no key image, no mark."""
    if revision != report.revision:
        raise DraftConflict(theirs=_text(report))
    if figures_revision != report.figures_revision:
        raise refuse(FigureRefusal.CHANGED)
    if marks_revision != figures.marks_out(figures.marks_of(report))["revision"]:
        raise refuse(FigureRefusal.MARKS_CHANGED)


def _text(report: Report) -> dict[str, object]:
    return {
        "findings": report.findings,
        "impression": report.impression,
        "revision": report.revision,
    }


def _nobody() -> int:
    raise NotPermitted("署名は人が行います。")
