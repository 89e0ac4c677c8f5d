"""Secrets that travel in addresses: 256 random bits and our mark on them. Only their hash is kept.

The mark lets a guess be told from a secret without asking the database; a secret made for one purpose has no mark for
another.
"""

import base64
import hashlib
import hmac
import secrets

from django.conf import settings

LONGEST = 100


def mint(purpose: str) -> str:
    word = secrets.token_urlsafe(32)
    return f"{word}.{_mark(purpose, word)}"


def is_ours(purpose: str, token: str) -> bool:
    word, dot, mark = token.partition(".")
    is_plain = len(token) <= LONGEST and token.isascii() and bool(dot)
    return is_plain and hmac.compare_digest(mark, _mark(purpose, word))


def kept_as(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _mark(purpose: str, word: str) -> str:
    key = hashlib.sha256(f"dokuei {purpose}".encode() + settings.SECRET_KEY.encode()).digest()
    made = hmac.digest(key, word.encode(), "sha256")[:16]
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
