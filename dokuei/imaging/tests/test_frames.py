"""The frame door: packed where there is a pack, as stored, or made on the spot; each under its true name."""

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from django.conf import settings
from pydicom import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian

from dokuei.dicom.codec.decode import decode, native_bytes
from dokuei.dicom.codec.tests.frames import frames_of
from dokuei.imaging import services
from dokuei.imaging.dicomweb import access
from dokuei.imaging.dicomweb.accept import parse
from dokuei.imaging.models import Instance
from dokuei.imaging.packs import tasks
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
)
from dokuei.kit.db import scope

pytestmark = pytest.mark.django_db(transaction=True)

LE = "1.2.840.10008.1.2.1"
HTJ2K = "1.2.840.10008.1.2.4.202"
JPHC = f'multipart/related; type="image/jphc"; transfer-syntax={HTJ2K}'
ANY = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'
PLAIN = f'multipart/related; type="application/octet-stream"; transfer-syntax={LE}'
TEST_FILES = Path(pydicom.__file__).parent / "data" / "test_files"


def stored(content: bytes, *, is_packed: bool = False, code: str = "aoba") -> str:
    """Keep a file for a facility, packed or not; return the path of its instance."""
    sender = a_sender(a_facility(code))
    (facility_id,) = sender.facilities
    with scope(sender.facilities):
        kept = services.store_instance(sender, facility_id=facility_id, content=content, at=AT)
    with everywhere():
        rows = Instance.objects.select_related("series", "study").filter(facility_id=facility_id)
        row = rows.get(sop_instance_uid=kept.sop_instance_uid)
    if is_packed:
        tasks.pack_series(row.series_id)
    return (
        f"/dicomweb/{code}/studies/{row.study.study_instance_uid}/series/{row.series.series_instance_uid}"
        f"/instances/{row.sop_instance_uid}"
    )


def a_large_slice() -> Dataset:
    rng = np.random.default_rng(5)
    ramp = np.add.outer(np.arange(200), np.arange(300)) * 7
    pixels = (ramp + rng.integers(0, 50, (200, 300)) - 900).astype("<i2")
    return an_instance(Rows=200, Columns=300, PixelData=pixels.tobytes())


def body_of(reply: Reply) -> tuple[str, bytes]:
    (part,) = reply.parts()
    return part


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        pytest.param(JPHC, "image/jphc", id="HTJ2K"),
        pytest.param('multipart/related; type="image/jphc"', "image/jphc", id="its media type alone"),
        pytest.param(ANY, "application/octet-stream", id="any syntax"),
        pytest.param("", "application/octet-stream", id="nothing said"),
        pytest.param(f"text/html, {PLAIN};q=0.3, {JPHC};q=0.9", "image/jphc", id="most wanted first"),
    ],
)
def test_a_packed_frame_is_sent_to_whoever_takes_it(token: str, accept: str, media: str) -> None:
    ds = a_large_slice()
    path = stored(as_file(ds), is_packed=True)

    reply = ask(f"{path}/frames/1", token, accept=accept)

    kind, data = body_of(reply)
    assert kind == f"{media}; transfer-syntax={HTJ2K}"
    assert f'type="{media}"' in reply.headers["content-type"]
    assert imagecodecs.htj2k_decode(data).tobytes() == ds.PixelData


def test_uncompressed_is_sent_to_whoever_takes_only_that(token: str) -> None:
    ds = a_large_slice()
    path = stored(as_file(ds), is_packed=True)

    kind, data = body_of(ask(f"{path}/frames/1", token, accept=PLAIN))

    assert kind == f"application/octet-stream; transfer-syntax={LE}"
    assert data == ds.PixelData


@pytest.mark.parametrize(
    "name",
    ["MR_small_jp2klossless.dcm", "MR_small_RLE.dcm", "SC_rgb_jpeg_dcmtk.dcm", "JPGExtended.dcm",
     "examples_ybr_color.dcm", "MR_small_jpeg_ls_lossless.dcm"],
)  # fmt: skip
def test_a_compressed_frame_is_decoded_for_whoever_takes_only_octets(token: str, name: str) -> None:
    data = (TEST_FILES / name).read_bytes()
    form, frames = frames_of(data)
    path = stored(data)

    for accept in (PLAIN, 'multipart/related; type="application/octet-stream"'):
        kind, body = body_of(ask(f"{path}/frames/1", token, accept=accept))
        assert kind == f"application/octet-stream; transfer-syntax={LE}"
        assert body == native_bytes(decode(frames[0], form), form)
    assert body_of(ask(f"{path}/frames/1", token, accept=ANY))[1] == frames[0]


