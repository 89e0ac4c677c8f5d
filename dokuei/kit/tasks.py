"""The one background task: hand a published event to a handler."""

from datetime import UTC, datetime
from typing import Any

from django.db import close_old_connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from dokuei.base.errors import Unavailable
from dokuei.kit import events
from dokuei.kit.db import system_scope
from dokuei.kit.http import DATABASE_GONE

RETRY = RetryStrategy(max_attempts=20, exponential_wait=2, retry_exceptions=[Unavailable, *DATABASE_GONE])


@app.task(name="dokuei.handle_event", retry=RETRY)
def handle_event(event: str, handler: str, fields: dict[str, Any]) -> None:
    """Run one handler in one transaction; running it again changes nothing."""
    react, news = events.find(event, handler, fields)
    close_old_connections()
    try:
        with system_scope(handler):
            react(news, datetime.now(UTC))
    finally:
        close_old_connections()
