"""Reports: who reads which, drafts for their reader, versions for everyone concerned."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from dokuei.base.errors import NotFound
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries as imaging
from dokuei.intake import queries as intake
from dokuei.kit.db import seeing_all
from dokuei.patients import queries as patients
from dokuei.reporting import rules
from dokuei.reporting.figures import queries as figures
from dokuei.reporting.models import Report, ReportVersion
from dokuei.reporting.objects.queries import count_failed as count_failed_exports
from dokuei.reporting.rules import Draft, State
from dokuei.worklist import queries as worklist
from dokuei.worklist.models import Reading

__all__ = ["count_failed_exports"]
GENESIS = "0" * 64


def visible_to(actor: Actor) -> QuerySet[Report]:
    """Reports of the actor's facilities; a facility meets a report when it is final, a reader only their own."""
    rows = Report.objects.select_related("facility", "patient", "author", "reading", "request")
    if actor.kind == "system":
        return rows
    rows = rows.filter(facility_id__in=actor.facilities)
    if actor.may(Permission.REPORT_WRITE):
        return rows.filter(reading__in=worklist.visible_to(actor))
    return rows.filter(state=State.FINAL)


def one(actor: Actor, report_id: int) -> Report:
    """A report the actor may read, or `NotFound`."""
    require(actor, Permission.REPORT_READ)
    row = visible_to(actor).filter(pk=report_id).first()
    if row is None:
        raise NotFound()
    return row


def of_reading(actor: Actor, reading_id: int) -> Report | None:
    """The report of a reading; None for its claimant before they began one, else `NotFound`."""
    require(actor, Permission.REPORT_READ)
    report = visible_to(actor).filter(reading_id=reading_id).first()
    if report is None:
        reading = worklist.one(actor, reading_id)
        if rules.why_not_write(State.DRAFT, reading.reader_id, actor.person_id):
            raise NotFound()
    return report


def version(actor: Actor, report_id: int, number: int) -> ReportVersion:
    """One signed version of a report the actor may read."""
    found = one(actor, report_id).versions.filter(number=number).first()
    if found is None:
        raise NotFound()
    return found


def versions(report: Report) -> list[ReportVersion]:
    return list(report.versions.order_by("number"))


def pictures_of(row: ReportVersion) -> dict[str, bytes]:
    """The key images of a signed version by file name, each proved by the hash that was signed."""
    return figures.pictures_of(row)


def draft_of(report: Report) -> Draft:
    """The draft with everything the checks look at."""
    _, content, score = intake.sent_content(report.request_id)
    answered = intake.items_answered(report.request_id)
    studies = imaging.studies_out(intake.study_ids(report.request_id))
    expected = [one["expected_count"] for one in studies]
    exam = content.exam
    return Draft(
        findings=report.findings,
        impression=report.impression,
        asked="\n".join([exam.description, exam.body_part, content.question]),
        contrast_given=content.contrast.given,
        missing_items=tuple(
            item["label"]
            for item in score["missing"]  # type: ignore[attr-defined]
            if item["field"] not in answered
        ),
        images_shown=sum(one["instance_count"] for one in studies),
        images_expected=sum(expected) if expected and None not in expected else None,
        has_priors=bool(worklist.prior_study_ids(report.reading) or worklist.shared_studies(report.reading)),
        **figures.in_text(report),
    )


def report_out(actor: Actor, report: Report) -> dict[str, Any]:
    """A report for its screen: draft, checks, open acts, versions."""
    reading = report.reading
    acts = []
    if rules.why_not_write(State(report.state), reading.reader_id, actor.person_id) is None:
        acts = ["write", "sign"]
    return {
        "id": report.pk,
        "reading_id": report.reading_id,
        "state": report.state,
        "findings": report.findings,
        "impression": report.impression,
        "revision": report.revision,
        "figures_revision": report.figures_revision,
        "figures": figures.figures_out(report),
        "saved_at": report.saved_at,
        "acts": acts,
        "author": report.author,
        "checks": [vars(check) for check in rules.checks(draft_of(report))] if acts else [],
        "missing_sentence": rules.missing_sentence(draft_of(report).missing_items),
        "versions": [version_out(one) for one in versions(report)],
    }


