"""Marks and key images through the HTTP door: who may, what is refused, what is drawn, what is frozen."""

import io
import json
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from django.db import DatabaseError, connection
from django.test import Client
from pypdf import PdfReader

from dokuei.identity.access import Role
from dokuei.imaging import services as imaging
from dokuei.imaging.models import Study
from dokuei.kit import store
from dokuei.reporting import queries as reports
from dokuei.reporting.figures.models import Figure, Marks
from dokuei.reporting.models import Report, ReportVersion
from tests.builders import (
    NOW,
    TEST,
    a_facility,
    a_person,
    a_sent_request,
    at_large,
    ct_instance,
    run_due,
    run_jobs,
    signed_in,
)

pytestmark = pytest.mark.django_db(transaction=True)
ROWS, COLUMNS = 40, 60
UID = "1.2.826.0.1.3680043.10.1"


def a_picture(**change: Any) -> tuple[bytes, np.ndarray[Any, Any]]:
    """A CT slice no two parts of which are alike, and its values."""
    ds = pydicom.dcmread(io.BytesIO(ct_instance(sop_uid=f"{UID}.9", study_uid=f"{UID}.1")))
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    values = (columns * 15 - rows * 7 + (columns > 40) * rows * 9 - 300).astype(np.int16)
    ds.Rows, ds.Columns, ds.PixelData = ROWS, COLUMNS, values.tobytes()
    for name, value in change.items():
        setattr(ds, name, value)
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue(), values


class Case:
    """A claimed reading about one picture, its report begun."""

    def __init__(self, **change: Any) -> None:
        self.facility = a_facility()
        self.requester, self.reader = (
            a_person(role, self.facility) for role in (Role.REQUESTER, Role.READER)
        )
        content, self.values = a_picture(**change)
        with at_large():
            stored = imaging.store_instance(TEST, facility_id=self.facility.pk, content=content, at=NOW)
            imaging.settle_study(TEST, stored.study_id, at=NOW)
            study = Study.objects.get(pk=stored.study_id)
        a_sent_request(self.requester, study)
        run_jobs()
        self.client = signed_in(self.reader)
        self.reading = ask(self.client, "POST", "/api/v1/readings/next").json()["id"]
        self.report = self.client.get(f"/api/v1/readings/{self.reading}/report").json()["id"]
        self.marks = f"/api/v1/readings/{self.reading}/marks"
        self.figures = f"/api/v1/reports/{self.report}/figures"

    def add(self, key: str = "a", **change: Any) -> dict[str, Any]:
        answer = ask(self.client, "POST", self.figures, {"key": key, "recipe": a_recipe(**change)})
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def write(self, findings: str, revision: int = 0) -> list[str]:
        body = {"findings": findings, "impression": "右肺結節。", "revision": revision}
        saved = ask(self.client, "PUT", f"/api/v1/reports/{self.report}/draft", body).json()
        return [one["code"] for one in saved["checks"]]

    def sign(self, **body: Any) -> Any:
        return ask(self.client, "POST", f"/api/v1/reports/{self.report}/sign", body)


@pytest.fixture
def case() -> Case:
    return Case()


def ask(client: Client, method: str, path: str, body: Any = None) -> Any:
    return client.generic(method, path, json.dumps(body or {}), content_type="application/json")


def a_recipe(**change: Any) -> dict[str, Any]:
    return {
        "sop_instance_uid": f"{UID}.9",
        "frame_number": 1,
        "window": {"center": 100, "width": 600, "function": "LINEAR"},
        "is_low_white": False,
        "rotation_deg": 0,
        "is_mirrored": False,
        "area": {"left": -3.5, "top": 0, "right": COLUMNS + 3.5, "bottom": ROWS},
        "marks": [],
        **change,
    }


def a_mark(**change: Any) -> dict[str, Any]:
    return {
        "id": "m1",
        "kind": "length",
        "sop_instance_uid": f"{UID}.9",
        "frame_number": 1,
        "points": [[3.25, 4.5], [30.0, 20.125]],
        "is_closed": False,
        "text": "",
        "lines": ["31.0 mm"],
        **change,
    }


def kept(case: Case, revision: int = 0, links: Any = (), **change: Any) -> Any:
    body = {"revision": revision, "marks": [a_mark(**change)], "links": list(links)}
    return ask(case.client, "PUT", case.marks, body)


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