def test_htj2k_is_made_on_the_spot_for_whoever_takes_only_that(token: str) -> None:
    ds = a_large_slice()
    path = stored(as_file(ds))

    kind, data = body_of(ask(f"{path}/frames/1", token, accept=JPHC))

    assert kind == f"image/jphc; transfer-syntax={HTJ2K}"
    assert imagecodecs.htj2k_decode(data).tobytes() == ds.PixelData


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "image/png",
        'multipart/related; type="image/jls"',
        'multipart/related; type="application/octet-stream"; transfer-syntax=1.2.840.10008.1.2.4.50',
        f"{JPHC}; q=0",
        "x" * 5000,
    ],
)
def test_what_cannot_be_sent_is_406(token: str, accept: str) -> None:
    reply = ask(f"{stored(as_file(an_instance()))}/frames/1", token, accept=accept)

    assert (reply.status, reply.json["code"]) == (406, "dicomweb.not_acceptable")


def test_a_lossy_frame_is_never_called_lossless(token: str) -> None:
    path = stored((TEST_FILES / "SC_rgb_jpeg_dcmtk.dcm").read_bytes())

    assert ask(f"{path}/frames/1", token, accept=JPHC).status == 406


def test_a_frame_alone_needs_no_parts(token: str) -> None:
    ds = a_large_slice()
    path = stored(as_file(ds), is_packed=True)

    reply = ask(f"{path}/frames/1", token, accept="image/jphc")

    assert reply.headers["content-type"] == f"image/jphc; transfer-syntax={HTJ2K}"
    assert imagecodecs.htj2k_decode(reply.body).tobytes() == ds.PixelData
    plain = ask(f"{path}/frames/1", token, accept="application/octet-stream")
    assert plain.body == ds.PixelData


def test_several_frames_cannot_come_without_parts(token: str) -> None:
    path = stored(as_file(an_instance(NumberOfFrames=2, PixelData=bytes(1024))))

    assert ask(f"{path}/frames/1,2", token, accept="application/octet-stream").status == 406


def test_every_resolution_of_a_packed_frame_can_be_had_by_parameter_and_by_range(token: str) -> None:
    ds = a_large_slice()
    path = stored(as_file(ds), is_packed=True)
    whole = ask(f"{path}/frames/1", token, accept="image/jphc")
    ends = [int(one) for one in whole.headers["dokuei-resolution-ends"].split(",")]

    assert ends[-1] == len(whole.body)
    for resolution, end in enumerate(ends):
        by_name = ask(f"{path}/frames/1?resolution={resolution}", token, accept="image/jphc")
        by_range = ask(f"{path}/frames/1", token, accept="image/jphc", range=f"bytes=0-{end - 1}")
        assert by_name.body == by_range.body == whole.body[:end]
        small = imagecodecs.htj2k_decode(by_name.body, skipres=len(ends) - 1 - resolution)
        assert max(small.shape) <= 300 / 2 ** (len(ends) - 1 - resolution) + 1


@pytest.mark.parametrize("value", ["x", "-1", "99"])
def test_a_resolution_that_makes_no_sense_is_refused(token: str, value: str) -> None:
    path = stored(as_file(a_large_slice()), is_packed=True)

    assert ask(f"{path}/frames/1?resolution={value}", token).status == 422


def test_a_resolution_of_a_frame_that_is_not_packed_is_406(token: str) -> None:
    path = stored(as_file(a_large_slice()))

    assert ask(f"{path}/frames/1?resolution=0", token).status == 406


def test_who_has_a_frame_gets_it_not_again_but_still_needs_the_right(token: str) -> None:
    path = stored(as_file(a_large_slice()), is_packed=True)
    first = ask(f"{path}/frames/1", token)
    etag = first.headers["etag"]

    again = ask(f"{path}/frames/1", token, if_none_match=f'"other", {etag}')
    changed = ask(f"{path}/frames/1", token, if_none_match='"other"')

    assert (again.status, again.body, again.headers["etag"]) == (304, b"", etag)
    assert changed.body == first.body
    assert ask(f"{path}/frames/1", "wrong", if_none_match=etag).status == 401


