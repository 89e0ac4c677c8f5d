"""Data types of FHIR R4 (datatypes.html), as many of their parts as are read."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel

from dokuei.base.clock import local_date

DATE_TIME = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?)?)?")


def _existing(text: str) -> str:
    """Refuse what is no date or time, or none that exists."""
    if not DATE_TIME.fullmatch(text):
        raise ValueError("no date or time")
    if len(text) > 7:
        datetime.fromisoformat(text)
    return text


Text = Annotated[str, StringConstraints(max_length=100_000)]
DateTime = Annotated[str, AfterValidator(_existing)]
"""A date, or a point of time with its zone; the month and the day may be unknown."""
IDEOGRAPHIC, SYLLABIC, ALPHABETIC = "IDE", "SYL", "ABC"
REPRESENTATION = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"


class Element(BaseModel):
    """An element; its parts are named in camel case outside."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)


class Coding(Element):
    system: Text = ""
    code: Text = ""
    display: Text = ""


class CodeableConcept(Element):
    coding: list[Coding] = []
    text: Text = ""

    @property
    def words(self) -> str:
        """The text, else the first display, else the first code."""
        said = (self.text, *(one.display for one in self.coding), *(one.code for one in self.coding))
        return next((one.strip() for one in said if one.strip()), "")

    def code_in(self, *systems: str) -> str:
        """Its code in one of these systems; empty if it has none."""
        return next((one.code for one in self.coding if one.system in systems and one.code), "")


class Extension(Element):
    url: Text
    value_code: Text = ""
    value_string: Text = ""
    value_codeable_concept: CodeableConcept | None = None


class Period(Element):
    start: DateTime | None = None
    end: DateTime | None = None


class Identifier(Element):
    use: Text = ""
    type: CodeableConcept | None = None
    system: Text = ""
    value: Text = ""

    def is_of(self, code: str) -> bool:
        """Whether its type says so (HL7 table 0203: MR, PLAC, FILL, ACSN)."""
        return self.type is not None and any(one.code == code for one in self.type.coding)


class Reference(Element):
    reference: Text = ""
    type: Text = ""
    identifier: Identifier | None = None
    display: Text = ""


class HumanName(Element):
    use: Text = ""
    text: Text = ""
    family: Text = ""
    given: list[Text] = []
    extension: list[Extension] = []

    @property
    def representation(self) -> str:
        """IDE, SYL or ABC; empty where it is not said (JP Core, iso21090-EN-representation)."""
        return next((one.value_code for one in self.extension if one.url == REPRESENTATION), "")

    @property
    def group(self) -> str:
        """Family and given name with ``^`` between them."""
        parts = [self.family.strip(), " ".join(self.given).strip()]
        return "^".join(part for part in parts if part) or "^".join(self.text.split())


class ContactPoint(Element):
    system: Text = ""
    value: Text = ""
    use: Text = ""


class Quantity(Element):
    value: float | None = None
    comparator: Text = ""
    unit: Text = ""
    code: Text = ""


class Annotation(Element):
    text: Text


class Meta(Element):
    last_updated: DateTime | None = None


def day_of(*said: str | None) -> date | None:
    """The first that names a day, as that day in Japan. A year or a month is none.

    >>> day_of(None, "2026-11", "2026-11-22T20:00:00Z")
    datetime.date(2026, 11, 23)
    """
    for text in said:
        if text and len(text) > 7:
            return local_date(datetime.fromisoformat(text)) if "T" in text else date.fromisoformat(text)
    return None


def instant_of(text: str | None) -> datetime | None:
    """A point of time; None where only a date is said."""
    return datetime.fromisoformat(text) if text and "T" in text else None


def phone_of(points: Iterable[ContactPoint]) -> str:
    """The first telephone number; the one for work before others."""
    phones = [one for one in points if one.system == "phone" and one.value]
    phones.sort(key=lambda one: one.use != "work")
    return phones[0].value if phones else ""


def words_of(concepts: Iterable[CodeableConcept]) -> list[str]:
    return [text for one in concepts if (text := one.words)]
