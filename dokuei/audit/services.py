"""Writing the trail. These are the only functions that do; every command of every room calls `record`."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any, Protocol

from django.db import models

from dokuei.audit.events import Event
from dokuei.audit.models import Entry
from dokuei.kit import live


class Named(Protocol):
    """Anything with a stable label: an `identity.access.Actor`."""

    @property
    def label(self) -> str: ...


def record(
    event: Event,
    *,
    by: Named,
    at: datetime,
    of: models.Model | None = None,
    facility_id: int | None = None,
    patient_id: int | None = None,
    **detail: Any,
) -> None:
    """Write one act into the trail, in the caller's transaction, and tell open screens to look again.

    `of` names the object; its facility and patient are taken from it unless given. `detail` holds ids, codes and
    counts — never names or free clinical text.
    """
    kind, key = (of._meta.model_name or "", str(of.pk)) if of is not None else ("", "")
    if facility_id is None:
        facility_id = getattr(of, "facility_id", None)
    if patient_id is None:
        patient_id = of.pk if kind == "patient" and of is not None else getattr(of, "patient_id", None)
    entry = Entry(
        id=uuid.uuid4(),
        at=at,
        event=event.value.code,
        by=by.label,
        object=f"{kind}:{key}" if kind else "",
        facility_id=facility_id,
        patient_id=patient_id,
    )
    entry.body = canonical(entry, detail)
    entry.save(force_insert=True)
    if event.value.is_change and kind:
        live.announce(kind, key, facility_id)


def record_denial(
    *, by: Named, at: datetime, door: str, code: str, facility_id: int | None = None, **detail: Any
) -> None:
    """Write a refused act; called by a door after its transaction was rolled back."""
    record(Event.ACT_DENIED, by=by, at=at, facility_id=facility_id, door=door, code=code, **detail)


def canonical(entry: Entry, detail: dict[str, Any]) -> str:
    """The text that is hashed: JSON with sorted keys and no spaces, the time in UTC with microseconds."""
    return json.dumps(
        {
            "id": str(entry.id),
            "at": entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "event": entry.event,
            "by": entry.by,
            "object": entry.object,
            "facility_id": entry.facility_id,
            "patient_id": entry.patient_id,
            "detail": detail,
        },
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
