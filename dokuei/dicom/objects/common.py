"""What every object we write has: whose it is, of which study, which series, who made it and when."""

import io
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

import pydicom.uid
from pydicom import Dataset
from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from dokuei import __version__
from dokuei.dicom.describe import JST, parse_offset
from dokuei.dicom.person_name import parse_name
from dokuei.dicom.read import DataSet
from dokuei.dicom.uid import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, UID

MAKER = "Dokuei"
CODE_FORM = re.compile(r"[A-Z0-9 _]{1,16}")
COPIED = (
    ("00100010", "PN"), ("00100020", "LO"), ("00100021", "LO"), ("00100030", "DA"), ("00100040", "CS"),
    ("00101010", "AS"), ("00101020", "DS"), ("00101030", "DS"), ("00120062", "CS"), ("00120063", "LO"),
    ("00080020", "DA"), ("00080030", "TM"), ("00080050", "SH"), ("00080090", "PN"), ("00081030", "LO"),
    ("00200010", "SH"),
)  # fmt: skip
"""Patient, Patient Study and General Study attributes that are taken over from an image of the same study."""
ALWAYS = {
    "00100010",
    "00100020",
    "00100030",
    "00100040",
    "00080020",
    "00080030",
    "00080050",
    "00080090",
    "00200010",
}
"""Type 2: empty where the image says nothing."""
LONGEST_DECIMAL = 16


@dataclass(frozen=True)
class Reference:
    """An instance another object speaks of; `frame` is None where the instance has one frame or none."""

    study_uid: str
    series_uid: str
    sop_class_uid: str
    sop_uid: str
    frame: int | None = None


@dataclass(frozen=True)
class Subject:
    """Whose object it is and of which study, in the words of an image of that study."""

    study_uid: str
    elements: tuple[tuple[str, str, str], ...]
    """Tag, VR and value."""
    utc_offset: str
    """As the image says it, else as the archive reads its times."""

    @property
    def zone(self) -> tzinfo:
        return parse_offset(self.utc_offset) or JST

    def text(self, tag: str) -> str:
        return next((value for key, _, value in self.elements if key == tag), "")


@dataclass(frozen=True, kw_only=True)
class Making:
    """The object's own identity, and by whom and when it was made."""

    sop_uid: str
    series_uid: str
    series_number: int
    instance_number: int
    at: datetime
    """When its content was signed."""
    author: str
    """The reader's name as it stands under the report."""


def subject_of(ds: DataSet) -> Subject:
    """What an image says of its patient and study, decoded, to be written again as UTF-8."""
    found = []
    for tag, vr in COPIED:
        value = _clean(vr, _verbatim(ds, int(tag, 16)))
        if value or tag in ALWAYS:
            found.append((tag, vr, value))
    offset = ds.text(0x00080201)
    return Subject(ds.text(0x0020000D), tuple(found), offset if parse_offset(offset) else "+0900")


def _verbatim(ds: DataSet, tag: int) -> str:
    element = ds.elements.get(tag)
    if element is None or element.items is not None:
        return ""
    text = ds.charset.decode(ds.raw(element))[0].split("\\")[0].strip(" \0")
    return "".join(one for one in text if one.isprintable() or one == "　")


