"""Who sees which study, and the shapes screens and viewers get."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet, Sum
from django.db.models.functions import Greatest, Now

from dokuei.base.errors import NotFound
from dokuei.dicom.describe import JST
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.made import telling
from dokuei.imaging.models import Instance, Quarantined, Series, Study, StudyGrant
from dokuei.imaging.queries.fetched import fetched
from dokuei.imaging.queries.sentences import sentence
from dokuei.imaging.search.names import name_matches
from dokuei.patients import queries as patients

MOST_COUNTED = 1000
"""What a list says of its length is counted so far: nobody turns twenty pages, and nothing counts a whole table."""
LATEST = 500
MOST_SAYING = 2000
"""Studies taken of one word and one way, the latest arrivals; a word that says more is no search."""
MODALITIES = {
    "AU", "BI", "BMD", "CR", "CT", "DOC", "DR", "DX", "ECG", "EPS", "ES", "GM", "HD", "IO", "IVOCT", "IVUS", "KO", "MG",
    "MR", "NM", "OCT", "OP", "OPT", "OT", "PR", "PT", "PX", "REG", "RF", "RG", "RTDOSE", "RTIMAGE", "RTPLAN",
    "RTSTRUCT", "SC", "SEG", "SM", "SR", "TG", "US", "VL", "XA", "XC",
}  # fmt: skip
PATIENT_NAME_KEYS = ("key_alphabetic", "key_ideographic", "key_phonetic")


def in_facilities(actor: Actor) -> QuerySet[Study]:
    """Studies of the actor's facilities, whatever the actor may do with them."""
    rows = Study.objects.select_related("facility", "patient")
    return rows if actor.kind == "system" else rows.filter(facility_id__in=actor.facilities)


def visible_to(actor: Actor) -> QuerySet[Study]:
    """Studies this actor may see.

    Facility people, support and machines: their facilities'. A reader: only those with an open grant, which
    comes with a claimed reading and goes with it.
    """
    rows = in_facilities(actor)
    if actor.kind != "person" or actor.may(Permission.STUDY_READ):
        return rows
    return rows.filter(pk__in=granted_to(actor).values("study_id"))


def granted_to(actor: Actor) -> QuerySet[StudyGrant]:
    """The grants a person holds now, of whatever facility; in a scope that holds it."""
    open_still = Q(until=None) | Q(until__gt=Now())
    return StudyGrant.objects.filter(open_still, person_id=actor.person_id or 0, ended_at=None)


def one(actor: Actor, study_id: int) -> Study:
    """A study the actor may see, or `NotFound`."""
    row = visible_to(actor).filter(pk=study_id).first()
    if row is None:
        raise NotFound()
    return row


def page(
    actor: Actor, *, words: str = "", without_request: bool = False, limit: int = 50, offset: int = 0
) -> tuple[list[dict[str, Any]], int]:
    """Studies for the list of arrivals, newest first, and how many match, counted up to `MOST_COUNTED`."""
    require(actor, Permission.STUDY_READ)
    rows = visible_to(actor).select_related(None)
    if without_request:
        rows = rows.filter(~fetched(), asked_by=None)  # what we fetched as a prior is nobody's new work
    asked = words.split()[:6]
    for word in asked:
        if word.upper() in MODALITIES:
            rows = rows.filter(modalities__contains=[word.upper()])
    texts = [word for word in asked if word.upper() not in MODALITIES]
    most = MOST_COUNTED if len(texts) == 1 else MOST_SAYING
    if texts:
        latest = rows.order_by("-last_received_at", "-pk").values_list(
            "pk", "last_received_at", "description"
        )
        described = list(latest[:LATEST])
        said = [_saying(actor, rows, word, most) | _described(described, word) for word in texts]
        common = set(said[0]).intersection(*said[1:])
        newest = sorted(common, key=lambda pk: (said[0][pk], pk), reverse=True)
        return studies_out(newest[offset : offset + limit]), min(len(newest), MOST_COUNTED)
    ids = rows.order_by("-last_received_at", "-pk").values_list("pk", flat=True)
    return studies_out(list(ids[offset : offset + limit])), ids[:MOST_COUNTED].count()


def _saying(actor: Actor, rows: QuerySet[Study], word: str, most: int) -> dict[int, datetime]:
    """When the newest studies that say a word last received something, by their ids.

    Said is the beginning of an ID, a number or a name, each way of its own so that each may use its index.
    """
    named = name_matches(PATIENT_NAME_KEYS, word.replace("*", "") + "*")
    held = patients.visible_to(actor).filter(Q(patient_id__begins=word) | named)
    ways = [rows.filter(patient__in=held.values("pk")), rows.filter(accession_number__begins=word)]
    if kin := patients.kin_of(held):
        ways.append(rows.filter(patient__in=kin))
    found: dict[int, datetime] = {}
    for way in ways:
        found |= dict(way.order_by("-last_received_at").values_list("pk", "last_received_at")[:most])
    return found


def of_patient(actor: Actor, patient_id: int, *, limit: int = 200) -> list[dict[str, Any]]:
    """The studies of a patient, under whichever of their IDs they were filed, newest first."""
    require(actor, Permission.STUDY_READ)
    if not patients.visible_to(actor).filter(pk=patient_id).exists():
        raise NotFound()
    rows = visible_to(actor).filter(patient__in=patients.family_of(patient_id))
    newest = rows.order_by(F("study_at").desc(nulls_last=True), "-pk").values_list("pk", flat=True)
    return studies_out(list(newest[:limit]))


