"""What the archive needs to know of an instance, read once at the door into a frozen type."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from dokuei.dicom.charset import Remark, harmless
from dokuei.dicom.person_name import PersonName, parse_name
from dokuei.dicom.pixels import FramePlan, plan_frames
from dokuei.dicom.read import DataSet, charset_of, text_of
from dokuei.dicom.uid import UID, IllegalUID, is_conforming, parse_uid
from dokuei.dicom.walk import PIXELS, Malformed, Note, element_start

JST = timezone(timedelta(hours=9))
"""Studies carry local time; without Timezone Offset From UTC (0008,0201) it is taken as Japanese."""

REQUESTED = (0x00080050, 0x00401001, 0x00400009)
"""Kept of each item of Request Attributes Sequence: Accession Number, Requested Procedure ID, Step ID."""
MOST_REQUESTS = 32


class MissingUID(Malformed):
    """必須のUIDがないため受け付けられません。送信元の装置の設定を確認してください。"""

    code = "dicom.uid_missing"


class AbsurdPixels(Malformed):
    """画素数の宣言が実際のデータと大きく矛盾するため受け付けられません。"""

    code = "dicom.absurd_pixels"


@dataclass(frozen=True, kw_only=True)
class PatientIdentity:
    """Who the data set says the patient is."""

    patient_id: str = ""
    issuer: str = ""
    name: PersonName = field(default_factory=PersonName)
    name_raw: str = ""
    birth_on: date | None = None
    sex: str = ""


@dataclass(frozen=True, kw_only=True)
class Description:
    """The facts of one instance that are indexed.

    Text is decoded, harmless and cut to what a column holds.
    """

    sop_class_uid: UID
    sop_instance_uid: UID
    study_instance_uid: UID
    series_instance_uid: UID
    transfer_syntax: str
    patient: PatientIdentity
    accession_number: str = ""
    study_id: str = ""
    study_description: str = ""
    study_at: datetime | None = None
    study_on: date | None = None
    study_time: time | None = None
    utc_offset: str = ""
    referring_physician: str = ""
    modality: str = ""
    series_number: int | None = None
    series_description: str = ""
    body_part: str = ""
    laterality: str = ""
    performed_on: date | None = None
    performed_time: time | None = None
    request_attributes: tuple[Mapping[str, str], ...] = ()
    """Items of Request Attributes Sequence (0040,0275): tag -> text, of the tags in `REQUESTED`."""
    instance_number: int | None = None
    rows: int = 0
    columns: int = 0
    bits_allocated: int = 0
    acquired_at: datetime | None = None
    image_position: tuple[float, ...] = ()
    image_orientation: tuple[float, ...] = ()
    frame_of_reference_uid: str = ""
    has_pixels: bool = False
    header_bytes: int = 0
    plan: FramePlan | None = None
    notes: frozenset[Note | Remark] = frozenset()


def describe(ds: DataSet) -> Description:
    """Read the facts of a data set; refuse only what cannot be kept apart from other instances: bad UIDs."""
    notes: set[Note | Remark] = set(ds.notes | ds.charset.remarks)
    uids: dict[str, Any] = {name: _uid(ds, tag, keyword, notes) for name, tag, keyword in _UIDS}
    study_on, study_at = _study_time(ds, notes)
    plan = plan_frames(ds)
    if plan is not None:
        notes |= plan.notes
        _refuse_absurd(ds)
    return Description(
        **uids,
        **_place_and_time(ds),
        transfer_syntax=ds.transfer_syntax,
        patient=_patient(ds, notes),
        accession_number=_text(ds, 0x00080050, 64),
        study_id=_text(ds, 0x00200010, 64),
        study_description=_text(ds, 0x00081030, 200),
        study_at=study_at,
        study_on=study_on,
        study_time=_time(ds.text(0x00080030)) if study_on else None,
        utc_offset=_offset_text(ds),
        referring_physician=_referring(ds),
        modality=_code(ds, 0x00080060),
        series_number=_small(ds.number(0x00200011)),
        series_description=_text(ds, 0x0008103E, 200),
        body_part=_code(ds, 0x00180015),
        laterality=_code(ds, 0x00200060) or _code(ds, 0x00200062),
        performed_on=_date(ds, 0x00400244, set()),
        performed_time=_time(ds.text(0x00400245)),
        request_attributes=_requested(ds),
        rows=ds.number(0x00280010) or 0,
        columns=ds.number(0x00280011) or 0,
        bits_allocated=max(min(ds.number(0x00280100) or 0, 64), 0),
        frame_of_reference_uid=_text(ds, 0x00200052, 64),
        has_pixels=plan is not None,
        header_bytes=_header_bytes(ds) - ds.start,
        plan=plan.counted_from(ds.start) if plan else None,
        notes=frozenset(notes | _text_remarks(ds)),
    )


def own_facts(ds: DataSet) -> dict[str, Any] | None:
    """The facts that are of one instance and not of its series; None if there is something to be noted of them."""
    notes: set[Note | Remark] = set()
    uid = _uid(ds, 0x00080018, "SOP Instance UID", notes)
    return None if notes else {"sop_instance_uid": uid, **_place_and_time(ds)}


def _place_and_time(ds: DataSet) -> dict[str, Any]:
    position, orientation = ds.decimals(0x00200032), ds.decimals(0x00200037)
    return {
        "instance_number": _small(ds.number(0x00200013)),
        "acquired_at": _moment(ds, ds.text(0x0008002A)),
        "image_position": position if len(position) == 3 else (),
        "image_orientation": orientation if len(orientation) == 6 else (),
    }


_UIDS = (
    ("sop_class_uid", 0x00080016, "SOP Class UID"),
    ("sop_instance_uid", 0x00080018, "SOP Instance UID"),
    ("study_instance_uid", 0x0020000D, "Study Instance UID"),
    ("series_instance_uid", 0x0020000E, "Series Instance UID"),
)


def _uid(ds: DataSet, tag: int, keyword: str, notes: set[Note | Remark]) -> UID:
    element = ds.elements.get(tag)
    raw = ds.raw(element, 128) if element is not None and element.items is None else b""
    text = raw[:-1] if raw.endswith((b"\0", b" ")) else raw
    if not text.strip(b" \0"):
        raise MissingUID(f"{keyword}がないため受け付けられません。送信元の装置の設定を確認してください。")
    try:
        uid = parse_uid(text.decode("latin-1"))
    except IllegalUID as error:
        raise IllegalUID(
            f"{keyword}の形式が不正なため受け付けられません。送信元の装置の設定を確認してください。"
        ) from error
    if not is_conforming(uid):
        notes.add(Note.ODD_UID)
    return uid


def _patient(ds: DataSet, notes: set[Note | Remark]) -> PatientIdentity:
    raw = ds.elements.get(0x00100010)
    text = ""
    if raw is not None and raw.items is None:
        text, remarks = ds.charset.decode(ds.raw(raw).rstrip(b" \0"))
        notes |= remarks
    name = parse_name(text.split("\\")[0])
    if name.is_truncated:
        notes.add(Note.NAME_TRUNCATED)
    patient_id = _text(ds, 0x00100020, 64)
    if not patient_id:
        notes.add(Note.NO_PATIENT_ID)
    sex = _code(ds, 0x00100040)
    return PatientIdentity(
        patient_id=patient_id,
        issuer=_text(ds, 0x00100021, 64),
        name=name,
        name_raw=name.dicom,
        birth_on=_date(ds, 0x00100030, notes),
        sex=sex if sex in {"M", "F", "O"} else "",
    )


def _study_time(ds: DataSet, notes: set[Note | Remark]) -> tuple[date | None, datetime | None]:
    day = _date(ds, 0x00080020, notes)
    if day is None:
        return None, None
    text = ds.text(0x00080030)
    clock = _time(text)
    if text and clock is None:
        notes.add(Note.BAD_DATE)
    moment = datetime.combine(day, clock or time(), tzinfo=_zone(ds))
    try:
        return day, moment.astimezone(UTC)
    except OverflowError:
        return day, None


def _time(text: str) -> time | None:
    """A TM value; None if it says nothing or nonsense. A leap second is the second before it."""
    match = re.fullmatch(r"(\d\d)(?::?(\d\d))?(?::?(\d\d))?(?:\.(\d*))?", text)
    if not match:
        return None
    hour, minute, second = (int(part or 0) for part in match.groups()[:3])
    if hour > 23 or minute > 59 or second > 60:
        return None
    return time(hour, minute, min(second, 59), int((match[4] or "").ljust(6, "0")[:6]))


def _moment(ds: DataSet, text: str) -> datetime | None:
    """A DT value to the second; None if it is less exact than a day, or nonsense."""
    match = re.fullmatch(r"(\d{8})(\d{2,6}(?:\.\d{1,6})?)?([+-]\d{4})?", text)
    clock = _time(match[2] or "00") if match else None
    if not match or clock is None:
        return None
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        return datetime.combine(day, clock, tzinfo=parse_offset(match[3] or "") or _zone(ds)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def parse_offset(text: str) -> timezone | None:
    """A DICOM offset from UTC such as ``+0900``.

    >>> parse_offset("+0900")
    datetime.timezone(datetime.timedelta(seconds=32400))
    """
    match = re.fullmatch(r"([+-])(\d\d)(\d\d)", text)
    if not match or int(match[2]) > 14 or int(match[3]) > 59:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-offset if match[1] == "-" else offset)


def _offset_text(ds: DataSet) -> str:
    text = ds.text(0x00080201)
    return text if parse_offset(text) else ""


def _referring(ds: DataSet) -> str:
    """Referring Physician's Name (0008,0090) in the DICOM form, groups sorted out."""
    element = ds.elements.get(0x00080090)
    if element is None or element.items is not None:
        return ""
    text = ds.charset.decode(ds.raw(element).rstrip(b" \0"))[0]
    return parse_name(text.split("\\")[0]).dicom


