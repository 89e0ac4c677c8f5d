"""From a signed version and the original images to the bytes of its objects. No database; blocking."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import imagecodecs
from pydicom import Dataset

from dokuei.dicom.objects import capture, common, keys
from dokuei.dicom.objects.common import Making, Reference, Subject, derived_uid, subject_of
from dokuei.dicom.objects.frame import Frame, Table, frame_of, voi_of
from dokuei.dicom.objects.keys import KEY_OBJECTS, Key
from dokuei.dicom.objects.marks import Mark
from dokuei.dicom.objects.measure import grid_of, measure
from dokuei.dicom.objects.presentation import Shown, Window, presentation_state, sop_class_of
from dokuei.dicom.objects.report import Entry, Lost, measurement_report
from dokuei.dicom.objects.space import Space
from dokuei.dicom.read import DataSet
from dokuei.imaging import queries as imaging
from dokuei.imaging.queries import Stack
from dokuei.reporting.errors import AreaEmpty
from dokuei.reporting.figures import queries as figures
from dokuei.reporting.figures.rules import sheet
from dokuei.reporting.objects import rules
from dokuei.reporting.objects.models import ExportedObject
from dokuei.reporting.objects.queries import Sources
from dokuei.reporting.objects.rules import SERIES_NUMBER, Kind

VALUED = {"ellipse", "rectangle", "freehand", "probe"}
"""Kinds of marks that tell values of pixels."""


@dataclass(frozen=True)
class Made:
    """An object's bytes, and where they belong."""

    study_id: int
    sop_uid: str
    content: bytes


