"""Who may be the same person elsewhere, and what a link needs. No database, no clock."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dokuei.base.errors import Refusal
from dokuei.dicom.person_name import PersonName, matching_key
from dokuei.patients.matching.evidence import Allows, Fact, Relation, Verdict
from dokuei.patients.matching.shapes import one_form


class LinkState(StrEnum):
    CONFIRMED = "confirmed"
    REVOKED = "revoked"


class LinkAct(StrEnum):
    REVOKE = "revoke"


LIFECYCLE = {(LinkState.CONFIRMED, LinkAct.REVOKE): LinkState.REVOKED}


class Basis(StrEnum):
    """Why one facility's images may be shown to another (個人情報保護法 27条)."""

    CONSENT = "consent"
    EMERGENCY = "emergency"
    CONTRACT = "contract"


class Confidence(StrEnum):
    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"


class LinkRefusal(Refusal):
    OWN_OFF = (
        "elsewhere.own_off",
        "この施設では他施設の過去検査の参照が許可されていません。管理者に連絡してください。",
    )
    OTHER_OFF = "elsewhere.other_off", "相手の施設が過去検査の提供を許可していません。"
    SAME_FACILITY = "elsewhere.same_facility", "同じ施設の患者です。患者の統合を使ってください。"
    NO_BIRTH = (
        "elsewhere.no_birth",
        "この患者には生年月日がないため、他施設の候補を探せません。先に患者情報を訂正してください。",
    )
    IDENTIFIERS = (
        "elsewhere.identifiers",
        "入力した氏名と生年月日が、両方の施設の患者と一致しません。本人確認書類で確認してください。",
    )
    CONTRADICTS = "elsewhere.contradicts", "性別などが矛盾するため、同じ人として確認できません。"
    CONSENT = "elsewhere.consent", "同意を得た日と、同意を確認した人を入力してください。"
    CONSENT_LATER = "elsewhere.consent_later", "同意を得た日は今日までの日付にしてください。"
    REQUEST = "elsewhere.request", "緊急の場合は、対象の読影依頼を選んでください。"
    REASON = "elsewhere.reason", "理由を入力してください。"
    ALREADY = "elsewhere.already", "この患者は既に確認されています。"
    ENDED = "elsewhere.ended", "この参照は既に終了しています。"


PEOPLE = (Fact.FAMILY_NAME, Fact.GIVEN_NAME, Fact.BIRTH_DATE, Fact.SEX)


def confidence(verdict: Verdict) -> Confidence | None:
    """How sure it is that two rows of different facilities are one person; None if something contradicts.

    Their IDs say nothing: each facility gives its own. High takes name and birth date in full.
    """
    found = {one.fact: one for one in verdict.evidence if one.fact in PEOPLE}
    if any(one.allows is Allows.CONTRADICTS for one in found.values()):
        return None
    agree = {fact for fact, one in found.items() if one.relation is Relation.AGREE}
    if {Fact.FAMILY_NAME, Fact.GIVEN_NAME, Fact.BIRTH_DATE} <= agree:
        return Confidence.HIGH if Fact.SEX in agree else Confidence.MIDDLE
    if Fact.BIRTH_DATE in agree and agree & {Fact.FAMILY_NAME, Fact.GIVEN_NAME}:
        return Confidence.MIDDLE
    return Confidence.LOW if len(agree - {Fact.SEX}) >= 1 and verdict.score > 0 else None


def reasons(verdict: Verdict) -> list[str]:
    """What speaks for it and what is open, as sentences."""
    return [one.sentence for one in verdict.evidence if one.fact in PEOPLE]


@dataclass(frozen=True, kw_only=True)
class Typed:
    """The two identifiers a person writes down, read from a paper and not from our screen."""

    name: str
    birth_on: date


def is_named(held: PersonName, held_on: date | None, typed: Typed) -> bool:
    """Whether both identifiers agree with what one facility holds; the name in any one of its scripts."""
    said = matching_key(one_form(typed.name))
    names = {matching_key(one_form(group)) for group in (held.kanji, held.kana, held.romaji)} - {""}
    return bool(said) and said in names and held_on == typed.birth_on


@dataclass(frozen=True, kw_only=True)
class Ground:
    """The legal basis of a link, and what belongs to it."""

    basis: Basis
    reason: str
    consented_on: date | None = None
    consent_by: str = ""
    """Who took the consent."""
    request_id: int | None = None
    """The one request an emergency is about; it shows nothing to any other."""


def why_not_ground(ground: Ground, today: date) -> LinkRefusal | None:
    """Return what the legal basis lacks, or None."""
    if ground.basis is Basis.CONSENT:
        if ground.consented_on is None or not ground.consent_by.strip():
            return LinkRefusal.CONSENT
        if ground.consented_on > today:
            return LinkRefusal.CONSENT_LATER
    if ground.basis is Basis.EMERGENCY and ground.request_id is None:
        return LinkRefusal.REQUEST
    return None if ground.reason.strip() else LinkRefusal.REASON


def why_not_share(*, is_same_facility: bool, own_is_on: bool, other_is_on: bool) -> LinkRefusal | None:
    """Return why nothing passes between two facilities, or None: off until an administrator switched both on."""
    if is_same_facility:
        return LinkRefusal.SAME_FACILITY
    if not own_is_on:
        return LinkRefusal.OWN_OFF
    return None if other_is_on else LinkRefusal.OTHER_OFF


def why_not_revoke(state: LinkState, reason: str) -> LinkRefusal | None:
    if (state, LinkAct.REVOKE) not in LIFECYCLE:
        return LinkRefusal.ENDED
    return None if reason.strip() else LinkRefusal.REASON
