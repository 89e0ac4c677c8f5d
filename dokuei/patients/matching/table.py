"""Every number and every sentence of the matcher: what a comparison may show, what it weighs, what it allows.

Weights follow Fellegi and Sunter (1969): log2(m / u), where m is how often an outcome is seen among pairs that belong
together and u among pairs that do not. Nothing is learned from patients. Where the numbers come from:

- m of typed text: about one slip in a hundred typed fields, the usual figure of studies of data entry; what a device
  takes over from a worklist is rarely wrong. So 0.95 to 0.98 agree, and the rest is spread over the outcomes below.
- u of a birth date: one in 365 x 70 days, rounded up for the years most patients are of; u of its slips: that, times
  the dates that lie so near. u of sex: one half. u of names: the share of people with that surname (`surnames.py`);
  of names not listed there, and of given names, a round figure for the tails of the same rankings.
- u of a patient ID and accession number is not chance but mistakes: an ID given twice or typed for another's.
- u of exam facts: the shares of modalities and parts in a mixed hospital's day.

They are estimates and were not measured at a facility. Whether they hold is measured by ``bench/matching.py``.
A change of any line here is a new `VERSION`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2
from types import MappingProxyType

from dokuei.patients.matching.evidence import Allows, Fact, Relation

VERSION = "matching-1"

STRONG_BITS = 30.0
"""At least this for a link. A thousand candidates cost 10 bits, odds of 100,000 to one 17; the rest is margin."""
POSSIBLE_BITS = 10.0
"""Below this a pair is not shown, unless a number claims that it belongs together: even odds among a thousand."""
MOST_DAYS_MOVED = 14
"""An exam done so many days beside its date may still be the one that was asked for, if its number says so."""
SHORTEST_SLIP = 3
"""Letters a name needs for one wrong letter to be a slip: of two letters one wrong makes another name."""
SHORTEST_NUMBER_SLIP = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line of the table."""

    fact: Fact
    relation: Relation
    allows: Allows
    m: float
    u: float
    sentence: str

    @property
    def weight(self) -> float:
        return weigh(self.m, self.u)


def weigh(m: float, u: float) -> float:
    """Bits for (or against) belonging together."""
    return round(log2(m / u), 2)


_A, _N, _D, _M = Relation.AGREE, Relation.NEAR, Relation.DIFFERS, Relation.MISSING
_FREE, _DATED, _NUMBERED, _ANCHORED, _NEVER, _NO = Allows


def _name_lines(fact: Fact, part: str, word: str, common: float, is_given: bool) -> dict[str, Outcome]:
    """Family name and given name differ in what a slip allows: twins share everything but the given name."""
    slip = _NEVER if is_given else _ANCHORED

    def line(relation: Relation, allows: Allows, m: float, u: float, sentence: str) -> Outcome:
        return Outcome(fact, relation, allows, m, u, f"{word}{sentence}")

    lines = {
        "same": line(_A, _FREE, 0.95, common, "の漢字が一致します"),
        "old_form": line(_A, _FREE, 0.95, common, "は字体が異なりますが同じ漢字です"),
        "reading_same": line(_A, _FREE, 0.95, common * 3, "の読みが一致します"),
        "sound_same": line(_A, _FREE, 0.93, common * 4, "のローマ字と読みが一致します"),
        "other_reading": line(_N, _NUMBERED, 0.02, common / 4, "の漢字は一致しますが、読みが異なります"),
        "other_kanji": line(
            _N, _ANCHORED, 0.02, common * 2, "の読みは同じですが、漢字が異なります（変換違いの可能性）"
        ),
        "alike": line(_N, _NEVER, 0.004, common, "の漢字が似た別の字です（打ち間違いの可能性）"),
        "damaged": line(_N, _ANCHORED, 0.02, common * 5, "が一部文字化けしていますが、読める字は一致します"),
        "long_vowel": line(_N, slip, 0.01, common, "の読みが長音・小書き仮名だけ異なります"),
        "voiced": line(_N, slip, 0.01, common, "の読みが濁点だけ異なります"),
        "slip": line(_N, slip, 0.01, common * 4, "が1文字だけ異なります（打ち間違いの可能性）"),
        "differs": line(_D, _NO, 0.004, 0.98, "が異なります"),
        "missing": line(_M, _NEVER, 1, 1, "が読み取れないか、ありません"),
    }
    return {f"{part}.{code}": one for code, one in lines.items()}


