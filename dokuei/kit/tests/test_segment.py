"""What was kept is there after a power cut; what was not whole is told from the rest."""

import errno
import hashlib
import os
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dokuei.base.errors import Unavailable
from dokuei.kit import segment
from dokuei.kit.segment import FileLog, Place, Record, SegmentLog
from dokuei.kit.store import (
    FileStore,
    Slice,
    Store,
    StoreFull,
    StoreUnreachable,
    open_store,
    sync_folder,
)


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "store")


@pytest.fixture(params=["folder", "S3"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store of each kind, for what a log promises on both."""
    if request.param == "folder":
        return FileStore(tmp_path / "either")
    return open_store(request.getfixturevalue("bucket"))


def body_of(number: int) -> bytes:
    return random.Random(number).randbytes(200 + number * 37 % 5000)


def keep(log: SegmentLog, number: int) -> Place:
    body = body_of(number)
    return log.keep(Record({"uid": number}, b"lead", body, hashlib.sha256(body).digest()))[0]


def read(store: Store, place: Place) -> bytes:
    return store.get_range(*place)


def keys(store: Store) -> list[str]:
    return list(store.keys(segment.PREFIX))


def whole(store: Store) -> dict[int, bytes]:
    """Label to lead and body of every whole record in the store."""
    found = {}
    for key in keys(store):
        for one in segment.read_records(store, key):
            if segment.is_whole(store, one):
                found[one.label["uid"]] = read(store, one.place)
    return found


def test_a_record_is_read_back_from_where_it_was_put(either: Store, tmp_path: Path) -> None:
    log = segment.open_log(either)
    (tmp_path / "large").write_bytes(b"x" * 300 + body_of(2))
    sliced = Slice(tmp_path / "large", 300)

    first = keep(log, 1)
    (second,) = log.keep(Record({"uid": 2}, b"", sliced, hashlib.sha256(body_of(2)).digest()))

    assert read(either, first) == b"lead" + body_of(1)
    assert read(either, second) == body_of(2)
    assert whole(either) == {1: b"lead" + body_of(1), 2: body_of(2)}


def test_many_threads_lose_nothing_and_every_record_is_found_again(either: Store) -> None:
    log = segment.open_log(either)

    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(lambda number: keep(log, number), range(60)))
    log.close()

    assert [read(either, place) for place in places] == [b"lead" + body_of(n) for n in range(60)]
    assert whole(either) == {number: b"lead" + body_of(number) for number in range(60)}
    assert not any(segment.is_being_written(either, key) for key in keys(either))


def test_records_kept_together_lie_together(either: Store) -> None:
    log = segment.open_log(either)
    records = [
        Record({"uid": n}, b"lead", body_of(n), hashlib.sha256(body_of(n)).digest()) for n in range(20)
    ]

    places = log.keep(*records)

    assert len({place.key for place in places}) == 1
    assert [one.place for one in segment.read_records(either, places[0].key)] == places


def kept_together(store: Store, count: int) -> str:
    """A closed segment of so many records; its key."""
    log = segment.open_log(store)
    records = [
        Record({"uid": n}, b"lead", body_of(n), hashlib.sha256(body_of(n)).digest()) for n in range(count)
    ]
    (key,) = {place.key for place in log.keep(*records)}
    log.close()
    return key


def change(store: Store, key: str, act: Callable[[bytearray], None]) -> None:
    """Change the bytes of an object behind everybody's back."""
    data = bytearray(store.get_range(key, 0, store.size(key)))
    act(data)
    store.put(key, bytes(data))


def test_records_of_many_threads_share_syncs_and_lose_nothing(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs: list[int] = []
    real = os.fdatasync

    def counted(file: int) -> None:
        syncs.append(file)
        real(file)

    monkeypatch.setattr("os.fdatasync", counted)
    log = FileLog(store)

    with ThreadPoolExecutor(16) as pool:
        places = list(pool.map(lambda number: keep(log, number), range(200)))

    assert [read(store, place) for place in places] == [b"lead" + body_of(n) for n in range(200)]
    assert 0 < len(syncs) <= 200


def test_records_kept_together_are_synced_once(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    syncs: list[int] = []
    monkeypatch.setattr("os.fdatasync", syncs.append)
    records = [
        Record({"uid": n}, b"lead", body_of(n), hashlib.sha256(body_of(n)).digest()) for n in range(20)
    ]

    places = FileLog(store).keep(*records)

    assert len(syncs) == 1
    assert [read(store, place) for place in places] == [b"lead" + body_of(n) for n in range(20)]


class LossyDisk:
    """Remembers how much of each file a finished sync has made durable; the rest is lost at a power cut."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.durable: dict[int, int] = {}
        self.names: set[Path] = set()
        self.is_off = threading.Event()
        self._sync, self._sync_folder = os.fdatasync, sync_folder
        monkeypatch.setattr("os.fdatasync", self.sync)
        monkeypatch.setattr("dokuei.kit.segment.files.sync_folder", self.sync_folder)

    def sync(self, file: int) -> None:
        held = os.fstat(file)
        self._sync(file)
        if self.is_off.is_set():
            raise OSError(errno.EIO, "the power is off")
        self.durable[held.st_ino] = max(held.st_size, self.durable.get(held.st_ino, 0))

    def sync_folder(self, folder: Path) -> None:
        self._sync_folder(folder)
        self.names |= set(folder.iterdir())

    def cut(self, folder: Path, dice: random.Random) -> None:
        """Leave what was synced, and of the rest what a dying disk may leave: a part, or noise."""
        for path in folder.glob("*.seg"):
            kept = self.durable.get(path.stat().st_ino, 0)
            rest = path.read_bytes()[kept:]
            with path.open("r+b") as file:
                file.truncate(kept)
                file.seek(kept)
                file.write(
                    dice.choice([b"", rest[: len(rest) // 2], bytes(len(rest)), dice.randbytes(len(rest))])
                )
            if path not in self.names and not kept:
                path.unlink()


@pytest.mark.parametrize("seed", range(8))
def test_nothing_acknowledged_is_lost_in_a_power_cut(
    store: FileStore, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    dice = random.Random(seed)
    disk = LossyDisk(monkeypatch)
    monkeypatch.setattr("dokuei.kit.segment.files.ROLL_BYTES", 60_000)
    log = FileLog(store)
    acknowledged: set[int] = set()
    enough = dice.randrange(5, 150)

    def work(first: int) -> None:
        for number in range(first, 400, 4):
            try:
                keep(log, number)
            except Unavailable:
                return
            if disk.is_off.is_set():
                return
            acknowledged.add(number)
            if len(acknowledged) >= enough:
                disk.is_off.set()

    threads = [threading.Thread(target=work, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    disk.cut(store.root / segment.PREFIX, dice)

    found = whole(FileStore(store.root))
    assert len(acknowledged) >= enough
    assert acknowledged <= set(found)
    assert all(found[number] == b"lead" + body_of(number) for number in found)


def test_a_record_that_does_not_fit_is_cut_off_and_the_next_is_whole(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = FileLog(store)
    keep(log, 1)
    real = os.pwritev

    def half(file: int, parts: list[memoryview], at: int) -> int:
        if at > 60:
            real(file, [*parts[:-1], parts[-1][: len(parts[-1]) // 2]], at)
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, parts, at)

    with monkeypatch.context() as full:
        full.setattr("os.pwritev", half)
        with pytest.raises(StoreFull):
            keep(log, 2)
    keep(log, 3)

    (key,) = keys(store)
    assert [one.label["uid"] for one in segment.read_records(store, key)] == [1, 3]


def test_after_a_failed_sync_the_segment_is_left_and_nobody_is_told_success(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = FileLog(store)
    keep(log, 1)

    def failing(file: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr("os.fdatasync", failing)
        with pytest.raises(StoreUnreachable):
            keep(log, 2)
    keep(log, 3)

    assert len(keys(store)) == 2


def test_a_segment_is_locked_while_its_process_may_write_to_it(store: FileStore) -> None:
    log = FileLog(store)
    keep(log, 1)
    (key,) = keys(store)

    assert segment.is_being_written(store, key)
    log.close()
    assert not segment.is_being_written(store, key)


@pytest.mark.parametrize("at", [2, 30, 120, -3], ids=["magic", "head", "body", "last body"])
def test_a_flipped_bit_costs_its_own_record_only(either: Store, at: int) -> None:
    key = kept_together(either, 5)

    def flip(data: bytearray) -> None:
        data[at] ^= 4

    change(either, key, flip)

    assert len(whole(either)) == 4


@pytest.mark.parametrize("cut", [1, 300, 900], ids=lambda cut: f"{cut} bytes short")
def test_a_torn_end_is_told_from_the_rest(either: Store, cut: int) -> None:
    key = kept_together(either, 5)

    change(either, key, lambda data: data.__delitem__(slice(len(data) - cut, None)))

    assert set(range(2)) <= set(whole(either)) < set(range(5))


def test_a_write_that_takes_only_part_goes_on_where_it_stopped(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.pwritev
    monkeypatch.setattr("os.pwritev", lambda file, parts, at: real(file, [parts[0][:7]], at))
    log = FileLog(store)

    places = [keep(log, number) for number in range(3)]

    (key,) = keys(store)
    found = list(segment.read_records(store, key))
    assert [one.place for one in found] == places
    assert all(segment.is_whole(store, one) for one in found)
