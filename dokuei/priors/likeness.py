"""How alike two exams are in part and kind, in the words of a table's tiers."""

from collections.abc import Collection
from dataclasses import dataclass

from dokuei.patients import queries as patients
from dokuei.priors.table import Kind, Part, Relevance


@dataclass(frozen=True)
class Exam:
    """Which regions, which side and which kinds of exam."""

    regions: frozenset[str]
    side: str
    kinds: frozenset[str]


@dataclass(frozen=True)
class Likeness:
    part: Part
    kind: Kind


def exam(modality: str | Collection[str], *texts: str) -> Exam:
    """What codes and descriptions say: the first text that names a region decides, so a code goes first.

    >>> sorted(exam("CT", "", "胸腹部造影CT").regions)
    ['abdomen', 'chest']
    """
    modalities = modality if isinstance(modality, str) else "\\".join(modality)
    regions = next((found for found in map(patients.regions_of, texts) if found), frozenset())
    side = next((one for one in (patients.side_of("", text) for text in texts) if one), "")
    return Exam(regions, side, patients.kinds_of(modalities))


def likeness(current: Exam, other: Exam, table: Relevance) -> Likeness:
    """The other side of a paired part is a related part: worth comparing, but not the same."""
    return Likeness(_part(current, other), _kind(current.kinds, other.kinds, table))


def _part(current: Exam, other: Exam) -> Part:
    found = patients.compare_parts_of_body(current.regions, other.regions)
    if found in {"same", "overlaps"}:
        is_other_side = patients.compare_sides(current.side, other.side, is_paired=False) == "differs"
        return "related" if is_other_side else "same"
    words: dict[str, Part] = {"beside": "related", "missing": "unknown"}
    return words.get(found, "other")


def _kind(one: frozenset[str], other: frozenset[str], table: Relevance) -> Kind:
    if not one or not other:
        return "unknown"
    if one & other:
        return "same"
    is_related = any(one & set(group) and other & set(group) for group in table.related_kinds)
    return "related" if is_related else "other"
