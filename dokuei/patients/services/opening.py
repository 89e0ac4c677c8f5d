"""Looking at a patient, written down."""

from datetime import datetime

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound
from dokuei.identity.access import Actor, Permission, require
from dokuei.patients import queries
from dokuei.patients.models import Patient


@transaction.atomic
def open_patient(actor: Actor, patient_id: int, *, at: datetime) -> Patient:
    """Note that somebody looks at everything of a patient."""
    require(actor, Permission.PATIENT_READ)
    patient = queries.visible_to(actor).filter(pk=patient_id).first()
    if patient is None:
        raise NotFound()
    record(Event.PATIENT_OPENED, by=actor, of=patient, at=at)
    return patient
