"""The secret a launched viewer is given (`kit.secret`), and how long each is good."""

from datetime import timedelta

from dokuei.kit import secret
from dokuei.kit.secret import kept_as

__all__ = ["FIRST_GOOD_FOR", "NEXT_GOOD_FOR", "is_ours", "kept_as", "mint"]
PURPOSE = "viewer context"
FIRST_GOOD_FOR = timedelta(minutes=5)
"""Of the secret in an address, which is written down in histories and logs on its way."""
NEXT_GOOD_FOR = timedelta(hours=12)
"""Of those that follow: they travel in answers only, and each is good once."""


def mint() -> str:
    return secret.mint(PURPOSE)


def is_ours(token: str) -> bool:
    return secret.is_ours(PURPOSE, token)
