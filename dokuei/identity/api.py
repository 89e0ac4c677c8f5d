"""HTTP door of identity: who am I, people, facilities, tokens, sessions, invitations."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Router, Schema
from pydantic import Field

from dokuei.identity import queries, services
from dokuei.identity.access import Actor, Permission, Role, actor_of, require
from dokuei.identity.models import Facility, MachineToken, Person
from dokuei.identity.preferences import Preferences
from dokuei.identity.rules import PersonAct

router = Router(tags=["identity"])
Code = Annotated[str, Field(max_length=32)]
Text = Annotated[str, Field(max_length=200)]


class FacilityRef(Schema):
    id: int
    code: str
    name: str


class PersonRef(Schema):
    id: int
    name: str
    kana: str
    email: str


class MeOut(Schema):
    person: PersonRef | None
    roles: list[Role]
    facilities: list[FacilityRef]
    permissions: list[str]
    stage: Literal["anonymous", "first_factor", "full"]
    elevated_until: datetime | None
    server_time: datetime
    support_phone: str
    idle_minutes: int
    """Without input for so long the screens of this person blank; 0 is never."""
    display_label: Literal["reference", "none"]
    """What every window with pictures says of itself; none only where the installation's settings say why."""


class PreferencesIn(Schema):
    document: Preferences
    revision: int


class PreferencesOut(PreferencesIn):
    pass


class SessionOut(Schema):
    id: int
    current: bool
    created_at: datetime
    last_seen_at: datetime
    user_agent: str
    ip: str


class PersonOut(PersonRef):
    roles: list[Role]
    facilities: list[FacilityRef]
    state: str
    second_factor: bool
    last_seen_at: datetime | None


class PersonIn(Schema):
    name: Text
    kana: Text = ""
    roles: list[Role]
    facility_ids: list[int]


class InviteIn(PersonIn):
    email: Text


class InvitedOut(Schema):
    person: PersonOut
    invitation_url: str
    expires_at: datetime


class InvitationOut(Schema):
    name: str
    email: str
    facility_names: list[str]
    expires_at: datetime


class AcceptIn(Schema):
    password: Annotated[str, Field(max_length=256)]


class FacilityIn(Schema):
    name: Text
    phone: Annotated[str, Field(max_length=40)] = ""
    tiers: dict[str, Annotated[int, Field(ge=1, le=100_000)]] = {}
    active: bool = True


class FacilityNew(FacilityIn):
    code: Code


class FacilityOut(FacilityRef):
    phone: str
    tiers: dict[str, int]
    active: bool


class TokenIn(Schema):
    name: Text
    facility_id: int
    permissions: list[str]
    expires_in_days: int


