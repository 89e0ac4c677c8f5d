"""The acknowledgement of a message (HL7 v2.5 2.9.2, original mode)."""

from datetime import datetime
from enum import StrEnum

from dokuei.base.clock import JST
from dokuei.hl7.message import Marks, Message, escaped


class Code(StrEnum):
    """MSA-1."""

    ACCEPTED = "AA"
    ERROR = "AE"
    """Something is wrong with what it says: sending it again unchanged does not help."""
    REJECTED = "AR"
    """It could not be taken now, or not from there."""


def acknowledgement(
    message: Message | None, code: Code, *, text: str, number: str, at: datetime, error: str = ""
) -> str:
    """An ACK to a message; to one that could not be read, with no control ID. Segments end in CR."""
    marks = message.header.marks if message else Marks()
    said = marks.component + marks.repetition + marks.escape + marks.sub
    head = message.header if message else None

    def field(number: int) -> str:
        return head.field(number) if head else ""

    trigger = head.first(9).part(2) if head else ""
    kind = marks.component.join(one for one in ("ACK", trigger, "ACK" if trigger else "") if one)
    stamp = at.astimezone(JST).strftime("%Y%m%d%H%M%S")
    version = field(12) or "2.5"
    msh = ["MSH", said, field(5), field(6), field(3), field(4), stamp, "", kind, number, field(11) or "P"]
    msh += [version, "", "", "", "", "", field(18)]
    msa = ["MSA", code.value, field(10), escaped(text, marks)]
    segments = [marks.field.join(msh), marks.field.join(msa)]
    if error:
        condition = marks.component.join(("207", "Application internal error", "HL70357"))
        ours = marks.component.join((error, escaped(text, marks), "99DOKUEI"))
        segments.append(marks.field.join(["ERR", "", "", condition, "E", ours]))
    return "\r".join(segments) + "\r"
