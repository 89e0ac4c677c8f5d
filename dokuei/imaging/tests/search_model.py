"""What a search must find, said once more in plain loops over rows in memory (PS3.4 C.2.2.2)."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from dokuei.dicom.person_name import folded
from dokuei.imaging.search.query import Level, Query

TEXTS = {0x00100020, 0x00100040, 0x00080050, 0x00081030, 0x00200010, 0x00080060, 0x0008103E}
PERSONS = {0x00100010, 0x00080090}
UIDS = {0x0020000D, 0x0020000E, 0x00080018, 0x00080016, 0x00080062}
DATES, TIMES, NUMBERS = (
    {0x00100030, 0x00080020, 0x00400244},
    {0x00080030, 0x00400245},
    {0x00200011, 0x00200013},
)


@dataclass
class Held:
    """One row of the model: what each attribute path says, as text or lists of text."""

    uid: str
    says: dict[tuple[int, ...], Any]
    above: "Held | None" = None
    below: "list[Held]" = field(default_factory=list)
    pk: int = 0

    def value(self, path: tuple[int, ...]) -> Any:
        if path in self.says:
            return self.says[path]
        return self.above.value(path) if self.above else None


def expected(query: Query, patients: list[Held], seen: set[str]) -> set[str]:
    studies = [study for patient in patients for study in patient.below if study.uid in seen]
    rows = {
        Level.PATIENT: [one for one in patients if any(study.uid in seen for study in one.below)],
        Level.STUDY: studies,
        Level.SERIES: [series for study in studies for series in study.below],
        Level.IMAGE: [one for study in studies for series in study.below for one in series.below],
    }[query.level]
    return {row.uid for row in rows if matches(query, row)}


def matches(query: Query, row: Held) -> bool:
    keys = {one.path: one.value for one in query.keys if one.value.strip("\\") not in {"", "*"}}
    for day, clock in (((0x00080020,), (0x00080030,)), ((0x00400244,), (0x00400245,))):
        are_ranges = "-" in keys.get(day, "") and "-" in keys.get(clock, "")
        if are_ranges and not in_instants(row.value(day), row.value(clock), keys.pop(day), keys.pop(clock)):
            return False
    inside = {path[1]: keys.pop(path) for path in list(keys) if len(path) == 2}
    if inside and not any(
        all(item_matches(value, item.get(tag)) for tag, value in inside.items())
        for item in row.value((0x00400275,))
    ):
        return False
    return all(one_matches(path[0], value, row.value(path), query) for path, value in keys.items())


def item_matches(value: str, held: str | None) -> bool:
    """An attribute an item does not have matches only the question for its absence."""
    wanted = [one for one in value.split("\\") if one]
    return any(held is None if one == '""' else held is not None and like(one, held) for one in wanted)


def one_matches(tag: int, value: str, held: Any, query: Query) -> bool:  # noqa: PLR0911
    if tag in PERSONS:
        return name_matches(value, held, is_fuzzy=query.is_fuzzy)
    if tag in UIDS:
        return bool(set(value.split("\\")) & set(held if isinstance(held, list) else [held]))
    if tag == 0x00080061:
        return (held == []) if value == '""' else any(text_matches(value, one) for one in held)
    if value == '""' and tag not in TEXTS:
        return held is None
    if tag in NUMBERS:
        return held is not None and str(held) in value.split("\\")
    if tag in DATES:
        return held is not None and within(held.strftime("%Y%m%d"), value)
    if tag in TIMES:
        return held is not None and within(held.strftime("%H%M%S.%f"), value)
    if tag == 0x0008002A:
        return held is not None and moment_matches(held, value)
    return text_matches(value, held)


def within(held: str, value: str) -> bool:
    """Text that sorts like time; a value stands for everything it begins."""
    first, dash, last = value.partition("-")
    if not dash:
        return held.startswith(first)
    return (not first or held >= first) and (not last or held[: len(last)] <= last)


def in_instants(day: date | None, clock: time | None, days: str, clocks: str) -> bool:
    if day is None or not within(day.strftime("%Y%m%d"), days):
        return False
    first_day, _, last_day = days.partition("-")
    first, _, last = clocks.partition("-")
    here = day.strftime("%Y%m%d")
    moment = clock.strftime("%H%M%S.%f") if clock else None
    if first_day == here and first and (moment is None or moment < first):
        return False
    return not (last_day == here and last and (moment is None or moment[: len(last)] > last))


def moment_matches(held: datetime, value: str) -> bool:
    zone = re.search(r"[+](\d\d)00$", value)
    offset = timedelta(hours=int(zone[1])) if zone else timedelta(hours=9)
    local = (held.replace(tzinfo=None) - timedelta(hours=9) + offset).strftime("%Y%m%d%H%M%S")
    return within(local, value[: zone.start()] if zone else value)


def text_matches(value: str, held: str) -> bool:
    return any(held == "" if one == '""' else like(one, held) for one in value.split("\\") if one)


def like(pattern: str, held: str) -> bool:
    parts = ["." if one == "?" else ".*" if one == "*" else re.escape(one) for one in pattern]
    return re.fullmatch("".join(parts), held) is not None


def name_matches(value: str, held: str, *, is_fuzzy: bool) -> bool:
    groups = [plain(one) for one in ([*held.split("="), "", "", ""])[:3]]
    if value == '""':
        return not any(groups)
    wanted = [plain(one) for one in value.split("=")]
    for one in wanted:
        if not one.strip("*^"):
            continue
        if is_fuzzy:
            words = [word for word in re.split(r"[\^*]", one) if word]
            if not any(all(begins(word, group) for word in words) for group in groups):
                return False
        elif not any(components_match(one, group) for group in groups):
            return False
    return True


def begins(word: str, group: str) -> bool:
    return any(
        like(word + "*", part) for part in [group, *(group[n + 1 :] for n, c in enumerate(group) if c == "^")]
    )


def components_match(wanted: str, group: str) -> bool:
    pattern = "^".join(part or "*" for part in wanted.split("^"))
    return like(pattern, group) or like(pattern + "^*", group)


def plain(group: str) -> str:
    parts = [" ".join(part.split(" ")).strip(" ") for part in folded(group).split("^")]
    return re.sub(" +", "^", "^".join(parts)).strip(" ").rstrip("^")
