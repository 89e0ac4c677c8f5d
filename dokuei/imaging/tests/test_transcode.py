"""Whole instances by WADO: which syntax is chosen, and what is in it."""

from io import BytesIO
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import ImplicitVRLittleEndian, JPEGLSLossless, RLELossless

from dokuei.dicom import syntax
from dokuei.dicom.codec.decode import decode
from dokuei.dicom.codec.encode import encode
from dokuei.dicom.codec.tests.frames import frames_of
from dokuei.imaging import services
from dokuei.imaging.dicomweb import access
from dokuei.imaging.dicomweb.accept import for_instances, instance_syntaxes, parse
from dokuei.imaging.dicomweb.media import NotAcceptable
from dokuei.imaging.models import Instance
from dokuei.imaging.packs import tasks
from dokuei.imaging.spool import Spool
from dokuei.imaging.tests.builders import (
    AT,
    Reply,
    a_facility,
    a_sender,
    a_token,
    an_instance,
    as_file,
    ask,
    everywhere,
    stored,
)
from dokuei.imaging.transcode import writable
from dokuei.kit.db import scope

pytestmark = pytest.mark.django_db(transaction=True)

LE, IMPLICIT, BE = syntax.EXPLICIT_LE, syntax.IMPLICIT_LE, syntax.EXPLICIT_BE
JLS, J2K, BASELINE = syntax.JPEG_LS_LOSSLESS, syntax.JPEG_2000_LOSSLESS, "1.2.840.10008.1.2.4.50"
MPEG = "1.2.840.10008.1.2.4.102"
TEST_FILES = Path(pydicom.__file__).parent / "data" / "test_files"


def asked(uid: str, more: str = "") -> str:
    return f'multipart/related; type="application/dicom"; transfer-syntax={uid}{more}'


def read(content: bytes) -> Dataset:
    return pydicom.dcmread(BytesIO(content))


def only(reply: Reply) -> tuple[str, Dataset]:
    assert reply.status == 200, reply.body[:500]
    ((kind, content),) = reply.parts()
    return kind.rpartition("=")[2], read(content)


def kept(content: bytes, code: str = "aoba") -> str:
    """Keep a file; the path of its instance."""
    sender = a_sender(a_facility(code))
    with scope(sender.facilities):
        done = services.store_instance(
            sender, facility_id=next(iter(sender.facilities)), content=content, at=AT
        )
    with everywhere():
        rows = Instance.objects.select_related("series", "study").filter(facility__code=code)
        row = rows.get(sop_instance_uid=done.sop_instance_uid)
    return (
        f"/dicomweb/{code}/studies/{row.study.study_instance_uid}"
        f"/series/{row.series.series_instance_uid}/instances/{row.sop_instance_uid}"
    )


def a_colour_cine() -> Dataset:
    """Three frames of RGB, colour by plane, of odd size."""
    pixels = np.random.default_rng(3).integers(0, 256, (3, 3, 15, 17), np.uint8)
    return an_instance(
        Rows=15, Columns=17, NumberOfFrames=3, SamplesPerPixel=3, PhotometricInterpretation="RGB",
        PlanarConfiguration=1, BitsAllocated=8, BitsStored=8, HighBit=7, PixelRepresentation=0,
        PixelData=pixels.tobytes() + b"\0",
    )  # fmt: skip


def as_coded(ds: Dataset, uid: str) -> bytes:
    """The file in a compressed syntax, as another archive would have made it."""
    form, frames = frames_of(as_file(ds))
    made = [encode(decode(one, form), form, uid) for one in frames]
    ds.PhotometricInterpretation = made[0].photometric
    ds.PixelData = encapsulate([one.stream for one in made])
    ds["PixelData"].VR = "OB"
    return as_file(ds, uid)


