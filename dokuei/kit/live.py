"""Live screens: a change announces its kind and id inside its transaction; a rolled-back one is never heard.

The payload carries ids only, so rights stay in the views: a screen that hears of a change asks for it again.
"""

from django.db import connection

CHANNEL = "dokuei_live"


def announce(kind: str, key: str | int, facility_id: int | None) -> None:
    """Tell every listening web process that this object changed, when the transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, f"{kind}:{key}:{facility_id or ''}"])
