"""A listener on a free port, and senders for real and for damaged bytes."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from pynetdicom.transport import AssociationSocket

from dokuei.gateway.items import Item
from dokuei.imaging.dicomweb import access
from dokuei.imaging.dimse import Listener
from dokuei.imaging.models import ApplicationEntity
from dokuei.imaging.tests.builders import AT, a_facility
from dokuei.kit import store
from dokuei.kit.config import Config
from dokuei.kit.db import system_scope
from tests.server import free_port


def let_pynetdicom_close(monkeypatch: pytest.MonkeyPatch) -> None:
    """It shuts a socket down before it closes it, and never closes one whose peer is already gone."""

    def shutdown(self: Any) -> None:
        if self.socket is not None:
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()

    monkeypatch.setattr(AssociationSocket, "_shutdown_socket", shutdown)


@pytest.fixture(autouse=True)
def _pynetdicom_closes_its_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    let_pynetdicom_close(monkeypatch)


CT = "1.2.840.10008.5.1.4.1.1.2"


@pytest.fixture(autouse=True)
def _fresh_access() -> None:
    access.forget()


@pytest.fixture(autouse=True)
def _empty_store() -> Iterator[None]:
    _empty()
    yield
    _empty()


def _empty() -> None:
    place = store.default()
    assert isinstance(place, store.FileStore)
    for row in place.root.iterdir() if place.root.exists() else ():
        shutil.rmtree(row, ignore_errors=True)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """The listener in this process; its threads use the application role like any other."""
    one = Listener(with_dicom(free_port()))
    one.start()
    yield one
    one.stop()


def with_dicom(port: int, **changes: object) -> Config:
    values = {**settings.DOKUEI.model_dump(), "dicom": f"DOKUEI@127.0.0.1:{port}", **changes}
    return Config.model_validate(values)


def address(listener: Listener) -> str:
    return f"DOKUEI@127.0.0.1:{listener.port}"


def a_device(
    title: str,
    code: str = "aoba",
    peer_host: str | None = None,
    *,
    port: int | None = None,
    may_query: bool = False,
    is_archive: bool = False,
) -> int:
    """Register a calling AE title for a facility; return the facility's id."""
    with system_scope("test"):
        facility = a_facility(code)
        ApplicationEntity.objects.create(
            facility=facility,
            title=title,
            peer_host=peer_host,
            port=port,
            may_query=may_query,
            is_archive=is_archive,
            added_at=AT,
        )
    return facility.pk


def as_item(path: Path, number: int = 0) -> Item:
    """A file announced as far as it can be; one that cannot, under made-up UIDs as a bare data set."""
    from dokuei.base.errors import DokueiError
    from dokuei.dicom.read import FileMeta, read_meta
    from dokuei.dicom.uid import is_conforming

    try:
        meta = read_meta(path.read_bytes())
    except DokueiError:
        meta = FileMeta()

    def legal(uid: str, other: str) -> str:
        return uid if is_conforming(uid) else other

    return Item(
        path,
        legal(meta.sop_class_uid, CT),
        legal(meta.sop_instance_uid, f"2.25.{number + 1}"),
        legal(meta.transfer_syntax, "1.2.840.10008.1.2"),
        meta.data_set_offset,
    )


def wait_until(is_so: Callable[[], bool], seconds: float = 30) -> None:
    """Return as soon as it is so; fail after a while."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while not is_so():
        assert time.monotonic() < end, "it never came to be"
        pause.wait(0.02)


@pytest.fixture
def listener_process() -> Iterator[Callable[[int], subprocess.Popen[bytes]]]:
    """Start `dokuei dimse` as its own process on the tests' database.

    Whatever happens, it ends with the test.
    """
    started: list[subprocess.Popen[bytes]] = []

    def start(port: int) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "dokuei.hub.cli", "dimse"],
            env={**os.environ, "DOKUEI_DICOM": f"DOKUEI@127.0.0.1:{port}"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)

        def answers() -> bool:
            assert process.poll() is None, "the listener ended"
            with closing(socket.socket()) as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        wait_until(answers)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def case(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A request whose priors are looked for, by timers of priors alone; a dead archive is known as such soon."""
    from dokuei.imaging.fetching import finding, moving
    from dokuei.kit import due
    from tests.conformance.archives import Case

    mine = [one for one in due.kinds() if one.name.startswith("priors.")]
    monkeypatch.setattr(due, "kinds", lambda: mine)
    monkeypatch.setattr(finding, "OPEN_SECONDS", 0.5)
    monkeypatch.setattr(moving, "OPEN_SECONDS", 0.5)
    return Case()
