"""What intake does when something falls due. Each may run twice."""

from datetime import datetime

from dokuei.identity.access import system_actor
from dokuei.intake.askbacks import services
from dokuei.intake.askbacks.models import AskBack

INTAKE = system_actor("intake")


def on_ask_back_due(ask_back: AskBack, at: datetime) -> None:
    services.expire_ask_back(INTAKE, ask_back, at=at)


def on_ask_back_reminder(ask_back: AskBack, at: datetime) -> None:
    services.remind_of_ask_back(INTAKE, ask_back, at=at)
