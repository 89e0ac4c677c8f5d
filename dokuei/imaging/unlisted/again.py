"""Trying again by itself: all that is open at a start, later what has rested long enough."""

import logging
from datetime import datetime

from dokuei.base.errors import Unavailable
from dokuei.identity.access import system_actor
from dokuei.imaging import services
from dokuei.imaging.unlisted.models import Unlisted
from dokuei.kit.db import is_database_away, system_scope

log = logging.getLogger("dokuei.imaging")
MOST_UNREAD = 3
"""Then the store as a whole is taken to be away."""
LISTER = system_actor("lister")


def retry_open(at: datetime, *, every: bool) -> None:
    """One transaction each; what the store does not give now is passed over, a lost database ends it."""
    with system_scope("unlisted"):
        rows = Unlisted.objects.filter(listed_at=None)
        rows = rows if every else rows.filter(retry_at__lte=at)
        ids = list(rows.order_by("retry_at").values_list("pk", flat=True))
    unread = 0
    for pk in ids:
        try:
            with system_scope("unlisted"):
                services.retry_unlisted(LISTER, pk, at=at)
        except Unavailable:
            unread += 1
            if unread >= MOST_UNREAD:
                raise
        except Exception as error:
            if is_database_away(error):
                raise
            log.exception("an unlisted instance could not be tried again", extra={"unlisted": pk})
