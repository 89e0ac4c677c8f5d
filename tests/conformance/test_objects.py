"""What leaves a signed report as DICOM: read, judged and rendered by other software, and found by every door."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom import Dataset

from dokuei.audit.events import Event
from dokuei.audit.models import Entry
from dokuei.base.errors import Unavailable
from dokuei.hub import health
from dokuei.imaging import queries as imaging
from dokuei.imaging.archive.recovery import look_through
from dokuei.imaging.dimse import Listener
from dokuei.imaging.models import Instance, Quarantined
from dokuei.imaging.tests.builders import a_token, ask
from dokuei.kit import store
from dokuei.reporting import handlers
from dokuei.reporting.events import ReportSigned
from dokuei.reporting.objects import rules, tasks
from dokuei.reporting.objects.tasks import write_objects
from dokuei.worklist.models import Reading
from tests.builders import NOW, at_large, run_due, run_jobs
from tests.conformance.conftest import a_device
from tests.conformance.signed import NAME, Signed, a_source, export, objects, two_studies, write_out
from tests.conformance.test_query_retrieve import found, moved, storescp
from tests.server import free_port

pytestmark = pytest.mark.django_db(transaction=True)
MODALITIES = "modalities"
JUSTIFIED = (
    r"Laterality\(0020,0060\).*only permitted to be empty when actually unknown",  # it is: the image does not say
    r"CodingSchemeDesignator.*Unrecognized defined term = <99DOKUEI>",  # a pixel value without a unit has no code
    r"RescaleType.*Unrecognized defined term = <BQML>",  # the PET image's own word, taken over
)
RIM = 12
SQUARE = [(5, 5), (45, 5), (5, 35), (45, 35)]


def tool(name: str) -> str:
    """A program of dicom3tools or DCMTK; without it this part is skipped, aloud."""
    path = f"/usr/bin/{name}"
    if not Path(path).exists():
        pytest.skip(f"{name} ABSENT (Debian: dicom3tools, dcmtk): its judgement was not asked for")
    return path


def said_by(name: str, *arguments: str) -> str:
    done = subprocess.run([tool(name), *arguments], capture_output=True, check=False, timeout=60)
    return (done.stdout + done.stderr).decode("utf-8", "replace")


@pytest.fixture
def signed(real_dicom: Path) -> Signed:
    """Every kind of mark, on every kind of picture, some turned, in two studies."""
    now, before = two_studies()
    ct = real_dicom / "studies/ct-chest-lungdx-a0001/s2-5mm-implicit-le"
    places = sorted(ct.glob("*.dcm"))
    kinds = real_dicom / MODALITIES
    names = {
        "cr": "cr-chest-monochrome1.dcm",
        "us": "us-sonosite-30f-ybr-jpeg.dcm",
        "mr": "enhanced-mr-philips-8f.dcm",
        "palette": "us-philips-palette.dcm",
        "voi": "ot-voi-lut.dcm",
        "mlut": "ot-modality-lut.dcm",
        "nm": "nm-heart-13f.dcm",
        "pt": "pt-acrin-flt-breast.dcm",
    }
    sources = {"ct": a_source(places[30], now, day="20261122")}
    sources |= {key: a_source(kinds / name, now, day="20261122") for key, name in names.items()}
    old = a_source(
        places[20],
        before,
        day="20260522",
        charset=["", "ISO 2022 IR 87"],
        PatientName="TAKAHASHI^ICHIRO=高橋^一郎=たかはし^いちろう",
        SOPInstanceUID="2.25.77",
        SeriesInstanceUID="2.25.78",
    )
    case = Signed(list(sources.values()), [old])
    ct_marks = all_kinds(case, sources["ct"])
    case.key(sources["ct"], *ct_marks, window=a_window(40, 400), rotation_deg=90, is_mirrored=True)
    case.key(sources["ct"], window=a_window(-600, 1500), area=an_area(100, 120, 300, 260), rotation_deg=270)
    case.key(sources["cr"], case.draw(sources["cr"], "length", [(20, 20), (300, 400)]), is_low_white=True,
             window=a_window(*whole(sources["cr"])))  # fmt: skip
    case.key(sources["us"], case.draw(sources["us"], "ellipse", OVAL, frame=7), frame=7)
    case.key(sources["mr"], case.draw(sources["mr"], "rectangle", SQUARE, frame=3), frame=3,
             window=a_window(600, 1200, "SIGMOID"))  # fmt: skip
    case.key(sources["mr"], frame=6, window=a_window(600, 1200), rotation_deg=180)
    case.key(sources["palette"])
    case.key(sources["voi"])
    case.key(sources["mlut"], window=a_window(*whole(sources["mlut"])))
    case.key(old, case.draw(old, "bidirectional", [(200, 200), (260, 240), (240, 200), (230, 250)]),
             window=a_window(40, 400))  # fmt: skip
    case.draw(sources["nm"], "probe", [(30, 30)], frame=4)
    case.draw(sources["pt"], "ellipse", [(80, 90), (80, 70), (70, 80), (90, 80)])
    return case


OVAL = [(160, 150), (160, 110), (120, 130), (200, 130)]


def a_window(center: float, width: float, function: str = "LINEAR") -> dict[str, Any]:
    return {"center": center, "width": width, "function": function}


def an_area(left: int, top: int, right: int, bottom: int) -> dict[str, Any]:
    return {"left": left, "top": top, "right": right, "bottom": bottom}


def whole(ds: Dataset) -> tuple[float, float]:
    values = ds.pixel_array
    return (float(values.min()) + float(values.max())) / 2, max(2.0, float(np.ptp(values)))


def all_kinds(case: Signed, ds: Dataset) -> list[dict[str, Any]]:
    return [
        case.draw(ds, "length", [(100, 100), (160, 180)]),
        case.draw(ds, "bidirectional", [(200, 200), (260, 240), (240, 200), (230, 250)]),
        case.draw(ds, "angle", [(10, 10), (50, 60), (90, 20)]),
        case.draw(ds, "cobb", [(10, 10), (90, 30), (20, 200), (80, 140)]),
        case.draw(ds, "ellipse", [(300, 330), (300, 290), (280, 310), (320, 310)]),
        case.draw(ds, "rectangle", [(350, 350), (380, 350), (350, 370), (380, 370)]),
        case.draw(ds, "freehand", [(5, 5), (65, 5), (67, 52), (8, 54)], is_closed=True),
        case.draw(ds, "freehand", [(5, 5), (65, 5), (67, 52), (8, 54)]),
        case.draw(ds, "freehand", [(0, 0), (60, 60), (60, 0), (0, 60)], is_closed=True),
        case.draw(ds, "probe", [(256, 256)]),
        case.draw(ds, "arrow", [(300, 200), (340, 240)], text="結節", lines=[]),
    ]


def test_dciodvfy_finds_no_error_in_any_object(signed: Signed, tmp_path: Path) -> None:
    signed.sign()

    saved = kept_in(tmp_path, write_out())

    assert [one.name for one in saved] == [
        *(f"PR-9902-{number}.dcm" for number in range(1, 11)),
        "PR-9903-1.dcm", "PR-9903-2.dcm", "KO-9901-1.dcm", "KO-9901-2.dcm", "SR-9904-1.dcm",
    ]  # fmt: skip
    for path in saved:
        lines = said_by("dciodvfy", "-new", str(path)).splitlines()[1:]
        open_ = [one for one in lines if one and not any(re.search(known, one) for known in JUSTIFIED)]
        assert open_ == [], path.name


def test_dcmtk_reads_the_documents_and_their_values_are_of_their_kind(signed: Signed, tmp_path: Path) -> None:
    signed.sign()

    for path in kept_in(tmp_path, write_out()):
        if not path.name.startswith("PR"):
            said = said_by("dsrdump", str(path))
            assert "\nE: " not in said
            assert said.count("<contains") > 5
        for block in said_by("dcmpschk", str(path)).split("Error:")[1:]:
            value = re.search(r"Attribute value   : \[(.*)\]", block)
            assert value is not None, block
            assert not value[1].isascii(), (
                block
            )  # its checker says that it does not know UTF-8; nothing else is wrong


def kept_in(folder: Path, some: Sequence[Dataset]) -> list[Path]:
    paths = []
    for ds in some:
        path = folder / f"{ds.Modality}-{ds.SeriesNumber}-{ds.InstanceNumber}.dcm"
        ds.save_as(path)
        paths.append(path)
    return paths


TYPE_1 = {
    "PR": ("ContentLabel", "PresentationCreationDate", "PresentationCreationTime", "ReferencedSeriesSequence",
           "DisplayedAreaSelectionSequence"),
    "KO": ("ContentDate", "ContentTime", "ConceptNameCodeSequence", "ContentTemplateSequence", "ContentSequence",
           "CurrentRequestedProcedureEvidenceSequence", "ContinuityOfContent"),
    "SR": ("ContentDate", "ContentTime", "CompletionFlag", "VerificationFlag", "ConceptNameCodeSequence",
           "ContentTemplateSequence", "ContentSequence", "CurrentRequestedProcedureEvidenceSequence"),
}  # fmt: skip
EVERY = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality", "SeriesNumber",
         "InstanceNumber", "Manufacturer", "SoftwareVersions", "TimezoneOffsetFromUTC")  # fmt: skip


def walked(ds: Dataset) -> Iterator[Dataset]:
    yield ds
    for item in ds.get("ContentSequence", []):
        yield from walked(item)


def spoken_of(ds: Dataset) -> set[str]:
    """Every instance a document's content names."""
    return {
        str(uid.ReferencedSOPInstanceUID)
        for one in walked(ds)
        for ref in one.get("ReferencedSOPSequence", [])
        for uid in (ref, *ref.get("ReferencedSOPSequence", []))
    }


