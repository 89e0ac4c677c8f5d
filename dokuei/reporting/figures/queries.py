"""Marks and key images: for their reader, for whoever may read the report, and for what is signed."""

import hashlib
from collections.abc import Mapping
from typing import Any

from dokuei.base.errors import NotFound, Unavailable
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries as imaging
from dokuei.kit import store
from dokuei.reporting.figures import rules
from dokuei.reporting.figures.models import Figure, Marks
from dokuei.reporting.figures.rules import LinkedText
from dokuei.reporting.figures.shapes import points_differ
from dokuei.reporting.models import Report, ReportVersion
from dokuei.worklist import queries as worklist

NO_MARKS: dict[str, Any] = {"revision": 0, "saved_at": None, "marks": [], "links": []}


class PictureAltered(Unavailable):
    """保存されたキー画像が作成時・署名時の内容と一致しません。表示を中止しました。サポートに連絡してください。"""

    code = "figure.altered"


def seen_studies(actor: Actor, report: Report) -> set[int]:
    """The studies a reading is about and the patient's earlier ones, as far as the actor may see them now."""
    reading = report.reading
    wanted = [*worklist.study_ids(reading), *worklist.prior_study_ids(reading)]
    return set(imaging.visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True))


def marks_of(report: Report) -> Marks | None:
    return Marks.objects.filter(report=report).first()


def marks_out(row: Marks | None) -> dict[str, Any]:
    if row is None:
        return NO_MARKS
    names = ("revision", "saved_at", "marks", "links")
    return {name: getattr(row, name) for name in names}


def figures_of(report: Report) -> list[Figure]:
    """The figures of a report in their order."""
    return list(Figure.objects.filter(report=report).order_by("place"))


def figures_out(report: Report) -> list[dict[str, Any]]:
    return [figure_out(one, number) for number, one in enumerate(figures_of(report), start=1)]


SAID = (
    "study_id", "study_instance_uid", "study_at", "modality", "series_number", "series_description",
    "instance_number", "is_lossy", "box",
)  # fmt: skip


def figure_out(row: Figure, number: int) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": number,
        "caption": row.caption,
        **{name: row.facts[name] for name in SAID},
        "sop_instance_uid": row.recipe["sop_instance_uid"],
        "frame_number": row.recipe["frame_number"],
        "plane_name": row.facts.get("plane", {}).get("name", ""),
        "recipe": row.recipe,
        "image_url": f"/api/v1/reports/{row.report_id}/figures/{row.pk}/image",
    }


def signed_figures(report: Report) -> dict[str, Any]:
    """What a signed version says of figures and marks; nothing where there are none."""
    figures = [
        {
            "id": one.pk,
            "number": number,
            "caption": one.caption,
            "recipe": one.recipe,
            "facts": one.facts,
            "picture_key": one.picture_key,
            "picture_bytes": one.picture_bytes,
            "picture_sha256": one.picture_sha256,
        }
        for number, one in enumerate(figures_of(report), start=1)
    ]
    row = marks_of(report)
    marks = {"revision": row.revision, "marks": row.marks, "links": row.links} if row else None
    return ({"figures": figures} if figures else {}) | ({"marks": marks} if marks and marks["marks"] else {})


def pictures_of(version: ReportVersion) -> dict[str, bytes]:
    """The pictures of a signed version by file name, each checked against the hash that was signed."""
    return {f"figure-{one['number']}.png": signed_picture(one) for one in version.body.get("figures", [])}


def signed_picture(figure: Mapping[str, Any]) -> bytes:
    """The picture of a figure of a signed version, checked against the hash that was signed."""
    return _read(figure["picture_key"], figure["picture_bytes"], figure["picture_sha256"])


def picture(actor: Actor, report: Report, figure_id: int) -> bytes:
    """The PNG of a figure of a report the actor may read."""
    require(actor, Permission.REPORT_READ)
    row = Figure.objects.filter(report=report, pk=figure_id).first()
    if row is None:
        raise NotFound()
    last = ReportVersion.objects.filter(report=report).order_by("-number").first()
    if last is not None:
        signed = {one["id"]: one["picture_sha256"] for one in last.body.get("figures", [])}
        if signed.get(row.pk) != row.picture_sha256:
            raise PictureAltered()
    return _read(row.picture_key, row.picture_bytes, row.picture_sha256)


def _read(key: str, size: int, sha256: str) -> bytes:
    content = store.default().get_range(key, 0, size)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise PictureAltered()
    return content


def in_text(report: Report) -> dict[str, Any]:
    """What the checks before signing ask about figures and measurements; fields of `rules.Draft`."""
    ids = [one.pk for one in figures_of(report)]
    text = f"{report.findings}\n{report.impression}"
    refs = rules.figures_named(text)
    meant: Mapping[str, Any] = report.figures_meant or {}
    lost = []
    if meant.get("refs") == refs:
        lost = rules.meaning_lost(refs, {int(n): pk for n, pk in meant["meant"].items()}, ids)
    return {
        "figure_count": len(ids),
        "figures_moved": tuple(lost),
        "measured": tuple(_linked(marks_of(report), text)),
    }


def _linked(row: Marks | None, text: str) -> list[LinkedText]:
    """Measurements that still stand in the text, and what became of their marks."""
    if row is None:
        return []
    marks = {one["id"]: one for one in row.marks}
    found = []
    for link in row.links:
        if link["text"] not in text:
            continue
        mark = marks.get(link["mark_id"])
        if mark is None:
            found.append(LinkedText(link["text"], "gone"))
        elif points_differ(link["points"], mark["points"]):
            found.append(LinkedText(link["text"], "moved", "、".join(mark["lines"][:2])))
    return found
