"""How well requests and studies find each other: ``python -m bench.matching [--orders 128000] [--seed 5]``.

Invented people with the errors that happen (`bench.matching_population`), held against this matcher, an exact match and a
plain edit distance. Goals: of what is linked automatically at least 9,999 in 10,000 right, and at least 95 in 100 of what
belongs together linked. A link is right if the study was done for that very order: the same patient's other exam is wrong, and counted apart
from another patient's. Whatever comes, an order or a study, is asked for at once among what is open then; in the evening a
person puts together what is left. With fewer people each is examined more often, and the same exam twice on one day is
harder: ``--people 5000``.
"""

import argparse
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from math import sqrt

from bench.matching_population import Paper, Population
from dokuei.dicom.person_name import PersonName, matching_key, parse_name
from dokuei.patients.matching.choice import choose
from dokuei.patients.matching.facts import Side
from dokuei.patients.matching.table import VERSION

ALIKE_ENOUGH = 0.8
"""Share of letters two names must have in common for the edit distance; the usual setting of such matchers."""
PPV_GOAL, SENSITIVITY_GOAL = 0.9999, 0.95
KIND = {"DX": "CR", "PT\\CT": "PT"}

BEFORE, AFTER = timedelta(days=2), timedelta(days=10)
"""A study is looked for from so long before the planned day to so long after it."""

Matcher = Callable[[Paper, dict[int, Paper], list[Paper]], int | None]
"""The new paper, what it may belong to, and what else of its own kind is open."""


class Shelf:
    """Open papers of one kind, found by what they share with another (`Forms.hooks`), as a table would find them."""

    def __init__(self) -> None:
        self.open: dict[int, Paper] = {}
        self.by_hook: dict[str, set[int]] = {}

    def put(self, number: int, paper: Paper) -> None:
        self.open[number] = paper
        for hook in side_of(paper).forms.hooks:
            self.by_hook.setdefault(hook, set()).add(number)

    def take(self, number: int) -> Paper:
        paper = self.open.pop(number)
        for hook in side_of(paper).forms.hooks:
            self.by_hook[hook].discard(number)
        return paper

    def sharing(self, papers: Iterable[Paper]) -> dict[int, Paper]:
        hooks = {hook for paper in papers for hook in side_of(paper).forms.hooks}
        numbers = {number for hook in hooks for number in self.by_hook.get(hook, ())}
        return {number: self.open[number] for number in sorted(numbers)}


@dataclass
class Count:
    """What a matcher did."""

    right: int = 0
    wrong: int = 0
    pairs: int = 0
    other_patient: int = 0
    """Of the wrong ones, those to another person; the rest went to another exam of the same."""
    mistakes: list[tuple[Paper, Paper]] = field(default_factory=list)

    @property
    def links(self) -> int:
        return self.right + self.wrong

    @property
    def person(self) -> int:
        """Pairs somebody has to put together by hand."""
        return self.pairs - self.right

    @property
    def ppv(self) -> float:
        return self.right / self.links if self.links else 0.0

    @property
    def sensitivity(self) -> float:
        return self.right / self.pairs if self.pairs else 0.0


@lru_cache(maxsize=100_000)
def side_of(paper: Paper) -> Side:
    """What the hub would make of it; a study's name passes through the reader of DICOM names."""
    name = PersonName(romaji=paper.romaji, kanji=paper.kanji, kana=paper.kana)
    return Side(
        issuer=f"facility-{paper.facility}",
        patient_id=paper.patient_id,
        name=parse_name(name.dicom),
        born_on=paper.born_on,
        sex=paper.sex,
        accession_number=paper.accession_number,
        study_instance_uid=paper.study_instance_uid,
        performed_on=paper.day,
        modality=paper.modality,
        body_part=paper.body_part,
        laterality=paper.laterality,
    )


def by_evidence(paper: Paper, candidates: dict[int, Paper], rivals: list[Paper]) -> int | None:
    sides = {number: side_of(one) for number, one in candidates.items()}
    return choose(side_of(paper), sides, rivals=map(side_of, rivals)).linked


def by_equality(paper: Paper, candidates: dict[int, Paper], rivals: list[Paper]) -> int | None:
    """Patient ID, birth date and shown name are equal, the modality fits, and there is one such."""
    name = shown(paper)
    return the_one(
        number
        for number, one in candidates.items()
        if one.patient_id == paper.patient_id
        and one.born_on == paper.born_on
        and kind(one) == kind(paper)
        and shown(one) == name
    )


def by_distance(paper: Paper, candidates: dict[int, Paper], rivals: list[Paper]) -> int | None:
    """Birth dates are equal, the shown names are alike, the modality fits, and there is one such."""
    name = shown(paper)
    return the_one(
        number
        for number, one in candidates.items()
        if one.born_on == paper.born_on
        and one.born_on is not None
        and kind(one) == kind(paper)
        and alike(shown(one), name) >= ALIKE_ENOUGH
    )


