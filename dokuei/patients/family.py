"""Which rows are one person: the row that stays, and those merged into it."""

from collections.abc import Iterable, Mapping

from django.db.models import Q, QuerySet

from dokuei.patients.models import Patient


def families(patient_ids: Iterable[int]) -> Mapping[int, frozenset[int]]:
    """Of each of these rows every row that is the same person, itself among them."""
    wanted = set(patient_ids)
    gone = Patient.objects.filter(pk__in=wanted, merged_into__isnull=False)
    heads = {pk: pk for pk in wanted} | dict(gone.values_list("pk", "merged_into_id"))
    kin: dict[int, set[int]] = {head: {head} for head in heads.values()}
    merged = Patient.objects.filter(merged_into__in=list(kin))
    for pk, head in merged.values_list("pk", "merged_into_id"):
        kin[head].add(pk)
    return {pk: frozenset(kin[head]) for pk, head in heads.items()}


def family_of(patient_id: int) -> frozenset[int]:
    """Every row that is the same person as this one."""
    return families([patient_id])[patient_id]


def is_one_person(one: int, other: int) -> bool:
    """Whether two rows are the same person; without asking if they are one row."""
    return one == other or other in family_of(one)


def head_of(patient: Patient) -> Patient:
    """The row that stays."""
    return patient if patient.merged_into_id is None else Patient.objects.get(pk=patient.merged_into_id)


def kin_of(held: QuerySet[Patient]) -> list[int]:
    """Rows of the same persons that `held` does not find itself; empty where nobody was merged.

    Only rows that were merged are looked through, by their own small index, so a search without merges costs nothing
    more.
    """
    merged = Patient.objects.filter(merged_into__isnull=False)
    if not merged.exists():
        return []
    found = held.order_by().values("pk")
    heads = set(
        merged.filter(Q(pk__in=found) | Q(merged_into__in=found)).values_list("merged_into_id", flat=True)
    )
    return sorted(heads | set(merged.filter(merged_into__in=heads).values_list("pk", flat=True)))


def kin_saying(word: str) -> list[int]:
    """Every row of a person one of whose merged rows has a word in its ID or name."""
    either = Q(patient_id__icontains=word) | Q(name_kanji__icontains=word) | Q(name_kana__icontains=word)
    return kin_of(Patient.objects.filter(either))
