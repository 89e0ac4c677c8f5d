"""Mail as a hint: plain text over the configured SMTP server, never with patient data."""

import smtplib
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from dokuei.base.errors import Refused, Unavailable

SECONDS = 20
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class MailRefused(Refused):
    """メールサーバーが宛先を受け付けませんでした。"""

    code = "mail.refused"


class MailUnavailable(Unavailable):
    """メールサーバーに接続できません。"""

    code = "mail.unavailable"


def is_configured() -> bool:
    return bool(settings.DOKUEI.smtp_url.get_secret_value())


def send_mail(to: str, subject: str, text: str, *, key: str) -> None:
    """Hand one message to the server, or raise: `MailUnavailable` may be tried again, `MailRefused` may not.

    `key` makes the Message-ID, so that a mail sent twice after a crash is the same mail to whoever reads it. On any
    host but this one the line is encrypted (STARTTLS, or ``smtps://``).
    """
    url = urlsplit(settings.DOKUEI.smtp_url.get_secret_value())
    sender = settings.DOKUEI.mail_sender
    connection = get_connection(
        "django.core.mail.backends.smtp.EmailBackend",
        host=url.hostname,
        port=url.port or (465 if url.scheme == "smtps" else 587),
        username=unquote(url.username or ""),
        password=unquote(url.password or ""),
        use_ssl=url.scheme == "smtps",
        use_tls=url.scheme == "smtp" and url.hostname not in LOOPBACK,
        timeout=SECONDS,
    )
    headers = {"Message-ID": f"<{key}@{sender.rpartition('@')[2]}>", "Auto-Submitted": "auto-generated"}
    message = EmailMessage(subject, text, sender, [to], connection=connection, headers=headers)
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise _of(max(codes, default=550)) from error
    except smtplib.SMTPResponseException as error:
        raise _of(error.smtp_code) from error
    except (OSError, smtplib.SMTPException) as error:
        raise MailUnavailable() from error


def _of(code: int) -> Exception:
    """Of SMTP's answers 5xx are for good (RFC 5321 4.2.1)."""
    return MailRefused() if code >= 500 else MailUnavailable()
