"""Server-sent events: one LISTEN connection a process, ids only, each stream limited to its actor's facilities."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections

from dokuei.base.errors import DokueiError
from dokuei.hub.serving import END_STREAMS
from dokuei.identity.access import Actor
from dokuei.identity.queries import actor_from_headers
from dokuei.kit.http import problem
from dokuei.kit.live import CHANNEL

log = logging.getLogger("dokuei.live")
PING_SECONDS = 15.0
RECHECK_SECONDS = 30.0
RETRY_SECONDS = 1.0
LIFE_SECONDS = 15 * 60.0
BACKLOG = 1000
T = TypeVar("T")


class LiveStream:
    """The ASGI door of /api/v1/live."""

    def __init__(self) -> None:
        self._streams: dict[asyncio.Queue[str | None], frozenset[int]] = {}
        self._listener: asyncio.Task[None] | None = None
        self._tried_at = 0.0
        self._hearers: list[Callable[[str, str], None]] = []
        self._has_asked = False

    def hear(self, hear: Callable[[str, str], None]) -> None:
        """Call `hear(kind, id)` in this process at each change of any facility, once `attend` was called."""
        self._hearers.append(hear)

    def attend(self) -> None:
        """See to it that this process listens; a lost connection is tried again, not more than once a second."""
        if not self._is_listening() and time.monotonic() - self._tried_at > RETRY_SECONDS:
            self._start()

    def end(self) -> None:
        """Let every stream end: its browser is told so and asks again a moment later, whoever answers then."""
        for queue in self._streams:
            _offer(queue, None)

    def _end_when_told(self) -> None:
        """Have all streams ended before this worker is stopped, which waits for whatever is open."""
        if not self._has_asked:
            self._has_asked = True
            asyncio.get_running_loop().add_signal_handler(END_STREAMS, self.end)

    def _is_listening(self) -> bool:
        return self._listener is not None and not self._listener.done()

    def _start(self) -> None:
        self._tried_at = time.monotonic()
        self._listener = asyncio.create_task(self._listen())

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        try:
            actor = await in_database(lambda: actor_from_headers(headers))
        except DokueiError as error:
            await _refuse(send, error)
            return
        if not self._is_listening():
            self._start()
        self._end_when_told()
        queue: asyncio.Queue[str | None] = asyncio.Queue(BACKLOG)
        self._streams[queue] = actor.facilities
        gone = asyncio.create_task(_disconnected(receive))
        try:
            await send(
                {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": [
                        (b"content-type", b"text/event-stream; charset=utf-8"),
                        (b"cache-control", b"no-store"),
                        (b"x-accel-buffering", b"no"),
                    ],
                }
            )
            async for text in self._events(queue, headers, actor, gone):
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            del self._streams[queue]

    async def _events(
        self,
        queue: "asyncio.Queue[str | None]",
        headers: dict[str, str],
        actor: Actor,
        gone: "asyncio.Task[None]",
    ) -> AsyncIterator[str]:
        began = checked = time.monotonic()
        yield "retry: 2000\nevent: hello\ndata: {}\n\n"
        while not gone.done():
            now = time.monotonic()
            if now - began > LIFE_SECONDS or not await self._still(headers, actor, now - checked):
                break
            if now - checked > RECHECK_SECONDS:
                checked = now
            getter = asyncio.create_task(queue.get())
            done, _ = await asyncio.wait(
                {getter, gone}, timeout=PING_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if getter not in done:
                getter.cancel()
                yield ": ping\n\n"
                continue
            payload = getter.result()
            if payload is None:
                break
            yield payload
        if not gone.done():
            yield "event: end\ndata: {}\n\n"

    async def _still(self, headers: dict[str, str], actor: Actor, age: float) -> bool:
        """Ask again, now and then, whether this session still lives and has the same rights."""
        if age <= RECHECK_SECONDS:
            return True
        try:
            return await in_database(lambda: actor_from_headers(headers)) == actor
        except DokueiError:
            return False

    async def _listen(self) -> None:
        """Carry notifications to the streams; when the connection dies, end them so that clients refetch."""
        database = settings.DATABASES["default"]
        try:
            async with await psycopg.AsyncConnection.connect(
                host=database["HOST"],
                port=database["PORT"] or None,
                dbname=database["NAME"],
                user=database["USER"],
                password=database["PASSWORD"],
                autocommit=True,
            ) as connection:
                await connection.execute(f"listen {CHANNEL}")
                async for notice in connection.notifies():
                    self._spread(notice.payload)
        except psycopg.OperationalError:
            log.warning("the live connection to the database was lost")
        finally:
            self.end()

    def _spread(self, payload: str) -> None:
        kind, key, facility = payload.split(":", 2)
        for hear in self._hearers:
            hear(kind, key)
        text = f"event: change\ndata: {json.dumps({'kind': kind, 'id': _number(key)})}\n\n"
        for queue, facilities in self._streams.items():
            if not facility or int(facility) in facilities:
                _offer(queue, text)


def _number(key: str) -> int | str:
    return int(key) if key.isdigit() else key


def _offer(queue: "asyncio.Queue[str | None]", text: str | None) -> None:
    """Give a stream its news; one that fell too far behind is ended and its client refetches everything."""
    try:
        queue.put_nowait(text)
    except asyncio.QueueFull:
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)


async def in_database(work: Callable[[], T]) -> T:
    """Run blocking database work in a thread and give its connection back to the pool."""

    def run() -> T:
        try:
            return work()
        finally:
            connections.close_all()

    return await sync_to_async(run, thread_sensitive=False)()


async def _disconnected(receive: Any) -> None:
    with suppress(Exception):
        while (await receive())["type"] != "http.disconnect":
            continue


async def _refuse(send: Any, error: DokueiError) -> None:
    response = problem(error)
    headers = [(k.lower().encode(), v.encode()) for k, v in response.items()]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})