METHODS: dict[str, Matcher] = {
    f"this matcher ({VERSION})": by_evidence,
    "ID, name and birth date equal": by_equality,
    "edit distance, birth date equal": by_distance,
}


def the_one(found: Iterable[int]) -> int | None:
    places = list(found)
    return places[0] if len(places) == 1 else None


@lru_cache(maxsize=200_000)
def shown(paper: Paper) -> str:
    return matching_key(side_of(paper).name.shown)


def kind(paper: Paper) -> str:
    return KIND.get(paper.modality, paper.modality)


@lru_cache(maxsize=200_000)
def alike(one: str, other: str) -> float:
    """One minus the Levenshtein distance over the longer name's length."""
    if not one or not other:
        return 0.0
    row = list(range(len(other) + 1))
    for at, left in enumerate(one, 1):
        before, row[0] = row[0], at
        for place, right in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (left != right))
    return 1 - row[-1] / max(len(one), len(other))


def measure(orders: list[Paper], studies: list[Paper], method: Matcher, count: Count) -> None:
    """Live through a facility's time: whatever comes is asked for at once; what is linked is closed.

    What is not linked stays open until the evening, when a person links what belongs together and is there.
    """
    came = {study.truth for study in studies if study.truth is not None}
    count.pairs += len(came)
    events = sorted(
        [(one.at, 0, place) for place, one in enumerate(orders)]
        + [(one.at, 1, place) for place, one in enumerate(studies)]
    )
    shelves = Shelf(), Shelf()
    today = 0
    for at, is_study, place in events:
        if int(at) != today:
            today = int(at)
            _evening(*shelves)
        paper = (orders, studies)[is_study][place]
        mine, others = shelves[is_study], shelves[1 - is_study]
        fitting = {
            number: one for number, one in others.sharing([paper]).items() if _is_near(paper, one, is_study)
        }
        rivals = list(mine.sharing(fitting.values()).values())
        found = method(paper, fitting, rivals)
        if found is None:
            mine.put(place, paper)
            continue
        other = others.take(found)
        count.right += paper.truth == other.truth
        if paper.truth != other.truth:
            count.wrong += 1
            count.other_patient += paper.person != other.person
            count.mistakes.append((other, paper) if is_study else (paper, other))


def _is_near(paper: Paper, other: Paper, is_study: int) -> bool:
    study, order = (paper, other) if is_study else (other, paper)
    return order.day - BEFORE <= study.day <= order.day + AFTER


def _evening(orders: Shelf, studies: Shelf) -> None:
    there = {study.truth: number for number, study in studies.open.items() if study.truth is not None}
    for number, order in list(orders.open.items()):
        if order.truth in there:
            orders.take(number)
            studies.take(there[order.truth])


def wilson_low(right: int, links: int, z: float = 1.96) -> float:
    """Lower end of the 95 % interval of a share (Wilson 1927)."""
    if not links:
        return 0.0
    share = right / links
    middle = share + z * z / (2 * links)
    spread = z * sqrt(share * (1 - share) / links + z * z / (4 * links * links))
    return (middle - spread) / (1 + z * z / links)


def run(
    *,
    seed: int,
    people: int,
    orders: int,
    days: int,
    facilities: int = 8,
    methods: dict[str, Matcher] = METHODS,
) -> dict[str, Count]:
    made = Population(seed=seed, people=people, facilities=facilities, days=days)
    counts = {name: Count() for name in methods}
    for ordered, studies in made.facilities_work(max(1, orders // (days * facilities))):
        for name, method in methods.items():
            measure(ordered, studies, method, counts[name])
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--people", type=int, default=40_000)
    parser.add_argument("--orders", type=int, default=128_000)
    parser.add_argument("--days", type=int, default=160)
    parser.add_argument("--mistakes", action="store_true", help="print every wrong link of this matcher")
    given = parser.parse_args()
    began = time.perf_counter()
    counts = run(seed=given.seed, people=given.people, orders=given.orders, days=given.days)
    print(
        f"{given.people} people, {given.orders} orders, seed {given.seed}; goals: PPV {PPV_GOAL}, sensitivity {SENSITIVITY_GOAL}"
    )
    print(
        f"{'':34}{'links':>8}{'wrong':>7}{'PPV':>10}{'95 % low':>10}{'other patient':>15}{'95 % low':>10}{'sensitivity':>13}{'to a person':>13}"
    )
    for name, one in counts.items():
        low, patient_low = (
            wilson_low(one.right, one.links),
            wilson_low(one.links - one.other_patient, one.links),
        )
        print(
            f"{name:34}{one.links:8}{one.wrong:7}{one.ppv:10.5f}{low:10.5f}{one.other_patient:15}{patient_low:10.5f}"
            f"{one.sensitivity:13.4f}{one.person:13}"
        )
    if given.mistakes:
        for order, study in next(iter(counts.values())).mistakes:
            print(order, study, sep="\n", end="\n\n")
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
