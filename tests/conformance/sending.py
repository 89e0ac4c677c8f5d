"""Files sent to the listener, and what of them is kept."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from dokuei.dicom.read import read_meta
from dokuei.gateway.c_store import send_dimse
from dokuei.gateway.items import Item
from dokuei.imaging.dimse import Listener
from dokuei.imaging.models import Instance, Quarantined
from dokuei.imaging.tests.builders import an_instance, as_file
from dokuei.kit import store
from dokuei.kit.db import system_scope
from tests.conformance.conftest import address, as_item, wait_until


def dcmtk(name: str) -> str:
    """The path of one of DCMTK's programs; without it the test is skipped, aloud."""
    path = f"/usr/bin/{name}"  # pynetdicom puts its own into the virtual environment
    if not Path(path).exists():
        pytest.skip(f"DCMTK ABSENT: its {name} was not tried against the listener")
    return path


def send(listener: Listener, items: list[Item], title: str = "MODALITY") -> dict[str, str]:
    """Send and return the code of each file, empty for success."""
    results: dict[str, str] = {}
    for item in items:  # one association each: what one file does to its association harms no other
        send_dimse([item], address(listener), title, lambda one: results.update({one.path.name: one.code}))
    wait_until(listener.lister.is_idle)
    return results


def a_file(folder: Path, name: str = "one.dcm", **changes: Any) -> Item:
    path = folder / name
    path.write_bytes(as_file(an_instance(**changes)))
    return as_item(path)


def everything_kept_is_whole() -> int:
    """Every row's object is there with the hash of its data set, and nothing half-written lies about."""
    place = store.default()
    with system_scope("test"):
        rows: list[Any] = [*Instance.objects.all(), *Quarantined.objects.all()]
    for row in rows:
        data = place.get_range(row.store_key, row.store_offset, row.store_length)
        assert hashlib.sha256(data[read_meta(data).data_set_offset :]).hexdigest() == row.sha256
    if isinstance(place, store.FileStore):
        assert not list(place.root.rglob("*.part"))
    return len(rows)


def listed() -> dict[str, str]:
    with system_scope("test"):
        return dict(Instance.objects.values_list("sop_instance_uid", "sha256"))
