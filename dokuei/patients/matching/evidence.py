"""What a comparison shows: per fact, per pair."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Fact(StrEnum):
    FAMILY_NAME = "family_name"
    GIVEN_NAME = "given_name"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    PATIENT_ID = "patient_id"
    ACCESSION_NUMBER = "accession_number"
    STUDY_INSTANCE_UID = "study_instance_uid"
    EXAM_DATE = "exam_date"
    MODALITY = "modality"
    BODY_PART = "body_part"
    LATERALITY = "laterality"


class Relation(StrEnum):
    AGREE = "agree"
    NEAR = "near"
    DIFFERS = "differs"
    MISSING = "missing"


class Allows(IntEnum):
    """How far an outcome lets a pair be linked without a person; of a pair the highest counts."""

    FREE = 0
    DATED = 1
    """Only if patient ID, day and modality agree, or a number of the exam does (see `NUMBERED`)."""
    NUMBERED = 2
    """Only if the accession number or the Study Instance UID agrees."""
    ANCHORED = 3
    """Only if that and the patient ID agree."""
    NEVER = 4
    """A person must look; it may well be the same."""
    CONTRADICTS = 5
    """What must not be: it holds whatever claims to belong together."""


class Level(StrEnum):
    STRONG = "strong"
    POSSIBLE = "possible"
    CONTRADICTION = "contradiction"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact of both sides. `code` is permanent; `weight` is in bits; `sentence` is what support reads."""

    fact: Fact
    code: str
    relation: Relation
    allows: Allows
    weight: float
    sentence: str


_PERSON = {Fact.FAMILY_NAME, Fact.GIVEN_NAME, Fact.BIRTH_DATE, Fact.SEX}
_NUMBERS = {Fact.ACCESSION_NUMBER, Fact.STUDY_INSTANCE_UID}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A pair under one version of the rules. `score` is the sum of the weights, in bits."""

    level: Level
    score: float
    evidence: tuple[Evidence, ...]
    reasons: tuple[str, ...]
    """Why it is not linked, as sentences, the gravest first; empty for a strong one."""
    rules: str

    @property
    def is_numbered(self) -> bool:
        """Whether a number of the exam itself agrees. Otherwise it rests on patient and day."""
        return any(one.relation is Relation.AGREE and one.fact in _NUMBERS for one in self.evidence)

    @property
    def may_be_meant(self) -> bool:
        """Whether nothing speaks against it but that too little speaks for it."""
        return self.level in {Level.STRONG, Level.POSSIBLE} and all(
            one.allows < Allows.NEVER for one in self.evidence
        )

    @property
    def contradictions(self) -> tuple[Evidence, ...]:
        """The facts that contradict, also where the pair has nothing to do with each other."""
        return tuple(one for one in self.evidence if one.allows is Allows.CONTRADICTS)

    @property
    def against_the_person(self) -> list[str]:
        """Codes of what contradicts in who the patient is; a changed family name is told by its own code."""
        return sorted(one.code for one in self.contradictions if one.fact in _PERSON)
