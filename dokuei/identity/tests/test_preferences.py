"""Settings of a person through the HTTP door."""

from typing import Any

import pytest
from django.test import Client

from dokuei.audit.models import Entry
from dokuei.identity.access import Role
from dokuei.identity.models import PersonPreferences
from dokuei.identity.preferences import readable
from tests.builders import a_facility, a_person, at_large, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/api/v1/me/preferences"
PROTOCOL: dict[str, Any] = {
    "name": "胸部 2面",
    "when": {"modalities": ["CT"], "words": ["胸部"]},
    "stages": [{"layout": "1x2", "panes": [{"selectors": [{"kernel": "sharp"}]}, {"role": "prior"}]}],
}


def save(client: Client, document: dict[str, Any], revision: int) -> Any:
    body = {"document": document, "revision": revision}
    return client.put(ADDRESS, body, content_type="application/json")


@pytest.fixture
def reader() -> Client:
    return signed_in(a_person(Role.READER, a_facility()))


def test_who_has_kept_nothing_has_the_defaults(reader: Client) -> None:
    told = reader.get(ADDRESS).json()

    assert told["revision"] == 0
    assert told["document"]["viewer"]["links"] == {"slice": True, "window": False, "zoom": False}


def test_what_is_kept_is_told_again_and_leaves_a_trace(reader: Client) -> None:
    document = {"keys": {"viewer.invert": ["q"]}, "hanging": {"protocols": [PROTOCOL]}}

    saved = save(reader, document, 0)

    assert saved.status_code == 200, saved.content
    told = reader.get(ADDRESS).json()
    assert (told["revision"], told["document"]["keys"]) == (1, {"viewer.invert": ["q"]})
    assert told["document"]["hanging"]["protocols"][0]["name"] == "胸部 2面"
    with at_large():
        assert Entry.objects.filter(event="preferences.saved").count() == 1


def test_a_stale_save_is_refused_with_the_newer_settings(reader: Client) -> None:
    save(reader, {"keys": {"viewer.invert": ["q"]}}, 0)

    refused = save(reader, {"keys": {"viewer.invert": ["o"]}}, 0)

    assert refused.status_code == 409
    assert refused.json()["code"] == "preferences.conflict"
    assert refused.json()["theirs"]["revision"] == 1
    assert refused.json()["theirs"]["document"]["keys"] == {"viewer.invert": ["q"]}
    with at_large():
        assert Entry.objects.filter(event="preferences.saved").count() == 1


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"surprise": 1}, id="an unknown part"),
        pytest.param({"version": 2}, id="a version from elsewhere"),
        pytest.param({"keys": {"<script>": ["q"]}}, id="a command that is none"),
        pytest.param({"keys": {"a": ["q"] * 7}}, id="too many keys"),
        pytest.param({"viewer": {"layouts": {"CT": "9x9"}}}, id="an unknown layout"),
        pytest.param(
            {"hanging": {"protocols": [{**PROTOCOL, "stages": []}]}}, id="a protocol without a stage"
        ),
        pytest.param(
            {"hanging": {"protocols": [{**PROTOCOL, "stages": [{"layout": "2x2", "panes": [{}]}]}]}},
            id="fewer panes than the layout has",
        ),
        pytest.param({"hanging": {"protocols": [PROTOCOL] * 51}}, id="too many protocols"),
    ],
)
def test_a_bad_document_is_refused_and_changes_nothing(reader: Client, document: dict[str, Any]) -> None:
    refused = save(reader, document, 0)

    assert refused.status_code == 422
    assert reader.get(ADDRESS).json()["revision"] == 0


def test_a_document_that_is_too_large_is_refused(reader: Client) -> None:
    words = [f"{n:02}" + "語" * 58 for n in range(40)]
    large = {**PROTOCOL, "when": {"words": words, "without": words}}

    refused = save(reader, {"hanging": {"protocols": [large] * 50}}, 0)

    assert refused.status_code == 422
    assert refused.json()["code"] == "preferences.too_large"


def test_nobody_reads_or_changes_anothers_settings(reader: Client) -> None:
    save(reader, {"keys": {"viewer.invert": ["q"]}}, 0)
    other = signed_in(a_person(Role.READER, a_facility("aoba"), email="other@test.test"))

    assert other.get(ADDRESS).json()["revision"] == 0
    assert save(other, {}, 0).status_code == 200
    assert reader.get(ADDRESS).json()["document"]["keys"] == {"viewer.invert": ["q"]}


def test_nobody_signed_in_has_none() -> None:
    assert Client().get(ADDRESS).status_code == 401


def test_a_kept_part_from_another_time_is_left_at_its_default(reader: Client) -> None:
    save(reader, {"keys": {"viewer.invert": ["q"]}}, 0)
    PersonPreferences.objects.update(
        document={"keys": {"viewer.invert": ["q"]}, "hanging": {"protocols": [{"from": "the future"}]}}
    )

    told = reader.get(ADDRESS)

    assert told.status_code == 200
    assert told.json()["document"]["keys"] == {"viewer.invert": ["q"]}
    assert told.json()["document"]["hanging"]["protocols"] == []


@pytest.mark.parametrize("kept", [None, [], "text", {"keys": 3}, {"viewer": {"links": None}}])
def test_whatever_is_kept_can_be_read(kept: object) -> None:
    assert readable(kept).version == 1
