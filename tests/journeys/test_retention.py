"""Images somebody has asked about stay, however long ago they came; when nobody asks any more they go."""

from datetime import timedelta

import pytest

from dokuei.identity.access import Role, system_actor
from dokuei.imaging.models import Instance, Study
from dokuei.imaging.services import remove_images, set_retention
from dokuei.worklist.models import Reading
from tests.builders import a_facility, a_person, a_sent_request, a_study, at_large, run_jobs, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
KEEPER = system_actor("test")


def images_left(study: Study) -> int:
    """Images there are after retention asked for this study ten years later."""
    later = study.last_received_at + timedelta(days=3650)
    with at_large():
        remove_images(KEEPER, study.pk, at=later)
        return Instance.objects.filter(study=study).count()


def test_images_of_an_open_request_stay_and_go_when_it_was_withdrawn() -> None:
    facility = a_facility()
    requester, study = a_person(Role.REQUESTER, facility), a_study(facility)
    with at_large():
        set_retention(KEEPER, facility_id=facility.pk, days=1, at=study.last_received_at)
    a_sent_request(requester, study)
    run_jobs()
    with at_large():
        request_id = Reading.objects.get().request_id

    assert images_left(study) == 2
    answer = signed_in(requester).post(
        f"/api/v1/requests/{request_id}/cancel", {"reason": "取り下げ"}, content_type="application/json"
    )
    assert answer.status_code == 200, answer.content
    run_jobs()

    assert images_left(study) == 0
