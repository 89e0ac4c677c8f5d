"""Who may do what: roles, permissions and the actor. Importable from every room above."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from dokuei.base.errors import NotFound, NotPermitted


class Permission(StrEnum):
    """Every right there is, `object:act`."""

    ASK_BACK_ANSWER = "ask_back:answer"
    ASK_BACK_WRITE = "ask_back:write"
    AUDIT_READ = "audit:read"
    CONFIRMATION_WRITE = "confirmation:write"
    DELIVERY_READ = "delivery:read"
    DICOM_READ = "dicom:read"
    DICOM_STORE = "dicom:store"
    FACILITY_MANAGE = "facility:manage"
    FACILITY_READ = "facility:read"
    HANGING_MANAGE = "hanging:manage"
    PATIENT_LINK = "patient:link"
    PATIENT_MEND = "patient:mend"
    PATIENT_READ = "patient:read"
    PAPER_CHECK = "paper:check"
    PAPER_TAKE = "paper:take"
    PAPER_TRANSCRIBE = "paper:transcribe"
    PERSON_MANAGE = "person:manage"
    QUARANTINE_MANAGE = "quarantine:manage"
    QUARANTINE_READ = "quarantine:read"
    RECONCILIATION_EXPLAIN = "reconciliation:explain"
    RECONCILIATION_READ = "reconciliation:read"
    RECONCILIATION_SEND = "reconciliation:send"
    RECONCILIATION_TAKE = "reconciliation:take"
    READING_CLAIM = "reading:claim"
    READING_MANAGE = "reading:manage"
    READING_READ = "reading:read"
    REPORT_READ = "report:read"
    REPORT_SIGN = "report:sign"
    REPORT_WRITE = "report:write"
    REQUEST_READ = "request:read"
    REQUEST_WRITE = "request:write"
    RESOLUTION_RELEASE = "resolution:release"
    RESOLUTION_WRITE = "resolution:write"
    RULES_MANAGE = "rules:manage"
    RULES_READ = "rules:read"
    STATUS_READ = "status:read"
    STUDY_READ = "study:read"
    SYSTEM = "system:act"
    TOKEN_MANAGE = "token:manage"  # noqa: S105 - a permission, not a secret
    VIEWER_MANAGE = "viewer:manage"


class Role(StrEnum):
    REQUESTER = "requester"
    TECHNOLOGIST = "technologist"
    READER = "reader"
    SUPPORT = "support"
    LEAD = "lead"
    ADMINISTRATOR = "administrator"


P = Permission
FACILITY_SIDE = {
    P.REQUEST_READ,
    P.REQUEST_WRITE,
    P.ASK_BACK_ANSWER,
    P.PAPER_TAKE,
    P.RESOLUTION_WRITE,
    P.STUDY_READ,
    P.DICOM_READ,
    P.DICOM_STORE,
    P.RECONCILIATION_READ,
    P.RECONCILIATION_EXPLAIN,
    P.RECONCILIATION_TAKE,
}
ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.REQUESTER: frozenset(FACILITY_SIDE | {P.DELIVERY_READ, P.REPORT_READ, P.CONFIRMATION_WRITE}),
    Role.TECHNOLOGIST: frozenset(FACILITY_SIDE | {P.DELIVERY_READ, P.REPORT_READ}),
    Role.READER: frozenset(
        {
            P.READING_READ,
            P.READING_CLAIM,
            P.REPORT_READ,
            P.REPORT_WRITE,
            P.REPORT_SIGN,
            P.DICOM_READ,
            P.ASK_BACK_WRITE,
        }
    ),
    Role.SUPPORT: frozenset(
        {
            P.REQUEST_READ,
            P.REQUEST_WRITE,
            P.ASK_BACK_WRITE,
            P.PATIENT_LINK,
            P.PATIENT_MEND,
            P.PATIENT_READ,
            P.PAPER_CHECK,
            P.PAPER_TAKE,
            P.PAPER_TRANSCRIBE,
            P.RESOLUTION_RELEASE,
            P.RESOLUTION_WRITE,
            P.STUDY_READ,
            P.DICOM_READ,
            P.READING_READ,
            P.READING_MANAGE,
            P.DELIVERY_READ,
            P.REPORT_READ,
            P.QUARANTINE_MANAGE,
            P.QUARANTINE_READ,
            P.STATUS_READ,
            P.FACILITY_READ,
            P.RULES_READ,
            P.RECONCILIATION_READ,
            P.RECONCILIATION_EXPLAIN,
            P.RECONCILIATION_SEND,
        }
    ),
    Role.LEAD: frozenset(
        {
            P.PATIENT_MEND,
            P.PATIENT_READ,
            P.PAPER_CHECK,
            P.REQUEST_READ,
            P.STUDY_READ,
            P.READING_READ,
            P.READING_MANAGE,
            P.DELIVERY_READ,
            P.REPORT_READ,
            P.QUARANTINE_MANAGE,
            P.QUARANTINE_READ,
            P.STATUS_READ,
            P.AUDIT_READ,
            P.FACILITY_READ,
            P.HANGING_MANAGE,
            P.RULES_MANAGE,
            P.RULES_READ,
            P.RECONCILIATION_READ,
            P.RECONCILIATION_EXPLAIN,
            P.RECONCILIATION_SEND,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            P.PERSON_MANAGE,
            P.FACILITY_MANAGE,
            P.FACILITY_READ,
            P.TOKEN_MANAGE,
            P.AUDIT_READ,
            P.STATUS_READ,
            P.HANGING_MANAGE,
            P.RULES_MANAGE,
            P.RULES_READ,
            P.VIEWER_MANAGE,
        }
    ),
}
EVERY_FACILITY = {Role.SUPPORT, Role.LEAD, Role.ADMINISTRATOR}
"""Roles that serve every facility; the others see the facilities they belong to or are contracted for."""

TOKEN_PERMISSIONS = frozenset(
    {
        P.DICOM_STORE,
        P.DICOM_READ,
        P.STUDY_READ,
        P.REQUEST_READ,
        P.REQUEST_WRITE,
        P.DELIVERY_READ,
        P.REPORT_READ,
        P.STATUS_READ,
    }
)
"""What a machine's token may be given. Signing, claiming and confirming need a human."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Whoever acts. `facilities` are the ids whose rows this actor may meet."""

    kind: str
    """"person", "machine" or "system"."""
    name: str
    person_id: int | None = None
    machine_id: int | None = None
    roles: frozenset[Role] = frozenset()
    permissions: frozenset[Permission] = frozenset()
    facilities: frozenset[int] = frozenset()
    elevated: bool = field(default=False, compare=False)
    """True for the minutes after a repeated second factor."""

    @property
    def label(self) -> str:
        """How the audit trail names this actor: ``person:12``, ``machine:3``, ``system:due``."""
        key = self.person_id or self.machine_id or self.name
        return f"{self.kind}:{key}"

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


