"""What the archive needs to know of an instance, read once at the door into a frozen type."""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone

from dokuei.dicom.charset import Remark
from dokuei.dicom.person_name import PersonName, parse_name
from dokuei.dicom.pixels import FramePlan, plan_frames
from dokuei.dicom.read import DataSet
from dokuei.dicom.uid import UID, IllegalUID, is_conforming, parse_uid
from dokuei.dicom.walk import PIXELS, Malformed, Note, element_start

JST = timezone(timedelta(hours=9))
"""Studies carry local time; without Timezone Offset From UTC (0008,0201) it is taken as Japanese."""


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
    modality: str = ""
    series_number: int | None = None
    series_description: str = ""
    body_part: str = ""
    laterality: str = ""
    instance_number: int | None = None
    rows: int = 0
    columns: int = 0
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
    uids = {name: _uid(ds, tag, notes) for name, tag in _UIDS.items()}
    study_on, study_at = _study_time(ds, notes)
    plan = plan_frames(ds)
    if plan is not None:
        notes |= plan.notes
        _refuse_absurd(ds)
    position, orientation = ds.decimals(0x00200032), ds.decimals(0x00200037)
    return Description(
        **uids,
        transfer_syntax=ds.transfer_syntax,
        patient=_patient(ds, notes),
        accession_number=_text(ds, 0x00080050, 64),
        study_id=_text(ds, 0x00200010, 64),
        study_description=_text(ds, 0x00081030, 200),
        study_at=study_at,
        study_on=study_on,
        modality=_code(ds, 0x00080060),
        series_number=_small(ds.number(0x00200011)),
        series_description=_text(ds, 0x0008103E, 200),
        body_part=_code(ds, 0x00180015),
        laterality=_code(ds, 0x00200060) or _code(ds, 0x00200062),
        instance_number=_small(ds.number(0x00200013)),
        rows=ds.number(0x00280010) or 0,
        columns=ds.number(0x00280011) or 0,
        image_position=position if len(position) == 3 else (),
        image_orientation=orientation if len(orientation) == 6 else (),
        frame_of_reference_uid=_text(ds, 0x00200052, 64),
        has_pixels=plan is not None,
        header_bytes=_header_bytes(ds) - ds.start,
        plan=plan.counted_from(ds.start) if plan else None,
        notes=frozenset(notes | _text_remarks(ds)),
    )


_UIDS = {
    "sop_class_uid": 0x00080016,
    "sop_instance_uid": 0x00080018,
    "study_instance_uid": 0x0020000D,
    "series_instance_uid": 0x0020000E,
}
_NAMES = {
    "sop_class_uid": "SOP Class UID",
    "sop_instance_uid": "SOP Instance UID",
    "study_instance_uid": "Study Instance UID",
    "series_instance_uid": "Series Instance UID",
}


def _uid(ds: DataSet, tag: int, notes: set[Note | Remark]) -> UID:
    keyword = next(_NAMES[name] for name, one in _UIDS.items() if one == tag)
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
    match = re.fullmatch(r"(\d\d)(?::?(\d\d))?(?::?(\d\d))?(?:\.\d*)?", text)
    hour, minute, second = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    if (text and not match) or hour > 23 or minute > 59 or second > 60:
        notes.add(Note.BAD_DATE)
        hour = minute = second = 0
    moment = datetime(day.year, day.month, day.day, hour, minute, min(second, 59), tzinfo=_zone(ds))
    try:
        return day, moment.astimezone(UTC)
    except OverflowError:
        return day, None


def _zone(ds: DataSet) -> timezone:
    match = re.fullmatch(r"([+-])(\d\d)(\d\d)", ds.text(0x00080201))
    if not match or int(match[2]) > 14 or int(match[3]) > 59:
        return JST
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-offset if match[1] == "-" else offset)


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
    pixels = [element for tag, element in ds.elements.items() if tag in PIXELS]
    return min((element_start(one) for one in pixels), default=len(ds.buffer))


def _refuse_absurd(ds: DataSet) -> None:
    """A claim a million times what is there is an attack on whoever believes it, not an image."""
    claimed = (ds.number(0x00280010) or 0) * (ds.number(0x00280011) or 0) * (ds.number(0x00280008) or 1)
    if claimed > 2**48:
        raise AbsurdPixels()