class TokenOut(Schema):
    id: int
    name: str
    facility: FacilityRef
    permissions: list[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    token: str | None = None


class Done(Schema):
    done: bool = True


@router.get("/me", response=MeOut)
def me(request: HttpRequest) -> Any:
    """Who is asking, and how far signed in; sets the CSRF cookie."""
    get_token(request)
    person = request.user if isinstance(request.user, Person) and request.user.is_active else None
    actor: Actor | None = getattr(request, "actor", None)
    return {
        "person": person,
        "roles": person.roles if person and actor else [],
        "facilities": list(queries.facilities_of(actor)) if actor else [],
        "permissions": sorted(actor.permissions) if actor else [],
        "stage": "full" if actor else "first_factor" if person else "anonymous",
        "elevated_until": queries.elevated_until(request.session) if actor and person else None,
        "server_time": datetime.now(UTC),
        "support_phone": settings.DOKUEI.support_phone,
        "idle_minutes": settings.DOKUEI.idle_minutes,
        "display_label": "reference" if settings.DOKUEI.is_for_reference else "none",
    }


@router.get("/me/preferences", response=PreferencesOut)
def my_preferences(request: HttpRequest) -> Any:
    """My settings, wherever I sign in."""
    document, revision = queries.preferences_of(actor_of(request))
    return {"document": document, "revision": revision}


@router.put("/me/preferences", response=PreferencesOut)
def save_my_preferences(request: HttpRequest, body: PreferencesIn) -> Any:
    """Keep my settings; against an older revision it is refused with the newer ones."""
    row = services.save_preferences(
        actor_of(request), body.document, revision=body.revision, at=datetime.now(UTC)
    )
    return {"document": body.document, "revision": row.revision}


@router.get("/me/sessions", response=list[SessionOut])
def my_sessions(request: HttpRequest) -> Any:
    """Where I am signed in."""
    actor = actor_of(request)
    rows = UserSession.objects.filter(user_id=actor.person_id).order_by("-last_seen_at")
    key = request.session.session_key
    return [
        {
            "id": row.pk,
            "current": row.session_key == key,
            "created_at": row.created_at,
            "last_seen_at": row.last_seen_at,
            "user_agent": row.user_agent,
            "ip": str(row.ip),
        }
        for row in rows
        if row.exists()
    ]


@router.delete("/me/sessions/{session_id}", response=Done)
def end_my_session(request: HttpRequest, session_id: int) -> Any:
    """Sign one of my sessions out."""
    services.end_own_session(actor_of(request), session_id, at=datetime.now(UTC))
    return Done()


@router.get("/invitations/{secret}", response=InvitationOut)
def invitation(request: HttpRequest, secret: str) -> Any:
    """What an invited person sees before they accept."""
    row = services.open_invitation(secret, at=datetime.now(UTC))
    return {
        "name": row.person.name,
        "email": row.person.email,
        "facility_names": [one.name for one in row.person.facilities.all()],
        "expires_at": row.expires_at,
    }


@router.post("/invitations/{secret}/accept", response=Done)
def accept(request: HttpRequest, secret: str, body: AcceptIn) -> Any:
    """Set the password of an invited account."""
    services.accept_invitation(secret, password=body.password, at=datetime.now(UTC))
    return Done()


@router.get("/people", response=list[PersonOut])
def people(request: HttpRequest) -> Any:
    """Everyone who has an account."""
    return [_person(one) for one in queries.people(actor_of(request))]


@router.post("/people/invite", response=InvitedOut)
def invite(request: HttpRequest, body: InviteIn) -> Any:
    """Invite someone; the link is shown once."""
    person, secret = services.invite_person(actor_of(request), **body.dict(), at=datetime.now(UTC))
    return _invited(person, secret)


@router.post("/people/{person_id}/reinvite", response=InvitedOut)
def reinvite(request: HttpRequest, person_id: int) -> Any:
    """Make a new link for someone who has not come yet."""
    return _invited(*services.reinvite_person(actor_of(request), person_id, at=datetime.now(UTC)))


@router.put("/people/{person_id}", response=PersonOut)
def change(request: HttpRequest, person_id: int, body: PersonIn) -> Any:
    """Change name, roles and facilities."""
    return _person(services.change_person(actor_of(request), person_id, **body.dict(), at=datetime.now(UTC)))


@router.post("/people/{person_id}/{act}", response=PersonOut)
def move(request: HttpRequest, person_id: int, act: Literal["suspend", "reinstate", "leave"]) -> Any:
    """Suspend, reinstate or end an account."""
    return _person(services.move_person(actor_of(request), person_id, PersonAct(act), at=datetime.now(UTC)))


@router.delete("/people/{person_id}/sessions", response=Done)
def sign_out_everywhere(request: HttpRequest, person_id: int) -> Any:
    """End every session of a person."""
    services.end_sessions(actor_of(request), person_id, at=datetime.now(UTC))
    return Done()


@router.get("/facilities", response=list[FacilityOut])
def facilities(request: HttpRequest) -> Any:
    """The facilities the actor serves."""
    actor = actor_of(request)
    require(actor, Permission.FACILITY_READ)
    return [_facility(one) for one in queries.facilities_of(actor)]


@router.post("/facilities", response=FacilityOut)
def create_facility(request: HttpRequest, body: FacilityNew) -> Any:
    """Register a facility."""
    facility = services.create_facility(
        actor_of(request),
        code=body.code,
        name=body.name,
        phone=body.phone,
        tier_minutes=body.tiers,
        at=datetime.now(UTC),
    )
    return _facility(facility)


@router.put("/facilities/{facility_id}", response=FacilityOut)
def change_facility(request: HttpRequest, facility_id: int, body: FacilityIn) -> Any:
    """Change a facility."""
    facility = services.change_facility(
        actor_of(request),
        facility_id,
        name=body.name,
        phone=body.phone,
        is_active=body.active,
        tier_minutes=body.tiers,
        at=datetime.now(UTC),
    )
    return _facility(facility)


@router.get("/tokens", response=list[TokenOut])
def tokens(request: HttpRequest) -> Any:
    """Machine tokens, without their secrets."""
    return list(queries.tokens(actor_of(request)))


@router.post("/tokens", response=TokenOut)
def mint(request: HttpRequest, body: TokenIn) -> Any:
    """Make a machine token; its secret is in this answer only."""
    token, secret = services.mint_token(actor_of(request), **body.dict(), at=datetime.now(UTC))
    return _token(token, secret)


@router.delete("/tokens/{token_id}", response=Done)
def revoke(request: HttpRequest, token_id: int) -> Any:
    """Revoke a machine token."""
    services.revoke_token(actor_of(request), token_id, at=datetime.now(UTC))
    return Done()


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": person.pk,
        "name": person.name,
        "kana": person.kana,
        "email": person.email,
        "roles": person.roles,
        "facilities": list(person.facilities.all()),
        "state": person.state,
        "second_factor": queries.has_second_factor(person),
        "last_seen_at": person.last_seen_at,
    }


def _invited(person: Person, secret: str) -> dict[str, Any]:
    latest = person.invitations.order_by("-pk")[0]
    return {
        "person": _person(person),
        "invitation_url": f"{settings.DOKUEI.base_url}/invitation/{secret}",
        "expires_at": latest.expires_at,
    }


def _facility(facility: Facility) -> dict[str, Any]:
    return {
        "id": facility.pk,
        "code": facility.code,
        "name": facility.name,
        "phone": facility.phone,
        "tiers": facility.tier_minutes,
        "active": facility.is_active,
    }


def _token(token: MachineToken, secret: str) -> dict[str, Any]:
    shown = {name: getattr(token, name) for name in TokenOut.model_fields if name != "token"}
    return {**shown, "token": secret}
