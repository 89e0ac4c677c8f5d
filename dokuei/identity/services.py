"""Commands on people, facilities and machine tokens."""

import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import Invalid, NotFound, refuse
from dokuei.identity import rules
from dokuei.identity.access import TOKEN_PERMISSIONS, Actor, Permission, Role, require
from dokuei.identity.errors import (
    EmailTaken,
    FacilityCodeTaken,
    InvitationUnknown,
    NobodysPreferences,
    PasswordWeak,
    PreferencesConflict,
    PreferencesTooLarge,
    UnknownPermission,
)
from dokuei.identity.events import FacilityCreated
from dokuei.identity.models import Facility, Invitation, MachineToken, Person, PersonPreferences
from dokuei.identity.preferences import Preferences, is_too_large, readable
from dokuei.identity.queries import sha256
from dokuei.identity.rules import PersonAct, PersonState
from dokuei.kit.events import publish

INVITATION_DAYS = 7
TOKEN_DAYS_MOST = 400
FACILITY_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@transaction.atomic
def invite_person(
    actor: Actor,
    *,
    email: str,
    name: str,
    roles: Iterable[Role],
    facility_ids: Iterable[int],
    at: datetime,
    kana: str = "",
) -> tuple[Person, str]:
    """Create an account that waits for its owner; return it with the invitation's secret, shown once."""
    require(actor, Permission.PERSON_MANAGE)
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise Invalid("メールアドレスの形式を確認してください。", code="person.email") from error
    if not name.strip():
        raise Invalid("氏名を入力してください。", code="person.name")
    if Person.objects.filter(email__iexact=address).exists():
        raise EmailTaken()
    person = Person(
        email=address, name=name.strip(), kana=kana.strip(), roles=sorted(set(roles)), created_at=at
    )
    person.set_unusable_password()
    person.save()
    person.facilities.set(_known_facilities(facility_ids))
    secret = _invite(person, at)
    record(Event.PERSON_INVITED, by=actor, of=person, at=at, roles=person.roles)
    return person, secret


@transaction.atomic
def reinvite_person(actor: Actor, person_id: int, *, at: datetime) -> tuple[Person, str]:
    """Make a new invitation; older ones stop working. For someone who never came, or who lost every factor."""
    require(actor, Permission.PERSON_MANAGE)
    person = _locked(person_id)
    if person.state != PersonState.INVITED:
        raise refuse(rules.PersonRefusal.WRONG_STATE)
    person.invitations.filter(used_at=None).update(expires_at=at)
    secret = _invite(person, at)
    record(Event.PERSON_INVITED, by=actor, of=person, at=at, again=True)
    return person, secret


@transaction.atomic
def accept_invitation(secret: str, *, password: str, at: datetime) -> Person:
    """The invited person sets their password; the account works once a second factor is enrolled."""
    invitation = open_invitation(secret, at=at, lock=True)
    person = invitation.person
    if refusal := rules.why_not(PersonState(person.state), PersonAct.ACCEPT):
        raise refuse(refusal)
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise PasswordWeak(" ".join(error.messages)) from error
    person.set_password(password)
    person.state = rules.LIFECYCLE[PersonState(person.state), PersonAct.ACCEPT]
    person.save(update_fields=["password", "state"])
    invitation.used_at = at
    invitation.save(update_fields=["used_at"])
    EmailAddress.objects.update_or_create(
        user=person, email=person.email, defaults={"verified": True, "primary": True}
    )
    record(Event.PERSON_JOINED, by=Self(person), of=person, at=at)
    return person


def open_invitation(secret: str, *, at: datetime, lock: bool = False) -> Invitation:
    """The invitation behind a secret, if it may still be used."""
    rows = Invitation.objects.select_related("person").filter(token_sha256=sha256(secret))
    invitation = (rows.select_for_update(no_key=True, of=("self",)) if lock else rows).first()
    if invitation is None:
        raise InvitationUnknown()
    if invitation.used_at is not None or invitation.expires_at <= at:
        raise refuse(rules.PersonRefusal.INVITATION_OVER)
    return invitation


