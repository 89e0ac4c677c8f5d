"""From a query to its results: two ways in, `find` for doors that stream and `page` for doors that page."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from dokuei.base.errors import DokueiError
from dokuei.dicom import json as dicom_json
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.headers import read_header
from dokuei.imaging.models import Instance
from dokuei.imaging.search import keys, results, rows
from dokuei.imaging.search.query import Key, Level, Path, Query
from dokuei.kit.db import scope, system_scope

CHUNK = 200
MOST_COUNTED = 10_000
"""What is left behind a page is counted so far and no further: never over a whole table."""
LARGEST_HEADER = 4 * 1024**2
"""A header larger than this is not read for a search result."""
UNIQUE: dict[Level, int] = {
    Level.PATIENT: 0x00100020,
    Level.STUDY: 0x0020000D,
    Level.SERIES: 0x0020000E,
    Level.IMAGE: 0x00080018,
}
ABOVE_PATIENT = {0x00101010, 0x00101020, 0x00101030, 0x00102180, 0x001021B0}
"""In group 0010 yet of the study (Patient Study Module, PS3.3 C.7.2.2)."""


@dataclass(frozen=True)
class Page:
    """A part of what was found."""

    items: list[dict[str, Any]]
    remaining: int
    """How many more there are behind this page, counted up to `MOST_COUNTED`."""
    ignored: list[Key]
    """Keys that cannot be matched at this level."""


def find(actor: Actor, query: Query) -> Iterator[dict[str, Any]]:
    """Search the archive; yield each result as a DICOM JSON model object.

    An object maps a tag as eight hexadecimal digits to ``{"vr": …, "Value": […]}``. It holds Specific Character Set
    (always ISO_IR 192), the unique keys of the level and those above, and of `query.returned` what the archive has: an
    attribute without a value has no "Value", one that is not known at all is absent. Only rows the actor may see are
    found, whatever the query says; an actor without `dicom:read` is refused before the first result. Keys nobody can
    match are ignored (`keys.ignored` names them); a value that cannot be read raises `QueryInvalid`.

    Results are read in portions, each in a transaction of its own, so a slow peer holds none open.
    """
    require(actor, Permission.DICOM_READ)
    return _found(actor, query)


def _found(actor: Actor, query: Query) -> Iterator[dict[str, Any]]:
    with _scope(actor):
        wanted = rows.matching(actor, query).values_list("pk", flat=True)
        last = None if query.limit is None else query.offset + query.limit
        found = list(wanted[query.offset : last])
    for start in range(0, len(found), CHUNK):
        with _scope(actor):
            portion = _results(query, found[start : start + CHUNK])
        yield from portion


def page(actor: Actor, query: Query) -> Page:
    """Search the archive for one page, and say how much is left behind it."""
    require(actor, Permission.DICOM_READ)
    limit = query.limit if query.limit is not None else CHUNK
    with _scope(actor):
        wanted = rows.matching(actor, query).values_list("pk", flat=True)
        found = list(wanted[query.offset : query.offset + limit + 1])
        end = query.offset + limit
        remaining = wanted[end : end + MOST_COUNTED].count() if len(found) > limit else 0
        return Page(_results(query, found[:limit]), remaining, keys.ignored(query))


def _scope(actor: Actor) -> AbstractContextManager[None]:
    return system_scope("search") if actor.kind == "system" else scope(actor.facilities)


def _results(query: Query, found: Sequence[int]) -> list[dict[str, Any]]:
    level = query.level
    wanted = {path[0] for path in query.returned} | {UNIQUE[one] for one in keys.levels_to(level)}
    counts = results.count(
        level, found, set(wanted) | (set(results.COUNTED[level]) if query.wants_all else set())
    )
    held = [(row.pk, results.attributes(level, row)) for row in results.rows_of(level, found)]
    indexed = set().union(*(one for _, one in held), *(one for one in counts.values()))
    missing = wanted - indexed
    headers: dict[int, Instance] = {}
    if missing or query.wants_all:
        headers = results.representatives(level, found)
    out = []
    for pk, known in held:
        whole = {**_from_header(headers.get(pk), query, missing), **known, **counts[pk]}
        chosen = set(whole) if query.wants_all else wanted
        out.append(_shaped(whole, chosen, query.returned))
    return out


def _from_header(instance: Instance | None, query: Query, missing: Collection[int]) -> results.Attributes:
    """What only the stored header knows; nothing if it cannot be read any more."""
    if instance is None:
        return {}
    try:
        ds = read_header(instance, largest=LARGEST_HEADER)
    except DokueiError:
        return {}
    wanted = [tag for tag in ds.elements if tag in missing or (query.wants_all and _is_of(tag, query.level))]
    found = dicom_json.to_json(ds, _no_address, only=wanted)
    return {int(tag, 16): attribute for tag, attribute in found.items()}


def _no_address(path: str) -> str:
    """A search result points at no bulk data; the metadata does."""
    return ""


def _shaped(whole: results.Attributes, chosen: Collection[int], returned: Collection[Path]) -> dict[str, Any]:
    out: dict[str, Any] = {"00080005": {"vr": "CS", "Value": ["ISO_IR 192"]}}
    for tag in chosen:
        if tag in whole:
            inner = {path[1:] for path in returned if path[0] == tag}
            out[f"{tag:08X}"] = _inside(whole[tag], inner)
    return dict(sorted(out.items()))


def _inside(attribute: dict[str, Any], inner: Collection[Path]) -> dict[str, Any]:
    """A sequence cut down to the attributes asked for inside it."""
    if not inner or () in inner or attribute["vr"] != "SQ" or "Value" not in attribute:
        return attribute
    items = []
    for item in attribute["Value"]:
        kept = {}
        for tag in {path[0] for path in inner}:
            if f"{tag:08X}" in item:
                deeper = {path[1:] for path in inner if path[0] == tag}
                kept[f"{tag:08X}"] = _inside(item[f"{tag:08X}"], deeper)
        items.append(dict(sorted(kept.items())))
    return {"vr": "SQ", "Value": items}


def _is_of(tag: int, level: Level) -> bool:
    """Whether an attribute speaks for a whole row of this level, so that one instance's header may answer."""
    if tag >> 16 == 0x7FE0:
        return False
    if level is Level.IMAGE:
        return True
    is_patients = tag >> 16 == 0x0010 and tag not in ABOVE_PATIENT
    if level is Level.PATIENT or is_patients:
        return is_patients
    return tag in STUDY_TAGS or (level is Level.SERIES and tag in SERIES_TAGS)


