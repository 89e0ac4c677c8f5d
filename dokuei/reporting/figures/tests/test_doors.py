"""Marks and key images through the HTTP door: who may, what is refused, what is drawn, what is frozen."""

import io
import json
from typing import Any

import imagecodecs
import numpy as np
import pytest
from django.db import DatabaseError, connection
from django.test import Client
from pypdf import PdfReader

from dokuei.identity.access import Role
from dokuei.kit import store
from dokuei.reporting import queries as reports
from dokuei.reporting.figures.models import Figure, Marks
from dokuei.reporting.figures.tests.a_case import Case, a_mark, a_recipe, ask, kept
from dokuei.reporting.models import Report, ReportVersion
from tests.builders import (
    a_facility,
    a_person,
    at_large,
    run_due,
    run_jobs,
    signed_in,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case() -> Case:
    return Case()


def test_marks_come_back_as_they_were_drawn(case: Case) -> None:
    assert case.client.get(case.marks).json()["revision"] == 0

    saved = kept(case)

    assert saved.status_code == 200, saved.content
    found = case.client.get(case.marks).json()
    assert (found["revision"], found["marks"]) == (1, [a_mark()])


def test_a_stale_save_of_marks_is_refused_with_the_newer_ones(case: Case) -> None:
    kept(case)

    stale = kept(case, points=[[0, 0], [1, 1]])

    assert (stale.status_code, stale.json()["code"]) == (409, "marks.conflict")
    assert stale.json()["theirs"]["marks"] == [a_mark()]
    assert kept(case, 1, points=[[0, 0], [1, 1]]).json()["revision"] == 2


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"kind": "blob"}, id="a kind nobody knows"),
        pytest.param({"points": [[1, 2]]}, id="a point too few"),
        pytest.param({"points": [[1, 2], [3, 4], [5, 6]]}, id="a point too many"),
        pytest.param({"points": [[1, 2], [3, "x"]]}, id="a word for a number"),
        pytest.param({"points": [[1, 2], [3, 1e300]]}, id="far away"),
        pytest.param({"points": [[1, 2, 3], [3, 4, 5]]}, id="three dimensions"),
        pytest.param({"kind": "freehand", "points": [[1, 2]] * 5001}, id="too long a line"),
        pytest.param({"id": "../../x"}, id="a name that is none"),
        pytest.param({"text": "a\u0000b"}, id="a null character"),
        pytest.param({"lines": ["\ud800"]}, id="half a character"),
        pytest.param({"lines": ["x" * 201]}, id="too long a text"),
        pytest.param({"sop_instance_uid": "1.2; drop table"}, id="no UID"),
        pytest.param({"sop_instance_uid": "1.2.3"}, id="an image of nobody"),
        pytest.param({"frame_number": 2}, id="a frame it does not have"),
        pytest.param({"surprise": 1}, id="a field nobody knows"),
    ],
)
def test_hostile_marks_are_refused(case: Case, change: dict[str, Any]) -> None:
    answer = kept(case, **change)

    assert answer.status_code == 422, answer.content
    assert case.client.get(case.marks).json()["revision"] == 0


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused(case: Case, text: str) -> None:
    body = json.dumps({"revision": 0, "marks": [a_mark()], "links": []}).replace("3.25", text)

    answer = case.client.generic("PUT", case.marks, body, content_type="application/json")

    assert answer.status_code in {400, 422}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"rotation_deg": 45}, id="aslant"),
        pytest.param({"area": {"left": 5, "top": 5, "right": 5, "bottom": 9}}, id="an empty area"),
        pytest.param({"area": {"left": 500, "top": 5, "right": 600, "bottom": 9}}, id="beside the picture"),
        pytest.param({"window": {"center": 0, "width": 0}}, id="a window without width"),
        pytest.param({"sop_instance_uid": "1.2.3"}, id="an image of nobody"),
        pytest.param({"marks": [{"id": "a", "kind": "length"}]}, id="a mark without points"),
    ],
)
def test_hostile_recipes_are_refused(case: Case, change: dict[str, Any]) -> None:
    answer = ask(case.client, "POST", case.figures, {"key": "a", "recipe": a_recipe(**change)})

    assert answer.status_code == 422, answer.content
    assert case.client.get(case.figures).json()["items"] == []


def test_the_same_key_stores_once_and_order_and_captions_can_change(case: Case) -> None:
    case.add("a")
    case.add("a")
    two = case.add("b", rotation_deg=90)
    first, second = (one["id"] for one in two["items"])
    assert [one["number"] for one in two["items"]] == [1, 2]

    body = {
        "revision": two["revision"],
        "items": [{"id": second, "caption": "結節"}, {"id": first, "caption": ""}],
    }
    moved = ask(case.client, "PUT", case.figures, body)
    again = ask(case.client, "PUT", case.figures, body)

    assert [(one["id"], one["number"], one["caption"]) for one in moved.json()["items"]] == [
        (second, 1, "結節"),
        (first, 2, ""),
    ]
    assert (again.status_code, again.json()["code"]) == (409, "figure.changed")
    gone = ask(case.client, "DELETE", f"{case.figures}/{second}")
    assert [(one["id"], one["number"]) for one in gone.json()["items"]] == [(first, 1)]


def test_a_text_that_names_a_figure_which_became_another_is_told(case: Case) -> None:
    one, two = [one["id"] for one in (case.add("a"), case.add("b"))[1]["items"]]
    assert case.write("結節（図1）、胸水（図2）。") == []

    codes = [one["code"] for one in ask(case.client, "DELETE", f"{case.figures}/{one}").json()["checks"]]

    assert set(codes) == {"figure.absent", "figure.moved"}
    assert case.write("胸水（図1）。", 1) == []
    assert case.client.get(case.figures).json()["items"][0]["id"] == two


