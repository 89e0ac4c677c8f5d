"""Dates and times of a query: single values and ranges (PS3.4 C.2.2.2.5), pure."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Q

from dokuei.dicom.describe import JST, parse_offset
from dokuei.imaging.search.query import QueryInvalid

MOMENT = re.compile(r"(\d{4,14})(?:\.(\d{1,6}))?([+-]\d{4})?")
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Span:
    """A range that is open where it is None; both ends belong to it. `is_range` says how it was written."""

    first: Any
    last: Any
    is_range: bool

    def on(self, column: str) -> Q:
        """The rows whose column lies in it."""
        if self.first is not None and self.first == self.last:
            return Q(**{column: self.first})
        found = Q()
        if self.first is not None:
            found &= Q(**{f"{column}__gte": self.first})
        if self.last is not None:
            found &= Q(**{f"{column}__lte": self.last})
        return found & Q(**{f"{column}__isnull": False}) if self.first is None else found


def dates(value: str) -> Span:
    """A DA value or range.

    >>> dates("20260101-").first
    datetime.date(2026, 1, 1)
    """
    first, dash, last = value.partition("-")
    if not dash:
        day = _date(first)
        return Span(day, day, is_range=False)
    return _open(_date(first) if first else None, _date(last) if last else None)


def times(value: str) -> Span:
    """A TM value or range; a value that is less exact than a microsecond is the whole of what it names.

    >>> times("10").last
    datetime.time(10, 59, 59, 999999)
    """
    first, dash, last = value.partition("-")
    if not dash:
        return Span(*_time(first), is_range=False)
    return _open(_time(first)[0] if first else None, _time(last)[1] if last else None)


def moments(value: str) -> Span:
    """A DT value or range; without an offset it is Japanese time. A hyphen may also be an offset's sign."""
    if _is_moment(value):
        return Span(*_moment(value), is_range=False)
    for at in (n for n, one in enumerate(value) if one == "-"):
        first, last = value[:at], value[at + 1 :]
        if all(_is_moment(one) for one in (first, last) if one):
            return _open(_moment(first)[0] if first else None, _moment(last)[1] if last else None)
    raise QueryInvalid()


def _is_moment(text: str) -> bool:
    match = MOMENT.fullmatch(text)
    return match is not None and (not match[3] or parse_offset(match[3]) is not None)


def together(days: Span, clock: Span, day_column: str, time_column: str) -> Q:
    """A range of dates and a range of times as one range of instants (PS3.4 C.2.2.2.5.4)."""
    found = days.on(day_column)
    if days.first is not None and clock.first is not None:
        found &= Q(**{f"{day_column}__gt": days.first}) | Q(
            **{day_column: days.first, f"{time_column}__gte": clock.first}
        )
    if days.last is not None and clock.last is not None:
        found &= Q(**{f"{day_column}__lt": days.last}) | Q(
            **{day_column: days.last, f"{time_column}__lte": clock.last}
        )
    return found


def _open(first: Any, last: Any) -> Span:
    if first is None and last is None:
        raise QueryInvalid()
    return Span(first, last, is_range=True)


def _date(text: str) -> date:
    match = re.fullmatch(r"(\d{4})[.]?(\d\d)[.]?(\d\d)", text.strip())
    if match:
        with suppress(ValueError):
            return date(int(match[1]), int(match[2]), int(match[3]))
    raise QueryInvalid()


def _time(text: str) -> tuple[time, time]:
    """The first and the last moment a TM value names."""
    match = re.fullmatch(r"(\d\d)(?::?(\d\d)(?::?(\d\d)(?:\.(\d{1,6}))?)?)?", text.strip())
    if not match:
        raise QueryInvalid()
    hour, minute, second, fraction = match.groups()
    try:
        if second == "60":  # a leap second is kept as the second before it
            second = "59"
        start = time(int(hour), int(minute or 0), int(second or 0), int((fraction or "").ljust(6, "0")))
        end = time(int(hour), int(minute or 59), int(second or 59), int((fraction or "").ljust(6, "9")))
    except ValueError as error:
        raise QueryInvalid() from error
    return start, end


def _moment(text: str) -> tuple[datetime, datetime]:
    """The first and the last instant a DT value names."""
    match = MOMENT.fullmatch(text)
    if not match or len(match[1]) % 2 or (match[2] and len(match[1]) < 14):
        raise QueryInvalid()
    zone = parse_offset(match[3]) if match[3] else JST
    parts = [int(match[1][:4]), *(int(match[1][n : n + 2]) for n in range(4, len(match[1]), 2))]
    if zone is None:
        raise QueryInvalid()
    try:
        whole = [*parts, *(1, 1)[len(parts) - 1 :], 0, 0, 0][:6]
        year, month, day, hour, minute, second = whole
        start = datetime(year, month, day, hour, minute, second, int((match[2] or "").ljust(6, "0")), zone)
        return start.astimezone(UTC), (_after(start, len(parts), len(match[2] or "")) - INSTANT).astimezone(
            UTC
        )
    except (ValueError, OverflowError) as error:
        raise QueryInvalid() from error


def _after(start: datetime, parts: int, decimals: int) -> datetime:
    """The beginning of what follows, by how exact the value was."""
    if parts == 1:
        return start.replace(year=start.year + 1)
    if parts == 2:
        return (start + timedelta(days=32)).replace(day=1)
    if decimals:
        return start + timedelta(microseconds=10 ** (6 - decimals))
    return (
        start + (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1))[parts - 3]
    )