@pytest.mark.parametrize(
    ("accept", "kept_as", "expected"),
    [
        pytest.param("", IMPLICIT, [LE], id="nothing said"),
        pytest.param("*/*", JLS, [LE], id="anything"),
        pytest.param("application/dicom", LE, [LE], id="alone"),
        pytest.param('multipart/related; type="application/dicom"', JLS, [LE], id="the default"),
        pytest.param(asked("*"), JLS, [JLS], id="as kept"),
        pytest.param(asked("*"), IMPLICIT, [IMPLICIT], id="as kept though no name of the web"),
        pytest.param(asked(IMPLICIT), IMPLICIT, [], id="implicit by name"),
        pytest.param(asked(BE), LE, [], id="big endian by name"),
        pytest.param(asked(BASELINE), LE, [], id="never made lossy"),
        pytest.param(asked(BASELINE), BASELINE, [BASELINE], id="lossy as it came"),
        pytest.param(asked(JLS), BASELINE, [], id="what was lossy is not called lossless"),
        pytest.param(asked(LE), BASELINE, [LE], id="what was lossy is decompressed"),
        pytest.param(f"{asked(J2K)}, {asked(JLS)}", JLS, [JLS, J2K], id="liked alike, the one at hand"),
        pytest.param(f"{asked(JLS, ';q=0.4')}, {asked(J2K, ';q=0.9')}", JLS, [J2K, JLS], id="most wanted"),
        pytest.param(asked(JLS, ";q=0"), JLS, None, id="not wanted"),
        pytest.param("text/html", LE, None, id="no DICOM"),
        pytest.param('multipart/related; type="image/jls"', LE, None, id="frames"),
        pytest.param("", MPEG, [MPEG], id="video cannot be decompressed"),
        pytest.param(asked(LE), MPEG, [], id="video by the name of another"),
    ],
)  # fmt: skip
def test_the_syntax_is_chosen_by_the_accept_header(
    accept: str, kept_as: str, expected: list[str] | None
) -> None:
    row = Instance(transfer_syntax=kept_as, frames=1)

    try:
        found = instance_syntaxes(for_instances(parse(accept)), kept_as, writable(row))
    except NotAcceptable:
        found = None

    assert found == expected


@pytest.mark.parametrize("target", sorted(syntax.WRITABLE_CODED))
def test_a_lossless_round_trip_through_the_doors(token: str, target: str) -> None:
    for number, ds in enumerate((an_instance(), a_colour_cine())):
        original = read(as_file(ds))

        uid, coded = only(ask(kept(as_file(ds)), token, accept=asked(target)))
        again = kept(as_file(coded, target), f"back{number}")
        _, plain = only(ask(again, a_token(a_facility(f"back{number}")), accept=asked(LE)))

        assert uid == coded.file_meta.TransferSyntaxUID == target
        frames = list(generate_frames(coded.PixelData, number_of_frames=int(ds.get("NumberOfFrames", 1))))
        assert len(frames) == int(ds.get("NumberOfFrames", 1))
        assert np.array_equal(plain.pixel_array, original.pixel_array)
        assert plain.PhotometricInterpretation == original.PhotometricInterpretation
        assert coded.get("PlanarConfiguration") in {None, 0}
        assert coded.SOPInstanceUID == original.SOPInstanceUID