def _clean(vr: str, text: str) -> str:
    """The value where it is one of its VR; dates and times are brought into their form, nonsense is left out."""
    match vr:
        case "DA":
            found = re.fullmatch(r"(\d{4})[.-]?(\d\d)[.-]?(\d\d)", text)
            return "".join(found.groups()) if found else ""
        case "TM":
            bare = text.replace(":", "")
            return bare if re.fullmatch(r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?", bare) else ""
        case "CS":
            return text if CODE_FORM.fullmatch(text) else ""
        case "AS":
            return text if re.fullmatch(r"\d{3}[DWMY]", text) else ""
        case "DS":
            return text if re.fullmatch(r"[+-]?\d+(\.\d*)?", text) and len(text) <= LONGEST_DECIMAL else ""
        case _:
            return text


def begin(subject: Subject, making: Making, *, sop_class: str, modality: str, description: str) -> Dataset:
    """A data set with everything that is the same in all our objects."""
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, making.sop_uid
    ds.InstanceCreatorUID = IMPLEMENTATION_CLASS_UID
    ds.InstanceCreationDate, ds.InstanceCreationTime = moment(subject, making.at)
    ds.TimezoneOffsetFromUTC = subject.utc_offset
    for tag, vr, value in subject.elements:  # another device's words, which are not ours to judge
        ds.add(DataElement(int(tag, 16), vr, value, validation_mode=IGNORE))
    ds.StudyInstanceUID, ds.SeriesInstanceUID = subject.study_uid, making.series_uid
    ds.Modality, ds.SeriesNumber, ds.InstanceNumber = modality, making.series_number, making.instance_number
    ds.SeriesDescription = description[:64]
    ds.SeriesDate, ds.SeriesTime = moment(subject, making.at)
    ds.Manufacturer = ds.ManufacturerModelName = MAKER
    ds.SoftwareVersions = __version__
    return ds


def moment(subject: Subject, at: datetime) -> tuple[str, str]:
    """An instant as date and time in the study's zone."""
    local = at.astimezone(subject.zone)
    return local.strftime("%Y%m%d"), local.strftime("%H%M%S")


def person(name: str) -> str:
    """A name as people write it, as DICOM has it.

    >>> person("山田 太郎")
    '=山田^太郎'
    """
    return parse_name(re.sub(r"[\s　]+", "^", name.strip())).dicom or "^"


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """An item of a code sequence."""
    ds = Dataset()
    ds.CodeValue, ds.CodingSchemeDesignator, ds.CodeMeaning = value, scheme, meaning
    return ds


def sop(reference: Reference) -> Dataset:
    """An item of a Referenced SOP or Image Sequence."""
    ds = Dataset()
    ds.ReferencedSOPClassUID, ds.ReferencedSOPInstanceUID = reference.sop_class_uid, reference.sop_uid
    if reference.frame is not None:
        ds.ReferencedFrameNumber = reference.frame
    return ds


def evidence(references: Iterable[Reference]) -> list[Dataset]:
    """Every instance once, under its study and series (PS3.3 C.17.2.3)."""
    studies: dict[str, dict[str, dict[str, Reference]]] = {}
    for one in references:
        held = studies.setdefault(one.study_uid, {}).setdefault(one.series_uid, {})
        held.setdefault(one.sop_uid, Reference(one.study_uid, one.series_uid, one.sop_class_uid, one.sop_uid))
    return [_study_item(uid, series) for uid, series in studies.items()]


def _study_item(uid: str, series: dict[str, dict[str, Reference]]) -> Dataset:
    study = Dataset()
    study.StudyInstanceUID = uid
    study.ReferencedSeriesSequence = []
    for series_uid, held in series.items():
        item = Dataset()
        item.SeriesInstanceUID = series_uid
        item.ReferencedSOPSequence = [sop(one) for one in held.values()]
        study.ReferencedSeriesSequence.append(item)
    return study


def requested(subject: Subject) -> list[Dataset]:
    """The request the document answers, as far as the image names it (PS3.3 C.17.2)."""
    ds = Dataset()
    ds.StudyInstanceUID = subject.study_uid
    ds.ReferencedStudySequence = []
    ds.add(DataElement(0x00080050, "SH", subject.text("00080050"), validation_mode=IGNORE))
    ds.PlacerOrderNumberImagingServiceRequest = ds.FillerOrderNumberImagingServiceRequest = ""
    ds.RequestedProcedureID = ds.RequestedProcedureDescription = ""
    ds.RequestedProcedureCodeSequence = []
    return [ds]


def decimal(value: float) -> str:
    """A number as a decimal string of at most 16 characters.

    >>> decimal(1 / 3), decimal(-1024.0), decimal(1.5e-7)
    ('0.333333333', '-1024', '1.5e-07')
    """
    return f"{value:.9g}"


def derived_uid(*parts: str) -> UID:
    """The same UID for the same words wherever they are said again (PS3.5 B.2, a UUID made of a name)."""
    space = uuid.UUID(int=int(IMPLEMENTATION_CLASS_UID.removeprefix("2.25.")))
    return UID(f"2.25.{uuid.uuid5(space, '/'.join(parts)).int}")


def as_file(ds: Dataset) -> bytes:
    """The object as a DICOM file, the same bytes for the same content."""
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.ImplementationClassUID = pydicom.uid.UID(IMPLEMENTATION_CLASS_UID)
    ds.file_meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()


def points(flat: Sequence[tuple[float, float]]) -> list[float]:
    """Places of a frame as DICOM counts them: from the outer corner of the first pixel, half a pixel earlier.

    >>> points([(0, 0), (2.5, 1)])
    [0.5, 0.5, 3.0, 1.5]
    """
    return [value + 0.5 for pair in flat for value in pair]