class Maker:
    """Makes the objects of one export; headers and pixels are read once each."""

    def __init__(self, sources: Sources, planned: Sequence[ExportedObject]) -> None:
        self.sources, self.planned = sources, planned
        self._headers: dict[str, DataSet] = {}
        self._last: tuple[tuple[str, int], Any] | None = None

    def make(self) -> Iterator[Made]:
        """Every planned object, those first that others speak of."""
        order = list(Kind)
        for one in sorted(self.planned, key=lambda row: (order.index(Kind(row.kind)), row.place)):
            ds = self._one(one)
            yield Made(one.study_id, one.sop_instance_uid, common.as_file(ds))

    def _one(self, row: ExportedObject) -> Dataset:
        making = self._making(row)
        subject = self._subject(row.study_id)
        match Kind(row.kind):
            case Kind.FIGURE:
                return presentation_state(subject, making, self._figure(self.figures[row.place - 1]))
            case Kind.CAPTURE:
                return self._capture(subject, making, self.figures[row.place - 1])
            case Kind.MARKS:
                return presentation_state(subject, making, self._bare(row.place))
            case Kind.KEYS:
                copies = [self._copy(one) for one in self._of(Kind.KEYS) if one.pk != row.pk]
                return keys.key_object_selection(subject, making, self._keys(), identical=copies)
            case Kind.REPORT:
                return self._report(subject, making)

    @property
    def figures(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sources.body.get("figures", [])
        return found

    def _of(self, kind: Kind) -> list[ExportedObject]:
        return sorted((one for one in self.planned if one.kind == kind), key=lambda one: one.place)

    def _making(self, row: ExportedObject) -> Making:
        version = self.sources.version
        return Making(
            sop_uid=row.sop_instance_uid,
            series_uid=row.series_instance_uid,
            series_number=SERIES_NUMBER[Kind(row.kind)],
            instance_number=row.place,
            at=version.signed_at,
            author=version.signed_by_name,
        )

    def _header(self, uid: str) -> DataSet:
        if uid not in self._headers:
            self._headers[uid] = imaging.header_of(self.sources.rows[uid])
        return self._headers[uid]

    def _subject(self, study_id: int) -> Subject:
        """In the words of an image of the very study."""
        for uid, row in self.sources.rows.items():
            if row.study_id == study_id:
                return subject_of(self._header(uid))
        row = imaging.first_image(study_id) or self.sources.main_row
        return subject_of(imaging.header_of(row))

    def _frame(self, uid: str, number: int) -> Frame:
        return frame_of(self._header(uid), number)

    def _reference(self, uid: str, number: int) -> Reference:
        place = self.sources.place(uid)
        frame = number if place.frames > 1 else None
        return Reference(place.study_uid, place.series_uid, place.sop_class_uid, uid, frame)

    def _figure(self, figure: dict[str, Any]) -> Shown:
        recipe, facts = figure["recipe"], figure["facts"]
        uid, number = recipe["sop_instance_uid"], recipe["frame_number"]
        area = recipe["area"]
        laid = sheet(
            (area["left"], area["top"], area["right"], area["bottom"]),
            rows=facts["rows"],
            columns=facts["columns"],
            tallness=facts["tallness"],
            rotation_deg=recipe["rotation_deg"],
            is_mirrored=recipe["is_mirrored"],
        )
        if laid is None:
            raise AreaEmpty()
        frame = self._frame(uid, number)
        window, table = self._look(uid, number, recipe["window"])
        is_lost = frame.is_colour and recipe["is_low_white"]
        words = f"図{figure['number']} {figure['caption']}".strip()
        return Shown(
            image=self._reference(uid, number),
            frame=frame,
            cut=laid.cut,
            rotation_deg=recipe["rotation_deg"],
            is_mirrored=recipe["is_mirrored"],
            is_low_white=recipe["is_low_white"],
            window=window,
            voi_table=table,
            marks=tuple(mark_of(one) for one in recipe["marks"]),
            label=f"KEY_IMAGE_{figure['number']}",
            description=f"{words}（白黒反転は含みません）" if is_lost else words,
        )

    def _look(
        self, uid: str, number: int, asked: dict[str, Any] | None
    ) -> tuple[Window | None, Table | None]:
        if asked is not None:
            return Window(asked["center"], asked["width"], asked["function"]), None
        window, table = voi_of(self._header(uid), number)
        return (Window(*window) if window else None), table

    def _bare(self, place: int) -> Shown:
        uid, number = rules.bare_frames(self.sources.body)[place - 1]
        frame = self._frame(uid, number)
        window, table = self._look(uid, number, None)
        marks = [
            mark_of(one)
            for one in rules.marks_in(self.sources.body)
            if (one["sop_instance_uid"], one["frame_number"]) == (uid, number)
        ]
        return Shown(
            image=self._reference(uid, number),
            frame=frame,
            cut=(0, 0, frame.columns, frame.rows),
            rotation_deg=0,
            is_mirrored=False,
            is_low_white=frame.photometric == "MONOCHROME1",
            window=window,
            voi_table=table,
            marks=tuple(marks),
            label=f"MARKS_{place}",
            description="計測・注釈",
        )

    def _keys(self) -> list[Key]:
        found = []
        rows = {one.place: one for kind in (Kind.FIGURE, Kind.CAPTURE) for one in self._of(kind)}
        for figure in self.figures:
            recipe, row = figure["recipe"], rows[figure["number"]]
            if row.kind == Kind.CAPTURE:
                found.append(Key(self._copy(row, capture.SECONDARY_CAPTURE), None, words_of(figure)))
                continue
            uid, number = recipe["sop_instance_uid"], recipe["frame_number"]
            state = Reference(
                self.sources.place(uid).study_uid,
                row.series_instance_uid,
                sop_class_of(self._frame(uid, number)),
                row.sop_instance_uid,
            )
            found.append(Key(self._reference(uid, number), state, words_of(figure)))
        return found

    def _copy(self, row: ExportedObject, sop_class: str = KEY_OBJECTS) -> Reference:
        """One of our own objects, as another speaks of it."""
        study_uid = self._subject(row.study_id).study_uid
        return Reference(study_uid, row.series_instance_uid, sop_class, row.sop_instance_uid)

    def _capture(self, subject: Subject, making: Making, figure: dict[str, Any]) -> Dataset:
        facts = figure["facts"]
        return capture.secondary_capture(
            subject,
            making,
            imagecodecs.png_decode(figures.signed_picture(figure)),
            words=words_of(figure),
            derivation=f"{facts['plane']['name']} of series {facts['series_instance_uid']}",
            is_lossy=facts["is_lossy"],
        )

    def _report(self, subject: Subject, making: Making) -> Dataset:
        places = {uid: self.sources.place(uid) for uid in self.sources.rows}
        own = [one.study_uid for one in places.values() if one.study_id in self.sources.asked]
        stacks = [imaging.place_of(one.first_row) for one in self.sources.stacks.values()]
        own += [one.study_uid for one in stacks if one.study_id in self.sources.asked]
        modality = imaging.place_of(self.sources.main_row).modality
        return measurement_report(subject, making, self.entries, modality=modality, own_studies=own)

    @cached_property
    def entries(self) -> list[Entry | Lost]:
        """Every mark measured on the original pixels."""
        return [
            self._entry(one) if rules.plane_in(one) is None else self._on_plane(one)
            for one in rules.measured(self.sources.body)
        ]

    def _on_plane(self, told: dict[str, Any]) -> Entry | Lost:
        """The plane is cut again; where its stack is not what it was, nothing is said in numbers."""
        plane, mark = told["plane"], mark_of(told)
        stack = self.sources.stacks.get((plane["series_instance_uid"], plane["stack_sha256"]))
        report = str(self.sources.version.report_id)
        if stack is None:
            return Lost(mark, derived_uid(plane["series_instance_uid"], report, mark.id))
        frame = imaging.plane_frame(stack, plane)
        grid = grid_of(frame, self._cut(stack, plane)) if mark.kind in VALUED else None
        uid = imaging.place_of(stack.first_row).study_uid
        tracking = derived_uid(uid, report, mark.id)
        return Entry(mark, space_of(stack, plane), measure(mark, frame, grid), tracking, frame.is_lossy)

    def _cut(self, stack: Stack, plane: dict[str, Any]) -> Any:
        """The values of a plane; the last one is kept, as with frames."""
        key = (json.dumps(plane, sort_keys=True), 0)
        if self._last is None or self._last[0] != key:
            self._last = (key, imaging.cut_out(stack, plane).values)
        return self._last[1]

    def _entry(self, told: dict[str, Any]) -> Entry:
        uid, number, mark = told["sop_instance_uid"], told["frame_number"], mark_of(told)
        frame = self._frame(uid, number)
        grid = None
        if mark.kind in VALUED:
            grid = grid_of(frame, self._stored(uid, number))
        return Entry(
            mark,
            self._reference(uid, number),
            measure(mark, frame, grid),
            derived_uid(self.sources.place(uid).study_uid, str(self.sources.version.report_id), mark.id),
            is_lossy=frame.is_lossy,
        )

    def _stored(self, uid: str, number: int) -> Any:
        """The last frame that was decoded is kept: marks on one frame stand together."""
        key = (uid, number)
        if self._last is None or self._last[0] != key:
            self._last = (key, imaging.stored_numbers(self.sources.rows[uid], number))
        return self._last[1]


def space_of(stack: Stack, told: dict[str, Any]) -> Space:
    """Where a plane lies, and every slice it may have been cut from."""
    plane = imaging.plane_of(told)
    slices = []
    for one in stack.slices:
        place = imaging.place_of(stack.rows[one.sop_uid])
        frame = one.frame.frame_number if place.frames > 1 else None
        uids = place.study_uid, place.series_uid, place.sop_class_uid, one.sop_uid
        slices.append(Reference(*uids, frame))
    return Space(
        frame_of_reference_uid=stack.frame_of_reference_uid,
        origin=plane.origin,
        row=plane.row,
        column=plane.column,
        between_columns=plane.between_columns,
        between_rows=plane.between_rows,
        series_uid=told["series_instance_uid"],
        words=imaging.name_of(told),
        slices=tuple(slices),
    )


def mark_of(told: dict[str, Any]) -> Mark:
    """A mark of a signed version as plain values."""
    return Mark(
        id=told["id"],
        kind=told["kind"],
        points=tuple((float(x), float(y)) for x, y in told["points"]),
        is_closed=told["is_closed"],
        text=told["text"],
        lines=tuple(told["lines"]),
    )


def words_of(figure: dict[str, Any]) -> str:
    """What the selection says of a figure: number, caption, and where it is.

    >>> facts = {"series_number": 2, "instance_number": 34, "frames": 1, "frame_number": 1, "study_at": ""}
    >>> words_of({"number": 1, "caption": "右肺の結節", "facts": facts})
    '図1　右肺の結節（シリーズ 2　画像 34）'
    """
    facts = figure["facts"]
    series, number = (
        "―" if facts[name] is None else facts[name] for name in ("series_number", "instance_number")
    )
    frame = f"　フレーム {facts['frame_number']}" if facts["frames"] > 1 else ""
    caption = f"　{figure['caption']}" if figure["caption"] else ""
    if "plane" in facts:
        return f"図{figure['number']}{caption}（シリーズ {series}　再構成 {facts['plane']['name']}）"
    return f"図{figure['number']}{caption}（シリーズ {series}　画像 {number}{frame}）"
