"""Guesses at secrets in addresses are counted by the sign-in library, with those at passwords (ADR 0011)."""

from allauth.core.internal import ratelimit
from django.http import HttpRequest


def may_guess(request: HttpRequest, what: str, rate: str) -> bool:
    """Whether an address that guessed wrongly before may try again; nothing is counted by asking."""
    asked = ratelimit.consume(
        request, app="dokuei", action=what, config={what: rate}, limit_get=True, dry_run=True
    )
    return asked is not None


def count_guess(request: HttpRequest, what: str, rate: str) -> None:
    """Count a wrong one. Outside the request's own transaction, which its refusal rolls back."""
    ratelimit.consume(request, app="dokuei", action=what, config={what: rate}, limit_get=True)