def in_evidence(ds: Dataset) -> set[str]:
    names = ("CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence")
    return {
        str(ref.ReferencedSOPInstanceUID)
        for name in names
        for study in ds.get(name, [])
        for series in study.ReferencedSeriesSequence
        for ref in series.ReferencedSOPSequence
    }


def test_objects_are_whole_and_of_this_patient_and_study(signed: Signed) -> None:
    """Our own check, which needs no other program."""
    signed.sign()

    made = write_out()

    assert len({ds.SOPInstanceUID for ds in made}) == len(made) == 15
    homes = {signed.study.study_instance_uid, signed.prior[0].StudyInstanceUID}
    for ds in made:
        assert [name for name in (*EVERY, *TYPE_1[ds.Modality]) if ds.get(name) in (None, "")] == []
        assert ds.StudyInstanceUID in homes
        assert (ds.PatientID, ds.TimezoneOffsetFromUTC) == ("P-0042", "+0900")
        is_now = ds.StudyInstanceUID == signed.study.study_instance_uid
        assert str(ds.PatientName) == (NAME if is_now else signed.prior[0].PatientName)
        assert ds.AccessionNumber == ("A20261122" if is_now else "A20260522")
        if ds.Modality != "PR":
            assert spoken_of(ds) == in_evidence(ds)
    here, there = (ds for ds in made if ds.Modality == "KO")
    assert {here.StudyInstanceUID, there.StudyInstanceUID} == homes
    for one, other in ((here, there), (there, here)):
        (study,) = one.IdenticalDocumentsSequence
        assert study.StudyInstanceUID == other.StudyInstanceUID
        assert study.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == (
            other.SOPInstanceUID
        )
    (description,) = [
        one.TextValue for one in walked(here) if "TextValue" in one and one.RelationshipType == "CONTAINS"
    ]
    assert [line.split("（")[0] for line in description.splitlines()] == [
        f"図{n}　所見{n}" for n in range(1, 11)
    ]
    states = {str(ds.SOPInstanceUID): ds for ds in made if ds.Modality == "PR"}
    for item in here.ContentSequence[-10:]:
        (image,) = item.ReferencedSOPSequence
        state = states[image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID]
        (shown,) = state.ReferencedSeriesSequence[0].ReferencedImageSequence
        assert shown.ReferencedSOPInstanceUID == image.ReferencedSOPInstanceUID
        assert shown.get("ReferencedFrameNumber") == image.get("ReferencedFrameNumber")


