"""Tables of identity: people, facilities, memberships, invitations, machine tokens."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from dokuei.identity.access import Role
from dokuei.identity.rules import PersonState


class Facility(models.Model):
    """施設: a client hospital or clinic, the wall nothing crosses."""

    code = models.SlugField(max_length=32, unique=True)
    name = models.CharField(max_length=200)
    phone = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)
    tier_minutes = models.JSONField(default=dict)
    """Contracted minutes by urgency word; a missing one falls back to the default tier."""
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code


class PersonManager(BaseUserManager["Person"]):
    """Django and allauth look people up through this; there is no open sign-up."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email__iexact=username or "")


class Person(AbstractBaseUser):
    """Someone who signs in. `email` is the name they sign in with."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100)
    kana = models.CharField(max_length=100, blank=True)
    roles = ArrayField(models.CharField(max_length=20), default=list)
    state = models.CharField(max_length=12, default=PersonState.INVITED)
    facilities = models.ManyToManyField(Facility, related_name="people", blank=True)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True)

    objects: ClassVar[PersonManager] = PersonManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_person_is_in_a_known_state",
                condition=Q(state__in=[state.value for state in PersonState]),
            ),
            models.CheckConstraint(
                name="a_person_holds_only_known_roles",
                condition=Q(roles__contained_by=[role.value for role in Role]),
            ),
        ]

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django asks by this name
        return self.state == PersonState.ACTIVE

    def __str__(self) -> str:
        return f"person:{self.pk}"


class Invitation(models.Model):
    """A single-use link for one person to set their password. Only its hash is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="invitations")
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class PersonPreferences(models.Model):
    """Settings of one person, a validated document; nobody else's business and no patient's."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="preferences")
    document = models.JSONField()
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()


class MachineToken(models.Model):
    """A bearer token for a gateway, test or importer: one facility, named permissions, an end."""

    name = models.CharField(max_length=100)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="tokens")
    token_sha256 = models.CharField(max_length=64, unique=True)
    permissions = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_token_ends_after_it_begins",
                condition=Q(expires_at__gt=models.F("created_at")),
            ),
        ]
