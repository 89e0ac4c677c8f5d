"""How allauth behaves here: no sign-up, factor secrets encrypted at rest."""

import base64
import hashlib
from functools import lru_cache
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """People are invited by an administrator; nobody signs themselves up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Changing factors takes a repeated proof, except for the first factor, right after the password."""
        from dokuei.identity.queries import has_second_factor

        user = context.request.user
        return bool(user.is_authenticated and has_second_factor(user))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """No mail leaves through allauth; invitations are handed over by the administrator."""


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """TOTP secrets and recovery seeds are stored encrypted under a key derived from the signing key."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


@lru_cache(maxsize=1)
def _cipher() -> Fernet:
    digest = hashlib.sha256(b"dokuei second factors" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def remember_codes_as_long_as_they_hold() -> None:
    """A code is good once (RFC 6238 5.2). allauth forgets it after one period, with tolerance it holds for several.

    Called once at start, when the tables' classes are there to import.
    """
    from allauth.mfa.totp.internal.auth import TOTP

    def mark_used(totp: Any, code: str) -> bool:
        periods = 2 * app_settings.TOTP_TOLERANCE + 1
        key = totp._get_used_cache_key(code)
        return bool(cache.add(key, "y", timeout=app_settings.TOTP_PERIOD * periods))

    TOTP._mark_code_used = mark_used