# General Study and Patient Study modules (PS3.3 C.7.2.1, C.7.2.2)
STUDY_TAGS = {
    0x00080020, 0x00080030, 0x00080050, 0x00080051, 0x00080080, 0x00080081, 0x00080090, 0x00080096, 0x0008009C,
    0x0008009D, 0x00080201, 0x00081030, 0x00081032, 0x00081048, 0x00081049, 0x00081060, 0x00081062, 0x00081080,
    0x00081084, 0x00081110, 0x0020000D, 0x00200010, 0x00321031, 0x00321032, 0x00321033, 0x00321034, 0x00321060,
    0x00321064, 0x00380010, 0x00380014, 0x00380060, 0x00380062, 0x00380064, 0x00380500, 0x00401012,
    *ABOVE_PATIENT,
}  # fmt: skip
# General Series and General Equipment modules (PS3.3 C.7.3.1, C.7.5.1)
SERIES_TAGS = {
    0x00080021, 0x00080031, 0x00080060, 0x00080070, 0x00081010, 0x0008103E, 0x0008103F, 0x00081040, 0x00081041,
    0x00081050, 0x00081052, 0x00081070, 0x00081072, 0x00081090, 0x00081111, 0x00081250, 0x00180015, 0x00181000,
    0x00181020, 0x00181030, 0x00185100, 0x0020000E, 0x00200011, 0x00200052, 0x00200060, 0x00201040, 0x00280108,
    0x00280109, 0x00400244, 0x00400245, 0x00400250, 0x00400251, 0x00400253, 0x00400254, 0x00400260, 0x00400275,
    0x00400280,
}  # fmt: skip
