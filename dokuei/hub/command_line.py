"""What the administrative commands share: who acts, when, and in which scope."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps

from dokuei.identity.access import system_actor


def in_scope(act: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """Run a command as a part of the server, in a scope that sees every facility."""

    @wraps(act)
    def run(options: argparse.Namespace) -> int:
        from dokuei.hub.cli import setup_django

        setup_django()
        from dokuei.kit.db import system_scope

        with system_scope("cli"):
            return act(options)

    return run


CLI = system_actor("cli")


def now() -> datetime:
    return datetime.now(UTC)


def facility_id_of(code: str) -> int:
    from dokuei.identity.queries import facility_by_code

    return facility_by_code(code).pk
