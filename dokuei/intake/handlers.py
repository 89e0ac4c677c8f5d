"""What intake does when something falls due, or a request is accepted. Each may run twice."""

from datetime import datetime

from dokuei.identity.access import system_actor
from dokuei.intake.askbacks import services
from dokuei.intake.askbacks.models import AskBack
from dokuei.intake.events import RequestAccepted
from dokuei.intake.queries import sent_contents
from dokuei.intake.scoring.queries import kinds_to_ask

INTAKE = system_actor("intake")


def ask_what_is_missing(event: RequestAccepted, at: datetime) -> None:
    """What the facility's rules ask back by themselves is asked."""
    version = sent_contents([event.request_id]).get(event.request_id)
    if version is not None and (kinds := kinds_to_ask(version)):
        services.ask_missing(INTAKE, event.request_id, kinds, at=at)


def on_ask_back_due(ask_back: AskBack, at: datetime) -> None:
    services.expire_ask_back(INTAKE, ask_back, at=at)


def on_ask_back_reminder(ask_back: AskBack, at: datetime) -> None:
    services.remind_of_ask_back(INTAKE, ask_back, at=at)
