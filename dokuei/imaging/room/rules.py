"""When room is low, when images are turned away, and what people read of it. No database, no clock, no network."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dokuei.dicom.describe import JST

GIB = 2**30
BACK_AT = 1.05
"""A level is left only this far above it, so that a disk that breathes around it is not told of again and again."""


class Level(StrEnum):
    ENOUGH = "enough"
    LOW = "low"
    REFUSING = "refusing"


@dataclass(frozen=True)
class Limits:
    """Below which free bytes support is warned, and below which images are turned away."""

    warn_bytes: int
    low_bytes: int


@dataclass(frozen=True)
class Look:
    """What was seen of the store; a bucket does not say what is free."""

    free_bytes: int | None
    is_writable: bool


def is_refused(free_bytes: int | None, size_bytes: int, low_bytes: int) -> bool:
    """Whether so many bytes are turned away: while less is free than is set, or if they would eat half of that."""
    return free_bytes is not None and (free_bytes < low_bytes or free_bytes - size_bytes < low_bytes // 2)


def level_of(look: Look, limits: Limits, before: Level) -> Level:
    """Which level the store is at now."""
    if not look.is_writable:
        return Level.REFUSING
    if look.free_bytes is None:
        return Level.ENOUGH
    if look.free_bytes < limits.low_bytes * (BACK_AT if before is Level.REFUSING else 1):
        return Level.REFUSING
    if look.free_bytes < limits.warn_bytes * (1 if before is Level.ENOUGH else BACK_AT):
        return Level.LOW
    return Level.ENOUGH


def sentence(level: Level, look: Look, limits: Limits, since: datetime) -> str:
    """What support reads; empty while there is room."""
    when = since.astimezone(JST).strftime("%Y-%m-%d %H:%M")
    if level is Level.ENOUGH:
        return ""
    if not look.is_writable or look.free_bytes is None:
        return (
            f"画像の保存先に書き込めないため、{when} から画像を受け付けていません。保存先を確認してください"
        )
    free = f"{look.free_bytes / GIB:.1f} GiB"
    if level is Level.REFUSING:
        return (
            f"保存先の空き容量が残り {free} のため、{when} から画像を受け付けていません。"
            "空き容量を増やすと自動で再開します"
        )
    return (
        f"保存先の空き容量が残り {free} です（{when} から {limits.warn_bytes / GIB:.1f} GiB 未満）。"
        f"{limits.low_bytes / GIB:.1f} GiB 未満になると画像を受け付けません"
    )
