"""A merged person over DICOM: found and sent by either ID, each study under the ID it was filed with."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from dokuei.identity.access import Actor, Permission, Role
from dokuei.imaging.dimse import retrieve
from dokuei.imaging.search.query import Key, Level, Query
from dokuei.imaging.search.rows import matching
from dokuei.kit.db import scope
from dokuei.patients import services
from tests.builders import NOW, a_facility, a_person, a_study, actor

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_merged_person_is_found_and_sent_by_either_id_until_it_is_taken_back() -> None:
    facility = a_facility()
    first, second, _ = (a_study(facility, patient_id=name) for name in ("P1", "P2", "P3"))
    support = actor(a_person(Role.SUPPORT))
    with scope(support.facilities):
        merge = services.merge_patients(
            support, first.patient_id, second.patient_id, typed="P2", reason="同じ人です", at=NOW
        )

    for asked in ("P1", "P2"):
        assert found(facility.pk, asked) == ["P1", "P2"]
        assert sent(facility.pk, asked) == 4
    assert (found(facility.pk, "P3"), sent(facility.pk, "P3")) == (["P3"], 2)

    with scope(support.facilities):
        services.undo_merge(support, merge.pk, reason="別人でした", at=NOW)
    assert (found(facility.pk, "P1"), sent(facility.pk, "P2")) == (["P1"], 2)


def device(facility_id: int) -> Actor:
    return Actor(
        kind="machine",
        name="pacs",
        machine_id=1,
        permissions=frozenset({Permission.DICOM_READ, Permission.STUDY_READ}),
        facilities=frozenset({facility_id}),
    )


def found(facility_id: int, patient_id: str) -> list[str]:
    """The IDs under which QIDO-RS and C-FIND answer the studies of the one asked for."""
    query = Query(level=Level.STUDY, keys=(Key((0x00100020,), patient_id),), facility_id=facility_id)
    with scope([facility_id]):
        return sorted(row.patient.patient_id for row in matching(device(facility_id), query))


def sent(facility_id: int, patient_id: str) -> int:
    """How many instances C-MOVE and C-GET at the patient level would send."""
    peer = SimpleNamespace(actor=device(facility_id), facility_id=facility_id)
    model = {
        "00080052": {"vr": "CS", "Value": ["PATIENT"]},
        "00100020": {"vr": "LO", "Value": [patient_id]},
    }
    return len(retrieve._wanted(cast(Any, SimpleNamespace(peer=peer)), model, is_study_root=False))
