"""The secret a launched viewer is given: 256 random bits and our mark on them. Only its hash is kept.

The mark lets a guess be told from a secret without asking the database.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import timedelta

from django.conf import settings

FIRST_GOOD_FOR = timedelta(minutes=5)
"""Of the secret in an address, which is written down in histories and logs on its way."""
NEXT_GOOD_FOR = timedelta(hours=12)
"""Of those that follow: they travel in answers only, and each is good once."""
LONGEST = 100


def mint() -> str:
    word = secrets.token_urlsafe(32)
    return f"{word}.{_mark(word)}"


def is_ours(token: str) -> bool:
    word, dot, mark = token.partition(".")
    is_plain = len(token) <= LONGEST and token.isascii() and bool(dot)
    return is_plain and hmac.compare_digest(mark, _mark(word))


def kept_as(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _mark(word: str) -> str:
    key = hashlib.sha256(b"dokuei viewer context" + settings.SECRET_KEY.encode()).digest()
    made = hmac.digest(key, word.encode(), "sha256")[:16]
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
