"""Orders by FHIR at the hub's door: taken once, all or nothing, refused with a reason that is kept, seen by whom."""

import json
from typing import Any

import pytest
from django.db import DatabaseError
from django.db.transaction import atomic
from django.test import Client

from dokuei.audit.models import Entry
from dokuei.identity.access import Role
from dokuei.identity.models import Facility
from dokuei.identity.services import mint_token
from dokuei.intake.fhir.models import FhirSubmission
from dokuei.intake.loose import messages_quarantined
from dokuei.intake.models import Request, RequestVersion
from dokuei.worklist.models import Reading
from tests.builders import NOW, TEST, a_facility, a_person, at_large, run_jobs, signed_in
from tests.journeys.test_races import together

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = "/api/fhir/R4"
FHIR = "application/fhir+json"
PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "identifier": [{"system": "urn:oid:1.2.392.100495.20.3.51.11311234567", "value": "P1"}],
    "name": [{"text": "山田 太郎"}],
    "gender": "male",
    "birthDate": "1968-03-12",
}


TOO_LONG = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation", "valueCode": "IDE"}
    ],
    "family": "長" * 100,
}


def order(number: str = "A100", **change: Any) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": "urn:example:orders", "value": number}],
        "status": "active",
        "intent": "order",
        "code": {"text": "胸部単純CT"},
        "subject": {"reference": "#p"},
        "contained": [PATIENT],
        "reasonCode": [{"text": "右肺結節の経過"}],
        **change,
    }


class Sender:
    """A system of a facility with its token."""

    def __init__(self, facility: Facility, *permissions: str) -> None:
        with at_large():
            _, secret = mint_token(
                TEST,
                name=f"HIS {facility.code}",
                facility_id=facility.pk,
                permissions=list(permissions or ("request:read", "request:write")),
                expires_in_days=1,
                at=NOW,
            )
        self.client = Client(headers={"authorization": f"Bearer {secret}"})

    def post(self, said: Any, path: str = "/ServiceRequest", **headers: str) -> Any:
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        return self.client.post(ROOT + path, body, content_type=headers.pop("kind", FHIR), headers=headers)

    def put(self, said: Any, path: str, **headers: str) -> Any:
        return self.client.put(ROOT + path, json.dumps(said), content_type=FHIR, headers=headers)

    def get(self, path: str) -> Any:
        return self.client.get(ROOT + path)


@pytest.fixture
def facility() -> Facility:
    return a_facility()


@pytest.fixture
def his(facility: Facility) -> Sender:
    return Sender(facility)


def code_of(answer: Any) -> str:
    said = answer.json()
    assert said["resourceType"] == "OperationOutcome"
    return str(said["issue"][0]["details"]["coding"][0]["code"])


def requests() -> list[tuple[str, int, str]]:
    with at_large():
        rows = Request.objects.order_by("pk")
        return [(one.state, one.version, one.content["exam"]["description"]) for one in rows]


def kept() -> list[tuple[str, str]]:
    with at_large():
        return list(FhirSubmission.objects.order_by("pk").values_list("state", "code"))