def _described(latest: Iterable[tuple[int, datetime, str]], word: str) -> dict[int, datetime]:
    """The same of the latest arrivals whose description has the word anywhere in it."""
    folded = word.casefold()
    return {pk: at for pk, at, text in latest if folded in text.casefold()}


def studies_out(study_ids: Iterable[int]) -> list[dict[str, Any]]:
    """Studies as screens show them, in the order asked for. Whoever calls has decided who may see them."""
    wanted = list(study_ids)
    rows = Study.objects.select_related("facility", "patient").annotate(
        request_id=F("asked_by__request_id"),  # None while no live request asks about the study
        is_fetched=fetched(),
    )
    studies = {row.pk: row for row in rows.filter(pk__in=wanted)}
    counts = _counts(wanted)
    return [_study_out(studies[pk], counts) for pk in wanted if pk in studies]


def _counts(study_ids: Sequence[int]) -> dict[str, dict[int, int]]:
    """Received instances and series, and quarantined, of each study: always counted, never kept."""

    def by_study(rows: QuerySet[Any], what: Any) -> dict[int, int]:
        grouped = rows.filter(study_id__in=study_ids).values("study_id").annotate(n=what)
        return dict(grouped.values_list("study_id", "n"))

    instances = by_study(Instance.objects.order_by(), Count("pk"))
    series = by_study(Series.objects.order_by(), Count("pk"))
    own = telling.counted(study_ids)
    own_series = telling.series_of(list(own))
    return {
        "instances": {pk: n - own.get(pk, 0) for pk, n in instances.items()},
        "series": {pk: n - len(own_series.get(pk, ())) for pk, n in series.items()},
        "quarantined": by_study(Quarantined.objects.order_by(), Count("pk")),
    }


def _study_out(study: Study, counts: Mapping[str, Mapping[int, int]]) -> dict[str, Any]:
    facility = study.facility
    day = study.study_on or study.received_at.astimezone(JST).date()
    return {
        "id": study.pk,
        "facility": {"id": facility.pk, "code": facility.code, "name": facility.name},
        "study_instance_uid": study.study_instance_uid,
        "accession_number": study.accession_number,
        "patient": patients.patient_out(study.patient, day),
        "modalities": study.modalities,
        "description": study.description,
        "body_part": study.body_part,
        "study_at": study.study_at,
        "receipt": study.receipt,
        "instance_count": counts["instances"].get(study.pk, 0),
        "expected_count": study.expected_count,
        "expected_from": _expected_from(study),
        "series_count": counts["series"].get(study.pk, 0),
        "received_at": study.received_at,
        "last_received_at": study.last_received_at,
        "request_id": getattr(study, "request_id", None),
        "is_fetched": getattr(study, "is_fetched", False),
        "quarantined_count": counts["quarantined"].get(study.pk, 0),
        "notes": [sentence(code) for code in [*study.held_for, *study.notes]],
    }


def _expected_from(study: Study) -> dict[str, Any] | None:
    if not study.expected_from:
        return None
    by = study.expected_by.removeprefix("ae:")
    return {"source": study.expected_from, "by": by, "at": study.expected_at}


def series_of(study_id: int) -> list[dict[str, Any]]:
    """The received series of a study with their counts, by number."""
    own = telling.series_of([study_id]).get(study_id, set())
    rows = Series.objects.filter(study_id=study_id).exclude(series_instance_uid__in=own)
    rows = rows.annotate(
        instance_count=Count("instances"),
        frame_count=Sum(Greatest(F("instances__frames"), 0)),
    )
    return [
        {
            "series_instance_uid": row.series_instance_uid,
            "series_number": row.series_number,
            "modality": row.modality,
            "description": row.description,
            "body_part": row.body_part,
            "instance_count": row.instance_count,
            "frame_count": row.frame_count or 0,
        }
        for row in rows.order_by(F("series_number").asc(nulls_last=True), "pk")
    ]


def images_manifest(studies: Iterable[tuple[int, str]]) -> dict[str, Any]:
    """What a viewer opens.

    (study id, "current" or "prior") in the order given. The caller decided who may see it.
    """
    roles = list(studies)
    shown = {row["id"]: row for row in studies_out(pk for pk, _ in roles)}
    return {
        "studies": [
            {
                "role": role,
                "study": shown[pk],
                "dicomweb_root": f"/dicomweb/{shown[pk]['facility']['code']}",
                "series": series_of(pk),
            }
            for pk, role in roles
            if pk in shown
        ]
    }


def first_received(study_ids: Iterable[int]) -> datetime | None:
    """When the first image of these studies came."""
    found: datetime | None = Study.objects.filter(pk__in=set(study_ids)).aggregate(Min("received_at"))[
        "received_at__min"
    ]
    return found


def receipts(study_ids: Iterable[int]) -> list[tuple[str, int]]:
    """State of arrival and number of received instances of each study."""
    wanted = set(study_ids)
    rows = Study.objects.order_by("pk").filter(pk__in=wanted).annotate(n=Count("instances"))
    own = telling.counted(wanted)
    return [(receipt, n - own.get(pk, 0)) for pk, receipt, n in rows.values_list("pk", "receipt", "n")]
