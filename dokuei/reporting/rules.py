"""What may be signed: lifecycle and deterministic Japanese checks (product 29). No database, no clock."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from dokuei.base.errors import Refusal
from dokuei.reporting.figures.rules import LinkedText, figures_named, sentence_with


class State(StrEnum):
    DRAFT = "draft"
    FINAL = "final"


class Act(StrEnum):
    WRITE = "write"
    SIGN = "sign"


LIFECYCLE = {
    (State.DRAFT, Act.WRITE): State.DRAFT,
    (State.DRAFT, Act.SIGN): State.FINAL,
}


class ReportRefusal(Refusal):
    FINAL = "report.final", "この報告は確定しています。書き直すことはできません。"
    NOT_YOURS = "report.not_yours", "この読影の担当ではないため、報告を書くことはできません。"
    STALE = "report.draft_conflict", "別の画面で先に保存されています。両方の内容を確認して選んでください。"
    ASK_BACKS_CHANGED = (
        "report.ask_backs_changed",
        "照会の状況が変わりました（回答の到着など）。内容を確認してから、もう一度署名してください。",
    )
    STOPPED = "report.checks", "署名の前に確認が必要な項目があります。"


class Severity(StrEnum):
    STOP = "stop"
    """Cannot be signed."""
    WARN = "warn"
    """Can be signed with a reason."""
    HINT = "hint"
    """Worth a look; stands in nobody's way."""


