"""Whether screens say that they are for reference; where they do not, every start says so."""

import logging
from datetime import datetime

from django.conf import settings

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.identity.access import system_actor
from dokuei.kit.db import system_scope

log = logging.getLogger("dokuei.hub")


def note_label(at: datetime) -> None:
    """Write down, in the trail and in the log, that the label is off and where the duty is said to be met."""
    where = settings.DOKUEI.certified_display_elsewhere
    if not where:
        return
    log.warning("the label for reference use is not shown", extra={"certified_display_elsewhere": where})
    with system_scope("start"):
        record(Event.DISPLAY_LABEL_OFF, by=system_actor("start"), at=at, met=where)
