"""What the sign-in library tells us, written into the trail. The only signals in the house: it offers nothing else."""

from datetime import UTC, datetime
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals as factor_signals
from django.contrib.auth import signals
from django.db import transaction
from django.http import HttpRequest

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.identity.models import Person
from dokuei.identity.queries import FACTORS
from dokuei.identity.services import Self


def connect() -> None:
    signals.user_logged_in.connect(_signed_in, dispatch_uid="audit.signed_in")
    signals.user_logged_out.connect(_signed_out, dispatch_uid="audit.signed_out")
    factor_signals.authenticator_added.connect(_factor_added, dispatch_uid="audit.factor_added")
    factor_signals.authenticator_removed.connect(_factor_removed, dispatch_uid="audit.factor_removed")


def _signed_in(user: Person, **_: Any) -> None:
    _write(Event.PERSON_SIGNED_IN, user)


def _signed_out(user: Person | None, **_: Any) -> None:
    if user is not None:
        _write(Event.PERSON_SIGNED_OUT, user)


def _factor_added(request: HttpRequest, user: Person, authenticator: Any, **_: Any) -> None:
    """Enrolling a factor proves it: the person has just shown a code or touched a key."""
    if authenticator.type in FACTORS:
        record_authentication(request, user, method="mfa", type=str(authenticator.type), reauthenticated=True)
    _write(Event.PERSON_FACTOR_CHANGED, user, added=str(authenticator.type))


def _factor_removed(user: Person, authenticator: Any, **_: Any) -> None:
    _write(Event.PERSON_FACTOR_CHANGED, user, removed=str(authenticator.type))


@transaction.atomic
def _write(event: Event, person: Person, **detail: Any) -> None:
    record(event, by=Self(person), of=person, at=datetime.now(UTC), **detail)
