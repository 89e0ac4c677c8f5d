"""Who is asking: from credentials to an `Actor`; and lists of people, facilities, tokens."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.core.internal.sessionkit import get_session_user
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import QuerySet

from dokuei.base.errors import NotFound
from dokuei.identity.access import (
    EVERY_FACILITY,
    ROLE_PERMISSIONS,
    TOKEN_PERMISSIONS,
    Actor,
    Permission,
    Role,
    SecondFactorNeeded,
    SignInNeeded,
    require,
)
from dokuei.identity.models import Facility, MachineToken, Person, PersonPreferences
from dokuei.identity.preferences import Preferences, readable

FACTORS = ("totp", "webauthn")


def actor_from_headers(headers: Mapping[str, str]) -> Actor:
    """Find the actor behind lower-case HTTP headers: a bearer token, or a signed-in session with a second factor.

    Raises `SignInNeeded` or `SecondFactorNeeded`.
    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return machine_actor(token.strip(), datetime.now(UTC))
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError as error:
        raise SignInNeeded() from error
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    if morsel is None:
        raise SignInNeeded()
    session = SessionStore(morsel.value)
    person = get_session_user(session)
    if not isinstance(person, Person) or not person.is_active:
        raise SignInNeeded()
    return person_actor(person, session, datetime.now(UTC))


def person_actor(person: Person, session: Mapping[str, Any], at: datetime) -> Actor:
    """The actor for a signed-in person; refuses one who has no second factor."""
    if not has_second_factor(person):
        raise SecondFactorNeeded()
    roles = frozenset(Role(role) for role in person.roles)
    return Actor(
        kind="person",
        name=person.name,
        person_id=person.pk,
        roles=roles,
        permissions=frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles)),
        facilities=frozenset(_facility_ids(person, roles)),
        elevated=elevated_until(session) > at,
    )


def machine_actor(token: str, at: datetime) -> Actor:
    """The actor for a bearer token that is known, not revoked and not over."""
    row = (
        MachineToken.objects.select_related("facility")
        .filter(token_sha256=sha256(token), revoked_at=None, expires_at__gt=at, facility__is_active=True)
        .first()
    )
    if row is None:
        raise SignInNeeded("トークンが無効か期限切れです。", code="auth.token")
    if row.last_used_at is None or at - row.last_used_at > timedelta(minutes=1):
        MachineToken.objects.filter(pk=row.pk).update(last_used_at=at)
    return Actor(
        kind="machine",
        name=row.name,
        machine_id=row.pk,
        permissions=frozenset(Permission(one) for one in row.permissions) & TOKEN_PERMISSIONS,
        facilities=frozenset({row.facility_id}),
    )


def has_second_factor(person: Person) -> bool:
    return bool(Authenticator.objects.filter(user=person, type__in=FACTORS).exists())


def elevated_until(session: Mapping[str, Any]) -> datetime:
    """When the right to sign ends: some minutes after the second factor was last shown in this session."""
    records = session.get(AUTHENTICATION_METHODS_SESSION_KEY) or []
    shown = [float(record["at"]) for record in records if record.get("method") == "mfa"]
    if not shown:
        return datetime.fromtimestamp(0, UTC)
    return datetime.fromtimestamp(max(shown), UTC) + timedelta(minutes=settings.DOKUEI.elevation_minutes)


def sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _facility_ids(person: Person, roles: Iterable[Role]) -> Iterable[int]:
    if EVERY_FACILITY & set(roles):
        return Facility.objects.values_list("pk", flat=True)
    return person.facilities.filter(is_active=True).values_list("pk", flat=True)


def facilities_of(actor: Actor) -> QuerySet[Facility]:
    return Facility.objects.filter(pk__in=actor.facilities).order_by("code")


def facility(facility_id: int) -> Facility:
    """A facility, for a caller that has decided who may see it."""
    return Facility.objects.get(pk=facility_id)


def facility_by_code(code: str) -> Facility:
    facility = Facility.objects.filter(code=code, is_active=True).first()
    if facility is None:
        raise NotFound()
    return facility


def people(actor: Actor) -> QuerySet[Person]:
    require(actor, Permission.PERSON_MANAGE)
    return Person.objects.prefetch_related("facilities").order_by("pk")


def tokens(actor: Actor) -> QuerySet[MachineToken]:
    require(actor, Permission.TOKEN_MANAGE)
    return MachineToken.objects.select_related("facility").order_by("-pk")


def people_of_facility(facility_id: int, role: Role) -> QuerySet[Person]:
    """Active people of one facility who hold a role; used to address reports."""
    return Person.objects.filter(
        facilities=facility_id, roles__contains=[role.value], state="active"
    ).order_by("pk")


def names_of(person_ids: Iterable[int]) -> dict[int, str]:
    return dict(Person.objects.filter(pk__in=set(person_ids)).values_list("pk", "name"))


def label_names(labels: Iterable[str]) -> dict[str, str]:
    """Readable names for audit labels such as ``person:12``."""
    ids = {int(one.partition(":")[2]) for one in labels if one.startswith("person:")}
    names = names_of(ids)
    return {f"person:{pk}": name for pk, name in names.items()}


def preferences_of(actor: Actor) -> tuple[Preferences, int]:
    """One's own settings and their revision; defaults and 0 for who has kept none."""
    row = PersonPreferences.objects.filter(person_id=actor.person_id or 0).first()
    return (readable(row.document), row.revision) if row else (Preferences(), 0)


def facility_ids_by_code() -> dict[str, int]:
    """Every active facility's id by its code."""
    return dict(Facility.objects.filter(is_active=True).values_list("code", "pk"))
