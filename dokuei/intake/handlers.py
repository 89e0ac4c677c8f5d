"""What intake does when something falls due, or a request is accepted. Each may run twice."""

from datetime import datetime

from dokuei.identity.access import system_actor
from dokuei.imaging.events import (
    InstancesArrived,
    StudyCompleted,
    StudyHeld,
    StudyMoved,
    StudyResolved,
    StudySettled,
)
from dokuei.intake.askbacks import services
from dokuei.intake.askbacks.links import services as links
from dokuei.intake.askbacks.links.tasks import send_ask_back_mail
from dokuei.intake.askbacks.models import AskBack
from dokuei.intake.events import (
    AskBackWaits,
    RequestAccepted,
    RequestCancelled,
    RequestChanged,
    RequestMatched,
)
from dokuei.intake.linking import services as linking
from dokuei.intake.paper import services as papers
from dokuei.intake.paper.folder import PaperFolder
from dokuei.intake.paper.models import Paper
from dokuei.intake.queries import sent_contents
from dokuei.intake.scoring.queries import kinds_to_ask
from dokuei.kit import mail
from dokuei.kit.tasks import defer_once
from dokuei.patients.events import FamilyChanged, PatientCorrected

__all__ = ["PaperFolder"]
INTAKE = system_actor("intake")
StudyNews = InstancesArrived | StudySettled | StudyCompleted | StudyHeld | StudyResolved


def ask_what_is_missing(event: RequestAccepted, at: datetime) -> None:
    """What the facility's rules ask back by themselves is asked."""
    version = sent_contents([event.request_id]).get(event.request_id)
    if version is not None and (kinds := kinds_to_ask(version)):
        services.ask_missing(INTAKE, event.request_id, kinds, at=at)


def mail_that_it_waits(event: AskBackWaits, at: datetime) -> None:
    """People of the facility are told by mail, where there is a mail server."""
    if mail.is_configured():
        for row in links.plan_mails(INTAKE, event.ask_back_id, event.nudge, at=at):
            defer_once(send_ask_back_mail, f"ask-back-mail:{row.pk}", link_id=row.pk)


def look_at_images(event: StudyNews, at: datetime) -> None:
    """Images moved: the requests they may belong to are compared with them."""
    linking.look_at_study(event.study_id, at=at)


def look_around(event: RequestMatched, at: datetime) -> None:
    """A request has images or lost them: what else might have belonged to them is compared again."""
    linking.look_at_others(event.request_id, at=at)


def look_at_waiting(event: RequestAccepted | RequestChanged | RequestCancelled, at: datetime) -> None:
    """Another request waits for images, or none any more: it and those it competes with are compared again."""
    linking.look_at_others(event.request_id, at=at)


def look_at_patient(event: PatientCorrected | FamilyChanged | StudyMoved, at: datetime) -> None:
    (
        """A patient was put right, two are one person, or a study is another's: what contradicted may agree now."""
        ""
    )
    ids = [event.patient_id] if isinstance(event, PatientCorrected) else event.patient_ids
    linking.look_at_patients(ids, at=at)


def on_paper_lease_due(paper: Paper, at: datetime) -> None:
    papers.end_lease(INTAKE, paper.pk, at=at)


def on_ask_back_due(ask_back: AskBack, at: datetime) -> None:
    services.expire_ask_back(INTAKE, ask_back, at=at)


def on_ask_back_reminder(ask_back: AskBack, at: datetime) -> None:
    services.remind_of_ask_back(INTAKE, ask_back, at=at)
