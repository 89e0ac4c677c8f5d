"""Data sets that come one after the other and are built alike: the slices of a series, as a device sends them.

Reading one costs a walk over every element; of the next, only what may differ is looked at. Two data sets are built
alike when every byte that is not the value of an element is the same in both: tags, VRs, lengths, item headers, and the
values that decide how others are read. Then every value lies where it lay before. What was described of the first holds
for the second if every value that was looked at for it is the same too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dokuei.dicom import syntax
from dokuei.dicom.charset import Charset
from dokuei.dicom.describe import Description, describe, own_facts
from dokuei.dicom.read import TEXT_VRS, DataSet, read_data_set
from dokuei.dicom.walk import PIXEL_DATA, PIXEL_SIGN, Buffer, Element

SPECIFIC_CHARACTER_SET = 0x00080005
DECIDING = {SPECIFIC_CHARACTER_SET, PIXEL_SIGN}
"""Elements whose value decides how others are read."""
OWN = {0x00080018, 0x0008002A, 0x00200013, 0x00200032, 0x00200037}
"""What `own_facts` reads: of one instance, not of its series."""
LONGEST_HEADER = 64 * 1024
LONGEST_TAIL = 4096
MOST_FORMS = 8


@dataclass
class _Form:
    """How one data set was built, and what was found in it."""

    ds: DataSet
    """Its index; not its bytes."""
    header: slice
    """Where its bytes lie up to the value of its pixel data."""
    total: int
    tail: bytes
    """What lies behind the pixel data."""
    mask: int
    """Ones where every data set that is built alike has the same bits, as one number."""
    fixed: int
    text_mask: int = 0
    text: int = 0
    charset: Charset | None = None
    fact_mask: int = 0
    facts: int = 0
    description: Description | None = None


class Alike:
    """Reads and describes data sets in the order they come. Not for two threads at once."""

    def __init__(self) -> None:
        self._forms: list[_Form] = []
        self._last: tuple[_Form, int] | None = None

    def read(self, buffer: Buffer, transfer_syntax: str, start: int = 0) -> DataSet:
        """As `read_data_set` would, sooner if one was built alike before."""
        self._last = None
        total = len(buffer)
        for number, form in enumerate(self._forms):
            if form.total != total or (form.ds.transfer_syntax, form.ds.start) != (
                transfer_syntax,
                start,
            ):
                continue
            head = int.from_bytes(buffer[form.header], "little")
            if head & form.mask == form.fixed and buffer[total - len(form.tail) :] == form.tail:
                self._forms.insert(0, self._forms.pop(number))
                self._last = (form, head)
                ds = replace(form.ds, buffer=buffer)
                if form.charset is not None and head & form.text_mask == form.text:
                    ds.__dict__["charset"] = form.charset  # where cached_property keeps it
                return ds
        ds = read_data_set(buffer, transfer_syntax, start)
        self._remember(ds)
        return ds

    def describe(self, ds: DataSet) -> Description:
        """As `describe` would, of the data set that was read last."""
        if self._last is None:
            return describe(ds)
        form, head = self._last
        if (
            form.description is not None
            and head & form.fact_mask == form.facts
            and ds.charset == form.charset
            and (own := own_facts(ds)) is not None
        ):
            return replace(form.description, **own)
        return _learn(form, ds, head)

    def _remember(self, ds: DataSet) -> None:
        form = _form_of(ds)
        if form is None:
            return
        self._forms.insert(0, form)
        del self._forms[MOST_FORMS:]
        self._last = (form, int.from_bytes(ds.buffer[form.header], "little"))
        form.ds = replace(ds, buffer=b"")


def _form_of(ds: DataSet) -> _Form | None:
    """The form of a data set whose pixels are native and near its end; others are walked through each time."""
    pixels = ds.elements.get(PIXEL_DATA)
    if pixels is None or pixels.fragments is not None or ds.transfer_syntax == syntax.DEFLATED_LE:
        return None
    header = slice(ds.start, pixels.offset)
    tail = bytes(ds.buffer[pixels.offset + pixels.length :][:LONGEST_TAIL])
    total = pixels.offset + pixels.length + len(tail)
    if total != len(ds.buffer) or pixels.offset - ds.start > LONGEST_HEADER:
        return None
    mask = bytearray(b"\xff" * (pixels.offset - ds.start))
    for element in _leaves(ds.elements):
        if element.fragments is not None:
            return None
        if element.tag not in DECIDING and element.offset < pixels.offset:
            here = element.offset - ds.start
            mask[here : here + element.length] = bytes(element.length)
    number = int.from_bytes(mask, "little")
    return _Form(ds, header, total, tail, number, int.from_bytes(ds.buffer[header], "little") & number)


def _leaves(elements: Mapping[int, Element]) -> Iterator[Element]:
    for element in elements.values():
        if element.items is None:
            yield element
        else:
            for item in element.items:
                yield from _leaves(item)


class _Watched(Mapping[int, Element]):
    """Elements that note which of them were looked for."""

    def __init__(self, elements: Mapping[int, Element]) -> None:
        self._elements = elements
        self.seen: set[int] = set()

    def __getitem__(self, tag: int) -> Element:
        self.seen.add(tag)
        return self._elements[tag]

    def __iter__(self) -> Iterator[int]:
        raise TypeError("a description looks for elements by their tags")

    def __len__(self) -> int:
        return len(self._elements)


def _learn(form: _Form, ds: DataSet, head: int) -> Description:
    """Describe, and remember for the next ones what was looked at."""
    watched = _Watched(ds.elements)
    text = [one for one in _leaves(ds.elements) if one.vr in TEXT_VRS and one.offset < form.header.stop]
    form.charset, form.text_mask = ds.charset, _mask(form, text)
    form.text = head & form.text_mask
    seen: Any = replace(ds, elements=watched)
    seen.__dict__["charset"] = ds.charset
    found = describe(seen)
    looked_at = [ds.elements[tag] for tag in watched.seen - OWN if tag in ds.elements]
    form.fact_mask = _mask(form, [one for one in looked_at if one.offset < form.header.stop])
    form.facts = head & form.fact_mask
    form.description = None if own_facts(ds) is None else found
    return found


def _mask(form: _Form, elements: list[Element]) -> int:
    """Ones where the values of these elements lie, and everything in them if they are sequences."""
    out = bytearray(form.header.stop - form.header.start)
    for one in elements:
        here = one.offset - form.header.start
        out[here : here + one.length] = b"\xff" * one.length
    return int.from_bytes(out, "little")
