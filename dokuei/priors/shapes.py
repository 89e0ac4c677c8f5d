"""How priors go out over HTTP."""

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

PriorStateWord = Literal["received", "elsewhere", "none", "not_asked"]


class PriorsOut(Schema):
    """What is known of a reading's priors, as a line shows it."""

    state: PriorStateWord
    where_when: str
    answer: PriorStateWord
    """What the facility said in its request."""
    arrived: int
    wanted: int
    """Arrived and under way."""
    failed: int
    contradicting: int
    """Studies that are not shown because something about the patient does not agree."""
    search: Literal["local", "asking", "answered", "unreachable", "closed"]
    wait_until: datetime | None


class PriorOut(Schema):
    study_instance_uid: str
    candidate_id: int | None
    study_id: int | None
    study_on: date | None
    modalities: list[str]
    description: str
    body_part: str
    tier: str
    chosen_for: str
    is_wanted: bool
    state: Literal["spare", "wanted", "fetching", "arrived", "failed", "not_found", "contradicts"]
    why: str
    archive: str
    instance_count: int
    expected_count: int | None
    may_fetch: bool
    elsewhere: str
    """The name of another facility whose study it is, shown by a confirmed link; else empty."""


class PriorListOut(PriorsOut):
    rule: str
    silent: list[str]
    answered_at: datetime | None
    may_ask: bool
    report_text: str
    """A prior report the facility pasted into its request."""
    items: list[PriorOut]


class PriorStatesOut(Schema):
    """How many requests of a facility's last days stand in each state."""

    days: int
    total: int
    received: int
    elsewhere: int
    none: int
    not_asked: int
    unreachable: int
    failed: int
    has_archive: bool


class ElsewhereCandidateOut(Schema):
    """Who at another facility may be the same person, as little as can be told before it is confirmed."""

    patient_id: int
    facility_name: str
    confidence: Literal["high", "middle", "low"]
    reasons: list[str]
    study_count: int


class PatientLinkOut(Schema):
    id: int
    state: Literal["confirmed", "revoked"]
    is_outgoing: bool
    """Whether the other facility's studies are shown here; else ours are shown there."""
    other_facility: str
    basis: Literal["consent", "emergency", "contract"]
    request_id: int | None
    consented_on: date | None
    consent_by: str
    confidence: Literal["high", "middle", "low"]
    reason: str
    confirmed_by_name: str
    confirmed_at: datetime
    revoked_by_name: str
    revoked_reason: str
    revoked_at: datetime | None
    may_revoke: bool


class ElsewhereOut(Schema):
    """How a patient stands with other facilities."""

    is_on: bool
    may_link: bool
    links: list[PatientLinkOut]


class ElsewhereFoundOut(Schema):
    items: list[ElsewhereCandidateOut]


class ConfirmLinkIn(Schema):
    other_id: int
    name: Annotated[str, Field(max_length=200)]
    birth_on: date
    basis: Literal["consent", "emergency", "contract"]
    consented_on: date | None = None
    consent_by: Annotated[str, Field(max_length=100)] = ""
    request_id: int | None = None
    reason: Annotated[str, Field(max_length=500)]


class RevokeLinkIn(Schema):
    reason: Annotated[str, Field(max_length=500)]


class SharingOut(Schema):
    facility_id: int
    is_on: bool
    reason: str
    decided_by_name: str
    decided_at: datetime | None


class SharingIn(Schema):
    is_on: bool
    reason: Annotated[str, Field(max_length=500)]
