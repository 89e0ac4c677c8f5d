"""The items a request may lack: for which request each counts, and when it is given. No database, no clock."""

from collections.abc import Callable
from dataclasses import dataclass

from dokuei.intake.content import Comparison, Content, Known

CONTRAST_MODALITIES = frozenset({"CT", "MR", "XA", "RF"})
RADIATION_MODALITIES = frozenset({"CT", "CR", "DX", "XA", "RF", "NM", "PT", "MG"})
MODALITIES = ("CT", "MR", "CR", "DX", "MG", "US", "NM", "PT", "XA", "RF")


@dataclass(frozen=True)
class Subject:
    """What the identity of the patient says that decides which items count."""

    sex: str = ""
    age: int | None = None

    def may_be_pregnant(self, youngest: int, oldest: int) -> bool:
        """Unless sex or age rule it out: what is not known rules nothing out."""
        return self.sex != "M" and (self.age is None or youngest <= self.age <= oldest)


def _always(content: Content) -> bool:
    return True


def has_contrast(content: Content) -> bool:
    """Contrast was given, or is planned and nobody says that it was not given."""
    given = content.contrast.given
    return given == Known.YES or (content.contrast.planned == Known.YES and given != Known.NO)


def _says(*parts: str) -> bool:
    return all(part.strip() for part in parts)


def _comparison(content: Content) -> bool:
    state, where = content.comparison.state, content.comparison.where_when
    return state in {Comparison.RECEIVED, Comparison.NONE} or (state == Comparison.ELSEWHERE and _says(where))


def _renal(content: Content) -> bool:
    renal = content.renal
    return (renal.egfr is not None or renal.creatinine is not None) and renal.measured_on is not None


def _mr_safety(content: Content) -> bool:
    said = content.mr_safety.model_dump(exclude={"note"})
    return all(value != Known.UNKNOWN for value in said.values())


@dataclass(frozen=True)
class Item:
    """`counts` says for which contents it is asked at all; `weight` is the one of the default table."""

    field: str
    label: str
    weight: int
    is_given: Callable[[Content], bool]
    modalities: frozenset[str] = frozenset()
    """Modalities this item matters for; empty means all."""
    counts: Callable[[Content], bool] = _always
    for_pregnancy: bool = False

    @property
    def is_always(self) -> bool:
        """Whether it counts for every request of its modalities."""
        return self.counts is _always and not self.for_pregnancy

    def concerns(self, modality: str) -> bool:
        return not self.modalities or modality in self.modalities


ITEMS = (
    Item("question", "検査目的", 25, lambda c: _says(c.question)),
    Item("complaint", "主訴・症状", 12, lambda c: _says(c.complaint)),
    Item("history", "現病歴・既往歴", 12, lambda c: _says(c.history)),
    Item("surgery", "手術歴（なしを含む）", 10, lambda c: _says(c.surgery)),
    Item("malignancy", "悪性腫瘍の既往", 4, lambda c: c.malignancy != Known.UNKNOWN),
    Item("labs", "検査値", 6, lambda c: _says(c.labs) or _renal(c)),
    Item("comparison", "比較検査の所在", 15, _comparison),
    Item(
        "contrast.given", "造影の有無", 12, lambda c: c.contrast.given != Known.UNKNOWN, CONTRAST_MODALITIES
    ),
    Item("contrast.agent", "造影剤", 4, lambda c: _says(c.contrast.agent), CONTRAST_MODALITIES, has_contrast),
    Item("renal", "腎機能と検査日", 8, _renal, CONTRAST_MODALITIES, has_contrast),
    Item(
        "risk.allergy",
        "アレルギー・副作用歴",
        6,
        lambda c: c.risk.allergy != Known.UNKNOWN,
        CONTRAST_MODALITIES,
        has_contrast,
    ),
    Item(
        "risk.asthma",
        "喘息",
        3,
        lambda c: c.risk.asthma != Known.UNKNOWN,
        CONTRAST_MODALITIES,
        has_contrast,
    ),
    Item(
        "risk.metformin",
        "メトホルミン内服",
        3,
        lambda c: c.risk.metformin != Known.UNKNOWN,
        CONTRAST_MODALITIES - {"MR"},
        has_contrast,
    ),
    Item(
        "risk.pregnancy",
        "妊娠の可能性",
        4,
        lambda c: c.risk.pregnancy != Known.UNKNOWN,
        RADIATION_MODALITIES,
        for_pregnancy=True,
    ),
    Item("mr_safety", "MR安全確認", 10, _mr_safety, frozenset({"MR"})),
    Item("callback_phone", "連絡先電話番号", 8, lambda c: _says(c.callback_phone)),
)
