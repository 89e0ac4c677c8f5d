"""The job that sends one mail. Cut off between the server's yes and our note, it sends the same mail again."""

from datetime import UTC, datetime

from dokuei.identity.access import system_actor
from dokuei.intake.askbacks.links import services
from dokuei.kit.db import system_scope
from dokuei.kit.mail import MailRefused, send_mail
from dokuei.kit.tasks import task

MAILING = system_actor("ask-back mail")


@task("dokuei.send_ask_back_mail")
def send_ask_back_mail(link_id: int) -> None:
    """Secret committed, mail handed over, outcome noted: in three steps, as no transaction waits for a mail server."""
    with system_scope(MAILING.name):
        letter = services.prepare_mail(MAILING, link_id, at=datetime.now(UTC))
    failed = ""
    if letter is not None:
        try:
            send_mail(letter.to, letter.subject, letter.text, key=letter.key)
        except MailRefused as error:
            failed = error.error_code
    else:
        failed = "mail.not_needed"
    with system_scope(MAILING.name):
        services.note_mail(MAILING, link_id, failed=failed, at=datetime.now(UTC))