_LINES: dict[str, Outcome] = {
    **_name_lines(Fact.FAMILY_NAME, "family_name", "姓", 0.0002, is_given=False),
    **_name_lines(Fact.GIVEN_NAME, "given_name", "名", 0.002, is_given=True),
    "family_name.swapped": Outcome(Fact.FAMILY_NAME, _N, _FREE, 0.02, 0.00002, "姓と名の順が逆です"),
    "given_name.swapped": Outcome(Fact.GIVEN_NAME, _N, _FREE, 0.2, 0.002, "名と姓の順が逆です"),
    "family_name.changed": Outcome(
        Fact.FAMILY_NAME, _N, _NEVER, 0.01, 0.98, "姓が異なります（改姓の可能性）"
    ),
    "given_name.sibling": Outcome(
        Fact.GIVEN_NAME, _D, _NO, 0.004, 0.98, "姓・生年月日・性別が同じで、名が異なります（双子の可能性）"
    ),
    "birth_date.same": Outcome(Fact.BIRTH_DATE, _A, _FREE, 0.97, 0.00005, "生年月日が一致します"),
    "birth_date.one_day": Outcome(Fact.BIRTH_DATE, _N, _ANCHORED, 0.003, 0.0001, "生年月日が1日違います"),
    "birth_date.swapped": Outcome(
        Fact.BIRTH_DATE, _N, _ANCHORED, 0.002, 0.00004, "生年月日の月と日が入れ替わっています"
    ),
    "birth_date.one_year": Outcome(Fact.BIRTH_DATE, _N, _ANCHORED, 0.003, 0.0001, "生年月日が1年違います"),
    "birth_date.era": Outcome(
        Fact.BIRTH_DATE, _N, _ANCHORED, 0.003, 0.00015, "生年月日の年が元号の取り違えとみられる違いです"
    ),
    "birth_date.digit": Outcome(
        Fact.BIRTH_DATE, _N, _ANCHORED, 0.006, 0.001, "生年月日の数字が1か所違います"
    ),
    "birth_date.differs": Outcome(Fact.BIRTH_DATE, _D, _NO, 0.005, 0.998, "生年月日が異なります"),
    "birth_date.missing": Outcome(Fact.BIRTH_DATE, _M, _ANCHORED, 1, 1, "生年月日がありません"),
    "sex.same": Outcome(Fact.SEX, _A, _FREE, 0.98, 0.5, "性別が一致します"),
    "sex.open": Outcome(Fact.SEX, _N, _FREE, 1, 1, "性別の一方が「その他」です"),
    "sex.differs": Outcome(Fact.SEX, _D, _NO, 0.003, 0.5, "性別が異なります"),
    "sex.missing": Outcome(Fact.SEX, _M, _FREE, 1, 1, "性別がありません"),
    "patient_id.same": Outcome(Fact.PATIENT_ID, _A, _FREE, 0.96, 0.0001, "患者IDが一致します"),
    "patient_id.slip": Outcome(
        Fact.PATIENT_ID, _N, _NEVER, 0.01, 0.002, "患者IDが1文字だけ違います（打ち間違いか、続き番号の別人）"
    ),
    "patient_id.differs": Outcome(Fact.PATIENT_ID, _D, _NEVER, 0.01, 0.99, "患者IDが異なります"),
    "patient_id.other_issuer": Outcome(
        Fact.PATIENT_ID, _M, _NEVER, 1, 1, "患者IDの発行元が異なるため、IDでは比べられません"
    ),
    "patient_id.missing": Outcome(Fact.PATIENT_ID, _M, _NUMBERED, 1, 1, "患者IDがありません"),
    "accession_number.same": Outcome(Fact.ACCESSION_NUMBER, _A, _FREE, 0.95, 0.00005, "受付番号が一致します"),
    "accession_number.differs": Outcome(
        Fact.ACCESSION_NUMBER, _D, _NEVER, 0.02, 0.99, "受付番号が異なります"
    ),
    "accession_number.missing": Outcome(Fact.ACCESSION_NUMBER, _M, _FREE, 1, 1, "受付番号がありません"),
    "study_instance_uid.same": Outcome(
        Fact.STUDY_INSTANCE_UID, _A, _FREE, 0.9, 0.00001, "検査UIDが一致します"
    ),
    "study_instance_uid.differs": Outcome(
        Fact.STUDY_INSTANCE_UID, _D, _NUMBERED, 0.1, 0.99, "検査UIDが異なります"
    ),
    "study_instance_uid.missing": Outcome(Fact.STUDY_INSTANCE_UID, _M, _FREE, 1, 1, "検査UIDがありません"),
    "exam_date.same": Outcome(Fact.EXAM_DATE, _A, _FREE, 0.9, 0.3, "検査日が一致します"),
    "exam_date.one_day": Outcome(Fact.EXAM_DATE, _N, _NUMBERED, 0.05, 0.2, "検査日が1日違います"),
    "exam_date.moved": Outcome(Fact.EXAM_DATE, _N, _NUMBERED, 0.04, 0.3, "検査日が{days}日違います"),
    "exam_date.differs": Outcome(Fact.EXAM_DATE, _D, _NEVER, 0.01, 0.2, "検査日が{days}日違います"),
    "exam_date.missing": Outcome(Fact.EXAM_DATE, _M, _NUMBERED, 1, 1, "検査日がありません"),
    "modality.same": Outcome(Fact.MODALITY, _A, _FREE, 0.98, 0.35, "検査種別が一致します"),
    "modality.differs": Outcome(Fact.MODALITY, _D, _NEVER, 0.01, 0.65, "検査種別が異なります"),
    "modality.missing": Outcome(Fact.MODALITY, _M, _NUMBERED, 1, 1, "検査種別がありません"),
    "body_part.same": Outcome(Fact.BODY_PART, _A, _FREE, 0.85, 0.15, "部位が一致します"),
    "body_part.overlaps": Outcome(Fact.BODY_PART, _N, _DATED, 0.1, 0.1, "部位が一部だけ重なります"),
    "body_part.beside": Outcome(Fact.BODY_PART, _N, _NUMBERED, 0.03, 0.1, "部位が隣り合う別の部位です"),
    "body_part.differs": Outcome(Fact.BODY_PART, _D, _NO, 0.01, 0.65, "部位が異なります"),
    "body_part.missing": Outcome(Fact.BODY_PART, _M, _DATED, 1, 1, "部位がありません"),
    "laterality.same": Outcome(Fact.LATERALITY, _A, _FREE, 0.97, 0.5, "左右が一致します"),
    "laterality.both": Outcome(Fact.LATERALITY, _N, _DATED, 0.02, 0.1, "一方は両側、他方は片側です"),
    "laterality.differs": Outcome(Fact.LATERALITY, _D, _NO, 0.003, 0.5, "左右が異なります"),
    "laterality.missing": Outcome(
        Fact.LATERALITY, _M, _DATED, 1, 1, "左右のある部位ですが、左右がありません"
    ),
    "laterality.unpaired": Outcome(Fact.LATERALITY, _M, _FREE, 1, 1, "左右のない部位です"),
}

OUTCOMES: Mapping[str, Outcome] = MappingProxyType(_LINES)
"""Permanent code -> what it means."""

ANOTHER_EXAM = "同じ患者の別の検査とみられます（番号と部位または左右が異なります）"
TOO_WEAK = "一致する情報が足りません"
NOT_DATED = "患者ID・検査日・検査種別がそろって一致してはいません"
NOT_NUMBERED = "受付番号・検査UIDのどちらでも確かめられません"
NOT_ANCHORED = "受付番号（または検査UID）と患者IDの両方では確かめられません"
SEVERAL = "候補が{count}件あり、どれか決められません"
OTHERS_MAY_BE_MEANT = "番号で確かめられず、他の候補の可能性も残ります"
CLAIMED_BY_ANOTHER = "同じ相手に当てはまるものが他にもあります"
NOTHING = "一致する候補がありません"
