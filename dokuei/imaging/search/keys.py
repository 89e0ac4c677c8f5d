"""Which attributes can be matched at which level, and how (PS3.4 C.2.2.2, C.6; PS3.18 10.6.1)."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import BooleanField, F, Func, Q, QuerySet, TextField, Value

from dokuei.dicom.describe import REQUESTED
from dokuei.imaging.models import Instance, Series
from dokuei.imaging.search.lookups import has_wild, name_key, wild
from dokuei.imaging.search.names import name_matches
from dokuei.imaging.search.query import LONGEST_VALUE, Key, Level, Path, Query, QueryInvalid
from dokuei.imaging.search.times import Span, dates, moments, times, together

EMPTY = '""'
"""Asks for rows where the attribute is empty (PS3.4 C.2.2.2.7)."""
LONGEST_LIST = 64 * 1024
Matcher = Callable[[str, Query], Q]
REQUEST_SEQUENCE = 0x00400275
PAIRS = {
    Level.STUDY: ((0x00080020,), (0x00080030,), "study_on", "study_time"),
    Level.SERIES: ((0x00400244,), (0x00400245,), "performed_on", "performed_time"),
}
"""Date and time that are one instant when both are ranges."""


def text(column: str) -> Matcher:
    """Single value, wild card, several values; exact in case as the standard has it."""

    def match(value: str, query: Query) -> Q:
        found = Q()
        for one in _listed(value):
            if one == EMPTY:
                found |= Q(**{column: ""})
            elif has_wild(one):
                found |= wild(column, one)
            else:
                found |= Q(**{column: one})
        return found

    return match


def _listed(value: str) -> list[str]:
    """The values of a list; one that is empty says nothing."""
    return [one for one in (part.strip(" ") for part in value.split("\\")) if one]


def uid(column: str) -> Matcher:
    """A UID or a list of them (PS3.4 C.2.2.2.2)."""

    def match(value: str, query: Query) -> Q:
        return Q(**{f"{column}__in": _uids(value)})

    return match


def _uids(value: str) -> list[str]:
    uids = [one.strip(" \0") for one in re.split(r"[\\,]", value)]
    if not all(re.fullmatch(r"[0-9.]{1,64}", one) for one in uids):
        raise QueryInvalid()
    return uids


def number(column: str) -> Matcher:
    def match(value: str, query: Query) -> Q:
        if value == EMPTY:
            return Q(**{f"{column}__isnull": True})
        wanted = value.split("\\")
        if not all(re.fullmatch(r" *[+-]?\d{1,9} *", one) for one in wanted):
            raise QueryInvalid()
        return Q(**{f"{column}__in": [int(one) for one in wanted]})

    return match


def moment(column: str, reading: Callable[[str], Span]) -> Matcher:
    """A date, time or both; a value or a range."""

    def match(value: str, query: Query) -> Q:
        if value == EMPTY:
            return Q(**{f"{column}__isnull": True})
        return reading(value).on(column)

    return match


def name(*columns: str) -> Matcher:
    def match(value: str, query: Query) -> Q:
        if value == EMPTY:
            return Q(**dict.fromkeys(columns, ""))
        return name_matches(columns, value, is_fuzzy=query.is_fuzzy)

    return match


def _modalities(value: str, query: Query) -> Q:
    """Any of the study's modalities; a pattern is asked of its series."""
    if has_wild(value):
        series = Series.objects.filter(text("modality")(value, query))
        return Q(pk__in=series.values("study_id"))
    wanted = [one.strip() for one in value.split("\\")]
    return Q(modalities=[]) if wanted == [EMPTY] else Q(modalities__overlap=wanted)


def _sop_classes(value: str, query: Query) -> Q:
    return Q(pk__in=Instance.objects.filter(sop_class_uid__in=_uids(value)).values("study_id"))


