"""WADO-URI (PS3.18 chapter 9): one object by parameters in the address, with the rights of every other door."""

from collections.abc import Mapping

from dokuei.base.errors import Invalid, NotFound
from dokuei.dicom.uid import IllegalUID, parse_uid
from dokuei.imaging.dicomweb import access, rendered, wado
from dokuei.imaging.dicomweb.accept import DICOM
from dokuei.imaging.dicomweb.answer import Answer
from dokuei.imaging.dicomweb.media import NotAcceptable
from dokuei.imaging.dicomweb.wado import Plan

PICTURES = ("image/jpeg", "image/png")


def answer(headers: Mapping[str, str], code: str, params: Mapping[str, str]) -> Answer | Plan:
    """The object named by studyUID, seriesUID and objectUID, as a picture or whole. Blocking.

    Whole, it comes in the syntax named by transferSyntax, else in Explicit VR Little Endian (9.4.2.4). Without
    contentType a picture is drawn (9.1.2.2.1 names image/jpeg the default of single-frame images).
    """
    if params.get("requestType") != "WADO":
        raise Invalid(code="wado.request_type")
    try:
        study, series, sop = (str(parse_uid(params[name])) for name in ("studyUID", "seriesUID", "objectUID"))
    except KeyError as error:
        raise Invalid(code="wado.parameter") from error
    except IllegalUID as error:
        raise NotFound() from error
    view = access.view_of(headers, code, study)
    wanted = [
        one.partition(";")[0].strip() for one in params.get("contentType", "").split(",") if one.strip()
    ]
    if DICOM in wanted:
        return wado.plan_object(view, series, sop, params.get("transferSyntax", ""))
    kind = next(
        (one for one in wanted if one in PICTURES), "" if wanted and "*/*" not in wanted else PICTURES[0]
    )
    if not kind:
        raise NotAcceptable()
    return _picture(view, series, sop, kind, params)


def _picture(view: access.View, series: str, sop: str, kind: str, params: Mapping[str, str]) -> Answer:
    asked = {"accept": kind}
    if "imageQuality" in params:
        asked["quality"] = params["imageQuality"]
    if "windowCenter" in params or "windowWidth" in params:
        asked["window"] = f"{params.get('windowCenter', '')},{params.get('windowWidth', '')}"
    number = int(params["frameNumber"]) if params.get("frameNumber", "").isdigit() else None
    instance = access.instance_of(view, series, sop)
    viewport = _viewport(params, instance.rows, instance.columns)
    if viewport:
        asked["viewport"] = viewport
    wish = rendered.parse(asked, kind, is_thumbnail=False)
    return rendered.rendered(view, (series, sop), number, wish)


def _viewport(params: Mapping[str, str], rows: int, columns: int) -> str:
    """rows and columns are the largest extent wanted; region a part of the image in fractions (9.1.2.2.5)."""
    wide, high = params.get("columns", ""), params.get("rows", "")
    region = params.get("region", "")
    if not (wide or high or region):
        return ""
    size = f"{wide or high or columns},{high or wide or rows}"
    if not region:
        return size
    try:
        left, top, right, bottom = (float(one) for one in region.split(","))
    except ValueError as error:
        raise Invalid(code="wado.parameter") from error
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise Invalid(code="wado.parameter")
    return f"{size},{left * columns:.0f},{top * rows:.0f},{(right - left) * columns:.0f},{(bottom - top) * rows:.0f}"