def test_each_form_of_a_frame_has_its_own_tag(token: str) -> None:
    path = stored(as_file(a_large_slice()), is_packed=True)
    forms: list[dict[str, Any]] = [
        {"accept": JPHC},
        {"accept": PLAIN},
        {"accept": "image/jphc"},
        {"accept": ANY},
    ]

    replies = [ask(f"{path}/frames/1", token, **form) for form in forms]
    replies.append(ask(f"{path}/frames/1?resolution=0", token, accept=JPHC))

    assert len({reply.headers["etag"] for reply in replies}) == len(replies)
    assert {reply.headers["vary"] for reply in replies} == {"accept"}


def test_a_range_of_something_else_is_the_whole(token: str) -> None:
    path = stored(as_file(a_large_slice()))

    assert ask(f"{path}/frames/1", token, range="bytes=0-9", if_range='"other"').status == 200


def test_frames_are_kept_by_the_readers_browser_only_if_the_house_says_so(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stored(as_file(a_large_slice()))
    before = ask(f"{path}/frames/1", token).headers["cache-control"]
    monkeypatch.setattr(settings, "DOKUEI", settings.DOKUEI.model_copy(update={"frame_cache_seconds": 60}))

    after = ask(f"{path}/frames/1", token).headers["cache-control"]

    assert before == "private, no-store"
    assert after == "private, max-age=60, immutable"


def test_packed_frames_after_the_first_cost_no_query(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ds = an_instance(NumberOfFrames=3, PixelData=bytes(1536))
    path = stored(as_file(ds), is_packed=True)
    ask(f"{path}/frames/1", token)
    for name in ("view_of", "load_index", "load_packs"):
        monkeypatch.setattr(access, name, None)

    assert body_of(ask(f"{path}/frames/2", token))[0].endswith(HTJ2K)


def test_a_pack_made_while_the_study_is_open_is_used_when_its_absence_is_forgotten(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stored(as_file(an_instance()))
    assert body_of(ask(f"{path}/frames/1", token))[0].endswith(LE)
    with everywhere():
        series_id = Instance.objects.get().series_id
    tasks.pack_series(series_id)

    monkeypatch.setattr(access, "TTL_SECONDS", -1.0)

    assert body_of(ask(f"{path}/frames/1", token))[0].endswith(HTJ2K)


def test_big_endian_and_deflated_pixels_are_packed_and_served_alike(token: str) -> None:
    for uid in (ExplicitVRBigEndian, "1.2.840.10008.1.2.1.99", ExplicitVRLittleEndian):
        ds = a_large_slice()
        if uid == ExplicitVRBigEndian:
            little = np.frombuffer(ds.PixelData, "<i2")
            ds.PixelData = little.astype(">i2").tobytes()
        path = stored(as_file(ds, uid), is_packed=True)
        packed = imagecodecs.htj2k_decode(body_of(ask(f"{path}/frames/1", token, accept=JPHC))[1])
        assert packed.tobytes() == body_of(ask(f"{path}/frames/1", token, accept=PLAIN))[1]


def test_a_hostile_frame_is_a_refusal_and_the_next_one_is_served(token: str, real_dicom: Path) -> None:
    good = stored(as_file(an_instance()))
    for name in ("jpeg-sof-65500x65500", "j2k-siz-4gx4g-tile1", "jpegls-corrupt", "rle-offset-outside"):
        path = stored((real_dicom / "hostile" / "generated" / f"{name}.dcm").read_bytes())
        reply = ask(f"{path}/frames/1", token, accept=PLAIN)
        assert (reply.status, reply.json["code"]) == (422, "pixels.undecodable"), name

    assert ask(f"{good}/frames/1", token, accept=JPHC).status == 200


def test_a_stranger_finds_no_packed_frame(token: str) -> None:
    path = stored(as_file(an_instance()), is_packed=True)
    ask(f"{path}/frames/1", token)

    assert ask(f"{path}/frames/1", a_token(a_facility("midori"))).status == 404


def test_an_accept_header_is_read_with_its_quotes_and_weights() -> None:
    first, second = parse(f'text/html;q=0.2, multipart/related; type="a,b;c"; transfer-syntax={LE}')

    assert (first.kind, first.transfer_syntax, first.is_multipart, first.q) == ("a,b;c", LE, True, 1.0)
    assert (second.kind, second.q) == ("text/html", 0.2)
