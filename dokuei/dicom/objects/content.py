"""Content items of structured documents (PS3.3 C.17.3)."""

from collections.abc import Sequence

from pydicom import Dataset

from dokuei.dicom.objects.calibration import Point
from dokuei.dicom.objects.common import Reference, code, decimal, person, points, sop
from dokuei.dicom.objects.space import Space, Where

Code = tuple[str, str, str]
"""Value, scheme and meaning."""
LANGUAGE: Code = ("121049", "DCM", "Language of Content Item and Descendants")
JAPANESE: Code = ("ja", "RFC5646", "Japanese")
OBSERVER_TYPE: Code = ("121005", "DCM", "Observer Type")
PERSON: Code = ("121006", "DCM", "Person")
OBSERVER_NAME: Code = ("121008", "DCM", "Person Observer Name")


def item(relation: str, kind: str, name: Code | None, *children: Dataset) -> Dataset:
    """A content item of a value type, with what hangs below it."""
    ds = Dataset()
    if relation:
        ds.RelationshipType = relation
    ds.ValueType = kind
    if name is not None:
        ds.ConceptNameCodeSequence = [code(*name)]
    if children:
        ds.ContentSequence = list(children)
    return ds


def container(relation: str, name: Code, *children: Dataset, template: str = "") -> Dataset:
    ds = item(relation, "CONTAINER", name, *children)
    ds.ContinuityOfContent = "SEPARATE"
    if template:
        used = Dataset()
        used.MappingResource, used.TemplateIdentifier = "DCMR", template
        ds.ContentTemplateSequence = [used]
    return ds


def coded(relation: str, name: Code, value: Code, *children: Dataset) -> Dataset:
    ds = item(relation, "CODE", name, *children)
    ds.ConceptCodeSequence = [code(*value)]
    return ds


def text(relation: str, name: Code, value: str, *children: Dataset) -> Dataset:
    ds = item(relation, "TEXT", name, *children)
    ds.TextValue = value
    return ds


def uid(relation: str, name: Code, value: str) -> Dataset:
    ds = item(relation, "UIDREF", name)
    ds.UID = value
    return ds


def number(name: Code, value: float, unit: Code, *children: Dataset) -> Dataset:
    """A measurement; the decimal string holds 9 digits, the double all of them."""
    ds = item("CONTAINS", "NUM", name, *children)
    measured = Dataset()
    measured.NumericValue, measured.FloatingPointValue = decimal(value), value
    measured.MeasurementUnitsCodeSequence = [code(*unit)]
    ds.MeasuredValueSequence = [measured]
    return ds


def image(relation: str, reference: Reference, *, shown_by: Reference | None = None) -> Dataset:
    """A frame, and the presentation state it is to be shown by."""
    ds = item(relation, "IMAGE", None)
    referenced = sop(reference)
    if shown_by is not None:
        referenced.ReferencedSOPSequence = [sop(shown_by)]
    ds.ReferencedSOPSequence = [referenced]
    return ds


def region(relation: str, name: Code | None, kind: str, some: Sequence[Point], reference: Where) -> Dataset:
    """Coordinates on a frame, or in the patient where there is no frame. A closed contour comes as `POLYGON`."""
    if isinstance(reference, Space):
        ds = item(relation, "SCOORD3D", name)
        ds.GraphicData, ds.GraphicType = reference.points(some), kind
        ds.ReferencedFrameOfReferenceUID = reference.frame_of_reference_uid
        return ds
    kind = "POLYLINE" if kind == "POLYGON" else kind
    ds = item(relation, "SCOORD", name, image("SELECTED FROM", reference))
    ds.GraphicData, ds.GraphicType = points(some), kind
    return ds


def language() -> Dataset:
    """TID 1204."""
    return coded("HAS CONCEPT MOD", LANGUAGE, JAPANESE)


def observer(name: str) -> list[Dataset]:
    """TID 1002 for a person (TID 1003)."""
    named = item("HAS OBS CONTEXT", "PNAME", OBSERVER_NAME)
    named.PersonName = person(name)
    return [coded("HAS OBS CONTEXT", OBSERVER_TYPE, PERSON), named]
