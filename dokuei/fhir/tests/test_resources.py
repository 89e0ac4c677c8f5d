"""Bodies, references and dates of FHIR."""

from typing import Any

import pytest

from dokuei.fhir.elements import Reference, day_of
from dokuei.fhir.resources import BadResource, Bundle, Patient, Sent, document, read


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        pytest.param(b"", "fhir.json", id="nothing"),
        pytest.param(b"[1]", "fhir.json", id="no object"),
        pytest.param(b'{"resourceType": "Patient", "x": NaN}', "fhir.json", id="no JSON number"),
        pytest.param(b'{"resourceType": "Patient", "id": "a\\u0000"}', "fhir.json", id="a NUL"),
        pytest.param(b'{"resourceType": "Patient", "id": "\x93\xfa"}', "fhir.json", id="no UTF-8"),
        pytest.param(b"[" * 5000, "fhir.json", id="far too deep"),
        pytest.param(b" " * (2 * 1024 * 1024 + 1), "fhir.too_large", id="too much"),
    ],
)
def test_a_body_that_is_none_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(BadResource) as refused:
        document(raw)

    assert refused.value.error_code == code


def test_an_escaped_backslash_before_u0000_is_a_text() -> None:
    assert document(b'{"resourceType": "Patient", "id": "a\\\\u0000"}')["id"] == "a\\u0000"


@pytest.mark.parametrize(
    ("said", "day"),
    [
        (["2026-11-22"], "2026-11-22"),
        (["2026-11-22T20:00:00Z"], "2026-11-23"),
        (["2026-11-23T00:30:00+09:00"], "2026-11-23"),
        (["2026", "2026-11"], "None"),
        ([None], "None"),
    ],
)
def test_a_day_is_a_day_in_japan(said: list[str | None], day: str) -> None:
    assert str(day_of(*said)) == day


BUNDLE = {
    "resourceType": "Bundle",
    "type": "transaction",
    "entry": [
        {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "id": "a", "gender": "male"}},
        {
            "fullUrl": "https://h.test/fhir/Patient/b",
            "resource": {"resourceType": "Patient", "gender": "female"},
        },
    ],
}


@pytest.mark.parametrize(
    ("name", "gender"),
    [
        ("urn:uuid:1", "male"),
        ("Patient/a", "male"),
        ("https://h.test/fhir/Patient/b", "female"),
        ("Patient/b", "female"),
        ("#c", "other"),
        ("Patient/z", None),
        ("", None),
    ],
)
def test_a_reference_leads_to_what_was_sent(name: str, gender: str | None) -> None:
    contained: list[dict[str, Any]] = [{"resourceType": "Patient", "id": "c", "gender": "other"}]

    found = Sent.of(read(BUNDLE, Bundle)).resolve(Reference(reference=name), Patient, contained=contained)

    assert (found.gender if found else None) == gender