@transaction.atomic
def change_person(
    actor: Actor,
    person_id: int,
    *,
    name: str,
    kana: str,
    roles: Iterable[Role],
    facility_ids: Iterable[int],
    at: datetime,
) -> Person:
    """Change someone's name, roles and facilities; nobody changes their own rights."""
    require(actor, Permission.PERSON_MANAGE)
    if person_id == actor.person_id:
        raise refuse(rules.PersonRefusal.SELF)
    person = _locked(person_id)
    before = sorted(person.roles)
    person.name, person.kana, person.roles = name.strip(), kana.strip(), sorted(set(roles))
    person.save(update_fields=["name", "kana", "roles"])
    person.facilities.set(_known_facilities(facility_ids))
    record(Event.PERSON_CHANGED, by=actor, of=person, at=at, roles=person.roles, before=before)
    return person


@transaction.atomic
def move_person(actor: Actor, person_id: int, act: PersonAct, *, at: datetime) -> Person:
    """Suspend, reinstate or end an account; suspending and leaving end every session at once."""
    require(actor, Permission.PERSON_MANAGE)
    if person_id == actor.person_id:
        raise refuse(rules.PersonRefusal.SELF)
    person = _locked(person_id)
    if refusal := rules.why_not(PersonState(person.state), act):
        raise refuse(refusal)
    person.state = rules.LIFECYCLE[PersonState(person.state), act]
    person.save(update_fields=["state"])
    if person.state != PersonState.ACTIVE:
        _end_sessions(person)
    record(Event.PERSON_CHANGED, by=actor, of=person, at=at, act=act.value)
    return person


@transaction.atomic
def end_sessions(actor: Actor, person_id: int, *, at: datetime) -> int:
    """Sign someone out everywhere; people may do it to themselves."""
    if person_id != actor.person_id:
        require(actor, Permission.PERSON_MANAGE)
    person = _locked(person_id)
    count = _end_sessions(person)
    record(Event.SESSION_ENDED, by=actor, of=person, at=at, count=count)
    return count


@transaction.atomic
def end_own_session(actor: Actor, session_id: int, *, at: datetime) -> None:
    """End one of the actor's own sessions."""
    row = UserSession.objects.filter(pk=session_id, user_id=actor.person_id).first()
    if row is None:
        raise NotFound()
    row.end()
    record(Event.SESSION_ENDED, by=actor, of=row.user, at=at, count=1)


@transaction.atomic
def save_preferences(
    actor: Actor, document: Preferences, *, revision: int, at: datetime
) -> PersonPreferences:
    """Keep one's own settings; a save against an older revision is refused with the newer ones."""
    if actor.person_id is None:
        raise NobodysPreferences()
    if is_too_large(document):
        raise PreferencesTooLarge()
    PersonPreferences.objects.get_or_create(
        person_id=actor.person_id,
        defaults={"document": {}, "saved_at": at},
    )
    row = PersonPreferences.objects.select_for_update(no_key=True).get(person_id=actor.person_id)
    if revision != row.revision:
        raise PreferencesConflict(
            theirs={"document": readable(row.document).model_dump(mode="json"), "revision": row.revision}
        )
    row.document, row.saved_at = document.model_dump(mode="json", exclude_defaults=True), at
    row.revision += 1
    row.save(update_fields=["document", "revision", "saved_at"])
    record(Event.PREFERENCES_SAVED, by=actor, of=row, at=at, revision=row.revision)
    return row


@transaction.atomic
def create_facility(
    actor: Actor,
    *,
    code: str,
    name: str,
    at: datetime,
    phone: str = "",
    tier_minutes: Mapping[str, int] | None = None,
) -> Facility:
    """Register a client hospital or clinic."""
    require(actor, Permission.FACILITY_MANAGE)
    if not FACILITY_CODE.fullmatch(code):
        raise Invalid("施設コードは英小文字・数字・ハイフンで入力してください。", code="facility.code")
    if not name.strip():
        raise Invalid("施設名を入力してください。", code="facility.name")
    if Facility.objects.filter(code=code).exists():
        raise FacilityCodeTaken()
    facility = Facility.objects.create(
        code=code, name=name.strip(), phone=phone, tier_minutes=dict(tier_minutes or {}), created_at=at
    )
    record(Event.FACILITY_CREATED, by=actor, of=facility, at=at)
    publish(FacilityCreated(facility.pk))
    return facility


