"""An HL7 v2 message as segments, fields, repetitions and components (HL7 v2.5 chapter 2), read tolerantly."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from dokuei.base.clock import JST
from dokuei.base.errors import Invalid

MOST_SEGMENTS = 2000
MOST_FIELDS = 300


class BadMessage(Invalid):
    """HL7 v2 の電文として読み取れません。先頭がMSHセグメントか、区切り文字が正しいかを確認してください。"""

    code = "hl7.message"


@dataclass(frozen=True)
class Marks:
    """The delimiters a message says it uses (MSH-1, MSH-2)."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    sub: str = "&"


@dataclass(frozen=True)
class Segment:
    """One segment; fields are numbered as in the standard, also in MSH."""

    name: str
    fields: tuple[str, ...]
    marks: Marks

    def field(self, number: int) -> str:
        """A field as it stands in the message, escapes and all."""
        return self.fields[number - 1] if 0 < number <= len(self.fields) else ""

    def repetitions(self, number: int) -> list["Element"]:
        """Every repetition of a field that says anything."""
        parts = self.field(number).split(self.marks.repetition)
        return [Element(part, self.marks) for part in parts if part.strip() and part != '""']

    def first(self, number: int) -> "Element":
        """The first repetition; an empty one if there is none."""
        return next(iter(self.repetitions(number)), Element("", self.marks))


@dataclass(frozen=True)
class Element:
    """One repetition of a field."""

    raw: str
    marks: Marks

    def part(self, number: int, sub: int = 1) -> str:
        """A component, of it the first subcomponent, as text; empty if it is not there.

        >>> Element("1234&A^Yamada", Marks()).part(1)
        '1234'
        """
        parts = self.raw.split(self.marks.component)
        if number > len(parts):
            return ""
        subs = parts[number - 1].split(self.marks.sub)
        text = plain(subs[sub - 1], self.marks).strip() if sub <= len(subs) else ""
        return "" if text == '""' else text

    @property
    def text(self) -> str:
        """All of it as text, for fields without components."""
        return plain(self.raw, self.marks).strip()


@dataclass(frozen=True)
class Message:
    segments: tuple[Segment, ...]

    @property
    def header(self) -> Segment:
        return self.segments[0]

    @property
    def control_id(self) -> str:
        """MSH-10, under which it is acknowledged."""
        return self.header.field(10).strip()

    @property
    def kind(self) -> str:
        """Message code and trigger event: ``ORM^O01``."""
        asked = self.header.first(9)
        return "^".join(one for one in (asked.part(1), asked.part(2)) if one)

    @property
    def sent_at(self) -> datetime | None:
        """MSH-7."""
        return instant(self.header.first(7).part(1))

    def all(self, name: str) -> list[Segment]:
        return [one for one in self.segments if one.name == name]

    def first(self, name: str) -> Segment | None:
        return next((one for one in self.segments if one.name == name), None)


def parse(text: str) -> Message:
    """Read a decoded message; `BadMessage` if it does not begin with a header that says its delimiters.

    Lines may end in CR, as the standard has it, or in LF or both, as files have it. NUL pads the end or is an error: no
    text of a message has it, and no database keeps it.
    """
    lines = [line for line in re.split(r"[\r\n]+", text.lstrip("\ufeff").rstrip("\0")) if line.strip()]
    if (
        not lines
        or "\0" in text.rstrip("\0")
        or not lines[0].startswith("MSH")
        or len(lines[0]) < 8
        or len(lines) > MOST_SEGMENTS
    ):
        raise BadMessage()
    head = lines[0]
    marks = _marks(head)
    segments = [_header(head, marks), *(_segment(line, marks) for line in lines[1:])]
    if any(len(one.fields) > MOST_FIELDS for one in segments):
        raise BadMessage()
    return Message(tuple(segments))


def _marks(head: str) -> Marks:
    said = head[4:].split(head[3], 1)[0]
    marks = Marks(head[3], *said[:4]) if 2 <= len(said) <= 5 else None
    used = [head[3], *said[:4]]
    if marks is None or len(set(used)) != len(used) or any(one.isalnum() for one in used):
        raise BadMessage()
    return marks


def _header(line: str, marks: Marks) -> Segment:
    return Segment("MSH", (marks.field, *line[4:].split(marks.field)), marks)


def _segment(line: str, marks: Marks) -> Segment:
    name, *fields = line.split(marks.field)
    return Segment(name.strip(), tuple(fields), marks)


def plain(text: str, marks: Marks) -> str:
    r"""Text with its escape sequences undone (2.7.1): delimiters, line breaks, bytes in hexadecimal.

    >>> plain(r"a\T\b\.br\c", Marks())
    'a&b\nc'
    """
    if marks.escape not in text:
        return text
    mark = re.escape(marks.escape)
    return re.sub(f"{mark}([^{mark}]{{1,100}}){mark}", lambda found: _undone(found[1], marks), text)


def _undone(code: str, marks: Marks) -> str:
    single = {
        "F": marks.field,
        "S": marks.component,
        "T": marks.sub,
        "R": marks.repetition,
        "E": marks.escape,
        ".br": "\n",
        ".sp": "\n",
        "H": "",
        "N": "",
    }
    if code in single:
        return single[code]
    if re.fullmatch(r"X(?:0[9AaDd])+", code):
        return bytes.fromhex(code[1:]).decode("ascii").replace("\r", "\n")
    return f"{marks.escape}{code}{marks.escape}"


_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)?(\d\d)?(?:\.\d{1,6})?)?(?:([+-])(\d\d)(\d\d))?")


def instant(text: str) -> datetime | None:
    """A time (DTM) in UTC; of Japan if it does not say where, None if it is none or a day only.

    >>> instant("202611220910").isoformat()
    '2026-11-22T00:10:00+00:00'
    """
    found = _TIME.fullmatch(text.strip())
    if found is None or found[4] is None:
        return None
    year, month, on, hour, minute, second = (int(one or 0) for one in found.groups()[:6])
    zone: timezone | object = JST
    if found[7]:
        away = timedelta(hours=int(found[8]), minutes=int(found[9]))
        zone = timezone(away if found[7] == "+" else -away)
    try:
        return datetime(year, month, on, hour, minute, min(second, 59), tzinfo=zone).astimezone(UTC)  # type: ignore[arg-type]
    except ValueError:
        return None


def day(text: str) -> date | None:
    """The day of a date or a time, as it is written.

    >>> day("19680312").isoformat()
    '1968-03-12'
    """
    found = re.match(r"(\d{4})(\d\d)(\d\d)", text.strip())
    try:
        return date(*(int(one) for one in found.groups())) if found else None
    except ValueError:
        return None


def escaped(text: str, marks: Marks) -> str:
    """Text as it may stand in a field."""
    table = {
        marks.escape: "E",
        marks.field: "F",
        marks.component: "S",
        marks.sub: "T",
        marks.repetition: "R",
    }
    return "".join(f"{marks.escape}{table[one]}{marks.escape}" if one in table else one for one in text)
