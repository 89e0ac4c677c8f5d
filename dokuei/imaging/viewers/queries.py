"""Which viewers there are, and what became of the launches of a case."""

from typing import Any

from django.db.models import Q, QuerySet

from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.models import Study
from dokuei.imaging.viewers.models import Viewer, ViewerLaunch
from dokuei.imaging.viewers.rules import NAMING, Context, State, host_of, placeholders_of

MOST_VIEWERS = 100


def viewers(actor: Actor) -> list[dict[str, Any]]:
    """Every viewer in use, for who looks after them."""
    require(actor, Permission.VIEWER_MANAGE)
    return [viewer_out(row) for row in of_facilities(actor)]


def of_facilities(actor: Actor) -> QuerySet[Viewer]:
    rows = Viewer.objects.filter(removed_at=None).select_related("author", "facility").order_by("name", "pk")
    if actor.kind == "system":
        return rows
    return rows.filter(Q(facility=None) | Q(facility_id__in=actor.facilities))


def viewer_out(row: Viewer) -> dict[str, Any]:
    return {
        "id": row.pk,
        "facility": row.facility,
        "name": row.name,
        "template": row.template,
        "encoding": row.encoding,
        "may_name_patient": row.may_name_patient,
        "tells": "context" in placeholders_of(row.template),
        "revision": row.revision,
        "saved_at": row.saved_at,
        "author": row.author.name if row.author else "",
    }


def launching(actor: Actor, *, facility_id: int, reason: str) -> dict[str, Any]:
    """What a case's screen shows of other viewers: which may be opened, and what the actor's own launches came to."""
    require(actor, Permission.DICOM_READ)
    usable = of_facilities(actor).filter(Q(facility=None) | Q(facility_id=facility_id))
    rows = ViewerLaunch.objects.select_related("viewer", "patient", "study").exclude(state=State.REPLACED)
    rows = rows.filter(person_id=actor.person_id or 0, reason=reason, facility_id=facility_id)
    return {
        "viewers": [
            {
                "id": row.pk,
                "name": row.name,
                "host": host_of(row.template),
                "tells": "context" in placeholders_of(row.template),
                "names_patient": bool(NAMING & placeholders_of(row.template)),
            }
            for row in usable
        ],
        "launches": [launch_out(row) for row in rows.order_by("-pk")[:10]],
    }


def launch_out(row: ViewerLaunch) -> dict[str, Any]:
    patient = row.patient
    return {
        "id": row.pk,
        "viewer": row.viewer.name,
        "state": row.state,
        "revision": row.revision,
        "tells": row.tells,
        "opened_at": row.opened_at,
        "reported_at": row.reported_at,
        "patient_name": patient.name_kanji or patient.name_romaji or patient.name_kana,
        "patient_id": patient.patient_id,
        "study_instance_uid": row.study.study_instance_uid,
        "accession_number": row.study.accession_number,
        "study_at": row.study.study_at,
        "shown_patient_id": row.shown_patient_id,
        "shown_study_uid": row.shown_study_uid,
        "differs": row.differs,
    }


def context_of(study: Study) -> Context:
    """Whose study this is."""
    return Context(study.patient.patient_id, study.study_instance_uid, study.accession_number)


def is_another_open(person_id: int | None, reason: str) -> bool:
    """Whether a viewer this person opened for it says that it shows somebody else, and nobody has looked since."""
    rows = ViewerLaunch.objects.filter(person_id=person_id or 0, reason=reason, state=State.DIFFERS)
    return rows.exists()