def test_a_measurement_in_the_text_whose_mark_moved_is_told_with_its_sentence(case: Case) -> None:
    link = {"mark_id": "m1", "text": "31.0 mm", "points": a_mark()["points"]}
    kept(case, links=[link])
    assert case.write("胸水なし。右肺に 31.0 mm の結節を認めます。") == []

    checks = kept(case, 1, links=[link], points=[[3.25, 4.5], [40, 20]], lines=["40.1 mm"]).json()["checks"]

    assert [one["code"] for one in checks] == ["measure"]
    assert "右肺に 31.0 mm の結節を認めます。" in checks[0]["sentence"]
    assert "40.1 mm" in checks[0]["sentence"]
    assert case.write("右肺に 40.1 mm の結節を認めます。", 1) == []


def test_others_read_at_most_and_strangers_find_nothing(case: Case) -> None:
    kept(case)
    (figure,) = case.add()["items"]
    other = signed_in(a_person(Role.READER, case.facility, email="other@test.test"))
    stranger = signed_in(a_person(Role.READER, a_facility("midori")))
    writes = [
        ("PUT", case.marks, {"revision": 1, "marks": [], "links": []}),
        ("POST", case.figures, {"key": "z", "recipe": a_recipe()}),
        ("PUT", case.figures, {"revision": 1, "items": [{"id": figure["id"], "caption": "x"}]}),
        ("DELETE", f"{case.figures}/{figure['id']}", None),
    ]

    for client in (other, stranger, signed_in(case.requester), signed_in(a_person(Role.SUPPORT))):
        assert {ask(client, *one).status_code for one in writes} <= {403, 404, 409}
    for path in (case.marks, case.figures, figure["image_url"]):
        assert stranger.get(path).status_code == 404
        assert signed_in(case.requester).get(path).status_code in {403, 404}  # not before it is signed
        assert Client().get(path).status_code == 401
    assert [case.client.get(path).status_code for path in (case.marks, case.figures)] == [200, 200]


def test_signing_freezes_what_was_on_the_screen_and_the_facility_sees_the_same(case: Case) -> None:
    kept(case)
    (figure,) = case.add()["items"]
    before = case.client.get(figure["image_url"]).content
    assert case.write("結節（図1）。") == []

    assert case.sign(revision=1).json()["code"] == "figure.changed"
    assert case.sign(revision=1, figures_revision=1).json()["code"] == "marks.changed"
    signed = case.sign(revision=1, figures_revision=1, marks_revision=1)

    assert signed.status_code == 200, signed.content
    assert kept(case, 1).json()["code"] == "report.final"
    assert ask(case.client, "DELETE", f"{case.figures}/{figure['id']}").json()["code"] == "report.final"
    asker = signed_in(case.requester)
    assert asker.get(case.marks).json()["marks"] == [a_mark()]
    assert asker.get(figure["image_url"]).content == before
    with at_large():
        version = ReportVersion.objects.get()
        assert version.body["marks"]["marks"] == [a_mark()]
        assert version.body["figures"][0]["recipe"] == {**a_recipe(), "plane": None}
    for statement in (
        "update reporting_figure set caption = 'x'",
        "delete from reporting_figure",
        "update reporting_marks set marks = '[]'",
    ):
        with pytest.raises(DatabaseError, match="never change"), at_large(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_document_holds_the_key_image(case: Case) -> None:
    (figure,) = case.add()["items"]
    body = {"revision": 1, "items": [{"id": figure["id"], "caption": "右肺の結節"}]}
    ask(case.client, "PUT", case.figures, body)
    case.write("結節（図1）。")
    assert case.sign(revision=1, figures_revision=2).status_code == 200
    run_jobs()
    run_due()

    answer = signed_in(case.requester).get(f"/api/v1/reports/{case.report}/versions/1/pdf")

    reader = PdfReader(io.BytesIO(answer.content))
    text = "".join("".join(page.extract_text() for page in reader.pages).split())
    assert "図1右肺の結節" in text
    images = [one for page in reader.pages for one in page.images]
    assert len(images) == 1
    original = imagecodecs.png_decode(case.client.get(figure["image_url"]).content)
    assert np.array_equal(np.asarray(images[0].image.convert("RGB")), original)  # type: ignore[union-attr]


def test_a_picture_that_was_altered_in_the_store_is_not_shown(case: Case) -> None:
    (figure,) = case.add()["items"]
    with at_large():
        row = Figure.objects.get()
    content = store.default().get_range(row.picture_key, 0, row.picture_bytes)
    store.default().delete(row.picture_key)
    store.default().put(row.picture_key, content[:-20] + bytes(20))

    answer = case.client.get(figure["image_url"])

    assert (answer.status_code, answer.json()["code"]) == (503, "figure.altered")


def test_a_recipe_altered_in_a_signed_version_is_noticed(case: Case) -> None:
    case.add()
    case.write("図1。")
    case.sign(revision=1, figures_revision=1)
    with at_large():
        report, version = Report.objects.get(), ReportVersion.objects.get()
        assert reports.is_unaltered(report)

        version.body["figures"][0]["recipe"]["window"]["center"] = 40

        assert reports.chain_hash(version.previous, 1, version.body) != version.sha256
        assert Marks.objects.count() == 0
