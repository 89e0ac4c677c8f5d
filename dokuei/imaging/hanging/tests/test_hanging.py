"""Hanging protocols for everybody, through the HTTP door."""

from typing import Any

import pytest
from django.test import Client

from dokuei.audit.models import Entry
from dokuei.identity.access import Role
from dokuei.imaging.hanging.models import HangingProtocol
from tests.builders import a_facility, a_person, at_large, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/api/v1/hanging-protocols"
PROTOCOL: dict[str, Any] = {
    "name": "頭部",
    "when": {"modalities": ["CT"], "words": ["頭"]},
    "stages": [{"layout": "1x1", "panes": [{"preset": "brain"}]}],
}


def client_of(role: Role) -> Client:
    facility = [] if role in {Role.ADMINISTRATOR, Role.LEAD} else [a_facility(role.value)]
    return signed_in(a_person(role, *facility))


def post(client: Client, protocol: Any) -> Any:
    return client.post(ADDRESS, {"protocol": protocol}, content_type="application/json")


def test_a_pane_says_whether_a_pet_lies_over_it() -> None:
    client = client_of(Role.LEAD)

    def kept(pane: dict[str, Any]) -> Any:
        return post(client, {**PROTOCOL, "stages": [{"layout": "1x1", "panes": [pane]}]})

    def told(answer: Any) -> Any:
        return answer.json()["protocol"]["stages"][0]["panes"][0]["fusion"]

    assert told(kept({"fusion": True})) is True
    assert told(kept({})) is False
    assert kept({"fusion": "over"}).status_code == 422


def test_a_stage_says_what_hangs_on_each_screen_and_an_older_one_is_for_one() -> None:
    client = client_of(Role.LEAD)
    prior = {"layout": "1x1", "panes": [{"role": "prior"}]}
    plane = {"plane": "coronal", "mode": "mip", "slab_mm": 300}
    stage = {"layout": "1x1", "panes": [{"reformat": plane}], "further": [prior]}

    told = post(client, {**PROTOCOL, "stages": [stage]}).json()["protocol"]["stages"][0]
    old = post(client, {**PROTOCOL, "name": "頭部 旧"}).json()["protocol"]["stages"][0]

    assert told["panes"][0]["reformat"] == plane
    assert [one["panes"][0]["role"] for one in told["further"]] == ["prior"]
    assert (old["further"], old["panes"][0]["reformat"]) == ([], None)
    kept = HangingProtocol.objects.get(document__name="頭部 旧").document
    assert "further" not in kept["stages"][0]


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.LEAD])
def test_who_looks_after_protocols_shares_changes_and_removes_one(role: Role) -> None:
    client = client_of(role)
    shared = post(client, PROTOCOL).json()
    address = f"{ADDRESS}/{shared['id']}"
    change = {"protocol": {**PROTOCOL, "name": "頭部 改"}, "revision": 1}

    changed = client.put(address, change, content_type="application/json")
    stale = client.put(address, change, content_type="application/json")
    reader = client_of(Role.READER)
    seen = reader.get(ADDRESS).json()["items"]
    removed = client.delete(address)

    assert (changed.status_code, changed.json()["revision"]) == (200, 2)
    assert (stale.status_code, stale.json()["code"]) == (409, "hanging.conflict")
    assert stale.json()["theirs"]["protocol"]["name"] == "頭部 改"
    assert [one["protocol"]["name"] for one in seen] == ["頭部 改"]
    assert removed.status_code == 200
    assert client.get(ADDRESS).json()["items"] == []
    assert client.delete(address).status_code == 404
    with at_large():
        trail = Entry.objects.filter(event__startswith="hanging.").order_by("pk")
        assert sorted(trail.values_list("event", flat=True)) == [
            "hanging.changed",
            "hanging.removed",
            "hanging.shared",
        ]


@pytest.mark.parametrize("role", [Role.READER, Role.REQUESTER, Role.TECHNOLOGIST, Role.SUPPORT])
def test_others_look_and_change_nothing(role: Role) -> None:
    kept = post(client_of(Role.ADMINISTRATOR), PROTOCOL).json()
    client = client_of(role)

    assert client.get(ADDRESS).status_code == 200
    assert post(client, PROTOCOL).status_code == 403
    assert client.delete(f"{ADDRESS}/{kept['id']}").status_code == 403
    body = {"protocol": PROTOCOL, "revision": 1}
    put = client.put(f"{ADDRESS}/{kept['id']}", body, content_type="application/json")
    assert put.status_code == 403
    assert HangingProtocol.objects.get().revision == 1


def test_nobody_signed_in_sees_none() -> None:
    assert Client().get(ADDRESS).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"name": " "}, id="no name"),
        pytest.param({"name": "長" * 61}, id="a name too long"),
        pytest.param({"when": {"modalities": ["ct"]}}, id="a modality that is none"),
        pytest.param({"when": {"prior": "perhaps"}}, id="an unknown word"),
        pytest.param({"stages": [{"layout": "mpr", "panes": [{}] * 4}]}, id="planes are not saved"),
        pytest.param({"stages": [{"layout": "1x2", "panes": [{}]}]}, id="a pane too few"),
        pytest.param({"stages": [{"layout": "1x1", "panes": [{"start": 2}]}]}, id="a slice that is none"),
        pytest.param(
            {"stages": [{"layout": "1x1", "panes": [{"selectors": [{"regex": "(a+)+"}]}]}]},
            id="an expression",
        ),
        pytest.param(
            {"stages": [{"layout": "1x1", "panes": [{"selectors": [{"thickest_mm": "NaN"}]}]}]},
            id="no number",
        ),
        pytest.param(
            {"stages": [{"layout": "1x1", "panes": [{}], "further": [{"layout": "1x2", "panes": [{}]}]}]},
            id="a pane too few on the second screen",
        ),
        pytest.param(
            {"stages": [{"layout": "1x1", "panes": [{}], "further": [{"layout": "1x1", "panes": [{}]}] * 3}]},
            id="a fourth screen",
        ),
        pytest.param(
            {"stages": [{"layout": "1x1", "panes": [{"reformat": {"plane": "oblique"}}]}]},
            id="a plane that is none",
        ),
        pytest.param(
            {"stages": [{"layout": "1x1", "panes": [{"reformat": {"plane": "axial", "slab_mm": 0}}]}]},
            id="a slab without thickness",
        ),
        pytest.param({"more": 1}, id="something unknown"),
    ],
)
def test_a_bad_protocol_is_refused_at_the_door(change: dict[str, Any]) -> None:
    client = client_of(Role.ADMINISTRATOR)

    assert post(client, {**PROTOCOL, **change}).status_code == 422
    assert not HangingProtocol.objects.exists()


def test_a_document_that_no_longer_makes_sense_reaches_no_viewer() -> None:
    client = client_of(Role.ADMINISTRATOR)
    post(client, PROTOCOL)
    post(client, {**PROTOCOL, "name": "良い"})
    HangingProtocol.objects.filter(document__name="頭部").update(document={"layout": "99x99"})

    assert [one["protocol"]["name"] for one in client.get(ADDRESS).json()["items"]] == ["良い"]