def windowed(values: np.ndarray[Any, Any], center: float, width: float) -> np.ndarray[Any, Any]:
    """PS3.3 C.11.2.1.2.1, written down a second time."""
    share = np.clip((values - (center - 0.5)) / (width - 1) + 0.5, 0, 1)
    found: np.ndarray[Any, Any] = share * 255
    return found


def picture(case: Case, figure: dict[str, Any]) -> np.ndarray[Any, Any]:
    """The picture inside the margin of a figure, one sample at the middle of each stored pixel as it is seen."""
    answer = case.client.get(figure["image_url"])
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert "no-store" in answer["Cache-Control"]
    left, top, width, height = figure["box"]
    page = imagecodecs.png_decode(answer.content)
    assert page.shape[0] > top + height
    assert page[:top].max() > 100  # words above it
    found: np.ndarray[Any, Any] = page[top : top + height, left : left + width].astype(float)
    return found


def by_pixels(shown: np.ndarray[Any, Any], rows: int, columns: int) -> np.ndarray[Any, Any]:
    """The mean of the middle of what each stored pixel became."""
    high, wide = shown.shape[0] // rows, shown.shape[1] // columns
    blocks = shown[..., 0].reshape(rows, high, columns, wide)
    found: np.ndarray[Any, Any] = blocks[:, high // 2 - 1 : high // 2 + 1, :, wide // 2 - 1 : wide // 2 + 1]
    return found.mean(axis=(1, 3))


@pytest.mark.parametrize(
    ("turn", "mirrored", "seen"),
    [
        pytest.param(0, False, lambda a: a, id="as stored"),
        pytest.param(90, False, lambda a: a[::-1].T, id="to the right"),
        pytest.param(180, False, lambda a: a[::-1, ::-1], id="upside down"),
        pytest.param(270, False, lambda a: a.T[::-1], id="to the left"),
        pytest.param(0, True, lambda a: a[:, ::-1], id="mirrored"),
        pytest.param(90, True, lambda a: a[::-1, ::-1].T, id="mirrored, then to the right"),
    ],
)
def test_the_picture_is_the_file_under_the_window_the_right_way_round(
    case: Case, turn: int, mirrored: bool, seen: Any
) -> None:
    (figure,) = case.add(rotation_deg=turn, is_mirrored=mirrored)["items"]

    wanted = seen(windowed(case.values, 100, 600))
    found = by_pixels(picture(case, figure), *wanted.shape)
    assert np.abs(found - wanted)[1:-1, 1:-1].max() < 6  # the break in the middle is smoothed
    assert np.abs(found - wanted).mean() < 0.8


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("low_white", [True, False])
def test_low_is_white_when_it_was_on_the_screen_whatever_the_file_wishes(
    photometric: str, low_white: bool
) -> None:
    case = Case(PhotometricInterpretation=photometric)

    (figure,) = case.add(is_low_white=low_white)["items"]

    wanted = windowed(case.values, 100, 600)
    wanted = 255 - wanted if low_white else wanted
    assert np.abs(by_pixels(picture(case, figure), ROWS, COLUMNS) - wanted).mean() < 0.8


def test_a_part_is_cut_and_marks_are_drawn_where_they_were(case: Case) -> None:
    mark = {k: v for k, v in a_mark().items() if k not in {"sop_instance_uid", "frame_number"}}
    mark |= {"points": [[12, 10], [28, 10]], "lines": []}
    (figure,) = case.add(area={"left": 10, "top": 5, "right": 30, "bottom": 15}, marks=[mark])["items"]

    shown = picture(case, figure)

    high, wide = shown.shape[0] / 10, shown.shape[1] / 20
    is_yellow = shown[..., 0] - shown[..., 2] > 60
    rows, columns = np.nonzero(is_yellow)
    assert rows.mean() / high == pytest.approx(5.5, abs=0.1)
    assert columns.min() / wide == pytest.approx(2.5, abs=0.3)
    assert columns.max() / wide == pytest.approx(18.5, abs=0.3)
    clear = by_pixels(shown, 10, 20)[7:]
    assert np.abs(clear - windowed(case.values[12:15, 10:30], 100, 600)).mean() < 0.8


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
        assert version.body["figures"][0]["recipe"] == a_recipe()
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
