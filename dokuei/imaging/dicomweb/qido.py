"""QIDO-RS (PS3.18 10.6): searching studies, series and instances by the keys archives are asked for."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import orjson
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import Invalid
from dokuei.dicom.describe import JST
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries
from dokuei.imaging.dicomweb.answer import Answer
from dokuei.imaging.models import Instance, Series, Study
from dokuei.kit.db import scope

MOST = 1000
Params = Sequence[tuple[str, str]]
Matcher = Callable[[str], Q]


@dataclass(frozen=True)
class Asked:
    """Who asks, of which facility, below which study and series."""

    actor: Actor
    facility_id: int
    root: str
    study_uid: str = ""
    series_uid: str = ""


def _like(column: str) -> Matcher:
    """Wild card matching (PS3.4 C.2.2.2.4): * and ?, without regard to case."""

    def match(value: str) -> Q:
        if "*" not in value and "?" not in value:
            return Q(**{f"{column}__iexact": value})
        pattern = "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in value)
        return Q(**{f"{column}__iregex": f"^{pattern}$"})

    return match


def _exact(column: str) -> Matcher:
    def match(value: str) -> Q:
        return Q(**{f"{column}__in": re.split(r"[,\\]", value)})

    return match


def _number(column: str) -> Matcher:
    def match(value: str) -> Q:
        if not re.fullmatch(r"-?\d{1,9}", value):
            raise Invalid(code="query.number")
        return Q(**{column: int(value)})

    return match


def _day(value: str) -> Q:
    """Range matching of Study Date: ``20260101-20260131``, open on either side."""
    first, dash, last = value.partition("-")
    found = Q()
    if first:
        found &= Q(**{f"study_on__{'gte' if dash else 'exact'}": _parsed(first)})
    if last:
        found &= Q(study_on__lte=_parsed(last))
    return found


def _parsed(text: str) -> date:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError as error:
        raise Invalid(code="query.date") from error


def _name(value: str) -> Q:
    groups = (
        "patient__name_raw",
        "patient__name_kanji",
        "patient__name_kana",
        "patient__name_romaji",
    )
    found = Q()
    for column in groups:
        found |= _like(column)(value.replace("^", " ") if column != "patient__name_raw" else value)
    return found


STUDY_KEYS: dict[str, tuple[str, Matcher]] = {
    "StudyInstanceUID": ("0020000D", _exact("study_instance_uid")),
    "PatientID": ("00100020", _like("patient__patient_id")),
    "PatientName": ("00100010", _name),
    "StudyDate": ("00080020", _day),
    "AccessionNumber": ("00080050", _like("accession_number")),
    "ModalitiesInStudy": ("00080061", lambda value: Q(modalities__contains=[value.upper()])),
    "StudyID": ("00200010", _like("study_id")),
    "StudyDescription": ("00081030", _like("description")),
    "PatientBirthDate": (
        "00100030",
        lambda value: Q(patient__birth_date=_parsed(value)),
    ),
}
SERIES_KEYS: dict[str, tuple[str, Matcher]] = {
    "SeriesInstanceUID": ("0020000E", _exact("series_instance_uid")),
    "Modality": ("00080060", _exact("modality")),
    "SeriesNumber": ("00200011", _number("series_number")),
    "SeriesDescription": ("0008103E", _like("description")),
}
INSTANCE_KEYS: dict[str, tuple[str, Matcher]] = {
    "SOPInstanceUID": ("00080018", _exact("sop_instance_uid")),
    "SOPClassUID": ("00080016", _exact("sop_class_uid")),
    "InstanceNumber": ("00200013", _number("instance_number")),
}
CONTROLS = {"limit", "offset", "includefield", "fuzzymatching"}


def studies(asked: Asked, params: Params) -> Answer:
    """Studies the actor may see, newest first."""
    with scope(asked.actor.facilities):
        require(asked.actor, Permission.DICOM_READ)
        rows = queries.visible_to(asked.actor).filter(facility_id=asked.facility_id)
        rows, ignored = _narrowed(rows, params, STUDY_KEYS)
        rows = rows.annotate(
            instance_count=Count("instances", distinct=True), series_count=Count("series", distinct=True)
        ).order_by("-study_at", "-pk")
        found = [_study(asked, row) for row in _paged(rows, params)]
        with transaction.atomic():
            record(
                Event.STUDY_QUERIED,
                by=asked.actor,
                at=datetime.now(UTC),
                facility_id=asked.facility_id,
                found=len(found),
                keys=sorted({name for name, _ in params}),
            )
    return _answer(found, ignored)


def series(asked: Asked, params: Params) -> Answer:
    """Series of one study, or of every study the actor may see."""
    with scope(asked.actor.facilities):
        require(asked.actor, Permission.DICOM_READ)
        rows, ignored = _narrowed(_series(asked), params, SERIES_KEYS)
        rows = rows.select_related("study").annotate(instance_count=Count("instances"))
        rows = rows.order_by("study_id", "series_number", "pk")
        found = [_one_series(asked, row) for row in _paged(rows, params)]
    return _answer(found, ignored)


def instances(asked: Asked, params: Params) -> Answer:
    """Instances of one series, one study, or of every study the actor may see."""
    with scope(asked.actor.facilities):
        require(asked.actor, Permission.DICOM_READ)
        rows: QuerySet[Any] = Instance.objects.filter(study__in=_studies(asked))
        if asked.series_uid:
            rows = rows.filter(series__series_instance_uid=asked.series_uid)
        rows, ignored = _narrowed(rows, params, INSTANCE_KEYS)
        rows = rows.select_related("study", "series").defer("frame_ranges")
        rows = rows.order_by("series__series_number", "series_id", "instance_number", "pk")
        found = [_one_instance(asked, row) for row in _paged(rows, params)]
    return _answer(found, ignored)


def _studies(asked: Asked) -> QuerySet[Study]:
    rows = queries.visible_to(asked.actor).filter(facility_id=asked.facility_id)
    return rows.filter(study_instance_uid=asked.study_uid) if asked.study_uid else rows


def _series(asked: Asked) -> QuerySet[Any]:
    rows = Series.objects.filter(study__in=_studies(asked))
    return rows.filter(series_instance_uid=asked.series_uid) if asked.series_uid else rows


def _narrowed(
    rows: QuerySet[Any], params: Params, keys: Mapping[str, tuple[str, Matcher]]
) -> tuple[QuerySet[Any], list[str]]:
    by_name = {**keys, **{tag: (tag, matcher) for tag, matcher in keys.values()}}
    ignored = []
    for name, value in params:
        if name.lower() in CONTROLS or value in {"", "*"}:
            continue
        known = by_name.get(name) or by_name.get(name.upper())
        if known is None:
            ignored.append(name)
            continue
        rows = rows.filter(known[1](value[:256].replace("\0", "")))
    return rows, ignored


def _paged(rows: QuerySet[Any], params: Params) -> QuerySet[Any]:
    numbers = {}
    for name, value in params:
        if name in {"limit", "offset"}:
            if not value.isdigit() or len(value) > 9:
                raise Invalid(code=f"query.{name}")
            numbers[name] = int(value)
    offset, limit = numbers.get("offset", 0), min(numbers.get("limit", MOST), MOST)
    return rows[offset : offset + limit]


def _answer(found: list[dict[str, Any]], ignored: list[str]) -> Answer:
    headers = []
    if ignored:
        headers.append((b"warning", b'299 dokuei "Some query keys are not supported and were ignored."'))
    return Answer(200, "application/dicom+json", (orjson.dumps(found),), tuple(headers))


def _study(asked: Asked, row: Any) -> dict[str, Any]:
    patient = row.patient
    out = {
        "00080005": _value("CS", "ISO_IR 192"),
        "00080020": _value("DA", f"{row.study_on:%Y%m%d}" if row.study_on else ""),
        "00080030": _value("TM", f"{row.study_at.astimezone(JST):%H%M%S}" if row.study_at else ""),
        "00080050": _value("SH", row.accession_number),
        "00080056": _value("CS", "ONLINE"),
        "00080061": _value("CS", *row.modalities),
        "00081030": _value("LO", row.description),
        "00100010": _person(patient.name_raw),
        "00100020": _value("LO", patient.patient_id),
        "00100021": _value("LO", patient.issuer),
        "00100030": _value("DA", f"{patient.birth_date:%Y%m%d}" if patient.birth_date else ""),
        "00100040": _value("CS", patient.sex),
        "0020000D": _value("UI", row.study_instance_uid),
        "00200010": _value("SH", row.study_id),
        "00201206": _value("IS", row.series_count),
        "00201208": _value("IS", row.instance_count),
        "00081190": _value("UR", f"{asked.root}/studies/{row.study_instance_uid}"),
    }
    return dict(sorted(out.items()))


def _one_series(asked: Asked, row: Any) -> dict[str, Any]:
    url = f"{asked.root}/studies/{row.study.study_instance_uid}/series/{row.series_instance_uid}"
    out = {
        "00080005": _value("CS", "ISO_IR 192"),
        "00080060": _value("CS", row.modality),
        "0008103E": _value("LO", row.description),
        "00180015": _value("CS", row.body_part),
        "0020000D": _value("UI", row.study.study_instance_uid),
        "0020000E": _value("UI", row.series_instance_uid),
        "00200011": _value("IS", row.series_number),
        "00201209": _value("IS", row.instance_count),
        "00081190": _value("UR", url),
    }
    return dict(sorted(out.items()))


def _one_instance(asked: Asked, row: Any) -> dict[str, Any]:
    uid, series_uid = row.study.study_instance_uid, row.series.series_instance_uid
    url = f"{asked.root}/studies/{uid}/series/{series_uid}/instances/{row.sop_instance_uid}"
    out = {
        "00080016": _value("UI", row.sop_class_uid),
        "00080018": _value("UI", row.sop_instance_uid),
        "0020000D": _value("UI", uid),
        "0020000E": _value("UI", series_uid),
        "00200013": _value("IS", row.instance_number),
        "00280008": _value("IS", row.frames or None),
        "00280010": _value("US", row.rows or None),
        "00280011": _value("US", row.columns or None),
        "00083002": _value("UI", row.transfer_syntax),
        "00081190": _value("UR", url),
    }
    return dict(sorted(out.items()))


def _value(vr: str, *values: Any) -> dict[str, Any]:
    held = [one for one in values if one not in {"", None}]
    return {"vr": vr, "Value": held} if held else {"vr": vr}


def _person(raw: str) -> dict[str, Any]:
    names = zip(("Alphabetic", "Ideographic", "Phonetic"), raw.split("="), strict=False)
    named = {key: group for key, group in names if group}
    return {"vr": "PN", "Value": [named]} if named else {"vr": "PN"}
