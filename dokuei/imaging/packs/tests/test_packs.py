"""A settled study's lossless series become packs; whatever happens, no frame is lost, changed or packed twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from django.db import connections
from pydicom import Dataset
from pydicom.uid import generate_uid

from dokuei.audit.events import Event
from dokuei.audit.models import Entry
from dokuei.base.errors import NotPermitted
from dokuei.dicom.codec import sandbox
from dokuei.dicom.codec.decode import decode
from dokuei.dicom.codec.errors import DecodersBusy
from dokuei.dicom.codec.tests.frames import frames_of
from dokuei.imaging import events, handlers, services
from dokuei.imaging.models import Instance, Series, Study
from dokuei.imaging.packs import rules, tasks
from dokuei.imaging.packs import services as packing
from dokuei.imaging.packs.build import build
from dokuei.imaging.packs.models import Pack
from dokuei.imaging.tests.builders import AT, a_facility, a_sender, an_instance, as_file, everywhere
from dokuei.kit import store
from dokuei.kit.db import scope

pytestmark = pytest.mark.django_db(transaction=True)


def keep(*files: bytes, code: str = "aoba") -> Series:
    """Store files for a facility; return the series of the last."""
    sender = a_sender(a_facility(code))
    (facility_id,) = sender.facilities
    for content in files:
        with scope(sender.facilities):
            services.store_instance(sender, facility_id=facility_id, content=content, at=AT)
    with everywhere():
        return Series.objects.order_by("pk").last()  # type: ignore[return-value]


def a_slice(like: Dataset, number: int, **changes: Any) -> Dataset:
    """A further slice of the same series, its pixels its own."""
    return an_instance(
        StudyInstanceUID=like.StudyInstanceUID,
        SeriesInstanceUID=like.SeriesInstanceUID,
        SOPInstanceUID=generate_uid(),
        InstanceNumber=number,
        PixelData=(np.arange(256, dtype="<i2") * number).tobytes(),
        **changes,
    )


def pack(series: Series) -> None:
    tasks.pack_series(series.pk)


def packs_of(series: Series) -> list[Pack]:
    with everywhere():
        return list(Pack.objects.filter(series=series).order_by("pk"))


def frame_in(pack: Pack, pk: int, number: int = 1) -> bytes:
    offset, *ends = pack.index[str(pk)][number - 1]
    return store.default().get_range(pack.store_key, offset, ends[-1])


def test_a_series_becomes_one_object_in_slice_order_with_every_pixel() -> None:
    first = an_instance(InstanceNumber=3)
    slices = [first, a_slice(first, 1), a_slice(first, 2)]
    series = keep(*map(as_file, slices))

    pack(series)

    (made,) = packs_of(series)
    with everywhere():
        rows = {row.sop_instance_uid: row.pk for row in Instance.objects.filter(series=series)}
    by_offset = sorted(made.index, key=lambda pk: made.index[pk][0][0])
    ordered = sorted(slices, key=lambda ds: int(ds.InstanceNumber))
    assert by_offset == [str(rows[ds.SOPInstanceUID]) for ds in ordered]
    for ds in slices:
        pixels = imagecodecs.htj2k_decode(frame_in(made, rows[ds.SOPInstanceUID]))
        assert pixels.tobytes() == ds.PixelData
    assert store.default().size(made.store_key) == made.size_bytes


def test_packing_leaves_one_trace_and_packing_again_changes_nothing() -> None:
    series = keep(as_file(an_instance()))

    pack(series)
    pack(series)

    assert len(packs_of(series)) == 1
    with everywhere():
        (entry,) = Entry.objects.filter(event=Event.SERIES_PACKED.value.code)
        assert (entry.facility_id, entry.patient_id is not None) == (series.facility_id, True)


def test_late_images_come_into_a_further_pack_and_the_first_stays() -> None:
    first = an_instance()
    series = keep(as_file(first))
    pack(series)
    (before,) = packs_of(series)

    keep(as_file(a_slice(first, 2)))
    pack(series)

    after = packs_of(series)
    assert [one.pk for one in after][:1] == [before.pk]
    assert set(after[0].index).isdisjoint(after[1].index)
    assert after[0].index == before.index
    assert store.default().exists(before.store_key)


def test_lossy_and_video_are_delivered_as_they_came(real_dicom: Path) -> None:
    series = keep((real_dicom / "modalities" / "us-sonosite-30f-ybr-jpeg.dcm").read_bytes())

    pack(series)

    assert packs_of(series) == []


def test_real_frames_of_many_syntaxes_are_packed_bit_for_bit(real_dicom: Path) -> None:
    names = [
        "modalities/nm-heart-13f.dcm",
        "modalities/us-philips-palette.dcm",
        "transfer-syntaxes/htj2k/1.2.840.10008.1.2.4.202-us1-colour.dcm",
        "transfer-syntaxes/fragmented-enhanced-ct/CT0012.fragmented_no_bot_jpeg_lossless.70.dcm",
        "studies/mr-brain-7t-384-slices-jpegls/0001.dcm",
        "studies/ct-head-phantom-philips-s21570/s203-1mm-bone-j2k/0001.dcm",
    ]
    for name in names:
        data = (real_dicom / name).read_bytes()
        form, frames = frames_of(data)
        series = keep(data)

        pack(series)

        (made,) = packs_of(series)
        ((pk, rows),) = made.index.items()
        assert len(rows) == len(frames), name
        for number, frame in enumerate(frames, 1):
            packed = imagecodecs.htj2k_decode(frame_in(made, int(pk), number))
            assert np.array_equal(packed, decode(frame, form).pixels), name


def test_an_instance_that_cannot_be_decoded_is_left_out_and_not_tried_again(real_dicom: Path) -> None:
    good = an_instance()
    bad = Dataset()
    bad.update(a_slice(good, 2, BitsAllocated=16, Rows=16))
    bad.file_meta = good.file_meta
    data = as_file(bad).replace(b"MONOCHROME2 ", b"PURPLE      ")
    series = keep(as_file(good), data)

    pack(series)
    pack(series)

    (made,) = packs_of(series)
    assert len(made.index) == 1
    assert list(made.left_out.values()) == ["pixels.undecodable"]


def test_without_decoders_packing_waits_and_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    series = keep(as_file(an_instance()))

    def busy(*_: Any, **__: Any) -> Any:
        raise DecodersBusy()

    monkeypatch.setattr(sandbox.background(), "run", busy)
    with pytest.raises(DecodersBusy):
        pack(series)

    assert packs_of(series) == []


def test_of_two_runs_at_once_one_names_the_pack() -> None:
    series = keep(as_file(an_instance()))
    with everywhere():
        chosen = packing.unpacked(series.pk)
    built = build(chosen)
    key = packing._keep(series.facility_id, built)

    with everywhere():
        first = packing.name_pack(tasks.PACKER, chosen[0], key, built, at=AT)
        second = packing.name_pack(tasks.PACKER, chosen[0], key, built, at=AT)

    assert first is not None
    assert second is None
    assert len(packs_of(series)) == 1


def test_a_settled_study_queues_each_series_once() -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    series = keep(as_file(an_instance()))
    news = events.StudySettled(study_id=series.study_id, facility_id=series.facility_id)

    with everywhere():
        handlers.pack_study(news, AT)
        handlers.pack_study(news, AT)

    with everywhere():
        jobs = ProcrastinateJob.objects.filter(task_name="dokuei.pack_series")
        assert [job.args for job in jobs] == [{"series_id": series.pk}]
        assert {job.priority for job in jobs} == {tasks.PRIORITY}


def test_settling_is_what_starts_the_packing() -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    series = keep(as_file(an_instance()))

    with everywhere():
        services.settle_study(tasks.PACKER, series.study_id, at=AT)

        names = [job.args.get("handler") for job in ProcrastinateJob.objects.all()]
    assert "dokuei.imaging.handlers.pack_study" in names


def test_a_pack_is_seen_in_its_facility_only() -> None:
    series = keep(as_file(an_instance()))
    pack(series)

    with scope([series.facility_id]):
        assert Pack.objects.count() == 1
    with scope([a_facility("midori").pk]):
        assert Pack.objects.count() == 0
        assert Study.objects.count() == 0


def test_only_the_system_packs() -> None:
    series = keep(as_file(an_instance()))

    with pytest.raises(NotPermitted):
        packing.pack_series(a_sender(a_facility()), series.pk, at=AT)


class Placed:
    """An instance as far as order goes."""

    def __init__(self, pk: int, z: float | None = None, number: int | None = None, size: int = 16) -> None:
        self.pk, self.instance_number = pk, number
        self.rows = self.columns = size
        self.frames = 1
        self.image_position = [] if z is None else [0.0, 0.0, z]
        self.image_orientation = [] if z is None else [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("slices", "order"),
    [
        pytest.param([Placed(1, 5), Placed(2, -3), Placed(3, 0)], [2, 3, 1], id="along the normal"),
        pytest.param([Placed(1, None, 7), Placed(2, None, 2)], [2, 1], id="by number"),
        pytest.param([Placed(1), Placed(2, None, 9), Placed(3, 0)], [3, 2, 1], id="unplaced last"),
    ],
)
def test_slices_are_in_order(slices: list[Placed], order: list[int]) -> None:
    assert [one.pk for one in rules.in_slice_order(slices)] == order


def test_a_large_series_makes_several_packs_and_a_huge_instance_its_own() -> None:
    half = Placed(1, size=12_000)  # 288 MB
    huge = Placed(9, size=40_000)

    assert len(rules.first_pack([half, half, half])) == 1
    assert rules.first_pack([huge, half]) == [huge]
    assert len(rules.first_pack([Placed(n) for n in range(5)])) == 5


def test_a_pack_is_named_while_images_of_its_series_are_being_listed() -> None:
    first = an_instance()
    series = keep(as_file(first))
    listed, packed = threading.Event(), threading.Event()

    def list_another() -> None:
        sender = a_sender(a_facility())
        (facility_id,) = sender.facilities
        content = as_file(a_slice(first, 2))
        try:
            with scope(sender.facilities):  # one transaction: its foreign keys are checked when it commits
                services.store_instance(sender, facility_id=facility_id, content=content, at=AT)
                listed.set()
                packed.wait(20)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        listing = pool.submit(list_another)
        assert listed.wait(20)
        pack(series)
        packed.set()
        listing.result(20)

    assert [len(one.index) for one in packs_of(series)] == [1]
    pack(series)
    assert [len(one.index) for one in packs_of(series)] == [1, 1]
