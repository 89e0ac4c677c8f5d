"""The store: whole or not at all, exact ranges, and no key from outside."""

import errno
import os
import random
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokuei.base.errors import Invalid, NotFound, Unavailable
from dokuei.kit.store import (
    FileStore,
    Slice,
    Store,
    StoreFull,
    StoreUnreachable,
    checked,
    files,
    open_store,
)


@pytest.fixture
def place(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "store")


@pytest.fixture(params=["folder", "S3"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store of each kind, for what both promise."""
    if request.param == "folder":
        return FileStore(tmp_path / "either")
    return open_store(request.getfixturevalue("bucket"))


def test_parts_are_kept_one_after_the_other_and_read_by_range(either: Store, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"0123456789")

    size = either.put("1/ab/one.dcm", b"head", Slice(tmp_path / "x", 2, 5), Slice(tmp_path / "x", 8))

    assert size == 11
    assert either.get_range("1/ab/one.dcm", 2, 6) == b"ad2345"
    assert either.exists("1/ab/one.dcm")
    with pytest.raises(StoreUnreachable):
        either.get_range("1/ab/one.dcm", 5, 100)


def test_the_file_and_its_folder_are_synced_before_put_returns(
    place: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.put("1/a", b"x")
    synced: list[str] = []
    real = os.fsync

    def fsync(number: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{number}").readlink()))
        real(number)

    monkeypatch.setattr(os, "fsync", fsync)

    place.put("1/b", b"y")

    assert synced[0].endswith(".part")
    assert synced[1:] == [str(place.root / "1")]


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, StoreFull), (errno.EDQUOT, StoreFull), (errno.EIO, StoreUnreachable)]
)
def test_a_failing_disk_leaves_nothing_half_written(
    place: FileStore, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception]
) -> None:
    def broken(_: int) -> None:
        raise OSError(number, "")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        place.root.mkdir()
        with pytest.raises(kind):
            place.put("one", b"x")

    assert list(place.root.iterdir()) == []


def test_an_object_replaced_is_read_new_and_one_deleted_is_gone(either: Store) -> None:
    either.put("a", b"old")
    either.get_range("a", 0, 3)

    either.put("a", b"new")

    assert either.get_range("a", 0, 3) == b"new"
    either.delete("a")
    either.delete("a")
    with pytest.raises(NotFound):
        either.get_range("a", 0, 3)


def test_what_is_not_there_is_not_found(either: Store) -> None:
    either.put("1/a", b"x")

    assert (either.exists("1/a"), either.exists("1/b")) == (True, False)
    with pytest.raises(NotFound):
        either.get_range("1/b", 0, 1)
    with pytest.raises(NotFound):
        either.size("1/b")


def test_keys_come_in_order_and_by_folder(either: Store) -> None:
    for key in ("2/c", "1/b.seg", "1/a.seg", "10/d"):
        either.put(key, b"x")

    assert list(either.keys("")) == ["1/a.seg", "1/b.seg", "10/d", "2/c"]
    assert list(either.keys("1")) == ["1/a.seg", "1/b.seg"]
    assert list(either.keys("3")) == []


def test_large_and_empty_objects_are_kept_whole(either: Store, tmp_path: Path) -> None:
    large = random.Random(1).randbytes(23_000_001)
    (tmp_path / "large").write_bytes(large)

    size = either.put("large", b"head", Slice(tmp_path / "large"))
    empty = either.put("empty")

    assert (size, empty) == (either.size("large"), either.size("empty")) == (23_000_005, 0)
    assert either.get_range("large", 22_000_000, 1_000_005) == large[21_999_996:]
    assert either.get_range("large", 7, 0) == b""


def test_a_source_that_became_shorter_leaves_nothing(either: Store, tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(b"12345")

    with pytest.raises(Unavailable):
        either.put("one", b"head", Slice(tmp_path / "short", 0, 9))

    assert not either.exists("one")


def test_a_store_says_whether_it_can_be_written_to(either: Store) -> None:
    assert either.is_writable()


def test_more_objects_than_kept_files_are_read_by_many_threads(
    place: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "OPEN_FILES", 4)
    for number in range(20):
        place.put(f"n{number}", str(number).encode() * 9)
    wrong: list[Any] = []

    def read_all() -> None:
        for number in list(range(20)) * 20:
            data = place.get_range(f"n{number}", 0, 5)
            if data != (str(number).encode() * 9)[:5]:
                wrong.append(number)

    threads = [threading.Thread(target=read_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert len(place._files) <= 4 + len(threads)


@given(st.text())
def test_a_key_is_one_of_ours_or_refused(key: str) -> None:
    try:
        assert ".." not in Path(checked(key)).parts
        assert not Path(key).is_absolute()
    except Invalid:
        pass


def test_the_address_says_what_kind_of_store() -> None:
    assert isinstance(open_store("file:///tmp/x%20y"), FileStore)
    with pytest.raises(ValueError, match="file://"):
        open_store("ftp://x")


def test_an_unreachable_bucket_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_REGION", "x")
    monkeypatch.setenv("AWS_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    bucket = open_store("s3://images/dokuei")

    assert not bucket.is_writable()
    with pytest.raises(StoreUnreachable):
        bucket.put("one", b"x")


def test_what_lies_in_memory_is_read_without_waiting_and_only_whole(place: FileStore) -> None:
    place.put("1/a", b"0123456789")
    into = bytearray(4)

    unopened = place.read_at_hand("1/a", 2, memoryview(into))
    place.get_range("1/a", 0, 10)
    found = place.read_at_hand("1/a", 2, memoryview(into))
    beyond = place.read_at_hand("1/a", 8, memoryview(bytearray(4)))

    assert (unopened, beyond) == (False, False)
    assert found is bool(files.NO_WAIT)
    assert into == (b"2345" if found else bytes(4))
