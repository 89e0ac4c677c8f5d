"""STOW-RS of metadata and bulk data (PS3.18 8.7.3): a JSON model whose large values are parts of their own."""

import re
import struct
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import orjson

from dokuei.base.errors import DokueiError, Invalid
from dokuei.dicom import syntax, write
from dokuei.dicom.uid import is_uid
from dokuei.imaging.dicomweb.stow_body import Blocking, Part
from dokuei.imaging.errors import UploadTooLarge

KINDS = {"application/dicom+json"}
LARGEST_REQUEST = 512 * 1024**2
"""Bulk data may come before or after what refers to it, so a request is held as a whole."""
SYNTAX_OF = {
    "image/jpeg": "1.2.840.10008.1.2.4.50",
    "image/jls": "1.2.840.10008.1.2.4.80",
    "image/jp2": "1.2.840.10008.1.2.4.90",
    "image/jphc": "1.2.840.10008.1.2.4.201",
    "image/jxl": "1.2.840.10008.1.2.4.112",
    "image/dicom-rle": "1.2.840.10008.1.2.5",
    "image/x-dicom-rle": "1.2.840.10008.1.2.5",
}
PIXEL_DATA = "7FE00010"
NOT_A_MODEL = (ValueError, LookupError, TypeError, AttributeError, struct.error, RecursionError)
"""What comes of values that are not what their VR says, or of a model that is none."""


async def assembled(parts: AsyncIterator[Part], blocking: Blocking) -> AsyncIterator[Part]:
    """The instances a request describes, each as a DICOM file."""
    models: list[Mapping[str, Any]] = []
    bulk: dict[str, Part] = {}
    size = 0
    async for part in parts:
        size += part.size
        if isinstance(part.content, memoryview):
            part.content = bytes(part.content)
        if size > LARGEST_REQUEST or not isinstance(part.content, bytes):
            raise part.content if isinstance(part.content, DokueiError) else UploadTooLarge()
        if part.kind in KINDS:
            models += _models(part.content)
        elif "content-location" in part.headers:
            bulk[part.headers["content-location"]] = part
    for model in models:
        try:
            content: bytes | DokueiError = await blocking(assemble, model, bulk)
        except DokueiError as error:
            content = error
        yield Part({}, content, len(content) if isinstance(content, bytes) else 0)


def _models(content: bytes) -> list[Mapping[str, Any]]:
    try:
        found = orjson.loads(content)
    except ValueError as error:
        raise Invalid(code="stow.json") from error
    found = found if isinstance(found, list) else [found]
    if not all(isinstance(one, dict) for one in found):
        raise Invalid(code="stow.json")
    return list(found)


def assemble(model: Mapping[str, Any], bulk: Mapping[str, Part]) -> bytes:
    """A DICOM file of a JSON model and its bulk data, in explicit VR little endian unless the pixels are compressed."""
    transfer = syntax.EXPLICIT_LE
    filled: dict[str, Any] = {}
    tail = b""
    try:
        for tag, attribute in model.items():
            if int(tag, 16) >> 16 == 0x0002 or tag.upper() == "00080005":
                continue
            if tag.upper() == PIXEL_DATA and "BulkDataURI" in attribute:
                part = _bulk(attribute["BulkDataURI"], bulk)
                transfer = _transfer(part)
                tail = _pixels(attribute, part, transfer)
                continue
            filled[tag.upper()] = _filled(attribute, bulk)
        filled["00080005"] = {"vr": "CS", "Value": ["ISO_IR 192"]}
        body = write.encode(filled, is_implicit=False) + tail
    except NOT_A_MODEL as error:
        raise Invalid(code="stow.json") from error
    return write.file_meta(_first(filled, "00080016"), _first(filled, "00080018"), transfer) + body


def _first(model: Mapping[str, Any], tag: str) -> str:
    values = model.get(tag, {}).get("Value", [])
    return str(values[0]) if values else ""


def _bulk(uri: object, bulk: Mapping[str, Part]) -> Part:
    """The part a reference names; only parts of the same request are ever looked at."""
    part = bulk.get(str(uri))
    if part is None:
        raise Invalid(code="stow.bulk_missing")
    return part


def _filled(attribute: Mapping[str, Any], bulk: Mapping[str, Part]) -> Mapping[str, Any]:
    if attribute.get("vr") == "SQ":
        items = [
            {tag.upper(): _filled(one, bulk) for tag, one in item.items()}
            for item in attribute.get("Value", [])
        ]
        return {"vr": "SQ", "Value": items}
    if "BulkDataURI" in attribute:
        content = _bulk(attribute["BulkDataURI"], bulk).content
        assert isinstance(content, bytes)
        return {"vr": attribute["vr"], "Raw": content}
    return attribute


def _transfer(part: Part) -> str:
    """The transfer syntax a part's media type says, by its parameter or by its default (PS3.18 8.7.3.3)."""
    said = re.search(r"transfer-syntax=\"?([0-9.]+)", part.headers.get("content-type", ""))
    if said and is_uid(said[1]):
        return said[1]
    return SYNTAX_OF.get(part.kind, syntax.EXPLICIT_LE)


def _pixels(attribute: Mapping[str, Any], part: Part, transfer: str) -> bytes:
    content = part.content
    assert isinstance(content, bytes)
    if transfer not in syntax.NATIVE:
        return b"".join(_encapsulated(content))
    if transfer != syntax.EXPLICIT_LE:
        raise Invalid(code="stow.bulk_syntax")
    vr = str(attribute.get("vr", "OW"))
    return write.encode(
        {PIXEL_DATA: {"vr": vr if vr in {"OB", "OW"} else "OW", "Raw": content}}, is_implicit=False
    )


def _encapsulated(frame: bytes) -> Iterator[bytes]:
    """One frame in one fragment behind an empty offset table (PS3.5 A.4)."""
    padded = frame + b"\0" * (len(frame) % 2)
    yield b"\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff"
    yield b"\xfe\xff\x00\xe0\x00\x00\x00\x00"
    yield b"\xfe\xff\x00\xe0" + len(padded).to_bytes(4, "little") + padded
    yield b"\xfe\xff\xdd\xe0\x00\x00\x00\x00"
