"""The score of a request and its cautions, by one table. No database, no clock."""

from dataclasses import dataclass
from datetime import date

from dokuei.intake.content import Content, Known
from dokuei.intake.rules import Missing
from dokuei.intake.scoring.items import (
    CONTRAST_MODALITIES,
    ITEMS,
    RADIATION_MODALITIES,
    Subject,
    has_contrast,
)
from dokuei.intake.scoring.table import DEFAULT, DEFAULT_NAME, Limits, Table


@dataclass(frozen=True)
class Caution:
    """Something the request says that a limit of the facility speaks against."""

    field: str
    sentence: str


@dataclass(frozen=True)
class Completeness:
    """`score` is 0 to 100; `missing` are the items an informed reading would want."""

    score: int
    missing: tuple[Missing, ...]
    cautions: tuple[Caution, ...] = ()
    rule: str = DEFAULT_NAME
    """Name and version of the table, kept with the score so that later tables never change it."""


def completeness(
    content: Content,
    *,
    on: date,
    subject: Subject | None = None,
    table: Table = DEFAULT,
    name: str = DEFAULT_NAME,
) -> Completeness:
    """Score what the request says on a day against what a reading of this modality wants (product 1)."""
    subject, limits = subject or Subject(), table.limits
    asked = [
        (item, table.weights.get(item.field, 0))
        for item in ITEMS
        if item.concerns(content.exam.modality)
        and item.counts(content)
        and (not item.for_pregnancy or subject.may_be_pregnant(limits.pregnancy_from, limits.pregnancy_to))
    ]
    whole = sum(weight for _, weight in asked)
    given = sum(weight for item, weight in asked if item.is_given(content))
    missing = tuple(Missing(i.field, i.label) for i, weight in asked if weight and not i.is_given(content))
    score = round(100 * given / whole) if whole else 100
    return Completeness(score, missing, cautions(content, limits, on=on), name)


def cautions(content: Content, limits: Limits, *, on: date) -> tuple[Caution, ...]:
    """What the facility's limits speak against; what the request does not say is missing, not a caution."""
    found = [*_of_contrast(content, limits, on), *_of_pregnancy(content), *_of_mr(content)]
    return tuple(Caution(field, sentence) for field, sentence in found)


def _of_contrast(content: Content, limits: Limits, on: date) -> list[tuple[str, str]]:
    if content.exam.modality not in CONTRAST_MODALITIES or not has_contrast(content):
        return []
    said = _of_kidneys(content, limits, on)
    if content.contrast.reaction == Known.YES:
        said.append(("contrast.reaction", _with("造影剤の副作用があります", content.contrast.reaction_note)))
    if content.risk.allergy == Known.YES:
        said.append(("risk.allergy", _with("アレルギー・副作用歴があります", content.risk.allergy_note)))
    if content.risk.asthma == Known.YES:
        said.append(("risk.asthma", "喘息があります"))
    return said


def _of_kidneys(content: Content, limits: Limits, on: date) -> list[tuple[str, str]]:
    renal, is_mr = content.renal, content.exam.modality == "MR"
    said = []
    if renal.measured_on is not None:
        days = (on - renal.measured_on).days
        if days < 0:
            said.append(("renal.measured_on", "腎機能の検査日が未来の日付です"))
        elif days > limits.renal_valid_days:
            said.append(
                ("renal.measured_on", f"腎機能は{days}日前の値です（基準 {limits.renal_valid_days}日以内）")
            )
    if renal.egfr is None:
        return said
    limit, kind = (limits.gadolinium_egfr, "ガドリニウム") if is_mr else (limits.iodine_egfr, "ヨード")
    if renal.egfr < limit:
        said.append(("renal.egfr", f"eGFR {renal.egfr:g} は{kind}造影の基準 {limit:g} 未満です"))
    if not is_mr and content.risk.metformin == Known.YES and renal.egfr < limits.metformin_egfr:
        sentence = f"メトホルミン内服中で eGFR {renal.egfr:g} は基準 {limits.metformin_egfr:g} 未満です"
        said.append(("risk.metformin", sentence))
    return said


def _of_pregnancy(content: Content) -> list[tuple[str, str]]:
    concerns = content.exam.modality in RADIATION_MODALITIES | {"MR"}
    is_likely = content.risk.pregnancy == Known.YES
    return [("risk.pregnancy", "妊娠または妊娠の可能性があります")] if concerns and is_likely else []


MR_WORDS = {
    "pacemaker": "ペースメーカー・植込み型除細動器",
    "aneurysm_clip": "脳動脈瘤クリップ",
    "cochlear_implant": "人工内耳",
    "other_metal": "その他の体内金属",
    "claustrophobia": "閉所恐怖",
}


def _of_mr(content: Content) -> list[tuple[str, str]]:
    if content.exam.modality != "MR":
        return []
    said = content.mr_safety.model_dump()
    return [
        (f"mr_safety.{name}", _with(f"{word}があります", content.mr_safety.note))
        for name, word in MR_WORDS.items()
        if said[name] == Known.YES
    ]


def _with(sentence: str, note: str) -> str:
    return f"{sentence}（{note.strip()}）" if note.strip() else sentence
