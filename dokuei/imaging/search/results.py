"""Found rows in the DICOM JSON model (PS3.18 annex F). What is counted is counted for these rows only."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any

from django.db.models import Count, Min, QuerySet

from dokuei.imaging.models import Instance, Series, Study
from dokuei.imaging.search.query import Level
from dokuei.patients import queries as patients

Attributes = dict[int, dict[str, Any]]
PATIENT_STUDIES, PATIENT_SERIES, PATIENT_INSTANCES = 0x00201200, 0x00201202, 0x00201204
STUDY_SERIES, STUDY_INSTANCES, SERIES_INSTANCES = 0x00201206, 0x00201208, 0x00201209
SOP_CLASSES = 0x00080062
COUNTED: dict[Level, dict[int, tuple[type[Any], str]]] = {
    Level.PATIENT: {
        PATIENT_STUDIES: (Study, "patient_id"),
        PATIENT_SERIES: (Series, "study__patient_id"),
        PATIENT_INSTANCES: (Instance, "study__patient_id"),
    },
    Level.STUDY: {STUDY_SERIES: (Series, "study_id"), STUDY_INSTANCES: (Instance, "study_id")},
    Level.SERIES: {SERIES_INSTANCES: (Instance, "series_id")},
    Level.IMAGE: {},
}


def rows_of(level: Level, keys: Sequence[int]) -> list[Any]:
    """The rows behind these primary keys, with everything above them, in this order."""
    found = {row.pk: row for row in _model(level).filter(pk__in=keys)}
    return [found[key] for key in keys if key in found]


def _model(level: Level) -> QuerySet[Any]:
    if level is Level.PATIENT:
        return patients.of_every_actor()
    if level is Level.STUDY:
        return Study.objects.select_related("patient")
    if level is Level.SERIES:
        return Series.objects.select_related("study__patient")
    return Instance.objects.select_related("series", "study__patient").defer("frame_ranges")


def attributes(level: Level, row: Any) -> Attributes:
    """Everything that is indexed of a row and of the rows above it."""
    if level is Level.PATIENT:
        return patient(row)
    if level is Level.STUDY:
        return {**patient(row.patient), **study(row)}
    if level is Level.SERIES:
        return {**patient(row.study.patient), **study(row.study), **series(row)}
    return {**patient(row.study.patient), **study(row.study), **series(row.series), **image(row)}


def patient(row: Any) -> Attributes:
    return {
        0x00100010: person(row.name_raw),
        0x00100020: value("LO", row.patient_id),
        0x00100021: value("LO", row.issuer),
        0x00100030: value("DA", _day(row.birth_date)),
        0x00100040: value("CS", row.sex),
    }


def study(row: Study) -> Attributes:
    return {
        0x00080020: value("DA", _day(row.study_on)),
        0x00080030: value("TM", _clock(row.study_time)),
        0x00080050: value("SH", row.accession_number),
        0x00080056: value("CS", "ONLINE"),
        0x00080061: value("CS", *row.modalities),
        0x00080090: person(row.referring_physician),
        0x00080201: value("SH", row.utc_offset),
        0x00081030: value("LO", row.description),
        0x0020000D: value("UI", row.study_instance_uid),
        0x00200010: value("SH", row.study_id),
    }


def series(row: Series) -> Attributes:
    found = {
        0x00080060: value("CS", row.modality),
        0x0008103E: value("LO", row.description),
        0x00180015: value("CS", row.body_part),
        0x0020000E: value("UI", row.series_instance_uid),
        0x00200011: value("IS", row.series_number),
        0x00200052: value("UI", row.frame_of_reference_uid),
        0x00200060: value("CS", row.laterality),
        0x00400244: value("DA", _day(row.performed_on)),
        0x00400245: value("TM", _clock(row.performed_time)),
    }
    items = [{tag: value("SH", text) for tag, text in one.items()} for one in row.request_attributes]
    found[0x00400275] = {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
    return found


def image(row: Instance) -> Attributes:
    return {
        0x00080016: value("UI", row.sop_class_uid),
        0x00080018: value("UI", row.sop_instance_uid),
        0x00200013: value("IS", row.instance_number),
        0x00280008: value("IS", row.frames or None),
        0x00280010: value("US", row.rows or None),
        0x00280011: value("US", row.columns or None),
        0x00280100: value("US", row.bits_allocated or None),
        0x00083002: value("UI", row.transfer_syntax),
    }


def count(level: Level, keys: Sequence[int], wanted: Iterable[int]) -> dict[int, Attributes]:
    """The counts asked for, of these rows only: primary key -> attributes."""
    found: dict[int, Attributes] = {key: {} for key in keys}
    for tag in wanted:
        if tag == SOP_CLASSES and level is Level.STUDY:
            for key, uids in _sop_classes(keys).items():
                found[key][tag] = value("UI", *uids)
        if tag not in COUNTED[level]:
            continue
        model, column = COUNTED[level][tag]
        grouped = model.objects.order_by().filter(**{f"{column}__in": keys}).values_list(column)
        counts = dict(grouped.annotate(n=Count("pk")))
        for key in keys:
            found[key][tag] = value("IS", counts.get(key, 0))
    return found


def _sop_classes(keys: Sequence[int]) -> Mapping[int, list[str]]:
    rows = Instance.objects.order_by().filter(study_id__in=keys).values_list("study_id", "sop_class_uid")
    found: dict[int, list[str]] = {}
    for key, uid in rows.distinct():
        found.setdefault(key, []).append(uid)
    return {key: sorted(uids) for key, uids in found.items()}


def representatives(level: Level, keys: Sequence[int]) -> dict[int, Instance]:
    """The first instance of each row, whose header speaks for it: primary key -> instance."""
    column = {Level.PATIENT: "study__patient_id", Level.STUDY: "study_id", Level.SERIES: "series_id"}.get(
        level
    )
    if column is None:
        return {row.pk: row for row in Instance.objects.filter(pk__in=keys).defer("frame_ranges")}
    rows = Instance.objects.order_by().filter(**{f"{column}__in": keys}).values_list(column)
    first = dict(rows.annotate(first=Min("pk")))
    found = {row.pk: row for row in Instance.objects.filter(pk__in=first.values()).defer("frame_ranges")}
    return {key: found[pk] for key, pk in first.items() if pk in found}


def value(vr: str, *values: Any) -> dict[str, Any]:
    """One attribute; without a value it has none."""
    held = [one for one in values if one not in {"", None}]
    return {"vr": vr, "Value": held} if held else {"vr": vr}


def person(raw: str) -> dict[str, Any]:
    """A name in its DICOM form as the JSON model has it."""
    names = zip(("Alphabetic", "Ideographic", "Phonetic"), raw.split("="), strict=False)
    named = {key: group for key, group in names if group}
    return {"vr": "PN", "Value": [named]} if named else {"vr": "PN"}


def _day(day: date | None) -> str:
    return f"{day:%Y%m%d}" if day and day.year >= 1000 else f"0{day:%Y%m%d}"[-8:] if day else ""


def _clock(moment: time | None) -> str:
    if moment is None:
        return ""
    return f"{moment:%H%M%S}" + (f".{moment.microsecond:06}" if moment.microsecond else "")
