"""Data sets of requests and responses: identifiers of C-FIND, C-MOVE and C-GET, and what N-services carry."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dokuei.base.errors import DokueiError, Invalid
from dokuei.dicom import json, syntax, write
from dokuei.dicom.net.connection import Message
from dokuei.dicom.read import read_data_set
from dokuei.imaging.dimse.association import Association
from dokuei.imaging.search.query import Key, Level, Query
from dokuei.imaging.search.query import Path as TagPath

LONGEST = 4 * 1024**2
LEVEL, RETRIEVE_AE, CHARSET, ZONE = "00080052", "00080054", "00080005", "00080201"
NOT_KEYS = {LEVEL, CHARSET, ZONE, RETRIEVE_AE}


class IdentifierInvalid(Invalid):
    """検索・取得の要求の内容を読み取れません。"""

    code = "dimse.identifier"


def read(assoc: Association, message: Message) -> dict[str, Any]:
    """The data set of a request in the DICOM JSON model."""
    if message.data is None or isinstance(message.data, Path) or len(message.data) > LONGEST:
        raise IdentifierInvalid()
    transfer = assoc.contexts[message.context][1]
    raw = bytes(message.data)
    if not raw:
        return {}
    try:
        return json.to_json(read_data_set(raw, transfer), lambda _: "")
    except DokueiError as error:
        raise IdentifierInvalid() from error


def encoded(assoc: Association, message: Message, model: Mapping[str, Mapping[str, Any]]) -> bytes:
    """A data set in the transfer syntax of the request's context."""
    transfer = assoc.contexts[message.context][1]
    return write.encode(model, is_implicit=transfer == syntax.IMPLICIT_LE)


def values(model: Mapping[str, Any], tag: str) -> list[str]:
    """The values of an attribute as text."""
    return [_text(one) for one in model.get(tag, {}).get("Value", []) if one is not None]


def first(model: Mapping[str, Any], tag: str) -> str:
    return next(iter(values(model, tag)), "")


def level_of(model: Mapping[str, Any]) -> Level:
    try:
        return Level(first(model, LEVEL))
    except ValueError as error:
        raise IdentifierInvalid(code="dimse.level") from error


def query_of(model: Mapping[str, Any]) -> Query:
    """A C-FIND identifier as a search: what has a value is matched, everything named is returned."""
    keys: list[Key] = []
    returned: set[TagPath] = set()
    _collect(model, (), keys, returned)
    return Query(level=level_of(model), keys=tuple(keys), returned=frozenset(returned))


def _collect(model: Mapping[str, Any], above: TagPath, keys: list[Key], returned: set[TagPath]) -> None:
    for name, attribute in model.items():
        if not above and name in NOT_KEYS:
            continue
        path = (*above, int(name, 16))
        if attribute.get("vr") == "SQ":
            items = attribute.get("Value", [])
            if items and items[0] and len(path) < 2:
                _collect(items[0], path, keys, returned)
            else:
                returned.add(path)
            continue
        returned.add(path)
        text = "\\".join(values(model, name))
        if text:
            keys.append(Key(path, text))


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        groups = [str(value.get(key, "")) for key in ("Alphabetic", "Ideographic", "Phonetic")]
        return "=".join(groups).rstrip("=")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