def test_a_packed_instance_is_sent_from_its_pack(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ds = a_colour_cine()
    path = kept(as_file(ds))
    with everywhere():
        series_id = Instance.objects.get().series_id
    tasks.pack_series(series_id)
    monkeypatch.setattr(Spool, "add", None)  # nothing is made

    _, coded = only(ask(path, token, accept=asked(syntax.HTJ2K_RPCL)))

    form, frames = frames_of(as_file(coded, syntax.HTJ2K_RPCL))
    assert coded.PhotometricInterpretation == "YBR_RCT"
    shown = np.stack([decode(one, form).pixels for one in frames])
    assert np.array_equal(shown, read(as_file(ds)).pixel_array)


@pytest.mark.parametrize("uid", [IMPLICIT, BE, syntax.DEFLATED_LE])
def test_every_element_survives_whatever_it_came_in(token: str, uid: str) -> None:
    inner = Dataset()
    inner.add_new(0x00091001, "UN", b"\1\2\3\4")
    inner.PixelPaddingValue, inner.FrameIncrementPointer = -5, 0x00181063
    ds = an_instance(ReferencedStudySequence=[inner, Dataset()], EncapsulatedDocument=bytes(70_000))
    ds.add_new(0x00090010, "LO", "HOUSE 1")
    ds.add_new(0x00091010, "FD", [1.5, -2.5])
    ds.add_new(0x00091011, "UL", 7)
    ds.add_new(0xFFFCFFFC, "OB", b"\0\0")
    if uid == IMPLICIT:  # longer than an explicit DS may be
        ds.FrameTimeVector = ["33.3"] * 20_000
    if uid == BE:
        ds.PixelData = np.frombuffer(ds.PixelData, "<i2").astype(">i2").tobytes()
    expected = read(as_file(ds, uid))

    name, found = only(ask(kept(as_file(ds, uid)), token))

    assert name == LE
    assert np.array_equal(found.pixel_array, expected.pixel_array)
    for one in (found, expected):
        del one.PixelData
    if uid == IMPLICIT:  # whose private elements have no VR any more
        expected[0x00091010].VR = expected[0x00091011].VR = "UN"
        assert (found["FrameTimeVector"].VR, found["FrameTimeVector"].value[:9]) == ("UN", b"33.3\\33.3")
        del found.FrameTimeVector, expected.FrameTimeVector
    assert [one for one in found if one != expected.get(one.tag)] == []
    assert found.keys() == expected.keys()


def test_group_lengths_do_not_survive(token: str) -> None:
    ds = an_instance()
    ds.add_new(0x00080000, "UL", 9999)

    assert 0x00080000 not in only(ask(kept(as_file(ds, IMPLICIT)), token))[1]


def test_a_compressed_icon_is_decompressed_with_its_image(token: str) -> None:
    ds, icon = an_instance(), an_instance()
    coded = read(as_coded(icon, JPEGLSLossless))
    item = Dataset()
    for tag in (one for one in coded if one.tag.group in {0x0028, 0x7FE0}):
        item.add(tag)
    ds.IconImageSequence = [item]
    path = kept(as_coded(ds, JPEGLSLossless))

    _, found = only(ask(path, token, accept=asked(LE)))

    assert found.IconImageSequence[0].PixelData == an_instance().PixelData
    assert found.PixelData == an_instance().PixelData


def test_one_bit_frames_share_bytes_again(token: str) -> None:
    bits = np.random.default_rng(2).integers(0, 2, (3, 3, 3), np.uint8)
    ds = an_instance(
        Rows=3, Columns=3, NumberOfFrames=3, BitsAllocated=1, BitsStored=1, HighBit=0, PixelRepresentation=0
    )
    packed = [np.packbits(one.reshape(-1), bitorder="little").tobytes() for one in bits]
    header = (1).to_bytes(4, "little") + (64).to_bytes(4, "little") + bytes(56)
    ds.PixelData = encapsulate([header + imagecodecs.packbits_encode(one) for one in packed])
    ds["PixelData"].VR = "OB"

    _, found = only(ask(kept(as_file(ds, RLELossless)), token))

    assert found.PixelData == np.packbits(bits.reshape(-1), bitorder="little").tobytes()


def test_lossy_colour_becomes_rgb_and_says_that_it_was_lossy(token: str) -> None:
    path = kept((TEST_FILES / "SC_rgb_jpeg_dcmtk.dcm").read_bytes())

    _, found = only(ask(path, token))

    assert (found.PhotometricInterpretation, found.PlanarConfiguration) == ("RGB", 0)
    assert found.LossyImageCompression == "01"
    assert ask(path, token, accept=asked(JLS)).status == 406


def a_study(*more: bytes) -> str:
    """A study with one slice kept as implicit little endian and whatever else; its path."""
    path = stored(an_instance(StudyInstanceUID="1.2.3"), ImplicitVRLittleEndian)
    for one in more:
        ds = read(one)
        ds.StudyInstanceUID = "1.2.3"
        kept(as_file(ds, ds.file_meta.TransferSyntaxUID))
    return path


def test_what_cannot_be_given_is_left_out_and_said(token: str) -> None:
    path = a_study((TEST_FILES / "SC_rgb_jpeg_dcmtk.dcm").read_bytes())

    reply = ask(path, token, accept=asked(JLS))

    assert reply.status == 206
    assert [kind for kind, _ in reply.parts()] == [f"application/dicom; transfer-syntax={JLS}"]
    assert reply.headers["warning"].startswith('299 dokuei "1 of 2 instances are left out')
    assert "etag" not in reply.headers


def test_a_broken_stream_harms_no_other_instance(token: str, real_dicom: Path) -> None:
    broken = (real_dicom / "hostile" / "generated" / "jpegls-corrupt.dcm").read_bytes()
    path = a_study(broken)
    uid = read(broken).SOPInstanceUID

    reply = ask(path, token, accept=asked(LE))
    alone = ask(f"{path}/series/{read(broken).SeriesInstanceUID}/instances/{uid}", token, accept=asked(LE))
    as_kept = ask(path, token, accept=asked("*"))

    assert (reply.status, len(reply.parts())) == (206, 1)
    assert "pixels.undecodable: 1" in reply.headers["warning"]
    assert (alone.status, alone.json["code"]) == (422, "pixels.undecodable")
    assert (as_kept.status, len(as_kept.parts())) == (200, 2)


def test_each_syntax_has_its_own_tag_and_who_has_it_gets_it_not_again(token: str) -> None:
    path = kept(as_file(an_instance()))
    replies = [ask(path, token, accept=asked(uid)) for uid in ("*", JLS, J2K, RLELossless)]
    replies.append(ask(path, token, accept="application/dicom"))

    tags = [reply.headers["etag"] for reply in replies]
    again = ask(path, token, accept=asked(JLS), if_none_match=tags[1])

    assert len(set(tags)) == len(tags)
    assert again.status == 304
    assert replies[-1].headers["content-type"] == f"application/dicom; transfer-syntax={LE}"


def test_a_range_of_what_was_made_fits_the_whole(token: str) -> None:
    path = kept(as_file(a_colour_cine()))
    whole = ask(path, token, accept=asked(J2K))

    part = ask(path, token, accept=asked(J2K), range="bytes=500-900")

    assert (part.status, part.body) == (206, whole.body[500:901])


def test_more_than_can_be_made_at_once_is_413(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from dokuei.imaging.dicomweb import wado

    monkeypatch.setattr(wado, "LARGEST", 100)
    path = kept(as_file(an_instance()))

    assert ask(path, token, accept=asked(JLS)).status == 413
    assert ask(path, token, accept=asked("*")).status == 200


def test_wado_uri_gives_the_syntax_that_is_named(token: str) -> None:
    ds = an_instance()
    kept(as_file(ds))
    address = (
        f"/dicomweb/aoba/wado?requestType=WADO&studyUID={ds.StudyInstanceUID}&seriesUID={ds.SeriesInstanceUID}"
        f"&objectUID={ds.SOPInstanceUID}&contentType=application/dicom&transferSyntax="
    )

    for uid in (IMPLICIT, JLS, syntax.DEFLATED_LE):
        reply = ask(address + uid, token)
        found = read(reply.body)
        assert (reply.headers["content-type"], found.file_meta.TransferSyntaxUID) == (
            "application/dicom",
            uid,
        )
        assert found.PatientName == ds.PatientName
    assert ask(address + BASELINE, token).status == 406


def test_a_stranger_gets_no_other_form_either(token: str) -> None:
    path = kept(as_file(an_instance()))
    ask(path, token, accept=asked(JLS))
    access.forget()

    assert ask(path, a_token(a_facility("midori")), accept=asked(JLS)).status == 404
