"""Comprehensive SR after TID 1500 (PS3.16): what the marks of a report measure."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydicom import Dataset

from dokuei.dicom.objects import content
from dokuei.dicom.objects.calibration import Point
from dokuei.dicom.objects.common import Making, Reference, Subject, begin, evidence, moment, requested
from dokuei.dicom.objects.content import Code
from dokuei.dicom.objects.graphics import ellipse_axes
from dokuei.dicom.objects.marks import Mark, is_region, outline
from dokuei.dicom.objects.measure import Measured
from dokuei.dicom.objects.space import Space, Where, references

COMPREHENSIVE = "1.2.840.10008.5.1.4.1.1.88.33"
COMPREHENSIVE_3D = "1.2.840.10008.5.1.4.1.1.88.34"
REPORT: Code = ("126000", "DCM", "Imaging Measurement Report")
MEASUREMENTS: Code = ("126010", "DCM", "Imaging Measurements")
GROUP: Code = ("125007", "DCM", "Measurement Group")
TRACKING: Code = ("112039", "DCM", "Tracking Identifier")
TRACKING_UID: Code = ("112040", "DCM", "Tracking Unique Identifier")
IMAGE_REGION: Code = ("111030", "DCM", "Image Region")
PATH: Code = ("121055", "DCM", "Path")
SERIES_UID: Code = ("112002", "DCM", "Series Instance UID")
COMMENT: Code = ("121106", "DCM", "Comment")
DERIVATION: Code = ("121401", "DCM", "Derivation")
PROCEDURE: Code = ("121058", "DCM", "Procedure reported")
LIBRARY: Code = ("111028", "DCM", "Image Library")
LIBRARY_GROUP: Code = ("126200", "DCM", "Image Library Group")
LENGTH: Code = ("410668003", "SCT", "Length")
LONG_AXIS: Code = ("103339001", "SCT", "Long axis")
SHORT_AXIS: Code = ("103340004", "SCT", "Short axis")
PATH_LENGTH: Code = ("121211", "DCM", "Path length")
ANGLE: Code = ("1483009", "SCT", "Angle")
COBB: Code = ("285285000", "SCT", "Cobb angle")
AREA: Code = ("42798000", "SCT", "Area")
PERIMETER: Code = ("131191004", "SCT", "Perimeter")
MEAN: Code = ("373098007", "SCT", "Mean")
DEVIATION: Code = ("386136009", "SCT", "Standard Deviation")
MINIMUM: Code = ("255605001", "SCT", "Minimum")
MAXIMUM: Code = ("56851009", "SCT", "Maximum")
ESTIMATED: Code = ("414135002", "SCT", "Estimated")
DEGREE: Code = ("deg", "UCUM", "degree")
PIXELS: Code = ("{pixels}", "UCUM", "pixels")
MM: Code = ("mm", "UCUM", "mm")
MM2: Code = ("mm2", "UCUM", "mm2")
PIXEL_VALUE: Code = ("PIXEL_VALUE", "99DOKUEI", "Pixel value")
NO_UNITS: Code = ("1", "UCUM", "no units")
QUANTITIES: dict[str, tuple[Code, Code]] = {
    "HU": (("112031", "DCM", "Attenuation Coefficient"), ("[hnsf'U]", "UCUM", "Hounsfield unit")),
    "SUVbw": (("126401", "DCM", "SUVbw"), ("{SUVbw}g/ml", "UCUM", "Standardized Uptake Value body weight")),
    "BQML": (PIXEL_VALUE, ("Bq/ml", "UCUM", "Becquerels/milliliter")),
}
"""What values are of and in, by the unit the header gives them."""
PROCEDURES: dict[str, Code] = {
    "CT": ("77477000", "SCT", "Computed tomography"),
    "US": ("16310003", "SCT", "Diagnostic ultrasonography"),
    "MG": ("71651007", "SCT", "Mammography"),
}
IMAGING: Code = ("363679005", "SCT", "Imaging procedure")
NAMES = {
    "length": "長さ", "bidirectional": "2方向径", "angle": "角度", "cobb": "Cobb角", "ellipse": "楕円ROI",
    "rectangle": "矩形ROI", "freehand": "自由曲線", "probe": "点の値", "arrow": "矢印",
}  # fmt: skip
DETECTOR = "検出器面の画素数。体内の寸法は不明のため mm では記しません。"
NO_MM = "体内の寸法への校正がないため画素数で記します。"
OUTSIDE = "1つの校正領域に収まらないため画素数で記します。"
GUESSED = "推定の寸法です（拡大率または断面の深さは推定）。"
CROSSING = "輪郭が交差しているため面積・画素値は求めません。"
STACK_GONE = (
    "断面の元のシリーズが描いたときと同じ内容では見つからないため、計算し直していません。画面の表示: "
)
LOSSY = "非可逆圧縮された画像の画素値です。"
NO_VALUES = "画素値を求められない画像です。"


@dataclass(frozen=True)
class Entry:
    """One mark of a report with what it measures; `tracking_uid` stays the same in later versions."""

    mark: Mark
    image: Where
    measured: Measured
    tracking_uid: str
    is_lossy: bool = False


@dataclass(frozen=True)
class Lost:
    """A mark on a plane whose stack is not found any more: nothing is measured, its words alone stand."""

    mark: Mark
    tracking_uid: str


def measurement_report(
    subject: Subject,
    making: Making,
    entries: Sequence[Entry | Lost],
    *,
    modality: str,
    own_studies: Sequence[str],
) -> Dataset:
    """The document. Evidence of `own_studies` answers the request; that of others is pertinent beside it.

    It is not marked as verified: the report was signed by a person, this document was written from it.
    """
    is_in_space = any(isinstance(one, Entry) and isinstance(one.image, Space) for one in entries)
    sop_class = COMPREHENSIVE_3D if is_in_space else COMPREHENSIVE
    ds = begin(subject, making, sop_class=sop_class, modality="SR", description="計測値")
    ds.ReferencedPerformedProcedureStepSequence = []
    ds.ContentDate, ds.ContentTime = moment(subject, making.at)
    ds.CompletionFlag, ds.VerificationFlag = "COMPLETE", "UNVERIFIED"
    ds.ReferencedRequestSequence = requested(subject)
    ds.PerformedProcedureCodeSequence = []
    images = [image for one in entries if isinstance(one, Entry) for image in references(one.image)]
    own = [one for one in images if one.study_uid in own_studies]
    others = [one for one in images if one.study_uid not in own_studies]
    if own:
        ds.CurrentRequestedProcedureEvidenceSequence = evidence(own)
    if others:
        ds.PertinentOtherEvidenceSequence = evidence(others)
    groups = [_group(number, one) for number, one in enumerate(entries, start=1)]
    procedure = PROCEDURES.get(modality, IMAGING)
    root = content.container(
        "",
        REPORT,
        content.language(),
        *content.observer(making.author),
        content.coded("HAS CONCEPT MOD", PROCEDURE, procedure),
        content.container("CONTAINS", LIBRARY, *_library(images)),
        content.container("CONTAINS", MEASUREMENTS, *groups),
        template="1500",
    )
    ds.update(root)
    return ds


def _library(images: Sequence[Reference]) -> list[Dataset]:
    """TID 1600: every frame that is measured on, and every slice a measured plane was cut from, once."""
    items = [content.image("CONTAINS", one) for one in dict.fromkeys(images)]
    return [content.container("CONTAINS", LIBRARY_GROUP, *items)] if items else []


def _group(number: int, entry: Entry | Lost) -> Dataset:
    """TID 1410 for a region, TID 1501 for everything else."""
    mark = entry.mark
    names = [
        content.text("HAS OBS CONTEXT", TRACKING, f"計測{number} {NAMES[mark.kind]}"),
        content.uid("HAS OBS CONTEXT", TRACKING_UID, entry.tracking_uid),
    ]
    if isinstance(entry, Lost):
        told = "　".join(filter(None, [mark.text, *mark.lines]))
        comment = content.text("CONTAINS", COMMENT, f"{STACK_GONE}{told}")
        return content.container("CONTAINS", GROUP, *names, comment, template="1501")
    is_planar = is_region(mark)
    region = _region(entry) if is_planar or mark.kind == "arrow" else []
    return content.container(
        "CONTAINS",
        GROUP,
        *names,
        *_plane(entry.image),
        *region,
        *_numbers(entry),
        *_comments(entry),
        template="1410" if is_planar else "1501",
    )


def _plane(where: Where) -> list[Dataset]:
    """Which plane of which series the coordinates lie on."""
    if not isinstance(where, Space):
        return []
    return [
        content.uid("CONTAINS", SERIES_UID, where.series_uid),
        content.text("CONTAINS", COMMENT, f"再構成した断面: {where.words}"),
    ]


def _region(entry: Entry) -> list[Dataset]:
    mark = entry.mark
    if mark.kind == "arrow":
        return [content.region("CONTAINS", IMAGE_REGION, "POINT", mark.points[:1], entry.image)]
    axes = ellipse_axes(mark) if mark.kind == "ellipse" else None
    if axes is not None:
        return [content.region("CONTAINS", IMAGE_REGION, "ELLIPSE", axes, entry.image)]
    contour = outline(mark)
    closed = [*contour, contour[0]]
    return [content.region("CONTAINS", IMAGE_REGION, "POLYGON", closed, entry.image)]


def _numbers(entry: Entry) -> list[Dataset]:
    mark, found = entry.mark, entry.measured
    p = mark.points
    match mark.kind:
        case "length":
            return [_length(LENGTH, found.lengths[0], p, entry)]
        case "bidirectional":
            pairs = sorted(zip(found.lengths, (p[:2], p[2:]), strict=True), key=lambda one: -one[0])
            return [
                _length(name, value, line, entry)
                for name, (value, line) in zip((LONG_AXIS, SHORT_AXIS), pairs, strict=True)
            ]
        case "angle" | "cobb":
            return _angle(entry)
        case "probe":
            return _probe(entry)
        case "freehand" if not mark.is_closed:
            return [_length(PATH_LENGTH, found.lengths[0], p, entry)]
        case _:
            return [*_sizes(entry), *_statistics(entry)] if is_region(mark) else []


def in_millimetres(found: Measured) -> bool:
    """Whether lengths may be said in millimetres: of the body, or as an estimate that is marked as one."""
    return found.metric.basis in {"body", "estimate"}


def told(value: float, found: Measured, *, power: int = 1) -> float:
    """A length or area in the unit it is written in: pixels again where it was of the detector.

    Detector millimetres would be taken for the body's. Pixels that are not square have no one size, so nothing is
    divided by it there and `None` stands for it elsewhere.
    """
    if in_millimetres(found) or found.metric.unit == "px":
        return value
    return float(value / found.metric.spacing[0] ** power)


def _is_measurable(found: Measured) -> bool:
    """Detector pixels that are not square have no length one could name."""
    spacing = found.metric.spacing
    return found.metric.basis != "detector" or abs(spacing[0] - spacing[1]) <= 1e-4 * spacing[0]


def _qualified(found: Measured) -> list[Dataset]:
    is_guess = found.metric.basis == "estimate"
    return [content.coded("HAS CONCEPT MOD", DERIVATION, ESTIMATED)] if is_guess else []


def _length(name: Code, value: float, line: Sequence[Point], entry: Entry) -> Dataset:
    found = entry.measured
    place = content.region("INFERRED FROM", PATH, "POLYLINE", line, entry.image)
    if not _is_measurable(found):
        return content.text("CONTAINS", COMMENT, DETECTOR, place)
    unit = MM if in_millimetres(found) else PIXELS
    return content.number(name, told(value, found), unit, *_qualified(found), place)


def _angle(entry: Entry) -> list[Dataset]:
    value, p = entry.measured.angle_deg, entry.mark.points
    lines = (p,) if entry.mark.kind == "angle" else (p[:2], p[2:])
    places = [content.region("INFERRED FROM", PATH, "POLYLINE", one, entry.image) for one in lines]
    if value is None:
        return [content.text("CONTAINS", COMMENT, "角度を求められません。", *places)]
    return [content.number(COBB if entry.mark.kind == "cobb" else ANGLE, value, DEGREE, *places)]


def _probe(entry: Entry) -> list[Dataset]:
    place = content.region("INFERRED FROM", IMAGE_REGION, "POINT", entry.mark.points[:1], entry.image)
    if entry.measured.value is None:
        return [content.text("CONTAINS", COMMENT, NO_VALUES, place)]
    quantity, unit = quantity_of(entry.measured.value_unit)
    return [content.number(quantity, entry.measured.value, unit, place)]


def _sizes(entry: Entry) -> list[Dataset]:
    found, made = entry.measured, []
    is_mm, extra = in_millimetres(found), _qualified(found)
    if not _is_measurable(found):
        return []
    if found.area is not None:
        unit = MM2 if is_mm else PIXELS
        made.append(content.number(AREA, told(found.area, found, power=2), unit, *extra))
    if found.perimeter is not None:
        made.append(
            content.number(
                PERIMETER, told(found.perimeter, found), MM if is_mm else PIXELS, *_qualified(found)
            )
        )
    return made


def _statistics(entry: Entry) -> list[Dataset]:
    """TID 1419: the values in the region, each by how it was derived."""
    found = entry.measured.statistics
    if found is None:
        return []
    quantity, unit = quantity_of(entry.measured.value_unit)
    rows = ((MEAN, found.mean), (DEVIATION, found.sd), (MINIMUM, found.min), (MAXIMUM, found.max))
    return [
        content.number(quantity, value, unit, content.coded("HAS CONCEPT MOD", DERIVATION, how))
        for how, value in rows
    ]


def quantity_of(unit: str) -> tuple[Code, Code]:
    """What a value is of, and its unit; a unit UCUM does not know is none, and stands in a comment.

    >>> quantity_of("HU")[1][0], quantity_of("")[1][0]
    ("[hnsf'U]", '1')
    """
    return QUANTITIES.get(unit, (PIXEL_VALUE, NO_UNITS))


def _comments(entry: Entry) -> list[Dataset]:
    """What a reader of the number has to know, and what was written beside an arrow."""
    mark, found = entry.mark, entry.measured
    is_size = mark.kind in {"length", "bidirectional", "ellipse", "rectangle", "freehand"}
    has_values = found.statistics is not None or found.value is not None
    said = {
        "　".join(filter(None, [mark.text, *mark.lines])): mark.kind == "arrow",
        DETECTOR: is_size and found.metric.basis == "detector" and _is_measurable(found),
        NO_MM: is_size and found.metric.basis == "none",
        OUTSIDE: is_size and found.metric.basis == "outside",
        GUESSED: is_size and found.metric.basis == "estimate",
        CROSSING: found.is_crossing,
        NO_VALUES: is_region(mark) and not has_values and not found.is_crossing,
        LOSSY: entry.is_lossy and has_values,
        f"画素値の単位（画像の記載）: {found.value_unit}": has_values
        and found.value_unit not in {"", *QUANTITIES},
    }
    return [content.text("CONTAINS", COMMENT, words) for words, is_said in said.items() if is_said and words]
