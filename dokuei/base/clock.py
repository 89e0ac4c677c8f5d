"""Instants are UTC inside; people read Japan Standard Time."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

JST = ZoneInfo("Asia/Tokyo")


def local_date(at: datetime) -> date:
    """The calendar day in Japan at an instant.

    >>> from datetime import UTC
    >>> local_date(datetime(2026, 11, 22, 20, 0, tzinfo=UTC)).isoformat()
    '2026-11-23'
    """
    return at.astimezone(JST).date()
