"""How well requests and studies find each other: ``python -m bench.matching [--orders 64000] [--seed 5]``.

Invented people with the errors that happen (`bench.matching_population`), held against this matcher, an exact match and a
plain edit distance. Goals: of what is linked automatically at least 9,999 in 10,000 right, and at least 95 in 100 of what
belongs together linked. A link is right if the study was done for that very order: the same patient's other exam is wrong.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
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

Matcher = Callable[[Paper, "Block"], int | None]


@dataclass
class Block:
    """One facility's day: its orders, and the studies they may belong to, by number."""

    orders: list[Paper]
    studies: list[Paper]
    sides: dict[int, Side] = field(default_factory=dict)
    order_sides: list[Side] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sides = {place: side_of(one) for place, one in enumerate(self.studies)}
        self.order_sides = [side_of(one) for one in self.orders]


@dataclass
class Count:
    """What a matcher did."""

    right: int = 0
    wrong: int = 0
    person: int = 0
    pairs: int = 0
    why: Counter[str] = field(default_factory=Counter)
    mistakes: list[tuple[Paper, Paper]] = field(default_factory=list)

    @property
    def links(self) -> int:
        return self.right + self.wrong

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


def by_evidence(order: Paper, block: Block) -> int | None:
    mine = side_of(order)
    rivals = [one for one in block.order_sides if one is not mine]
    return choose(mine, block.sides, rivals=rivals).linked


def by_equality(order: Paper, block: Block) -> int | None:
    """Patient ID, birth date and shown name are equal, the modality fits, and there is one such study."""
    name = shown(order)
    return the_one(
        place
        for place, study in enumerate(block.studies)
        if study.patient_id == order.patient_id
        and study.born_on == order.born_on
        and kind(study) == kind(order)
        and shown(study) == name
    )


def by_distance(order: Paper, block: Block) -> int | None:
    """Birth dates are equal, the shown names are alike, the modality fits, and there is one such study."""
    name = shown(order)
    return the_one(
        place
        for place, study in enumerate(block.studies)
        if study.born_on == order.born_on
        and study.born_on is not None
        and kind(study) == kind(order)
        and alike(shown(study), name) >= ALIKE_ENOUGH
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


def measure(
    blocks: Iterable[tuple[list[Paper], list[Paper]]], came: set[int], methods: dict[str, Matcher]
) -> dict[str, Count]:
    """Ask every method for every order. `came` are the orders whose study exists, on whatever day."""
    counts = {name: Count() for name in methods}
    for orders, studies in blocks:
        block = Block(orders, studies)
        for order in orders:
            for name, method in methods.items():
                count = counts[name]
                count.pairs += order.truth in came
                place = method(order, block)
                if place is None:
                    count.person += 1
                elif studies[place].truth == order.truth:
                    count.right += 1
                else:
                    count.wrong += 1
                    count.mistakes.append((order, studies[place]))
    return counts


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
    blocks = list(made.blocks(max(1, orders // (days * facilities))))
    came = {study.truth for _, studies in blocks for study in studies if study.truth is not None}
    return measure(blocks, came, methods)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--orders", type=int, default=64_000)
    parser.add_argument("--days", type=int, default=80)
    parser.add_argument("--mistakes", action="store_true", help="print every wrong link of this matcher")
    given = parser.parse_args()
    began = time.perf_counter()
    counts = run(seed=given.seed, people=given.people, orders=given.orders, days=given.days)
    print(f"{given.people} people, seed {given.seed}; goals: PPV {PPV_GOAL}, sensitivity {SENSITIVITY_GOAL}")
    print(f"{'':34}{'links':>8}{'wrong':>7}{'PPV':>10}{'95 % low':>10}{'sensitivity':>13}{'to a person':>13}")
    for name, one in counts.items():
        low = wilson_low(one.right, one.links)
        print(
            f"{name:34}{one.links:8}{one.wrong:7}{one.ppv:10.5f}{low:10.5f}{one.sensitivity:13.4f}{one.person:13}"
        )
    if given.mistakes:
        for order, study in next(iter(counts.values())).mistakes:
            print(order, study, sep="\n", end="\n\n")
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