def _requested(ds: DataSet) -> tuple[Mapping[str, str], ...]:
    """What Request Attributes Sequence says of the order; items that say nothing of it are left out."""
    sequence = ds.elements.get(0x00400275)
    if sequence is None or sequence.items is None:
        return ()
    found = []
    for item in sequence.items[:MOST_REQUESTS]:
        reading = charset_of(ds, item) if 0x00080005 in item else ds.charset
        held = {
            f"{tag:08X}": harmless(text_of(ds, item[tag], reading)[0].strip(" \0"))[:64]
            for tag in REQUESTED
            if tag in item and item[tag].items is None
        }
        if any(held.values()):
            found.append({tag: text for tag, text in held.items() if text})
    return tuple(found)


def _zone(ds: DataSet) -> timezone:
    return parse_offset(ds.text(0x00080201)) or JST


def _date(ds: DataSet, tag: int, notes: set[Note | Remark]) -> date | None:
    text = ds.text(tag)
    if not text:
        return None
    match = re.fullmatch(r"(\d{4})[.-]?(\d\d)[.-]?(\d\d)", text)
    if match:
        with suppress(ValueError):
            return date(int(match[1]), int(match[2]), int(match[3]))
    notes.add(Note.BAD_DATE)
    return None


def _text(ds: DataSet, tag: int, longest: int) -> str:
    return ds.text(tag)[:longest]


def _code(ds: DataSet, tag: int) -> str:
    return ds.text(tag).upper()[:16]


def _small(value: int | None) -> int | None:
    """A number that fits the column; IS allows what a 32-bit integer holds."""
    return value if value is not None and -(2**31) <= value < 2**31 else None


def _text_remarks(ds: DataSet) -> frozenset[Remark]:
    found: set[Remark] = set()
    for tag in (0x00081030, 0x0008103E):
        element = ds.elements.get(tag)
        if element is not None and element.items is None:
            found |= ds.charset.decode(ds.raw(element).rstrip(b" \0"))[1]
    return frozenset(found)


def _header_bytes(ds: DataSet) -> int:
    """Where the header ends: before the first pixel element, else at the end of the data set."""
    pixels = [element for tag in PIXELS if (element := ds.elements.get(tag)) is not None]
    return min((element_start(one) for one in pixels), default=len(ds.buffer))


def _refuse_absurd(ds: DataSet) -> None:
    """A claim a million times what is there is an attack on whoever believes it, not an image."""
    claimed = (ds.number(0x00280010) or 0) * (ds.number(0x00280011) or 0) * (ds.number(0x00280008) or 1)
    if claimed > 2**48:
        raise AbsurdPixels()