@dataclass(frozen=True)
class Check:
    code: str
    sentence: str
    severity: Severity


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is about to be signed, and what it is about."""

    findings: str
    impression: str
    asked: str
    """Exam description, body part and question of the request."""
    contrast_given: str = "unknown"
    missing_items: tuple[str, ...] = ()
    images_shown: int = 0
    images_expected: int | None = None
    has_priors: bool = False
    figure_count: int = 0
    figures_moved: tuple[int, ...] = ()
    """Numbers the text names that stood for other pictures when they were written."""
    measured: tuple[LinkedText, ...] = ()
    """Measurements in the text whose marks were moved or removed."""


SIDES = {"右": re.compile(r"右|\bRt\b|\bright\b", re.I), "左": re.compile(r"左|\bLt\b|\bleft\b", re.I)}
BOTH = re.compile(r"両側|両[肺腎肩膝股眼乳]|左右")
COMPARED = re.compile(r"前回|比較して|著変|変化(なし|ない|を認めない)|増大|縮小")
WITH_CONTRAST = re.compile(r"造影(効果|増強|不良|早期相|動脈相|門脈相|平衡相|後)|濃染|wash\s?out", re.I)
NO_CONTRAST = re.compile(r"(単純|非造影|造影剤(は)?(使用せず|なし))")


def why_not_write(state: State, reader_id: int | None, actor_id: int | None) -> Refusal | None:
    """Return why this person may not write this report, or None; only the claimant of the reading may."""
    if (state, Act.WRITE) not in LIFECYCLE:
        return ReportRefusal.FINAL
    if reader_id is None or reader_id != actor_id:
        return ReportRefusal.NOT_YOURS
    return None


def sides(text: str) -> frozenset[str]:
    """The sides a text names: 右, 左 or both.

    >>> sorted(sides("左肺下葉に結節"))
    ['左']
    >>> sorted(sides("両側胸水")) == sorted(["右", "左"])
    True
    """
    if BOTH.search(text):
        return frozenset(SIDES)
    return frozenset(side for side, pattern in SIDES.items() if pattern.search(text))


def checks(draft: Draft) -> list[Check]:
    """Every doubt about a draft, in the order it should be looked at."""
    found = [
        _empty(draft),
        _other_side(draft),
        _sides_disagree(draft),
        _contrast(draft),
        _no_prior(draft),
        _missing_images(draft),
        _unknown_figures(draft),
        _moved_figures(draft),
        _measurements(draft),
        _unnamed_figures(draft),
    ]
    return [check for check in found if check is not None]


def why_not_sign(draft: Draft, overridden: frozenset[str]) -> list[Check]:
    """The checks that still stand in the way: every stop, and each warning without a reason."""
    return [
        check
        for check in checks(draft)
        if check.severity == Severity.STOP
        or (check.severity == Severity.WARN and check.code not in overridden)
    ]


def _empty(draft: Draft) -> Check | None:
    if not draft.findings.strip() or not draft.impression.strip():
        return Check("empty", "所見と診断の両方を入力してください。", Severity.STOP)
    return None


def _other_side(draft: Draft) -> Check | None:
    asked, told = sides(draft.asked), sides(draft.findings + "\n" + draft.impression)
    if len(asked) == 1 and told and not asked & told:
        side, other = next(iter(asked)), next(iter(told))
        return Check(
            "side.request", f"依頼は「{side}」ですが、報告には「{other}」しかありません。", Severity.WARN
        )
    return None


def _sides_disagree(draft: Draft) -> Check | None:
    findings, impression = sides(draft.findings), sides(draft.impression)
    if findings and impression and not findings & impression:
        return Check("side.impression", "所見と診断で左右が異なります。", Severity.WARN)
    return None


def _contrast(draft: Draft) -> Check | None:
    text = draft.findings + draft.impression
    if draft.contrast_given == "no" and WITH_CONTRAST.search(text):
        return Check("contrast", "造影なしの検査ですが、造影の所見が書かれています。", Severity.WARN)
    if draft.contrast_given == "yes" and NO_CONTRAST.search(text):
        return Check("contrast", "造影ありの検査ですが、単純と書かれています。", Severity.WARN)
    return None


def _no_prior(draft: Draft) -> Check | None:
    if not draft.has_priors and COMPARED.search(draft.findings + draft.impression):
        return Check("comparison", "比較できる過去検査がありませんが、比較の記載があります。", Severity.WARN)
    return None


def _missing_images(draft: Draft) -> Check | None:
    if draft.images_expected is not None and draft.images_shown < draft.images_expected:
        sentence = f"画像が {draft.images_expected} 枚中 {draft.images_shown} 枚しか届いていません。"
        return Check("images", sentence, Severity.WARN)
    return None


def _named(numbers: Iterable[int]) -> str:
    return "、".join(f"図{one}" for one in numbers)


def _unknown_figures(draft: Draft) -> Check | None:
    named = sorted(set(figures_named(draft.findings + "\n" + draft.impression)))
    absent = [one for one in named if not 1 <= one <= draft.figure_count]
    if not absent:
        return None
    have = f"キー画像は {draft.figure_count} 枚です" if draft.figure_count else "キー画像はありません"
    return Check("figure.absent", f"文章に「{_named(absent)}」とありますが、{have}。", Severity.WARN)


def _moved_figures(draft: Draft) -> Check | None:
    if not draft.figures_moved:
        return None
    sentence = (
        f"キー画像の番号が変わり、文章の「{_named(draft.figures_moved)}」は"
        "書いたときと別の画像になっています。"
    )
    return Check("figure.moved", sentence, Severity.WARN)


def _measurements(draft: Draft) -> Check | None:
    text, said = draft.findings + "\n" + draft.impression, []
    for one in draft.measured:
        place = sentence_with(text, one.text)
        fate = "計測は削除されています" if one.fate == "gone" else f"計測は変わっています（現在 {one.now}）"
        said.append(f"「{place or one.text}」の {one.text}：{fate}。")
    return Check("measure", " ".join(said), Severity.WARN) if said else None


def _unnamed_figures(draft: Draft) -> Check | None:
    named = set(figures_named(draft.findings + "\n" + draft.impression))
    unnamed = [one for one in range(1, draft.figure_count + 1) if one not in named]
    if not unnamed:
        return None
    return Check("figure.unnamed", f"{_named(unnamed)} は文章に出てきません。", Severity.HINT)


def missing_sentence(missing: tuple[str, ...]) -> str:
    """What a report says by itself about an incomplete request (product 3)."""
    return f"臨床情報不足: {'、'.join(missing)}" if missing else ""
