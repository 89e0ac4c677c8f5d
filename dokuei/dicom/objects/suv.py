"""Standardised uptake by body weight, by the same rules as the viewer's: where it would guess, nothing is computed."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from dokuei.dicom.read import DataSet

DAY_S = 86_400
LEAST_DOSE_BQ = 1e5
"""Below this a dose was written in another unit than becquerel."""
MOST_HALF_LIVES = 10
SAME_TIME_S = 1


@dataclass(frozen=True)
class Suv:
    """From the picture's values to SUV; None where something is missing or contradicts."""

    factor: float | None


NONE = Suv(None)


def suv_of(ds: DataSet) -> Suv | None:
    """None for what is no PET."""
    if ds.text(0x00080060) != "PT":
        return None
    match ds.text(0x00541001):
        case "BQML":
            return _by_weight(ds)
        case "CNTS":
            factor = _one(ds, 0x70531000)
            is_theirs = ds.text(0x70530010) == "Philips PET Private Group"
            return Suv(factor) if is_theirs and factor > 0 else NONE
        case "GML":
            return Suv(1.0) if ds.text(0x00541006) in {"", "BW"} else NONE
        case _:
            return NONE


def seconds_of(text: str) -> float | None:
    """Seconds since midnight of a TM, with or without colons.

    >>> seconds_of("101530.5"), seconds_of("10:15"), seconds_of("25")
    (36930.5, 36900.0, None)
    """
    found = re.fullmatch(r"(\d\d):?(\d\d)?:?(\d\d(?:\.\d+)?)?", text.strip())
    if not found:
        return None
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds if hours < 24 and minutes < 60 and seconds < 61 else None


def _by_weight(ds: DataSet) -> Suv:
    sequence = ds.elements.get(0x00540016)
    drugs = list(sequence.items or ()) if sequence is not None else []
    drug = replace(ds, elements=drugs[0] if drugs else {})
    weight_kg, correction = _one(ds, 0x00101030), ds.text(0x00541102)
    dose_bq, half_life_s = _one(drug, 0x00181074), _one(drug, 0x00181075)
    decay_s = 0.0 if correction == "ADMIN" else _decay_seconds(ds, drug)
    is_told = (
        {"ATTN", "DECY"} <= set(ds.texts(0x00280051))
        and correction in {"START", "ADMIN"}
        and weight_kg > 0
        and dose_bq > LEAST_DOSE_BQ
        and half_life_s > 0
        and len(drugs) == 1
    )
    if not is_told or decay_s is None or decay_s > MOST_HALF_LIVES * half_life_s:
        return NONE
    return Suv(float(weight_kg * 1000 / (dose_bq * 2 ** (-decay_s / half_life_s))))


def _decay_seconds(ds: DataSet, drug: DataSet) -> float | None:
    """Seconds from the injection to the scan. A time without a date may lie before midnight."""
    scan = _scan_instant(ds)
    if scan is None:
        return None
    written, clock = drug.text(0x00181078), seconds_of(drug.text(0x00181072))
    if written:
        return _since(_instant_of_date_time(written, ds.text(0x00080201)), clock, scan)
    if clock is None:
        return None
    same_day = scan % DAY_S - clock
    return same_day if same_day >= 0 else same_day + DAY_S


def _since(exact: float | None, clock: float | None, scan: float) -> float | None:
    """From an exact start to the scan, if the start's other clock does not contradict it."""
    if exact is None:
        return None
    apart = 0.0 if clock is None else abs(exact % DAY_S - clock)
    is_same = apart <= SAME_TIME_S or apart >= DAY_S - SAME_TIME_S
    return scan - exact if is_same and scan >= exact else None


def _scan_instant(ds: DataSet) -> float | None:
    """The start of the series, unless it was made after its pictures were taken."""
    series = _instant(ds.text(0x00080021), ds.text(0x00080031))
    acquired = _instant(ds.text(0x00080022), ds.text(0x00080032))
    return series if series is not None and acquired is not None and series <= acquired else None


def _instant(day: str, clock: str) -> float | None:
    found = re.fullmatch(r"(\d{4})\.?(\d\d)\.?(\d\d)", day.strip())
    seconds = seconds_of(clock)
    if not found or seconds is None:
        return None
    try:
        days = date(int(found[1]), int(found[2]), int(found[3])).toordinal()
    except ValueError:
        return None
    return (days - datetime(1970, 1, 1, tzinfo=UTC).toordinal()) * DAY_S + seconds


def _instant_of_date_time(text: str, zone: str) -> float | None:
    """A DT of the scanner's own clock; one of another clock than the rest is not compared with it."""
    found = re.fullmatch(r"(\d{8})(\d{4}(?:\d\d(?:\.\d+)?)?)([+-]\d{4})?", text.strip())
    return _instant(found[1], found[2]) if found and (not found[3] or found[3] == zone) else None


def _one(ds: DataSet, tag: int) -> float:
    return next(iter(ds.decimals(tag)), 0.0)