@transaction.atomic
def change_facility(
    actor: Actor,
    facility_id: int,
    *,
    name: str,
    phone: str,
    is_active: bool,
    tier_minutes: Mapping[str, int],
    at: datetime,
) -> Facility:
    """Change a facility's name, telephone, contracted times or whether it is served."""
    require(actor, Permission.FACILITY_MANAGE)
    facility = Facility.objects.select_for_update(no_key=True).filter(pk=facility_id).first()
    if facility is None:
        raise NotFound()
    facility.name, facility.phone, facility.is_active = name.strip(), phone, is_active
    facility.tier_minutes = dict(tier_minutes)
    facility.save(update_fields=["name", "phone", "is_active", "tier_minutes"])
    record(Event.FACILITY_CHANGED, by=actor, of=facility, at=at, active=is_active)
    return facility


@transaction.atomic
def mint_token(
    actor: Actor,
    *,
    name: str,
    facility_id: int,
    permissions: Iterable[str],
    expires_in_days: int,
    at: datetime,
) -> tuple[MachineToken, str]:
    """Make a bearer token for a machine of one facility; return it with its secret, shown once."""
    require(actor, Permission.TOKEN_MANAGE)
    wanted = sorted(set(permissions))
    unknown = [one for one in wanted if one not in {p.value for p in TOKEN_PERMISSIONS}]
    if unknown or not wanted:
        raise UnknownPermission(unknown=unknown)
    if not 1 <= expires_in_days <= TOKEN_DAYS_MOST:
        raise Invalid(f"有効期間は1〜{TOKEN_DAYS_MOST}日で指定してください。", code="token.days")
    if not name.strip() or not Facility.objects.filter(pk=facility_id).exists():
        raise Invalid("トークンの名前と施設を指定してください。", code="token.name")
    secret = f"dk_{secrets.token_urlsafe(32)}"
    token = MachineToken.objects.create(
        name=name.strip(),
        facility_id=facility_id,
        token_sha256=sha256(secret),
        permissions=wanted,
        created_at=at,
        expires_at=at + timedelta(days=expires_in_days),
    )
    record(Event.TOKEN_MINTED, by=actor, of=token, at=at, permissions=wanted)
    return token, secret


@transaction.atomic
def revoke_token(actor: Actor, token_id: int, *, at: datetime) -> None:
    """Make a token useless from now on."""
    require(actor, Permission.TOKEN_MANAGE)
    token = MachineToken.objects.select_for_update(no_key=True).filter(pk=token_id, revoked_at=None).first()
    if token is None:
        raise NotFound()
    token.revoked_at = at
    token.save(update_fields=["revoked_at"])
    record(Event.TOKEN_REVOKED, by=actor, of=token, at=at)


class Self:
    """A person acting on their own account before they have a session."""

    def __init__(self, person: Person) -> None:
        self.label = f"person:{person.pk}"


def _invite(person: Person, at: datetime) -> str:
    secret = secrets.token_urlsafe(32)
    Invitation.objects.create(
        person=person,
        token_sha256=sha256(secret),
        created_at=at,
        expires_at=at + timedelta(days=INVITATION_DAYS),
    )
    return secret


def _locked(person_id: int) -> Person:
    person = Person.objects.select_for_update(no_key=True).filter(pk=person_id).first()
    if person is None:
        raise NotFound()
    return person


def _known_facilities(ids: Iterable[int]) -> list[Facility]:
    wanted = set(ids)
    found = list(Facility.objects.filter(pk__in=wanted))
    if len(found) != len(wanted):
        raise Invalid("指定された施設が見つかりません。", code="facility.unknown")
    return found


def _end_sessions(person: Person) -> int:
    rows = list(UserSession.objects.filter(user=person))
    for row in rows:
        row.end()
    return len(rows)
