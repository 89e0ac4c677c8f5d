"""The thread that lists what associations made durable: many instances in one transaction."""

import logging
import threading
from collections import deque
from datetime import UTC, datetime

from django.db import connections

from dokuei.base.errors import Unavailable
from dokuei.imaging import services
from dokuei.imaging.archive.arrival import Arrival
from dokuei.imaging.archive.kept import Kept
from dokuei.imaging.archive.listing import list_arrivals
from dokuei.imaging.unlisted.rules import code_of
from dokuei.kit.db import is_database_away, scope, sqlstate_of
from dokuei.kit.http import DatabaseUnavailable

log = logging.getLogger("dokuei.dimse")

LINGER_SECONDS = 0.08
"""How long the first of a batch waits for others."""
MOST_TOGETHER = 200
MOST_WAITING = 2000
REST_SECONDS = 0.5


class Backlog(Unavailable):
    """登録の処理が追いついていません。しばらくしてから送信してください。"""

    code = "store.backlog"


class Lister:
    """Takes arrivals in order; what it cannot list now it keeps, since it was acknowledged."""

    def __init__(self) -> None:
        self._queue: deque[Arrival] = deque()
        self._changed = threading.Condition()
        self._is_stopping = False
        self._is_without_database = False
        self._thread = threading.Thread(target=self._run, name="lister", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def check_room(self) -> None:
        """Refuse while what is waiting cannot be listed; called before anything is kept."""
        if self._is_without_database:
            raise DatabaseUnavailable()
        if len(self._queue) >= MOST_WAITING:
            raise Backlog()

    def give(self, arrival: Arrival) -> None:
        """List this soon."""
        with self._changed:
            self._queue.append(arrival)
            if len(self._queue) == 1:
                self._changed.notify_all()

    def is_idle(self) -> bool:
        with self._changed:
            return not self._queue

    def wait_idle(self, seconds: float) -> bool:
        """Wait until everything that was given is listed; False if it is not in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue, seconds)

    def stop(self, seconds: float) -> None:
        """List what is waiting; what is left is found in its segment at the next start."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        self._thread.join(seconds)
        if self._queue:
            log.warning("listing is left to the next start", extra={"waiting": len(self._queue)})

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._queue:
                    connections.close_all()
                self._changed.wait_for(lambda: self._queue or self._is_stopping)
                if not self._queue:
                    return
                if not self._is_stopping:
                    self._changed.wait_for(self._is_enough, LINGER_SECONDS)
                batch = [self._queue[at] for at in range(min(len(self._queue), MOST_TOGETHER))]
            done = self._list(batch)
            with self._changed:
                for _ in range(done):
                    self._queue.popleft()
                if self._is_stopping and not done:
                    return
                self._changed.notify_all()

    def _is_enough(self) -> bool:
        return len(self._queue) >= MOST_TOGETHER or self._is_stopping

    def _list(self, batch: list[Arrival]) -> int:
        """How many of the batch are done with."""
        try:
            list_together(batch)
        except Exception as error:
            connections.close_all()
            if is_database_away(error):
                self._wait_for_database()
                return 0
            log.exception("a batch could not be listed, each instance is tried alone")
            return self._list_each(batch)
        self._is_without_database = False
        return len(batch)

    def _wait_for_database(self) -> None:
        """Rest, and turn away what comes meanwhile."""
        self._is_without_database = True
        log.warning("database unavailable, listing waits", extra={"waiting": len(self._queue)})
        with self._changed:
            self._changed.wait_for(lambda: self._is_stopping, REST_SECONDS)

    def _list_each(self, batch: list[Arrival]) -> int:
        """One instance's failure never touches another's; a failed one stays in its segment, with a row for support."""
        for number, one in enumerate(batch):
            try:
                _list_or_note(one)
            except Exception as error:
                if is_database_away(error):
                    connections.close_all()
                    self._wait_for_database()
                    return number
                log.exception("support cannot be told of an instance", extra={"uid": one.uid})
            finally:
                connections.close_all()
            self._is_without_database = False
        return len(batch)


def list_together(batch: list[Arrival]) -> None:
    with scope({one.facility_id for one in batch}):
        list_arrivals(batch)


def _list_or_note(one: Arrival) -> None:
    """List one alone, or hand it to support; raises if even that fails. A repeat is noted where it was first kept."""
    try:
        list_together([one])
    except Exception as error:
        connections.close_all()
        if is_database_away(error):
            raise
        log.exception("an acknowledged instance could not be listed", extra={"uid": one.uid})
        if one.place is None:
            return
        code = code_of(error, sqlstate_of(error))
        with scope({one.facility_id}):
            services.note_unlisted(
                one.actor, Kept.as_arrived(one, one.place), code=code, at=datetime.now(UTC)
            )
