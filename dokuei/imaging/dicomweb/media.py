"""In which form metadata and search results are answered: DICOM JSON, or Native DICOM Model XML in parts."""

import re
import secrets
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import orjson

from dokuei.base.errors import Invalid
from dokuei.dicom import xml
from dokuei.imaging.dicomweb.answer import Answer, Piece

Header = tuple[bytes, bytes]


class NotAcceptable(Invalid):
    """求められた形式では提供できません。"""

    code = "dicomweb.not_acceptable"
    status = 406


class Kind(StrEnum):
    JSON = "application/dicom+json"
    XML = "application/dicom+xml"


def chosen(accept: str, params: Sequence[tuple[str, str]] = ()) -> Kind:
    """The form the caller likes best (RFC 9110 12.5.1; the ``accept`` parameter of PS3.18 8.3.3.1 goes first)."""
    asked = next((value for name, value in params if name == "accept"), "") or accept
    best, liked = None, 0.0
    for one in re.findall(r'(?:[^,"]|"[^"]*")+', asked or "*/*"):
        kind, quality = _offered(one)
        if kind is not None and quality > liked:
            best, liked = kind, quality
    if best is None:
        raise NotAcceptable()
    return best


def _offered(text: str) -> tuple[Kind | None, float]:
    """The form a media range means to us, and how much it is liked."""
    name, *parts = (part.strip() for part in text.split(";"))
    given = {
        key.strip().lower(): value.strip().strip('"') for key, _, value in (p.partition("=") for p in parts)
    }
    quality = float(given["q"]) if re.fullmatch(r"[01](\.\d{0,3})?", given.get("q", "")) else 1.0
    name = name.lower()
    if name in {"application/dicom+json", "application/json", "*/*", "application/*"}:
        return Kind.JSON, quality
    if name == "multipart/related" and given.get("type", "").lower() in {"application/dicom+xml", ""}:
        return Kind.XML, quality
    return None, 0.0


def answer(kind: Kind, items: Sequence[dict[str, Any]], headers: Sequence[Header] = ()) -> Answer:
    """Results in the chosen form; none at all is an empty list, or no content where a part is needed."""
    if kind is Kind.JSON:
        return Answer(200, Kind.JSON.value, (orjson.dumps(items),), tuple(headers))
    if not items:
        return Answer(204, Kind.XML.value, (), tuple(headers))
    boundary = f"dokuei-{secrets.token_hex(12)}"
    pieces: list[Piece] = []
    for item in items:
        pieces.append(f"--{boundary}\r\nContent-Type: {Kind.XML.value}\r\n\r\n".encode())
        pieces.append(xml.document(item))
        pieces.append(b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode())
    content_type = f'multipart/related; type="{Kind.XML.value}"; boundary={boundary}'
    return Answer(200, content_type, tuple(pieces), tuple(headers))
