"""News between rooms. Publishing inside a transaction is the outbox: it commits or vanishes with the change.

Procrastinate keeps its queue in our PostgreSQL and its Django connector uses Django's own connection, so no broker
and no outbox table are needed. Handlers may run twice; each must be idempotent.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

Handler = Callable[[Any, datetime], None]
_handlers: dict[str, list[Handler]] = defaultdict(list)
_types: dict[str, type] = {}


def subscribe(event_type: type, handler: Handler) -> None:
    """Let `handler(event, at)` run in the background after each published event of this type."""
    name = event_type.__name__
    _types[name] = event_type
    if handler not in _handlers[name]:
        _handlers[name].append(handler)


def publish(event: Any) -> None:
    """Queue every handler of this event in the current transaction."""
    from dokuei.kit.tasks import handle_event

    name = type(event).__name__
    for handler in _handlers[name]:
        handle_event.defer(event=name, handler=_path(handler), fields=asdict(event))


def find(event: str, handler: str, fields: dict[str, Any]) -> tuple[Handler, Any]:
    """The handler and the event a queued job names."""
    for one in _handlers[event]:
        if _path(one) == handler:
            return one, _types[event](**fields)
    raise LookupError(f"no handler {handler} for {event}")


def subscriptions() -> dict[str, list[str]]:
    """Who listens to what, for the docs and the architecture tests."""
    return {name: [_path(one) for one in handlers] for name, handlers in sorted(_handlers.items())}


def _path(handler: Handler) -> str:
    return f"{handler.__module__}.{handler.__name__}"
