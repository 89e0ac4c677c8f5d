"""What an export is made of."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from dokuei.base.errors import NotFound
from dokuei.imaging import queries as imaging
from dokuei.imaging.queries import Place, Stack
from dokuei.kit.db import system_scope
from dokuei.reporting.models import ReportVersion
from dokuei.reporting.objects import rules
from dokuei.reporting.objects.models import Export
from dokuei.reporting.objects.rules import State, Wanted
from dokuei.worklist import queries as worklist


class ImageGone(NotFound):
    """計測・キー画像の元の画像が見つかりません。保存期間により削除された可能性があります。"""

    code = "export.image_gone"


@dataclass(frozen=True)
class Sources:
    """The signed version, the instances it names, and the studies it answers for."""

    version: ReportVersion
    rows: dict[str, Any]
    """SOP Instance UID to the archive's row."""
    stacks: dict[tuple[str, str], Stack]
    """Of marks on planes, by series and hash; those that are not what they were are left out."""
    asked: tuple[int, ...]
    main: int
    main_row: Any

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = self.version.body
        return found

    def place(self, uid: str) -> Place:
        return imaging.place_of(self.rows[uid])

    def wanted(self) -> list[Wanted]:
        study_of = {uid: row.study_id for uid, row in self.rows.items()}
        return rules.wanted(self.body, main=self.main, study_of=study_of)


def sources_of(export: Export) -> Sources:
    """Look everything up; in a scope that holds the facility."""
    version = ReportVersion.objects.get(report_id=export.report_id, number=export.version)
    reading = export.report.reading
    asked = tuple(worklist.study_ids(reading))
    studies = {*asked, *worklist.prior_study_ids(reading)}
    studies |= {one["facts"]["study_id"] for one in version.body.get("figures", [])}
    placed = [*(one["recipe"] for one in _figures(version)), *rules.marks_in(version.body)]
    frames = [(one["sop_instance_uid"], one["frame_number"]) for one in placed if rules.plane_in(one) is None]
    stacks = _stacks(studies, rules.marks_in(version.body))
    rows = {}
    for uid, number in dict.fromkeys(frames):
        row = imaging.find_instance(studies, uid, number)
        if row is None:
            raise ImageGone()
        rows[uid] = row
    touched = [row.study_id for row in rows.values()]
    touched += [one.first_row.study_id for one in stacks.values()]
    touched += [one["facts"]["study_id"] for one in _figures(version)]
    main = rules.main_study(asked, touched)
    here = next((row for row in rows.values() if row.study_id == main), None) or imaging.first_image(main)
    if here is None:
        raise ImageGone()
    return Sources(version, rows, stacks, asked, main, here)


def _stacks(studies: Collection[int], marks: Sequence[dict[str, Any]]) -> dict[tuple[str, str], Stack]:
    planes = [plane for one in marks if (plane := rules.plane_in(one)) is not None]
    names = dict.fromkeys((one["series_instance_uid"], one["stack_sha256"]) for one in planes)
    found = {name: imaging.find_stack(studies, *name) for name in names}
    return {name: stack for name, stack in found.items() if stack is not None}


def _figures(version: ReportVersion) -> list[dict[str, Any]]:
    return list(version.body.get("figures", []))


def count_failed() -> int:
    """Exports of every facility that support was told of; a number, no row."""
    with system_scope("status"):
        return Export.objects.filter(state=State.FAILED).count()
