"""Background work: the one task that hands a published event to its handler, and what every task has in common."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec

from django.db import close_old_connections, transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from dokuei.base.errors import Unavailable
from dokuei.kit import events
from dokuei.kit.db import system_scope
from dokuei.kit.http import DATABASE_GONE

RETRY = RetryStrategy(max_attempts=20, exponential_wait=2, retry_exceptions=[Unavailable, *DATABASE_GONE])
P = ParamSpec("P")


def task(name: str) -> Callable[[Callable[P, object]], Any]:
    """Make a function a background task that is tried again, with a database connection that is still good."""

    def made(work: Callable[P, object]) -> Any:
        @wraps(work)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            close_old_connections()
            try:
                work(*args, **kwargs)
            finally:
                close_old_connections()

        return app.task(name=name, retry=RETRY)(run)

    return made


def defer_once(job: Any, key: str, *, lock: str = "", priority: int = 0, **fields: Any) -> None:
    """Queue a task in the current transaction, unless one under this key waits already.

    Of those with the same `lock` one runs at a time.
    """
    waiting = job.configure(queueing_lock=key, lock=lock or key, priority=priority)
    try:
        with transaction.atomic():
            waiting.defer(**fields)
    except AlreadyEnqueued:
        return


@task("dokuei.handle_event")
def handle_event(event: str, handler: str, fields: dict[str, Any]) -> None:
    """Run one handler in one transaction; running it again changes nothing."""
    react, news = events.find(event, handler, fields)
    with system_scope(handler):
        react(news, datetime.now(UTC))
