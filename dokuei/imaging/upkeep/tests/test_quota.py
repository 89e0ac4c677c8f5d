"""A facility keeps no more than it has contracted; what is kept stays, and no other facility is touched."""

from collections.abc import Iterator

import pytest

from dokuei.audit.events import Event
from dokuei.audit.models import Entry
from dokuei.base.errors import Invalid, NotPermitted
from dokuei.identity.access import Role, system_actor
from dokuei.identity.models import Facility
from dokuei.imaging import queries, services
from dokuei.imaging.errors import QuotaExceeded
from dokuei.imaging.models import Instance
from dokuei.imaging.services import Outcome
from dokuei.imaging.tests.builders import (
    AT,
    a_facility,
    a_person,
    a_sender,
    a_token,
    an_instance,
    as_file,
    as_multipart,
    ask,
    everywhere,
)
from dokuei.imaging.upkeep.quota import Use, gate, sum_up
from dokuei.kit.db import scope

pytestmark = pytest.mark.django_db(transaction=True)
CLI = system_actor("test")


@pytest.fixture(autouse=True)
def _asks_again() -> Iterator[None]:
    gate.forget()
    yield
    gate.forget()


@pytest.fixture
def facility() -> Facility:
    return a_facility()


def keep(facility: Facility, content: bytes) -> Outcome:
    sender = a_sender(facility)
    with scope(sender.facilities):
        return services.store_instance(sender, facility_id=facility.pk, content=content, at=AT).outcome


def allow(facility: Facility, quota: int | None) -> None:
    with everywhere():
        services.set_quota(CLI, facility_id=facility.pk, quota_bytes=quota, at=AT)


def use(facility: Facility) -> Use:
    with everywhere():
        return queries.use_of(facility.pk)


def test_use_is_the_sum_of_what_is_listed_and_a_repeat_adds_nothing(facility: Facility) -> None:
    content = as_file(an_instance())
    keep(facility, content)
    keep(facility, as_file(an_instance()))
    keep(facility, content)
    with everywhere():
        lengths = list(Instance.objects.values_list("store_length", flat=True))

    assert use(facility) == Use(sum(lengths), 2, None)
    with everywhere():
        sum_up()
    assert use(facility) == Use(sum(lengths), 2, None)


def test_what_does_not_fit_is_refused_and_nothing_is_kept_but_a_repeat_is_answered(
    facility: Facility,
) -> None:
    content, other = as_file(an_instance()), a_facility("minato")
    keep(facility, content)
    allow(facility, use(facility).used_bytes + 100)

    with pytest.raises(QuotaExceeded) as refused:
        keep(facility, as_file(an_instance()))

    assert refused.value.error_code == "quota.exceeded"
    assert keep(facility, content) is Outcome.REPEATED
    assert keep(other, as_file(an_instance())) is Outcome.STORED
    assert use(facility).instances == 1
    allow(facility, None)
    assert keep(facility, as_file(an_instance())) is Outcome.STORED


def test_within_a_second_what_this_process_lets_in_counts(facility: Facility) -> None:
    keep(facility, as_file(an_instance()))
    allow(facility, int(use(facility).used_bytes * 2.5))

    keep(facility, as_file(an_instance()))
    with pytest.raises(QuotaExceeded):
        keep(facility, as_file(an_instance()))


def test_stow_answers_out_of_resources(facility: Facility) -> None:
    allow(facility, 10)
    with everywhere():
        token = a_token(facility)
    body, kind = as_multipart(as_file(an_instance()))

    reply = ask("/dicomweb/aoba/studies", token, method="POST", body=body, content_type=kind)

    assert reply.status == 503
    (failed,) = reply.json["00081198"]["Value"]
    assert failed["00081197"]["Value"] == [0xA700]
    assert failed["00000902"]["Value"][0].startswith("quota.exceeded: 契約の保存容量")


def test_setting_a_quota_leaves_a_trace_and_takes_the_right_to_manage(facility: Facility) -> None:
    allow(facility, 10**12)

    with everywhere():
        assert Entry.objects.filter(event=Event.TERMS_CHANGED.value.code).count() == 1
        with pytest.raises(NotPermitted):
            services.set_quota(a_person(Role.READER, facility), facility_id=facility.pk, quota_bytes=1, at=AT)
        with pytest.raises(Invalid):
            services.set_quota(CLI, facility_id=facility.pk, quota_bytes=-1, at=AT)
