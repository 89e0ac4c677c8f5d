"""QIDO-RS (PS3.18 10.6): a request becomes a query of the one search, its results an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.identity.access import Actor
from dokuei.imaging.dicomweb import media
from dokuei.imaging.dicomweb.answer import Answer
from dokuei.imaging.search import engine as search
from dokuei.imaging.search.engine import Page
from dokuei.imaging.search.keys import UID_LISTS
from dokuei.imaging.search.query import Key, Level, Path, Query, QueryInvalid, parse_path
from dokuei.kit.db import scope

MOST = 1000
MOST_FIELDS = 500
STUDY_UID, SERIES_UID, SOP_UID = (0x0020000D,), (0x0020000E,), (0x00080018,)
Params = Sequence[tuple[str, str]]

RETURNED: dict[Level, tuple[int, ...]] = {  # PS3.18 tables 10.6.3-3, 10.6.3-4, 10.6.3-5
    Level.STUDY: (
        0x00080020, 0x00080030, 0x00080050, 0x00080056, 0x00080061, 0x00080090, 0x00080201, 0x00081030,
        0x00100010, 0x00100020, 0x00100021, 0x00100030, 0x00100040, 0x00200010, 0x00201206, 0x00201208,
    ),
    Level.SERIES: (
        0x00080056, 0x00080060, 0x00080201, 0x0008103E, 0x00180015, 0x00200011, 0x00201209, 0x00400244,
        0x00400245, 0x00400275,
    ),
    Level.IMAGE: (
        0x00080016, 0x00080056, 0x00080201, 0x00083002, 0x00200013, 0x00280008, 0x00280010, 0x00280011,
        0x00280100,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """Who asks, of which facility, for what, below which study and series, and in which form."""

    actor: Actor
    facility_id: int
    root: str
    level: Level
    study_uid: str = ""
    series_uid: str = ""
    accept: str = ""


@dataclass(frozen=True)
class Parsed:
    """A request's parameters as a query, and the names of those that say nothing to us."""

    query: Query
    unknown: tuple[str, ...]


def answer(asked: Asked, params: Params) -> Answer:
    """Search and answer."""
    kind = media.chosen(asked.accept, params)
    parsed = parse(asked, params)
    found = search.page(asked.actor, parsed.query)
    _note(asked, params, found)
    for item in found.items:
        item["00081190"] = {"vr": "UR", "Value": [_address(asked, item)]}
    items = [dict(sorted(item.items())) for item in found.items]
    return media.answer(kind, items, _warnings(parsed, found))


def parse(asked: Asked, params: Params) -> Parsed:
    """Read the parameters; `QueryInvalid` for a control that makes no sense."""
    controls: dict[str, str] = {}
    values: dict[Path, list[str]] = {}
    fields: list[str] = []
    unknown: list[str] = []
    for name, value in params:
        if name == "includefield":
            fields += [one.strip() for one in value.split(",") if one.strip()]
        elif name in {"limit", "offset", "fuzzymatching", "accept"}:
            controls[name] = value
        elif (path := parse_path(name)) is None:
            unknown.append(name)
        else:
            values.setdefault(path, []).append(_listed(path, value))
    if asked.study_uid:
        values[STUDY_UID] = [asked.study_uid]
    if asked.series_uid:
        values[SERIES_UID] = [asked.series_uid]
    paths = {one: parse_path(one) for one in fields[:MOST_FIELDS] if one != "all"}
    unknown += [one for one, path in paths.items() if path is None]
    keys = tuple(Key(path, "\\".join(held)) for path, held in values.items())
    query = Query(
        level=asked.level,
        keys=keys,
        returned=_returned(asked, keys) | frozenset(path for path in paths.values() if path is not None),
        wants_all="all" in fields,
        is_fuzzy=_is_true(controls.get("fuzzymatching", "false")),
        facility_id=asked.facility_id,
        limit=min(_number(controls.get("limit", str(MOST))), MOST),
        offset=_number(controls.get("offset", "0")),
    )
    return Parsed(query, tuple(unknown))


def _listed(path: Path, value: str) -> str:
    """A list of UIDs may be parted by commas (PS3.18 8.3.4.1)."""
    return value.replace(",", "\\") if path in UID_LISTS else value


def _returned(asked: Asked, keys: Sequence[Key]) -> frozenset[Path]:
    """What the level's table asks for, what was matched, and the tables above for parents not in the address."""
    tags = set(RETURNED[asked.level])
    if asked.level is not Level.STUDY and not asked.study_uid:
        tags |= set(RETURNED[Level.STUDY]) - {0x00201206, 0x00201208}
    if asked.level is Level.IMAGE and not asked.series_uid:
        tags |= set(RETURNED[Level.SERIES]) - {0x00201209}
    return frozenset((tag,) for tag in tags) | frozenset(
        one.path for one in keys if (one.path[0] not in tags)
    )


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise QueryInvalid()
    return int(text)


def _is_true(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise QueryInvalid()
    return text.lower() == "true"


def _note(asked: Asked, params: Params, found: Page) -> None:
    """One row in the trail; below a study its opening is what the trail shows."""
    if asked.study_uid:
        return
    with scope(asked.actor.facilities), transaction.atomic():
        record(
            Event.STUDY_QUERIED,
            by=asked.actor,
            at=datetime.now(UTC),
            facility_id=asked.facility_id,
            found=len(found.items),
            keys=sorted({name[:64] for name, _ in params}),
        )


def _address(asked: Asked, item: dict[str, Any]) -> str:
    """Retrieve URL (0008,1190) of a result."""
    address = f"{asked.root}/studies/{item['0020000D']['Value'][0]}"
    if asked.level is not Level.STUDY:
        address += f"/series/{item['0020000E']['Value'][0]}"
    if asked.level is Level.IMAGE:
        address += f"/instances/{item['00080018']['Value'][0]}"
    return address


def _warnings(parsed: Parsed, found: Page) -> list[tuple[bytes, bytes]]:
    texts = []
    if parsed.unknown or found.ignored:
        texts.append("The following query keys are not supported and were ignored: " + _names(parsed, found))
    if found.remaining:
        texts.append(f"There are {found.remaining} additional results that can be requested")
    return [(b"warning", f'299 dokuei "{text}"'.encode("ascii", "replace")) for text in texts]


def _names(parsed: Parsed, found: Page) -> str:
    """The ignored keys' names, as far as they can stand in a header."""
    tags = [".".join(f"{tag:08X}" for tag in one.path) for one in found.ignored]
    names = [one for one in parsed.unknown if one.isascii() and one.isalnum() and len(one) <= 64]
    return ", ".join([*names, *tags][:20]) or "?"
