"""What follows from comparing a request with images. No database, no clock, no network."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from dokuei.base.errors import Refusal
from dokuei.intake.rules import State
from dokuei.patients.matching.choice import Choice
from dokuei.patients.matching.evidence import Allows, Evidence, Level, Verdict


class CaseState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class CaseAct(StrEnum):
    FIND = "find"
    SETTLE = "settle"


LIFECYCLE = {
    (CaseState.OPEN, CaseAct.FIND): CaseState.OPEN,
    (CaseState.OPEN, CaseAct.SETTLE): CaseState.CLOSED,
    (CaseState.CLOSED, CaseAct.FIND): CaseState.OPEN,
    (CaseState.CLOSED, CaseAct.SETTLE): CaseState.CLOSED,
}


class Method(StrEnum):
    """How a study came to a request."""

    CHOSEN = "chosen"
    RULES = "rules"
    PERSON = "person"


class Ruling(StrEnum):
    """What a person decided about a request and a study."""

    OTHER = "other"
    """別の検査: they do not belong together."""
    ACCEPTED = "accepted"
    """They do, although something contradicts."""


class LinkRefusal(Refusal):
    STALE = (
        "resolution.stale",
        "ほかの人が先に操作したか、新しい画像が届きました。最新の内容を確認してから、もう一度操作してください。",
    )
    REASON = "resolution.reason", "理由を入力してください。"
    FINAL = (
        "resolution.final",
        "報告が確定しているため、結び付けを変更できません。サポートに連絡してください。",
    )
    ENDED = "resolution.ended", "この依頼は取り消されたか、終了しています。"
    TAKEN = "resolution.study_taken", "この検査には既に別の読影依頼があります。"
    NOT_LINKED = "resolution.not_linked", "この検査は結び付いていません。"
    NOTHING = "resolution.nothing", "対象がありません。最新の内容を確認してください。"
    GRAVE = "resolution.grave", "矛盾のある組合せを判断できるのはサポートだけです。"


OPEN_STATES = (State.SENT, State.ACCEPTED)
"""States of a request in which its images are looked for."""
WATCHED_STATES = (*OPEN_STATES, State.FULFILLED)
"""States in which what contradicts is told. A report that is final cannot be held any more, so people are told."""


@dataclass(frozen=True)
class Finding:
    """Something a person should see: a study that may belong to the request, or what contradicts."""

    study_id: int | None
    """None if the statement contradicts what is held of the patient."""
    level: str
    is_linked: bool
    score: float
    reasons: tuple[str, ...]
    codes: tuple[str, ...]
    """Of what contradicts and nobody has accepted."""

    @property
    def holds(self) -> bool:
        return self.level == Level.CONTRADICTION

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "reasons": list(self.reasons), "codes": list(self.codes)}


def of_linked(study_id: int, verdict: Verdict, accepted: Collection[str]) -> Finding | None:
    """What contradicts between a request and images that belong to it already, unless a person accepted it."""
    against = [one for one in verdict.contradictions if one.code not in accepted]
    return _contradicting(study_id, True, verdict.score, against) if against else None


def of_choice(choice: Choice[int]) -> list[Finding]:
    """What a choice that linked nothing leaves for a person; the likeliest first."""
    found = []
    for study_id, verdict in choice.ranked:
        if verdict.level is Level.CONTRADICTION:
            found.append(_contradicting(study_id, False, verdict.score, list(verdict.contradictions)))
        else:
            reasons = verdict.reasons or choice.reasons
            found.append(Finding(study_id, verdict.level.value, False, verdict.score, tuple(reasons), ()))
    return found


def of_held(study_id: int, reasons: Mapping[str, str]) -> Finding:
    """Images that belong to a request and that the archive holds by itself; `reasons` are codes and sentences."""
    return Finding(
        study_id,
        Level.CONTRADICTION.value,
        True,
        0.0,
        tuple(reasons.values()),
        tuple(reasons),
    )


IDENTITY = {
    "name": "同じ患者IDで登録されている氏名と異なります",
    "birth_date": "同じ患者IDで登録されている生年月日と異なります",
    "sex": "同じ患者IDで登録されている性別と異なります",
}
"""A statement against what is held under the same patient ID (`patients.rules.Contradiction`)."""


def of_identity(contradictions: Collection[str], accepted: Collection[str]) -> Finding | None:
    """What a statement says otherwise than what is held of the patient."""
    codes = tuple(one for one in IDENTITY if one in contradictions and f"identity.{one}" not in accepted)
    if not codes:
        return None
    return Finding(
        None,
        Level.CONTRADICTION.value,
        True,
        0.0,
        tuple(IDENTITY[one] for one in codes),
        tuple(f"identity.{one}" for one in codes),
    )


def _contradicting(study_id: int, is_linked: bool, score: float, against: Sequence[Evidence]) -> Finding:
    return Finding(
        study_id,
        Level.CONTRADICTION.value,
        is_linked,
        score,
        tuple(one.sentence for one in against),
        tuple(one.code for one in against),
    )


def is_grave(verdict: Verdict) -> bool:
    """Whether only somebody who may release a hold may link these two."""
    return bool(verdict.contradictions)


def needs_reason(verdict: Verdict) -> bool:
    """Whether something speaks so much against a link that a person must say why."""
    return any(one.allows >= Allows.NEVER for one in verdict.evidence)


def why_not_touch(state: State) -> Refusal | None:
    """Return why the images of a request in this state cannot be changed, or None."""
    if state in OPEN_STATES:
        return None
    return LinkRefusal.FINAL if state == State.FULFILLED else LinkRefusal.ENDED


def why_not_release(state: State) -> Refusal | None:
    """Return why what contradicts about a request in this state cannot be judged, or None."""
    return None if state in WATCHED_STATES else LinkRefusal.ENDED


def why_not_link(verdict: Verdict, reason: str, *, may_release: bool) -> Refusal | None:
    """Return why a person may not put these two together, or None."""
    if is_grave(verdict) and not may_release:
        return LinkRefusal.GRAVE
    return LinkRefusal.REASON if needs_reason(verdict) and not reason.strip() else None


URGENCY_ORDER = ("emergency", "urgent", "same_day", "next_clinical_day", "checkup")


def revision_is(now: int, seen: int) -> Refusal | None:
    """Return a refusal if what somebody acts on is not what stands there now."""
    return None if now == seen else LinkRefusal.STALE


def findings_of(kept: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """Findings as they were kept."""
    return [
        Finding(**{**one, "reasons": tuple(one["reasons"]), "codes": tuple(one["codes"])}) for one in kept
    ]