NAME_KEYS = ("key_alphabetic", "key_ideographic", "key_phonetic")
REFERRING = {f"referring_key_{n}": name_key("referring_physician", n) for n in (1, 2, 3)}
KNOWN: dict[Level, dict[Path, Matcher]] = {
    Level.PATIENT: {
        (0x00100010,): name(*NAME_KEYS),
        (0x00100020,): text("patient_id"),
        (0x00100021,): text("issuer"),
        (0x00100030,): moment("birth_date", dates),
        (0x00100040,): text("sex"),
    },
    Level.STUDY: {
        (0x0020000D,): uid("study_instance_uid"),
        (0x00080020,): moment("study_on", dates),
        (0x00080030,): moment("study_time", times),
        (0x00080050,): text("accession_number"),
        (0x00080061,): _modalities,
        (0x00080062,): _sop_classes,
        (0x00080090,): name(*REFERRING),
        (0x00081030,): text("description"),
        (0x00200010,): text("study_id"),
    },
    Level.SERIES: {
        (0x0020000E,): uid("series_instance_uid"),
        (0x00080060,): text("modality"),
        (0x0008103E,): text("description"),
        (0x00180015,): text("body_part"),
        (0x00200011,): number("series_number"),
        (0x00200052,): uid("frame_of_reference_uid"),
        (0x00200060,): text("laterality"),
        (0x00400244,): moment("performed_on", dates),
        (0x00400245,): moment("performed_time", times),
    },
    Level.IMAGE: {
        (0x00080018,): uid("sop_instance_uid"),
        (0x00080016,): uid("sop_class_uid"),
        (0x0008002A,): moment("acquired_at", moments),
        (0x00200013,): number("instance_number"),
        (0x00280008,): number("frames"),
        (0x00280010,): number("rows"),
        (0x00280011,): number("columns"),
    },
}
UID_LISTS = {
    path for known in KNOWN.values() for path in known if path[-1] in {0x0020000D, 0x0020000E, 0x00080018}
}


def levels_to(level: Level) -> list[Level]:
    """This level and those above it, from the patient down."""
    return [one for one in Level if not one.is_below(level)]


def level_of(path: Path, lowest: Level) -> Level | None:
    """The level an attribute is matched at, if it is `lowest` or above; None if it is not matched there."""
    for level in levels_to(lowest):
        if path in KNOWN[level] or (level is Level.SERIES and _is_of_request(path)):
            return level
    return None


def ignored(query: Query) -> list[Key]:
    """Keys that cannot be matched at this level."""
    return [one for one in query.keys if not one.is_universal and level_of(one.path, query.level) is None]


def has_keys(query: Query, level: Level) -> bool:
    return any(not one.is_universal and level_of(one.path, query.level) is level for one in query.keys)


def narrowed(rows: QuerySet[Any], query: Query, level: Level) -> QuerySet[Any]:
    """The rows of one level that match the query's keys of that level."""
    keys = {one.path: _value(one) for one in query.keys if not one.is_universal}
    mine = {path: value for path, value in keys.items() if level_of(path, query.level) is level}
    if (0x00080090,) in mine:
        rows = rows.alias(**REFERRING)
    return rows.filter(*_conditions(mine, query, level)) if mine else rows


def _value(key: Key) -> str:
    longest = LONGEST_LIST if key.path in UID_LISTS else LONGEST_VALUE
    if len(key.value) > longest:
        raise QueryInvalid()
    return key.value.replace("\0", "").strip(" ")


def _conditions(keys: Mapping[Path, str], query: Query, level: Level) -> list[Q]:
    left = dict(keys)
    found = []
    if level in PAIRS:
        day_path, time_path, day_column, time_column = PAIRS[level]
        if day_path in left and time_path in left and EMPTY not in {left[day_path], left[time_path]}:
            days, clock = dates(left[day_path]), times(left[time_path])
            if days.is_range and clock.is_range:
                found.append(together(days, clock, day_column, time_column))
                del left[day_path], left[time_path]
    asked = {path[1]: left.pop(path) for path in list(left) if _is_of_request(path)}
    if asked:
        found.append(_requested(asked))
    return found + [KNOWN[level][path](value, query) for path, value in left.items()]


def _is_of_request(path: Path) -> bool:
    return len(path) == 2 and path[0] == REQUEST_SEQUENCE and path[1] in REQUESTED


class _JsonPathExists(Func):
    function = "jsonb_path_exists"
    template = "%(function)s(%(expressions)s::jsonpath)"
    output_field = BooleanField()


def _requested(asked: Mapping[int, str]) -> Q:
    """Sequence matching (PS3.4 C.2.2.2.6): one item of Request Attributes Sequence matches every key."""
    tests = []
    for tag, value in asked.items():
        member = f'@."{tag:08X}"'
        either = [_item_test(member, one) for one in _listed(value)]
        tests.append(f"({' || '.join(either)})")
    path = f"$[*] ? ({' && '.join(tests)})"
    return Q(_JsonPathExists(F("request_attributes"), Value(path, output_field=TextField())))


def _item_test(member: str, value: str) -> str:
    """A comparison in the JSON path language; values go in as JSON strings, so they stay values."""
    if value == EMPTY or not value.strip("*"):
        return f"{'!' if value == EMPTY else ''}(exists({member}))"
    if not has_wild(value):
        return f"{member} == {json.dumps(value)}"
    pattern = "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in value)
    return f"{member} like_regex {json.dumps(f'^{pattern}$')}"
