"""The receipt of a study.

Its states, its acts, and what puts it on hold. No database, no clock, no network.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from dokuei.base.errors import Refusal


class Receipt(StrEnum):
    RECEIVING = "receiving"
    COMPLETE = "complete"
    SETTLED = "settled"
    HELD = "held"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    RECEIVE = "receive"
    EXPECT = "expect"
    COUNT = "count"
    SETTLE = "settle"
    HOLD = "hold"
    RESOLVE = "resolve"
    WITHDRAW = "withdraw"


BEFORE = None
"""Stands in the table for the state a study was in before it was held."""

LIFECYCLE: dict[tuple[Receipt, Act], Receipt | None] = {
    (Receipt.RECEIVING, Act.RECEIVE): Receipt.RECEIVING,
    (Receipt.RECEIVING, Act.COUNT): Receipt.COMPLETE,
    (Receipt.RECEIVING, Act.SETTLE): Receipt.SETTLED,
    (Receipt.RECEIVING, Act.HOLD): Receipt.HELD,
    (Receipt.RECEIVING, Act.WITHDRAW): Receipt.WITHDRAWN,
    (Receipt.COMPLETE, Act.RECEIVE): Receipt.RECEIVING,
    (Receipt.COMPLETE, Act.EXPECT): Receipt.RECEIVING,
    (Receipt.COMPLETE, Act.HOLD): Receipt.HELD,
    (Receipt.COMPLETE, Act.WITHDRAW): Receipt.WITHDRAWN,
    (Receipt.SETTLED, Act.RECEIVE): Receipt.RECEIVING,
    (Receipt.SETTLED, Act.COUNT): Receipt.COMPLETE,
    (Receipt.SETTLED, Act.HOLD): Receipt.HELD,
    (Receipt.SETTLED, Act.WITHDRAW): Receipt.WITHDRAWN,
    (Receipt.HELD, Act.RECEIVE): Receipt.HELD,
    (Receipt.HELD, Act.SETTLE): Receipt.HELD,
    (Receipt.HELD, Act.HOLD): Receipt.HELD,
    (Receipt.HELD, Act.RESOLVE): BEFORE,
    (Receipt.HELD, Act.WITHDRAW): Receipt.WITHDRAWN,
    (Receipt.WITHDRAWN, Act.RECEIVE): Receipt.WITHDRAWN,
    (Receipt.WITHDRAWN, Act.SETTLE): Receipt.WITHDRAWN,
}
"""Images are never refused for a state: they are kept even for a study that was withdrawn."""


class Source(StrEnum):
    """Who says how many instances a study has."""

    MPPS = "mpps"
    MANIFEST = "manifest"
    C_FIND = "c_find"


@dataclass(frozen=True)
class Announced:
    """One word about how many instances a study has."""

    source: Source
    count: int
    by: str
    at: datetime
    is_over: bool = True
    """False while a performed procedure step goes on."""


def expected(announced: Sequence[Announced]) -> Announced | None:
    """What counts of all that was said: the largest of the steps' sum, the manifest's count and the archive's.

    Nothing does while a step goes on.
    """
    if not all(one.is_over for one in announced):
        return None
    steps = [one for one in announced if one.source is Source.MPPS]
    others = sorted((one for one in announced if one.source is not Source.MPPS), key=_sender_first)
    if steps:
        last = max(steps, key=lambda one: one.at)
        others.insert(0, replace(last, count=sum(one.count for one in steps)))
    largest = max(others, key=lambda one: one.count, default=None)
    return largest if largest is not None and largest.count else None


def _sender_first(one: Announced) -> bool:
    return one.source is Source.C_FIND


class ReceiptRefusal(Refusal):
    WRONG_STATE = "study.wrong_state", "現在の受信状態ではこの操作はできません。"
    NO_REASON = "study.no_reason", "理由を入力してください。"


class HoldReason(Refusal):
    """Why a study waits for support; a value may stand together with others."""

    OTHER_PATIENT = "study.other_patient", "同じ検査に異なる患者IDの画像が含まれています"
    PATIENT_CONTRADICTION = (
        "study.patient_contradiction",
        "同じ患者IDで氏名・生年月日・性別が以前と異なります",
    )
    NO_PATIENT_ID = "study.no_patient_id", "画像に患者IDがありません"
    OTHER_DATE = "study.other_date", "同じ検査に異なる検査日の画像が含まれています"
    OTHER_ACCESSION = "study.other_accession", "同じ検査に異なる受付番号の画像が含まれています"


class QuarantineReason(Refusal):
    OTHER_CONTENT = (
        "instance.other_content",
        "同じSOP Instance UIDで内容の異なる画像です。先に受信した画像は変更していません。",
    )
    OTHER_STUDY = (
        "instance.other_study",
        "同じSOP Instance UIDで別の検査・患者の画像です。先に受信した画像は変更していません。",
    )


def why_not(state: Receipt, act: Act) -> Refusal | None:
    """Return why this act is refused in this state, or None."""
    return None if (state, act) in LIFECYCLE else ReceiptRefusal.WRONG_STATE


def hold_reasons(
    *,
    is_same_patient: bool,
    has_patient_id: bool,
    contradictions: Collection[str],
    study_on: tuple[date | None, date | None],
    accession: tuple[str, str],
) -> frozenset[HoldReason]:
    """What about an arriving instance must be looked at by a person; pairs are (held, seen)."""
    found = set()
    if not is_same_patient:
        found.add(HoldReason.OTHER_PATIENT)
    if not has_patient_id:
        found.add(HoldReason.NO_PATIENT_ID)
    if contradictions:
        found.add(HoldReason.PATIENT_CONTRADICTION)
    if None not in study_on and study_on[0] != study_on[1]:
        found.add(HoldReason.OTHER_DATE)
    if all(accession) and accession[0] != accession[1]:
        found.add(HoldReason.OTHER_ACCESSION)
    return frozenset(found)