def version_out(row: ReportVersion) -> dict[str, Any]:
    return {
        "number": row.number,
        "kind": row.kind,
        "findings": row.body["findings"],
        "impression": row.body["impression"],
        "signed_at": row.signed_at,
        "signed_by": row.signed_by_name,
        "ask_backs": [
            {**one, "answered_at": one["answered_at"] or None} for one in row.body.get("ask_backs", [])
        ],
        "sha256": row.sha256,
        "pdf_url": f"/api/v1/reports/{row.report_id}/versions/{row.number}/pdf",
    }


def signed_body(
    report: Report, draft: Draft, overrides: dict[str, str], ask_backs: list[dict[str, Any]], at: datetime
) -> dict[str, Any]:
    """All that a signed version says, frozen: patient, request, what was asked back, images, text."""
    number, content, score = intake.sent_content(report.request_id)
    patient, studies = report.patient, imaging.studies_out(intake.study_ids(report.request_id))
    return {
        "facility": report.facility.name,
        "patient": {
            "patient_id": patient.patient_id,
            "name_kanji": patient.name_kanji,
            "name_kana": patient.name_kana,
            "name_romaji": patient.name_romaji,
            "birth_date": patient.birth_date.isoformat() if patient.birth_date else "",
            "sex": patient.sex or "",
        },
        "request": {"id": report.request_id, "version": number, **content.model_dump(mode="json")},
        "request_lines": intake.told_lines(content),
        "ask_backs": ask_backs,
        "completeness": score,
        "missing_sentence": rules.missing_sentence(draft.missing_items),
        "studies": [
            {
                "study_instance_uid": one["study_instance_uid"],
                "accession_number": one["accession_number"],
                "study_at": one["study_at"].isoformat() if one["study_at"] else "",
                "description": one["description"],
                "instance_count": one["instance_count"],
                "expected_count": one["expected_count"],
            }
            for one in studies
        ],
        "comparison": _comparison(report.reading),
        "findings": report.findings,
        "impression": report.impression,
        "display_label": "reference" if settings.DOKUEI.is_for_reference else "none",
        "overrides": overrides,
        "signed_at": at.isoformat(),
        **figures.signed_figures(report),
    }


def _comparison(reading: Reading) -> list[dict[str, str]]:
    rows = imaging.studies_out(worklist.prior_study_ids(reading))
    return [
        {
            "study_at": one["study_at"].isoformat() if one["study_at"] else "",
            "description": one["description"],
            "modality": "/".join(one["modalities"]),
        }
        for one in rows
    ]


def chain_hash(previous: str, number: int, body: dict[str, Any]) -> str:
    """SHA-256 over the previous hash, the number and the canonical JSON of the body."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}|{number}|{text}".encode()).hexdigest()


def is_unaltered(report: Report) -> bool:
    """Whether every version of a report still carries the hash it was signed with."""
    previous = GENESIS
    for number, row in enumerate(versions(report), start=1):
        expected = chain_hash(previous, number, row.body)
        if (row.number, row.previous, row.sha256) != (number, previous, expected):
            return False
        previous = row.sha256
    return True


def versions_signed(facility_id: int, before: datetime) -> QuerySet[ReportVersion]:
    """Versions of a facility's reports signed before a time, oldest first. In a scope that holds the facility."""
    rows = ReportVersion.objects.filter(facility_id=facility_id, signed_at__lt=before)
    return rows.select_related("report__request__patient").order_by("signed_at", "pk")


def prior_reports(actor: Actor, reading: Reading) -> list[dict[str, Any]]:
    """Earlier signed reports about the same patient, newest first; then those a link to another facility shows.

    The others' are told only to who holds the reading, and only of the patients a confirmed link names.
    """
    found = _reports_of(patients.family_of(reading.patient_id), reading, {})
    if elsewhere := worklist.patients_elsewhere(actor, reading):
        with seeing_all("reporting.shared"):
            found += _reports_of(elsewhere, reading, elsewhere)
    return found


def _reports_of(
    patient_ids: Iterable[int], reading: Reading, named: Mapping[int, str]
) -> list[dict[str, Any]]:
    rows = (
        ReportVersion.objects.filter(report__patient__in=list(patient_ids))
        .exclude(report__reading_id=reading.pk)
        .select_related("report")
        .order_by("-signed_at")
    )
    return [
        {
            "report_id": row.report_id,
            "version": row.number,
            "elsewhere": named.get(row.report.patient_id, ""),
            "signed_at": row.signed_at,
            "signed_by": row.signed_by_name,
            "exam": row.body["request"]["exam"]["description"],
            "findings": row.body["findings"],
            "impression": row.body["impression"],
        }
        for row in rows
    ]
