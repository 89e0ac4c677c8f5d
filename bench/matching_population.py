"""Invented people, what is asked for them, and what arrives: with the errors that happen, at stated rates.

Nothing here imports the matcher or its tables. `RATES` are taken from what is published or commonly said of hospital
data, rounded to the worse side; they were written down before the matcher was first run on them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from bench.matching_exams import EXAMS, Exam, beside, wrong
from bench.matching_names import ALIKE_TWINS, FOREIGN, given_names, surnames
from bench.matching_slips import (
    damaged,
    half_width,
    katakana,
    loose_kana,
    romaji,
    slip_in_date,
    slip_in_kana,
    slip_in_number,
)

FIRST_DAY = date(2026, 3, 2)
RATES = {
    "twins": 0.02, "families": 0.35, "namesakes": 0.03, "namesakes born the same day": 0.002, "foreign": 0.01,
    "id given to two people": 0.002, "married since": 0.015, "second exam the same day": 0.08, "twin examined the same day": 0.5,
    "study of a twin under the other's worklist line, name mended by hand": 0.05,
    "study never comes": 0.02, "study without an order": 0.05,
    "order entered days before": 0.6, "order entered after the study": 0.05,
    "exam a day beside the plan": 0.03, "exam moved by days": 0.03,
    # orders
    "order typed in the portal": 0.15, "portal order has no accession number": 0.5, "order lacks kana": 0.06, "order lacks sex": 0.01,
    "order lacks the part": 0.03,
    # studies
    "study typed at the device": 0.1, "typed study has an accession number": 0.3, "typed study lacks the ID": 0.01, "typed under a temporary ID": 0.01,
    "worklist study lacks the accession number": 0.01, "study lacks sex": 0.005, "sex is other": 0.003, "wrong sex typed": 0.003,
    "study lacks the birth date": 0.003, "study lacks the part": 0.12, "part label reaches less far": 0.05, "part label is the neighbour's": 0.015,
    "part label is wrong": 0.005, "side is missing": 0.3, "side is wrong": 0.002, "character set damage": 0.015,
    "date after midnight": 0.004,
    # each typed field
    "ID slip": 0.01, "kana slip": 0.01, "kana heard otherwise": 0.01, "other kanji chosen": 0.01, "birth date slip": 0.01,
    "family and given exchanged": 0.007, "no gap in the name": 0.02, "accession slip": 0.01, "zeros left out": 0.05,
}  # fmt: skip


@dataclass(frozen=True)
class Person:
    number: int
    facility: int
    patient_id: str
    family: tuple[str, str]
    given: tuple[str, str]
    born_on: date
    sex: str
    before: tuple[str, str] | None = None
    """The family name until lately."""
    twin: int | None = None
    is_foreign: bool = False


@dataclass(frozen=True)
class Paper:
    """One side as it is written down. Of a study, `truth` is the order it was done for; of an order, its own number."""

    truth: int | None
    person: int
    facility: int
    day: date
    patient_id: str
    romaji: str
    kanji: str
    kana: str
    born_on: date | None
    sex: str
    accession_number: str
    study_instance_uid: str
    modality: str
    body_part: str
    laterality: str
    at: float = 0.0
    """When the hub hears of it, in days."""


class Population:
    """People, then their orders and studies; everything follows from the seed."""

    def __init__(self, *, seed: int, people: int, facilities: int = 8, days: int = 60) -> None:
        self.rng = Random(seed)
        self.facilities, self.days = facilities, days
        self.surnames, self.shares = surnames()
        self.given = {sex: given_names(sex) for sex in "MF"}
        self.people: list[Person] = []
        self.at: list[list[int]] = [[] for _ in range(facilities)]
        self.styles = [
            ("full", "kanji first", "half width", "romaji only")[one % 4] for one in range(facilities)
        ]
        while len(self.people) < people:
            self._household()

    def chance(self, what: str) -> bool:
        return self.rng.random() < RATES[what]

    def _born(self) -> date:
        return date(2026, 1, 1) - timedelta(days=int(365.25 * min(102, max(0.1, self.rng.gauss(62, 20)))))

    def _surname(self) -> tuple[str, str]:
        return self.rng.choices(self.surnames, self.shares)[0]

    def _add(self, **facts: object) -> Person:
        place = int(facts.pop("facility"))  # type: ignore[call-overload]
        number = f"{100000 + 7 * place + len(self.at[place]):08}"
        if self.at[place] and self.chance("id given to two people"):
            number = self.people[self.rng.choice(self.at[place])].patient_id
        married = self._surname() if self.chance("married since") else None
        person = Person(len(self.people), place, number, before=married, **facts)  # type: ignore[arg-type]
        self.people.append(person)
        self.at[place].append(person.number)
        return person

    def _household(self) -> None:
        rng = self.rng
        place, family, sex = rng.randrange(self.facilities), self._surname(), rng.choice("MF")
        given, born = rng.choice(self.given[sex]), self._born()
        if self.chance("foreign"):
            last, first, sex = rng.choice(FOREIGN)
            self._add(
                facility=place, family=(last, ""), given=(first, ""), born_on=born, sex=sex, is_foreign=True
            )
            return
        one = self._add(facility=place, family=family, given=given, born_on=born, sex=sex)
        if self.chance("twins"):
            self._twins(one)
        elif self.chance("families"):
            for _ in range(rng.randrange(1, 4)):
                kin = rng.choice("MF")
                day = born + timedelta(days=rng.choice((-1, 1)) * rng.randrange(400, 12000))
                self._add(
                    facility=place,
                    family=family,
                    given=rng.choice(self.given[kin]),
                    born_on=min(day, FIRST_DAY),
                    sex=kin,
                )
        if self.chance("namesakes"):
            self._add(facility=place, family=family, given=given, born_on=self._born(), sex=sex)
        if self.chance("namesakes born the same day"):
            self._add(facility=place, family=family, given=given, born_on=born, sex=sex)

    def _twins(self, one: Person) -> None:
        kin = one.sex if self.rng.random() < 0.6 else "M" if one.sex == "F" else "F"
        given = self.rng.choice(self.given[kin])
        if kin == one.sex and self.rng.random() < 0.6:
            alike = self.rng.choice(ALIKE_TWINS[kin])
            self.people[one.number] = one = replace(one, given=(alike[0], alike[1]))
            given = (alike[2], alike[3])
        other = self._add(facility=one.facility, family=one.family, given=given, born_on=one.born_on, sex=kin)
        self.people[one.number] = replace(one, twin=other.number, before=None)
        self.people[other.number] = replace(other, twin=one.number, before=None)

    def day_at(self, facility: int, day: date, count: int, first: int) -> tuple[list[Paper], list[Paper]]:
        """Orders of one facility planned for a day, and the studies done for them; numbered from `first`."""
        due: list[tuple[Person, Exam]] = []
        while len(due) < count:
            person = self.people[self.rng.choice(self.at[facility])]
            due.append((person, self.rng.choices(EXAMS, [one.share for one in EXAMS])[0]))
            if self.chance("second exam the same day"):
                due.append((person, self.rng.choices(EXAMS, [one.share for one in EXAMS])[0]))
            if person.twin is not None and self.chance("twin examined the same day"):
                due.append((self.people[person.twin], due[-1][1]))
        orders, studies = [], []
        for place, (person, exam) in enumerate(due[:count]):
            number = first + place
            side = self.rng.choice("LR") if exam.is_paired else ""
            uid = f"1.2.392.200036.9.{facility}.{number}"
            accession = f"{day:%y%m%d}{number % 10000:04}"
            order = self._order(person, exam, side, day, number, accession)
            orders.append(replace(order, at=self._entered(day)))
            if not self.chance("study never comes"):
                studies.append(
                    self._study(person, exam, side, self._done_on(day), number, accession, uid, due)
                )
            if self.chance("study without an order"):
                other = self.people[self.rng.choice(self.at[facility])]
                loose = self._study(other, exam, side, day, None, f"X{accession}", uid + ".9", due)
                studies.append(loose)
        return orders, studies

    def _entered(self, day: date) -> float:
        """Booked before, in the morning, or after an emergency's images."""
        if self.chance("order entered days before"):
            return day.toordinal() - self.rng.uniform(1, 14)
        if self.chance("order entered after the study"):
            return day.toordinal() + self.rng.uniform(0.9, 0.99)
        return day.toordinal() + self.rng.uniform(0.1, 0.3)

    def _done_on(self, day: date) -> date:
        if self.chance("exam a day beside the plan"):
            return day + timedelta(days=self.rng.choice((-1, 1)))
        return day + timedelta(days=self.rng.randrange(2, 11)) if self.chance("exam moved by days") else day

    def _order(self, person: Person, exam: Exam, side: str, day: date, number: int, accession: str) -> Paper:
        is_typed = self.chance("order typed in the portal")
        kanji, kana, latin = self._names(person, is_typed)
        if not person.is_foreign and self.chance("order lacks kana"):
            kana = ""
        words = {"L": "左", "R": "右"}.get(side, "") + exam.words
        return Paper(
            truth=number, person=person.number, facility=person.facility, day=day,
            patient_id=self._number(person.patient_id, is_typed), romaji=latin, kanji=kanji, kana=kana,
            born_on=self._birth(person.born_on, is_typed), sex="" if self.chance("order lacks sex") else person.sex,
            accession_number="" if is_typed and self.chance("portal order has no accession number") else accession,
            study_instance_uid="", modality=exam.modality, body_part="" if self.chance("order lacks the part") else words, laterality=side,
        )  # fmt: skip

    def _study(
        self, person: Person, exam: Exam, side: str, day: date, number: int | None, accession: str, uid: str,
        due: list[tuple[Person, Exam]],
    ) -> Paper:  # fmt: skip
        is_typed = self.chance("study typed at the device")
        kanji, kana, latin = self._names(person, is_typed)
        romaji_group, kanji_group, kana_group = self._as_sent(person, kanji, kana, latin, is_typed)
        paper = Paper(
            truth=number, person=person.number, facility=person.facility,
            day=day + timedelta(days=1) if self.chance("date after midnight") else day,
            patient_id=self._number(person.patient_id, is_typed), romaji=romaji_group, kanji=kanji_group, kana=kana_group,
            born_on=self._birth(person.born_on, is_typed), sex=self._sex(person.sex, is_typed),
            accession_number=self._accession(accession, is_typed), study_instance_uid=uid,
            modality=self.rng.choice(exam.codes), body_part=self._part(exam), laterality=self._side(side),
        )  # fmt: skip
        paper = replace(paper, at=paper.day.toordinal() + self.rng.uniform(0.3, 0.9))
        if is_typed and self.chance("typed study lacks the ID"):
            return replace(paper, patient_id="")
        if is_typed and self.chance("typed under a temporary ID"):
            return replace(paper, patient_id=f"ER{day:%m%d}{self.rng.randrange(100):02}")
        if person.twin is not None and self.chance(
            "study of a twin under the other's worklist line, name mended by hand"
        ):
            return self._under_the_twin(paper, person, accession)
        return paper

    def _under_the_twin(self, paper: Paper, person: Person, accession: str) -> Paper:
        """The other twin's numbers with this one's name; the accession number is the other's, if that line was the next."""
        twin = self.people[person.twin or 0]
        wrong_line = f"{accession[:-4]}{(int(accession[-4:]) + self.rng.choice((-1, 1))) % 10000:04}"
        return replace(
            paper, patient_id=twin.patient_id, accession_number=wrong_line if paper.accession_number else ""
        )

    def _names(self, person: Person, is_typed: bool) -> tuple[str, str, str]:
        """Kanji, kana and romaji with ``^``, slips included."""
        family, given = person.family, person.given
        if person.before and self.rng.random() < 0.3:
            family = person.before
        if person.is_foreign:
            latin = f"{family[0]}^{given[0]}"
            return "", "", latin.upper() if self.rng.random() < 0.5 else latin
        if is_typed:
            family, given = self._typed(family), self._typed(given)
            if self.chance("family and given exchanged"):
                family, given = given, family
        school = self.rng.choice(("hepburn", "passport", "passport", "oh", "kunrei"))
        latin = f"{romaji(family[1], school)}^{romaji(given[1], school)}".title()
        gap = "" if is_typed and self.chance("no gap in the name") else "^"
        return (
            f"{family[0]}{gap}{given[0]}",
            f"{family[1]}{gap}{given[1]}",
            latin.upper() if self.rng.random() < 0.5 else latin,
        )

    def _typed(self, name: tuple[str, str]) -> tuple[str, str]:
        kanji, kana = name
        if self.chance("other kanji chosen"):
            same = [
                one
                for one, reading in [*self.surnames, *self.given["M"], *self.given["F"]]
                if reading == kana
            ]
            kanji = self.rng.choice(same or [kanji])
        if self.chance("kana slip"):
            kana = slip_in_kana(kana, self.rng)
        elif self.chance("kana heard otherwise"):
            kana = loose_kana(kana, self.rng)
        return kanji, kana

    def _as_sent(
        self, person: Person, kanji: str, kana: str, latin: str, is_typed: bool
    ) -> tuple[str, str, str]:
        """The three groups, as this facility's devices fill them."""
        if person.is_foreign:
            return latin, "", ""
        style = self.styles[person.facility]
        if is_typed:
            style = self.rng.choice(("romaji only", "kana only", style))
        if self.rng.random() < 0.3:
            kanji = kanji.translate(str.maketrans("髙﨑邊邉𠮷澤廣濱櫻瀧齋", "高崎辺辺吉沢広浜桜滝斎"))
        groups = {
            "full": (latin, kanji, kana), "kanji first": (kanji, "", ""), "romaji only": (latin, "", ""),
            "half width": (half_width(kana), kanji, ""), "kana only": (half_width(kana), "", ""),
        }[style]  # fmt: skip
        if style != "romaji only" and self.chance("character set damage"):
            groups = (
                damaged(groups[0], self.rng),
                damaged(groups[1], self.rng),
                damaged(groups[2], self.rng),
            )
        return groups[0], groups[1], katakana(groups[2]) if self.rng.random() < 0.5 else groups[2]

    def _number(self, number: str, is_typed: bool) -> str:
        if is_typed and self.chance("ID slip"):
            number = slip_in_number(number, self.rng)
        return number.lstrip("0") if self.chance("zeros left out") else number

    def _birth(self, born: date, is_typed: bool) -> date | None:
        if is_typed and self.chance("birth date slip"):
            return slip_in_date(born, self.rng)
        return None if self.chance("study lacks the birth date") else born

    def _sex(self, sex: str, is_typed: bool) -> str:
        if is_typed and self.chance("wrong sex typed"):
            return "M" if sex == "F" else "F"
        return "" if self.chance("study lacks sex") else "O" if self.chance("sex is other") else sex

    def _accession(self, accession: str, is_typed: bool) -> str:
        if not is_typed:
            return "" if self.chance("worklist study lacks the accession number") else accession
        if not self.chance("typed study has an accession number"):
            return ""
        return slip_in_number(accession, self.rng) if self.chance("accession slip") else accession

    def _part(self, exam: Exam) -> str:
        if self.chance("study lacks the part"):
            return ""
        if self.chance("part label reaches less far"):
            return exam.label.replace("ABDOMEN", "").replace("PELVIS", "") or exam.label
        if self.chance("part label is the neighbour's"):
            return beside(exam)
        return wrong(exam, self.rng) if self.chance("part label is wrong") else exam.label

    def _side(self, side: str) -> str:
        if not side or self.chance("side is missing"):
            return ""
        return {"L": "R", "R": "L"}[side] if self.chance("side is wrong") else side

    def facilities_work(self, orders_a_day: int) -> Iterator[tuple[list[Paper], list[Paper]]]:
        """Facility by facility: every order, and every study that arrived."""
        first = 0
        for facility in range(self.facilities):
            orders: list[Paper] = []
            studies: list[Paper] = []
            for ahead in range(self.days):
                made, done = self.day_at(facility, FIRST_DAY + timedelta(days=ahead), orders_a_day, first)
                first += orders_a_day
                orders += made
                studies += done
            yield orders, studies
