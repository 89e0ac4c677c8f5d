"""Something contradicts after the report is final: nothing can be held any more, so everybody is told."""

from datetime import timedelta
from typing import Any

import pytest

from dokuei.audit.models import Entry
from dokuei.imaging import services as imaging
from dokuei.imaging.models import Study
from dokuei.intake.linking import services as linking
from dokuei.intake.linking.models import LinkCase
from dokuei.reconciliation import queries as reconciliation
from tests.builders import NOW, TEST, at_large, ct_instance, run_due, run_jobs
from tests.journeys.test_askback_doors import Ward, ward

__all__ = ["ward"]
pytestmark = pytest.mark.django_db(transaction=True)
WHY = "施設に電話で確認。技師の入力誤り"


def somebody_else_arrives(ward: Ward, number: int = 7) -> None:
    """One more image of the study, with another patient's ID in it."""
    with at_large():
        study = Study.objects.get()
        imaging.store_instance(
            TEST,
            facility_id=ward.facility.pk,
            content=ct_instance(study_uid=study.study_instance_uid, patient_id="P9", number=number),
            at=NOW,
        )
    run_jobs()


def signed(ward: Ward) -> int:
    """The report of the ward's reading, final and delivered."""
    answer = ward.sign(0)
    assert answer.status_code == 200, answer.content
    run_jobs()
    run_due()
    return int(answer.json()["id"])


def cases(ward: Ward, who: str = "support") -> list[dict[str, Any]]:
    return list(ward.get(who, "/resolution").json()["items"])


def loose_kinds(ward: Ward) -> list[tuple[str, str]]:
    with at_large():
        found = reconciliation.look(ward.facility.pk, NOW).open
    return [(one["kind"], one["object"]) for one in found if one["kind"] == "contradiction"]


def test_it_is_told_to_support_to_the_facility_and_in_the_certificate_until_somebody_judged_it(
    ward: Ward,
) -> None:
    report = signed(ward)
    assert ward.get("requester", f"/reports/{report}").json()["doubts"] == []

    somebody_else_arrives(ward)

    (case,) = cases(ward)
    shown = ward.get("support", f"/resolution/{case['id']}").json()
    told = ward.get("requester", f"/reports/{report}").json()["doubts"]
    assert (case["is_held"], case["request_state"], shown["acts"]) == (True, "fulfilled", ["release"])
    assert told == case["reasons"]
    assert told
    assert [one["is_in_doubt"] for one in ward.get("requester", "/deliveries?box=all").json()["items"]] == [
        True
    ]
    assert loose_kinds(ward) == [("contradiction", "study")]

    body = {"reason": WHY, "revision": shown["revision"]}
    assert ward.post("technologist", f"/resolution/{case['id']}/release", body).status_code == 403
    assert (
        ward.post("support", f"/resolution/{case['id']}/release", {**body, "reason": " "}).status_code == 409
    )
    assert ward.post("support", f"/resolution/{case['id']}/release", body).status_code == 200
    run_jobs()

    assert (cases(ward), loose_kinds(ward)) == ([], [])
    assert ward.get("requester", f"/reports/{report}").json()["doubts"] == []
    assert [one["is_in_doubt"] for one in ward.get("requester", "/deliveries?box=all").json()["items"]] == [
        False
    ]
    with at_large():
        assert Entry.objects.filter(event="linkcase.released").count() == 1


def test_the_link_itself_stays_as_it_was_signed(ward: Ward) -> None:
    signed(ward)
    somebody_else_arrives(ward)
    (case,) = cases(ward)
    with at_large():
        study = Study.objects.get().pk

    parted = ward.post(
        "support",
        f"/resolution/{case['id']}/part",
        {"study_id": study, "reason": WHY, "revision": case["revision"]},
    )

    assert (parted.status_code, parted.json()["code"]) == (409, "resolution.final")


def test_what_was_judged_before_the_signature_does_not_come_back_after_it(ward: Ward) -> None:
    somebody_else_arrives(ward)
    (case,) = cases(ward)
    body = {"reason": WHY, "revision": case["revision"]}
    assert ward.post("support", f"/resolution/{case['id']}/release", body).status_code == 200
    with at_large():
        imaging.settle_study(TEST, Study.objects.get().pk, at=NOW + timedelta(minutes=5))
    run_jobs()
    claimed = ward.post("reader", f"/readings/{ward.reading_id}/claim")
    assert claimed.status_code == 200, claimed.content
    report = signed(ward)

    with at_large():
        linking.look_at_request(ward.request_id, at=NOW)

    assert cases(ward) == []
    assert ward.get("requester", f"/reports/{report}").json()["doubts"] == []
    with at_large():
        assert LinkCase.objects.get().state == "closed"