def system_actor(name: str, facilities: frozenset[int] = frozenset()) -> Actor:
    """A named part of the system: a job, the due loop, an event handler."""
    return Actor(kind="system", name=name, permissions=frozenset(Permission), facilities=facilities)


def require(actor: Actor, permission: Permission, *, facility_id: int | None = None) -> None:
    """Refuse unless the actor holds the permission, and the facility is one of theirs.

    A foreign facility is `NotFound`: what is not yours does not exist.
    """
    if permission not in actor.permissions:
        raise NotPermitted(permission=permission.value)
    if facility_id is not None and actor.kind != "system" and facility_id not in actor.facilities:
        raise NotFound()


def require_elevation(actor: Actor) -> None:
    """Refuse a person whose second factor was not repeated within the last minutes (product 43)."""
    if actor.kind == "person" and not actor.elevated:
        raise NotPermitted(
            "署名の前に本人確認が必要です。認証コードまたはパスキーで確認してください。",
            code="auth.elevation_required",
        )


def actor_of(request: Any) -> Actor:
    """The actor `ActorMiddleware` put on this request; a request without one needs signing in."""
    actor = getattr(request, "actor", None)
    if not isinstance(actor, Actor):
        raise getattr(request, "not_signed_in", None) or SignInNeeded()
    return actor


class SignInNeeded(NotPermitted):
    """サインインしてください。"""

    code = "auth.sign_in"
    status = 401


class SecondFactorNeeded(NotPermitted):
    """第二要素（認証アプリまたはパスキー）の登録が必要です。"""

    code = "auth.second_factor_required"
