"""Segments as objects: all records that wait at the same time are one object."""

import threading
from dataclasses import dataclass

from dokuei.kit.segment.record import Place, Record, head_of, new_key, size_of
from dokuei.kit.store import Part, S3Store

GROUP_BYTES = 64 * 1024**2


@dataclass
class _Waiting:
    head: bytes
    body: Part
    lead_length: int
    place: Place | None = None
    error: BaseException | None = None


class ObjectLog:
    """Segments as objects: all records that wait at the same time are one object."""

    def __init__(self, store: S3Store) -> None:
        self.store = store
        self._changed = threading.Condition()
        self._queue: list[_Waiting] = []
        self._is_putting = False

    def keep(self, *records: Record) -> list[Place]:
        mine = [_Waiting(head_of(one), one.body, len(one.lead)) for one in records]
        with self._changed:
            self._queue += mine
        while True:
            with self._changed:
                for one in mine:
                    if one.error is not None:
                        raise one.error
                places = [one.place for one in mine if one.place is not None]
                if len(places) == len(mine):
                    return places
                if self._is_putting:
                    self._changed.wait()
                    continue
                group = self._take_group()
                self._is_putting = True
            self._put(group)

    def close(self) -> None:
        """Nothing is open between two groups."""

    def close_if_old(self) -> None:
        """Nothing is open between two groups."""

    def _take_group(self) -> list[_Waiting]:
        size, count = 0, 0
        for one in self._queue:
            if count and size + size_of(one.body) > GROUP_BYTES:
                break
            size, count = size + size_of(one.body), count + 1
        group, self._queue = self._queue[:count], self._queue[count:]
        return group

    def _put(self, group: list[_Waiting]) -> None:
        key, here, places = new_key(), 0, []
        error: BaseException | None = None
        for one in group:
            start = here + len(one.head) - one.lead_length
            here += len(one.head) + size_of(one.body)
            places.append(Place(key, start, here - start))
        try:
            self.store.put(key, *(part for one in group for part in (one.head, one.body)))
        except Exception as failure:  # noqa: BLE001 - each who waits raises it
            error = failure
        with self._changed:
            for one, place in zip(group, places, strict=True):
                one.place, one.error = (None, error) if error else (place, None)
            self._is_putting = False
            self._changed.notify_all()
