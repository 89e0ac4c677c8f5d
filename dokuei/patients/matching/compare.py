"""Two sides: all evidence, and the verdict. No database, no clock, no network."""

from dokuei.patients.matching.evidence import Allows, Evidence, Fact, Level, Verdict
from dokuei.patients.matching.exam import compare_parts_of_body, compare_sides
from dokuei.patients.matching.facts import Forms, Side
from dokuei.patients.matching.names import Part, compare_names
from dokuei.patients.matching.numbers import compare_births, compare_exam_dates, compare_ids, compare_keys
from dokuei.patients.matching.regions import PAIRED
from dokuei.patients.matching.sound import sound_of_kana
from dokuei.patients.matching.surnames import PER_CENT
from dokuei.patients.matching.table import (
    ANOTHER_EXAM,
    NOT_ANCHORED,
    NOT_DATED,
    NOT_NUMBERED,
    OUTCOMES,
    POSSIBLE_BITS,
    STRONG_BITS,
    TOO_WEAK,
    VERSION,
    weigh,
)

_EXAM = {Fact.BODY_PART, Fact.LATERALITY}
_SURE = {"same", "old_form", "reading_same", "sound_same"}


def _shares() -> tuple[dict[str, float], dict[str, float]]:
    """Share of people by surname, and by the sound of it."""
    by_sound: dict[str, float] = {}
    for per_cent, kana in PER_CENT.values():
        sound = sound_of_kana(kana)
        by_sound[sound] = by_sound.get(sound, 0) + per_cent / 100
    return {kanji: per_cent / 100 for kanji, (per_cent, _) in PER_CENT.items()}, by_sound


_BY_KANJI, _BY_SOUND = _shares()


def _line(code: str, *, days: int = 0) -> Evidence:
    line = OUTCOMES[code]
    sentence = line.sentence.format(days=days)
    return Evidence(line.fact, code, line.relation, line.allows, line.weight, sentence)


_LINES = {code: _line(code) for code in OUTCOMES}


def compare(one: Side, other: Side) -> Verdict:
    """Everything two sides show together. Which side comes first makes no difference."""
    a, b = one.forms, other.forms
    evidence = (*_people(a, b), *_exams(a, b))
    score = round(sum(found.weight for found in evidence), 2)
    return _judge(evidence, score)


def have_nothing_in_common(one: Side, other: Side) -> bool:
    """Whether neither a number, nor the birth date, nor the name is shared: then the pair cannot be strong.

    Cheap, so that one side can be held against thousands.
    """
    return one.forms.hooks.isdisjoint(other.forms.hooks)


def _people(a: Forms, b: Forms) -> tuple[Evidence, ...]:
    born = compare_births(a.born_on, b.born_on)
    sex = _sexes(a.sex, b.sex)
    number = compare_ids(a.patient_id, b.patient_id)
    if number != "missing" and a.issuer and b.issuer and a.issuer != b.issuer:
        number = "other_issuer"
    family, given = compare_names(a.name, b.name)
    if (
        family == "differs"
        and given in _SURE
        and born == "same"
        and sex == "same"
        and number in {"same", "missing"}
    ):
        family = "changed"
    if given == "differs" and family in _SURE and born == "same" and sex == "same":
        given = "sibling"
    return (
        _family(family, a.name.family, b.name.family),
        _LINES[f"given_name.{given}"],
        _LINES[f"birth_date.{born}"],
        _LINES[f"sex.{sex}"],
        _LINES[f"patient_id.{number}"],
    )


def _family(found: str, one: Part, other: Part) -> Evidence:
    """The line of the table, weighed by how common the surname is."""
    line = _LINES[f"family_name.{found}"]
    if found not in _SURE:
        return line
    if one.kanji and other.kanji:
        share = _BY_KANJI.get(one.kanji, 0.0)
    else:
        share = max((_BY_SOUND.get(sound, 0.0) for sound in one.sounds & other.sounds), default=0.0)
    row = OUTCOMES[line.code]
    if share <= row.u:
        return line
    return Evidence(line.fact, line.code, line.relation, line.allows, weigh(row.m, share), line.sentence)


def _sexes(one: str, other: str) -> str:
    if not one or not other:
        return "missing"
    if one == other:
        return "same" if one != "O" else "open"
    return "open" if "O" in (one, other) else "differs"


def _exams(a: Forms, b: Forms) -> tuple[Evidence, ...]:
    when, days = compare_exam_dates(a.performed_on, b.performed_on)
    is_paired = bool((a.regions | b.regions) & PAIRED)
    kinds = "missing" if not a.kinds or not b.kinds else "same" if a.kinds & b.kinds else "differs"
    accession = compare_keys(a.accession_number, b.accession_number)
    if a.issuer and b.issuer and a.issuer != b.issuer:
        accession = "missing"
    return (
        _LINES[f"accession_number.{accession}"],
        _LINES[f"study_instance_uid.{compare_keys(a.study_instance_uid, b.study_instance_uid)}"],
        _line(f"exam_date.{when}", days=days) if days > 1 else _LINES[f"exam_date.{when}"],
        _LINES[f"modality.{kinds}"],
        _LINES[f"body_part.{compare_parts_of_body(a.regions, b.regions)}"],
        _LINES[f"laterality.{compare_sides(a.side, b.side, is_paired)}"],
    )


def _judge(evidence: tuple[Evidence, ...], score: float) -> Verdict:
    codes = {found.code for found in evidence}
    held_by = _held_by(codes)
    against = [found for found in evidence if found.allows is Allows.CONTRADICTS]
    is_numbered = Allows.NUMBERED in held_by
    is_claimed = is_numbered or "patient_id.same" in codes or score >= POSSIBLE_BITS
    grave = sorted((found for found in evidence if found.allows not in held_by), key=lambda one: -one.allows)
    reasons = tuple(found.sentence for found in grave)
    if against and is_claimed:
        if not is_numbered and _is_another_exam(codes, against):
            return Verdict(Level.NONE, score, evidence, (ANOTHER_EXAM,), VERSION)
        return Verdict(Level.CONTRADICTION, score, evidence, reasons, VERSION)
    if against or not is_claimed:
        return Verdict(Level.NONE, score, evidence, reasons or (TOO_WEAK,), VERSION)
    lacks = [_LACKING[one] for one in sorted({found.allows for found in grave}) if one in _LACKING]
    reasons += tuple(lacks) + ((TOO_WEAK,) if score < STRONG_BITS else ())
    return Verdict(Level.POSSIBLE if reasons else Level.STRONG, score, evidence, reasons, VERSION)


_LACKING = {Allows.DATED: NOT_DATED, Allows.NUMBERED: NOT_NUMBERED, Allows.ANCHORED: NOT_ANCHORED}


def _held_by(codes: set[str]) -> set[Allows]:
    """The conditions this pair meets."""
    is_same_id = "patient_id.same" in codes
    held = {Allows.FREE}
    if {"patient_id.same", "exam_date.same", "modality.same"} <= codes:
        held.add(Allows.DATED)
    if codes & {"accession_number.same", "study_instance_uid.same"}:
        held |= {Allows.DATED, Allows.NUMBERED}
        if is_same_id:
            held.add(Allows.ANCHORED)
    return held


def _is_another_exam(codes: set[str], against: list[Evidence]) -> bool:
    """The same patient's other exam contradicts nobody: its number differs, and only part or side differ."""
    is_other = bool(codes & {"accession_number.differs", "study_instance_uid.differs"})
    return is_other and all(found.fact in _EXAM for found in against)
