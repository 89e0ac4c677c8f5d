"""A facility with everybody who looks at its loose ends."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from dokuei.base.clock import local_date
from dokuei.identity.access import Role, system_actor
from dokuei.identity.models import Facility, Person
from dokuei.imaging.models import Study
from dokuei.reconciliation import queries, services
from dokuei.reconciliation.models import Certificate
from tests.builders import (
    NOW,
    a_facility,
    a_person,
    a_study,
    at_large,
    run_jobs,
    signed_in,
)

JSON = "application/json"
SYSTEM = system_actor("test")
LATER = NOW + timedelta(hours=20)


@dataclass
class House:
    """Two facilities and everybody who works with the first."""

    facility: Facility
    elsewhere: Facility
    people: dict[str, Person]
    windows: dict[str, Client]

    def get(self, who: str, path: str) -> Any:
        return self.windows[who].get(f"/api/v1{path}")

    def post(self, who: str, path: str, body: Any = None) -> Any:
        return self.windows[who].post(f"/api/v1{path}", body or {}, content_type=JSON)

    def look(self, at: datetime = LATER) -> queries.Found:
        with at_large():
            return queries.look(self.facility.pk, at)

    def kinds(self, at: datetime = LATER) -> list[str]:
        return [one["kind"] for one in self.look(at).open]

    def make(self, at: datetime = LATER) -> Certificate:
        with at_large():
            return services.make_certificate(SYSTEM, self.facility.pk, at=at)

    def explain(self, who: str, **change: Any) -> Any:
        body = {
            "facility_id": self.facility.pk,
            "kind": "study_without_request",
            "reason": "比較用",
            **change,
        }
        return self.post(who, "/reconciliation/explanations", body)


def fresh_study(facility: Facility, **header: Any) -> Study:
    """A study made on the day it came; the builders' own is of one day for ever."""
    study = a_study(facility, **header)
    with at_large():
        Study.objects.filter(pk=study.pk).update(study_on=local_date(NOW))
    return study


def quiet(study: Study) -> None:
    """Nothing came of it since yesterday, by the clock the doors read."""
    with at_large():
        Study.objects.filter(pk=study.pk).update(last_received_at=datetime.now(UTC) - timedelta(days=1))


def a_house() -> House:
    facility, elsewhere = a_facility(), a_facility("midori")
    people = {
        "requester": a_person(Role.REQUESTER, facility),
        "technologist": a_person(Role.TECHNOLOGIST, facility),
        "reader": a_person(Role.READER, facility),
        "support": a_person(Role.SUPPORT),
        "lead": a_person(Role.LEAD),
        "administrator": a_person(Role.ADMINISTRATOR),
        "stranger": a_person(Role.TECHNOLOGIST, elsewhere),
    }
    run_jobs()
    return House(facility, elsewhere, people, {name: signed_in(one) for name, one in people.items()})