def test_an_order_becomes_a_request_and_is_read_back(his: Sender) -> None:
    answer = his.post(order())

    made = answer.json()
    assert (answer.status_code, answer["ETag"]) == (201, 'W/"1"')
    assert answer["Location"].endswith(f"{ROOT}/ServiceRequest/{made['id']}/_history/1")
    again = his.get(f"/ServiceRequest/{made['id']}")
    assert again.json() == made
    assert (made["status"], made["priority"], made["subject"]["identifier"]) == (
        "active",
        "routine",
        {"value": "P1"},
    )
    assert made["identifier"][0]["value"] == "A100"
    assert again["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert kept() == [("taken", "")]
    run_jobs()
    with at_large():
        assert Reading.objects.get().state == "pending"
        assert Entry.objects.filter(event="fhir.taken").count() == 1


def test_the_same_order_again_is_the_same_request(his: Sender) -> None:
    first, second = his.post(order()), his.post(order())

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert requests() == [("accepted", 1, "胸部単純CT")]


def test_two_senders_of_one_order_in_the_same_second_make_one_request(his: Sender) -> None:
    answers = together(lambda: his.post(order()).status_code, lambda: his.post(order()).status_code)

    assert sorted(answers) == [200, 201]
    assert len(requests()) == 1


def test_a_change_is_the_next_version_and_a_late_one_is_refused_by_its_version(his: Sender) -> None:
    made = his.post(order()).json()
    path = f"/ServiceRequest/{made['id']}"

    changed = his.put(order(code={"text": "胸腹部造影CT"}), path, **{"If-Match": 'W/"1"'})
    late = his.put(order(code={"text": "頭部CT"}), path, **{"If-Match": 'W/"1"'})

    assert (changed.status_code, changed["ETag"]) == (200, 'W/"2"')
    assert (late.status_code, code_of(late)) == (412, "fhir.version")
    assert requests() == [("accepted", 2, "胸腹部造影CT")]


def test_an_update_by_condition_finds_its_order(his: Sender) -> None:
    place = "/ServiceRequest?identifier=urn:example:orders|A100"

    made, changed = his.put(order(), place), his.put(order(code={"text": "頭部CT"}), place)
    other = his.put(order("B"), place)

    assert (made.status_code, changed.status_code) == (201, 200)
    assert (other.status_code, code_of(other)) == (422, "fhir.condition")
    assert requests() == [("accepted", 2, "頭部CT")]


def test_a_revoked_order_is_withdrawn_with_its_reason(his: Sender) -> None:
    his.post(order())
    why = {
        "url": "http://hl7.org/fhir/StructureDefinition/request-statusReason",
        "valueCodeableConcept": {"text": "検査中止"},
    }

    answer = his.post(order(status="revoked", extension=[why]))

    assert (answer.status_code, answer.json()["status"]) == (200, "revoked")
    with at_large():
        assert Request.objects.get().ended_reason == "検査中止"
    unknown = his.post(order("Z", status="revoked"))
    assert (unknown.status_code, code_of(unknown)) == (422, "fhir.unknown_order")


def transaction(*resources: dict[str, Any]) -> dict[str, Any]:
    entries = [
        {
            "fullUrl": f"urn:uuid:{number}",
            "resource": one,
            "request": {"method": "POST", "url": one["resourceType"]},
        }
        for number, one in enumerate(resources)
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def apart(number: str, **change: Any) -> dict[str, Any]:
    return {**order(number, subject={"reference": "urn:uuid:0"}, **change), "contained": []}


def test_a_transaction_takes_what_stands_around_its_orders(his: Sender) -> None:
    egfr = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "98979-8", "display": "eGFR"}]},
        "valueQuantity": {"value": 28, "unit": "mL/min/1.73m2"},
        "effectiveDateTime": "2026-11-20",
    }
    said = transaction(PATIENT, egfr, apart("1", supportingInfo=[{"reference": "urn:uuid:1"}]), apart("2"))

    answer = his.post(said, path="/")

    statuses = [one["response"]["status"] for one in answer.json()["entry"]]
    assert statuses == ["202 Accepted", "202 Accepted", "201 Created", "201 Created"]
    with at_large():
        first = RequestVersion.objects.order_by("request_id")[0]
    assert first.content["renal"]["egfr"] == 28
    assert len(requests()) == 2


