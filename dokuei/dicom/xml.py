"""The Native DICOM Model (PS3.19 A.1) of what the DICOM JSON model holds: the same attributes as XML."""

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from pydicom.datadict import keyword_for_tag

NAMESPACE = "http://dicom.nema.org/PS3.19/models/NativeDICOM"
GROUPS = ("Alphabetic", "Ideographic", "Phonetic")
COMPONENTS = ("FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix")
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document(item: Mapping[str, Any]) -> bytes:
    """One data set of the JSON model as an XML document in UTF-8.

    >>> "<Value number=\"1\">P&amp;1</Value>" in document({"00100020": {"vr": "LO", "Value": ["P&1"]}}).decode()
    True
    """
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<NativeDicomModel xmlns="{NAMESPACE}" xml:space="preserve">\n'
    return f"{head}{_data_set(item)}</NativeDicomModel>".encode()


def _data_set(item: Mapping[str, Any]) -> str:
    return "".join(_attribute(tag, one, item) for tag, one in item.items())


def _attribute(tag: str, attribute: Mapping[str, Any], item: Mapping[str, Any]) -> str:
    vr = attribute["vr"]
    names = f'tag="{tag}" vr="{vr}"'
    if keyword := keyword_for_tag(int(tag, 16)):
        names += f' keyword="{keyword}"'
    elif creator := _creator(tag, item):
        names += f" privateCreator={quoteattr(_legal(creator))}"
    return f"<DicomAttribute {names}>{_content(vr, attribute)}</DicomAttribute>"


def _creator(tag: str, item: Mapping[str, Any]) -> str:
    """Who reserved the block of a private attribute (PS3.5 7.8.1)."""
    if int(tag[:4], 16) % 2 == 0:
        return ""
    held = item.get(f"{tag[:4]}00{tag[4:6]}", {}).get("Value") or [""]
    return str(held[0] or "")


def _content(vr: str, attribute: Mapping[str, Any]) -> str:
    if "BulkDataURI" in attribute:
        return f"<BulkData uri={quoteattr(_legal(attribute['BulkDataURI']))}/>"
    if "InlineBinary" in attribute:
        return f"<InlineBinary>{attribute['InlineBinary']}</InlineBinary>"
    values = enumerate(attribute.get("Value", ()), 1)
    if vr == "SQ":
        return "".join(f'<Item number="{n}">{_data_set(one or {})}</Item>' for n, one in values)
    if vr == "PN":
        return "".join(f'<PersonName number="{n}">{_name(one)}</PersonName>' for n, one in values if one)
    return "".join(f'<Value number="{n}">{_text(one)}</Value>' for n, one in values if one is not None)


def _name(name: Mapping[str, str]) -> str:
    out = []
    for group in GROUPS:
        if name.get(group):
            parts = zip(COMPONENTS, name[group].split("^"), strict=False)
            inner = "".join(f"<{tag}>{_text(part)}</{tag}>" for tag, part in parts if part)
            out.append(f"<{group}>{inner}</{group}>")
    return "".join(out)


def _text(value: Any) -> str:
    return escape(_legal(str(value)))


def _legal(text: str) -> str:
    """Text without what XML 1.0 cannot hold."""
    return _ILLEGAL.sub("\ufffd", text)