def turned(pixels: NDArray[Any], figure: dict[str, Any]) -> NDArray[Any]:
    """A stored picture as it was on the screen: mirrored, then turned to the right."""
    recipe = figure["recipe"]
    seen = pixels[:, ::-1] if recipe["is_mirrored"] else pixels
    return np.rot90(seen, -recipe["rotation_deg"] // 90)


def cut(pixels: NDArray[Any], figure: dict[str, Any]) -> NDArray[Any]:
    """The part of a whole turned picture that was on the screen."""
    area = figure["recipe"]["area"]
    rows, columns = pixels.shape if figure["recipe"]["rotation_deg"] % 180 == 0 else pixels.shape[::-1]
    is_in = np.zeros((rows, columns), bool)
    is_in[int(area["top"]) : int(area["bottom"]), int(area["left"]) : int(area["right"])] = True
    there = turned(is_in, figure)
    return pixels[np.any(there, axis=1)][:, np.any(there, axis=0)]


def enlarged(pixels: NDArray[Any], rows: int, columns: int) -> NDArray[Any]:
    """Linear in between, as the report enlarges a small picture."""
    for axis, size in enumerate((rows, columns)):
        old = pixels.shape[axis]
        at = (np.arange(size) + 0.5) * old / size - 0.5
        line = np.arange(old)
        pixels = np.apply_along_axis(lambda one, at=at, line=line: np.interp(at, line, one), axis, pixels)
    return pixels


def as_drawn(signed: Signed, figure: dict[str, Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Our own picture of a key image without its margin, and where no mark was drawn over it."""
    page = imagecodecs.png_decode(signed.picture(figure)).astype(float)
    left, top, width, height = figure["box"]
    box = page[top : top + height, left : left + width, :3]
    drawn = np.ptp(box, axis=2) > 1
    for axis in (0, 1):  # marks have a dark rim
        drawn = np.logical_or.reduce([np.roll(drawn, way, axis) for way in range(-RIM, RIM + 1)])
    return box[..., 0], ~drawn


@pytest.mark.parametrize("number", [1, 2, 3, 6, 8, 9, 10])
def test_dcmtk_renders_the_key_image_as_the_report_shows_it(
    signed: Signed, tmp_path: Path, number: int
) -> None:
    signed.sign()
    made = write_out()
    figure = signed.figures[number - 1]
    sources = {str(ds.SOPInstanceUID): ds for ds in (*signed.current, *signed.prior)}
    image = sources[figure["sop_instance_uid"]]
    if image.file_meta.TransferSyntaxUID.is_compressed:
        image.decompress()
    image.save_as(tmp_path / "image.dcm")
    (state,) = [ds for ds in made if ds.get("ContentLabel") == f"KEY_IMAGE_{number}"]
    state.save_as(tmp_path / "state.dcm")

    said_by("dcmp2pgm", "-f", str(figure["frame_number"]), "-p", str(tmp_path / "state.dcm"),
            str(tmp_path / "image.dcm"), str(tmp_path / "shown.pgm"))  # fmt: skip

    ours, is_clear = as_drawn(signed, figure)
    theirs = enlarged(cut(pgm(tmp_path / "shown.pgm"), figure).astype(float), *ours.shape)
    assert is_clear.mean() > 0.6
    assert np.ptp(theirs) > 100
    apart = np.abs(ours - theirs)[is_clear]
    assert apart.mean() < 1
    assert np.percentile(apart, 99.5) <= 2
    corners = [[int(one) for one in state.DisplayedAreaSelectionSequence[0][tag].value]
               for tag in ("DisplayedAreaTopLeftHandCorner", "DisplayedAreaBottomRightHandCorner")]  # fmt: skip
    rows, columns = np.mgrid[: image.Rows, : image.Columns]
    for (column, row), place in zip(corners, (0, -1), strict=True):
        seen = [cut(turned(grid, figure), figure)[place, place] + 1 for grid in (columns, rows)]
        assert seen == [column, row]


def pgm(path: Path) -> NDArray[Any]:
    kind, columns, rows, most, rest = path.read_bytes().split(maxsplit=4)
    assert (kind, most) == (b"P5", b"255")
    data = path.read_bytes()[-int(columns) * int(rows) :]
    assert rest
    return np.frombuffer(data, np.uint8).reshape(int(rows), int(columns))


def values(report: Dataset, words: str) -> dict[str, float]:
    """Names and numbers of the measurement group with this tracking identifier."""
    groups = [one for one in walked(report) if one.get("ContentTemplateSequence")]
    (group,) = [
        one for one in groups if one.ContentSequence[0].get("TextValue") == words and one is not report
    ]
    out = {}
    for item in group.ContentSequence:
        if item.ValueType == "NUM":
            how = [
                one.ConceptCodeSequence[0].CodeMeaning
                for one in item.get("ContentSequence", [])
                if one.ValueType == "CODE"
            ]
            name = how[0] if how else item.ConceptNameCodeSequence[0].CodeMeaning
            (measured,) = item.MeasuredValueSequence
            assert float(measured.NumericValue) == pytest.approx(measured.FloatingPointValue, rel=1e-8)
            out[name] = float(measured.FloatingPointValue)
            out[f"unit of {name}"] = measured.MeasurementUnitsCodeSequence[0].CodeValue
    return out


def test_every_number_is_what_the_file_says(signed: Signed) -> None:
    signed.sign()

    (report,) = [ds for ds in write_out() if ds.Modality == "SR"]

    ct = signed.current[0]
    mm_y, mm_x = (float(one) for one in ct.PixelSpacing)
    hu = ct.pixel_array * float(ct.RescaleSlope) + float(ct.RescaleIntercept)
    rows, columns = np.mgrid[: ct.Rows, : ct.Columns]
    round_ = ((columns - 300) / 20) ** 2 + ((rows - 310) / 20) ** 2 <= 1 + 1e-9
    box = (columns >= 350) & (columns < 380) & (rows >= 350) & (rows < 370)
    assert values(report, "計測1 長さ")["Length"] == pytest.approx(np.hypot(60 * mm_x, 80 * mm_y))
    for words, mask, area in (("計測5 楕円ROI", round_, np.pi * 400), ("計測6 矩形ROI", box, 600)):
        said = values(report, words)
        assert said["Area"] == pytest.approx(area * mm_x * mm_y)
        assert said["Mean"] == pytest.approx(hu[mask].mean())
        assert said["Standard Deviation"] == pytest.approx(hu[mask].std())
        assert (said["Minimum"], said["Maximum"]) == (hu[mask].min(), hu[mask].max())
        assert said["unit of Mean"] == "[hnsf'U]"
    assert values(report, "計測10 点の値")["Attenuation Coefficient"] == hu[256, 256]
    assert set(values(report, "計測9 自由曲線")) == {"Perimeter", "unit of Perimeter"}
    assert values(report, "計測12 長さ") == {
        "Length": pytest.approx(np.hypot(280, 380)), "unit of Length": "{pixels}"
    }  # fmt: skip
    nm = next(ds for ds in signed.current if ds.Modality == "NM")
    assert values(report, "計測16 点の値")["Pixel value"] == nm.pixel_array[3, 30, 30]
    assert values(report, "計測17 楕円ROI")["unit of Mean"] == "{SUVbw}g/ml"


def test_the_archive_gives_them_by_every_door(signed: Signed, listener: Listener, tmp_path: Path) -> None:
    a_device("MODALITY", may_query=True)
    port = free_port()
    a_device("ARCHIVE", peer_host="127.0.0.1", port=port)
    token = a_token(signed.facility)
    signed.sign()
    made = {str(ds.SOPInstanceUID): ds for ds in write_out()}
    studies = [signed.study.study_instance_uid, str(signed.prior[0].StudyInstanceUID)]

    by_find = {
        str(one.SOPInstanceUID)
        for uid in studies
        for one in found(listener, QueryRetrieveLevel="IMAGE", StudyInstanceUID=uid, SOPInstanceUID="")
    }
    by_qido = {
        one["00080018"]["Value"][0]
        for uid in studies
        for one in ask(f"/dicomweb/aoba/studies/{uid}/instances", token).json
    }
    with storescp(tmp_path / "out", port):
        keys = ("QueryRetrieveLevel=STUDY", f"StudyInstanceUID={studies[0]}\\{studies[1]}")
        done = moved(listener, tmp_path, "ARCHIVE", *keys)

    assert set(made) < by_find == by_qido
    assert done.returncode == 0, done.stderr
    got = {str(one.SOPInstanceUID): one for one in map(pydicom.dcmread, (tmp_path / "out").iterdir())}
    assert set(got) == by_find
    assert all(got[uid] == ds for uid, ds in made.items())


def test_own_objects_disturb_nothing_that_was_received(signed: Signed) -> None:
    with at_large():
        study = signed.study
        before = (imaging.studies_out([study.pk])[0], imaging.images_manifest([(study.pk, "current")]))
    signed.sign()
    run_jobs()  # the news of the signature

    write_out()

    with at_large():
        study.refresh_from_db()
        after = (imaging.studies_out([study.pk])[0], imaging.images_manifest([(study.pk, "current")]))
        assert imaging.receipts([study.pk]) == [("settled", len(signed.current))]
        assert Reading.objects.count() == 1
        assert not Quarantined.objects.exists()
    assert after == before
    assert not {"KO", "PR", "SR"} & set(study.modalities)
    assert export().state == "filed"


def test_writing_again_makes_nothing_twice(signed: Signed) -> None:
    signed.sign()
    first = write_out()

    with at_large():
        handlers.export_signed(ReportSigned(signed.report, signed.facility.pk, 1), NOW)
    write_objects.func(export_id=export().pk)
    again = write_out()

    assert [ds.SOPInstanceUID for ds in again] == [ds.SOPInstanceUID for ds in first]
    assert objects() == first
    with at_large():
        assert not Quarantined.objects.exists()


KILLED_AT = """
import os, signal, sys
import django
django.setup()
from dokuei.imaging.services import filing, storing
from dokuei.reporting.objects import making, services, tasks

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def after(times, work):
    done = []
    def counted(*args, **kwargs):
        found = work(*args, **kwargs)
        done.append(1)
        return die() if len(done) == times else found
    return counted

match sys.argv[1]:
    case "planned":
        making.Maker.make = die
    case "kept, not listed":
        storing.list_arrivals = die
    case "third kept, not listed":
        storing.arrival_of = after(3, storing.arrival_of)
    case "two filed":
        tasks.imaging.file_object = after(2, tasks.imaging.file_object)
    case "all filed":
        services.finish_export = die
tasks.write_objects.func(export_id=int(sys.argv[2]))
"""


@pytest.mark.parametrize(
    "moment", ["planned", "kept, not listed", "third kept, not listed", "two filed", "all filed"]
)
def test_a_worker_killed_while_writing_leaves_exactly_one_of_each(signed: Signed, moment: str) -> None:
    signed.sign()
    run_jobs()
    run_due()
    died = subprocess.run(
        [sys.executable, "-c", KILLED_AT, moment, str(export().pk)],
        check=False,
        capture_output=True,
        timeout=120,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()

    look_through(store.default())  # as the listener does after a crash
    write_objects.func(export_id=export().pk)

    made = objects()
    assert export().state == "filed"
    assert len(made) == len({ds.SOPInstanceUID for ds in made}) == 15
    with at_large():
        assert not Quarantined.objects.exists()
        assert imaging.receipts([signed.study.pk]) == [("settled", len(signed.current))]
        assert Instance.objects.count() == len(signed.current) + len(signed.prior) + 15


def test_what_cannot_be_written_is_shown_to_support_and_tried_again(
    signed: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed.sign()
    run_jobs()
    monkeypatch.setattr(tasks.imaging, "file_object", no_room)

    at = datetime.now(UTC)
    for _ in range(rules.TRIES_MOST + 1):
        run_due(at)
        run_jobs()
        at = max(at, export().try_at or at)
    failed = export()
    sentences = [one.sentence for one in health.checks(at) if not one.ok and one.name == "exports"]
    monkeypatch.undo()
    run_due(at + rules.SELDOM)
    run_jobs()

    assert (failed.state, failed.why) == ("failed", "store.no_room")
    assert sentences == [
        "報告1件の計測・キー画像をDICOMで保存できていません。監査記録で理由を確認してください"
    ]
    with at_large():
        assert Entry.objects.filter(event=Event.EXPORT_FAILED.value.code).count() == 1
    assert export().state == "filed"
    assert len(objects()) == 15


def no_room(*_: Any, **__: Any) -> None:
    raise Unavailable(code="store.no_room")