def test_one_wrong_order_undoes_the_whole_transaction_and_is_kept(his: Sender) -> None:
    said = transaction(PATIENT, apart("1"), apart("2", intent="proposal"))

    answer = his.post(said, path="")

    assert (answer.status_code, code_of(answer)) == (422, "fhir.order")
    assert requests() == []
    assert kept() == [("refused", "fhir.order")]


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        pytest.param(b"{", FHIR, 422, "fhir.json", id="half a body"),
        pytest.param(b"<ServiceRequest/>", "application/fhir+xml", 415, "fhir.format", id="XML"),
        pytest.param(json.dumps(PATIENT).encode(), FHIR, 422, "fhir.kind", id="a patient alone"),
        pytest.param(json.dumps(order(contained=[])).encode(), FHIR, 422, "fhir.order", id="nobody"),
        pytest.param(
            json.dumps(order(contained=[{**PATIENT, "identifier": []}])).encode(), FHIR, 422, "order.incomplete",
            id="a patient without a number",
        ),
        pytest.param(
            json.dumps(order(contained=[{**PATIENT, "name": [TOO_LONG]}])).encode(), FHIR, 422,
            "fhir.content", id="a name that is too long",
        ),
        pytest.param(
            json.dumps(order(note=[{"text": "字" * 5000}])).encode(), FHIR, 422, "fhir.content", id="too long"
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_with_a_code(
    his: Sender, body: bytes, kind: str, status: int, code: str
) -> None:
    answer = his.post(body, kind=kind)

    assert (answer.status_code, code_of(answer)) == (status, code)
    assert requests() == []


def test_who_may_not_is_refused_as_an_outcome(facility: Facility, his: Sender) -> None:
    made = his.post(order()).json()
    other = Sender(a_facility("far"))

    assert code_of(Sender(facility, "request:read").post(order())) == "not_permitted"
    assert other.get(f"/ServiceRequest/{made['id']}").status_code == 404
    assert other.put(order(), f"/ServiceRequest/{made['id']}").status_code == 422
    assert other.get("/ServiceRequest?identifier=urn:example:orders|A100").json()["total"] == 0
    stranger = Client().post(f"{ROOT}/ServiceRequest", order(), content_type=FHIR)
    assert (stranger.status_code, code_of(stranger)) == (401, "auth.sign_in")
    assert his.client.delete(f"{ROOT}/ServiceRequest/{made['id']}").status_code == 405
    assert requests() == [("accepted", 1, "胸部単純CT")]


def test_a_search_finds_by_number_and_refuses_what_it_does_not_know(his: Sender) -> None:
    his.post(order())
    his.post(order("B", contained=[{**PATIENT, "identifier": [{"value": "P2"}]}]))

    def total(query: str) -> int:
        return int(his.get(f"/ServiceRequest?{query}").json()["total"])

    assert total("") == 2
    assert total("identifier=urn:example:orders|A100") == 1
    assert total("identifier=B") == 1
    assert total("patient:identifier=urn:x|P2") == 1
    assert total("_id=99999") == 0
    assert code_of(his.get("/ServiceRequest?patient=1")) == "fhir.search"
    assert code_of(his.get("/ServiceRequest?_id=x")) == "fhir.search"


def test_anybody_may_ask_what_the_door_does() -> None:
    said = Client().get(f"{ROOT}/metadata").json()

    assert (said["resourceType"], said["fhirVersion"]) == ("CapabilityStatement", "4.0.1")


def test_support_sees_what_was_refused_until_it_is_sent_again_or_ended(
    facility: Facility, his: Sender
) -> None:
    support = signed_in(a_person(Role.SUPPORT))
    his.post(order(intent="plan"))
    his.post(order("B", intent="plan"))
    path = "/api/v1/fhir/submissions"
    second, first = support.get(path).json()["items"]
    text = support.get(f"{path}/{first['id']}/text").json()["text"]

    with at_large():
        assert [one.object_id for one in messages_quarantined(facility.pk)] == [first["id"], second["id"]]
    his.post(order())
    without = support.post(f"{path}/{second['id']}/dismiss", {"reason": " "}, content_type="application/json")
    ended = support.post(
        f"{path}/{second['id']}/dismiss", {"reason": "電話で確認"}, content_type="application/json"
    )
    twice = support.post(f"{path}/{second['id']}/dismiss", {"reason": "x"}, content_type="application/json")

    assert json.loads(text)["intent"] == "plan"
    assert (first["sender"], first["act"]) == ("HIS shirahama", "POST ServiceRequest")
    assert (without.status_code, ended.json()["state"], twice.status_code) == (409, "dismissed", 409)
    assert support.get(path).json()["items"] == []
    assert [one[0] for one in kept()] == ["superseded", "dismissed", "taken"]
    assert signed_in(a_person(Role.READER)).get(path).status_code == 403


def test_what_was_sent_never_changes_and_is_never_deleted(his: Sender) -> None:
    his.post(order())

    with at_large():
        rows = FhirSubmission.objects.all()
        with pytest.raises(DatabaseError), atomic():
            rows.update(raw=b"x")
        with pytest.raises(DatabaseError), atomic():
            rows.delete()
