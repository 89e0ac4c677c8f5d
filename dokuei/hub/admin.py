"""`dokuei admin` and `dokuei token`: setting the house up without a screen."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from dokuei.base.errors import Invalid
from dokuei.identity.access import TOKEN_PERMISSIONS, Role, system_actor


def add_parsers(commands: Any) -> None:
    """Add the administrative commands to `dokuei`."""
    token = commands.add_parser("token", help="make a bearer token for a machine of one facility")
    token.add_argument("name")
    token.add_argument("--facility", required=True, metavar="CODE")
    token.add_argument("--days", type=int, default=90)
    token.add_argument(
        "--permission",
        action="append",
        required=True,
        choices=sorted(one.value for one in TOKEN_PERMISSIONS),
    )
    token.set_defaults(run=_token)

    admin = commands.add_parser("admin", help="facilities, people, AE titles, certificates")
    acts = admin.add_subparsers(dest="act", required=True, metavar="WHAT")
    facility = acts.add_parser("facility", help="register a facility")
    facility.add_argument("code")
    facility.add_argument("name")
    facility.add_argument("--phone", default="")
    facility.set_defaults(run=_facility)
    person = acts.add_parser("person", help="invite a person; prints the link once")
    person.add_argument("email")
    person.add_argument("name")
    person.add_argument("--kana", default="")
    person.add_argument("--role", action="append", required=True, choices=[one.value for one in Role])
    person.add_argument("--facility", action="append", default=[], metavar="CODE")
    person.set_defaults(run=_person)
    title = acts.add_parser("ae", help="let an AE title of a facility send images")
    title.add_argument("title")
    title.add_argument("--facility", required=True, metavar="CODE")
    title.add_argument("--host", help="the only IP address it is believed from")
    title.add_argument("--port", type=int, help="where it listens, as a destination of C-MOVE and of reports")
    title.add_argument(
        "--query", action="store_true", help="let it search and retrieve the facility's studies"
    )
    title.set_defaults(run=_ae)
    quota = acts.add_parser("quota", help="show or set how many bytes a facility may keep")
    quota.add_argument("facility", metavar="FACILITY")
    quota.add_argument("bytes", nargs="?", help="the new limit; none lifts it")
    quota.set_defaults(run=_quota)
    retention = acts.add_parser("retention", help="keep a facility's images so many days; none: for ever")
    retention.add_argument("facility", metavar="FACILITY")
    retention.add_argument("days")
    retention.set_defaults(run=_retention)
    hold = acts.add_parser("hold", help="legal hold: keep the images of a study whatever was contracted")
    hold.add_argument("facility", metavar="FACILITY")
    hold.add_argument("study_uid")
    hold.add_argument("--reason", required=True)
    hold.add_argument("--end", action="store_true", help="end the hold")
    hold.set_defaults(run=_hold)
    certificate = acts.add_parser(
        "certificate", help="issue a certificate from this instance's own authority"
    )
    certificate.add_argument(
        "name", help="AE title of a sender, 'server' for the listener, 'web' for the web server"
    )
    certificate.add_argument(
        "--host", action="append", default=[], help="a name or address it is reached under"
    )
    certificate.add_argument("--days", type=int, default=365)
    certificate.set_defaults(run=_certificate)
    code = acts.add_parser("code", help="the present code of a sample person (sample data only)")
    code.add_argument("email")
    code.set_defaults(run=_code)


def _in_scope(act: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    @wraps(act)
    def run(options: argparse.Namespace) -> int:
        from dokuei.hub.cli import setup_django

        setup_django()
        from dokuei.kit.db import system_scope

        with system_scope("cli"):
            return act(options)

    return run


CLI = system_actor("cli")


def _now() -> datetime:
    return datetime.now(UTC)


def _facility_id(code: str) -> int:
    from dokuei.identity.queries import facility_by_code

    return facility_by_code(code).pk


@_in_scope
def _token(options: argparse.Namespace) -> int:
    from dokuei.identity.services import mint_token

    _, secret = mint_token(
        CLI,
        name=options.name,
        facility_id=_facility_id(options.facility),
        permissions=options.permission,
        expires_in_days=options.days,
        at=_now(),
    )
    print(secret)
    return 0


@_in_scope
def _facility(options: argparse.Namespace) -> int:
    from dokuei.identity.services import create_facility

    facility = create_facility(CLI, code=options.code, name=options.name, phone=options.phone, at=_now())
    print(f"{facility.code}: {facility.name}")
    return 0


@_in_scope
def _person(options: argparse.Namespace) -> int:
    from django.conf import settings

    from dokuei.identity.services import invite_person

    _, secret = invite_person(
        CLI,
        email=options.email,
        name=options.name,
        kana=options.kana,
        roles=[Role(one) for one in options.role],
        facility_ids=[_facility_id(code) for code in options.facility],
        at=_now(),
    )
    print(f"{settings.DOKUEI.base_url}/invitation/{secret}")
    return 0


@_in_scope
def _ae(options: argparse.Namespace) -> int:
    from dokuei.imaging.services import add_ae_title

    add_ae_title(
        CLI,
        facility_id=_facility_id(options.facility),
        title=options.title,
        at=_now(),
        peer_host=options.host,
        port=options.port,
        may_query=options.query,
    )
    print(f"{options.title}: {options.facility}")
    return 0


@_in_scope
def _quota(options: argparse.Namespace) -> int:
    from dokuei.imaging.queries import use_of
    from dokuei.imaging.services import set_quota

    facility_id = _facility_id(options.facility)
    if options.bytes is not None:
        set_quota(CLI, facility_id=facility_id, quota_bytes=_limit(options.bytes), at=_now())
    use = use_of(facility_id)
    most = "none" if use.quota_bytes is None else use.quota_bytes
    print(f"{options.facility}: {use.used_bytes} of {most} bytes, {use.instances} instances")
    return 0


@_in_scope
def _retention(options: argparse.Namespace) -> int:
    from dokuei.imaging.services import set_retention

    days = _limit(options.days)
    set_retention(CLI, facility_id=_facility_id(options.facility), days=days, at=_now())
    print(f"{options.facility}: {'for ever' if days is None else f'{days} days'}")
    return 0


@_in_scope
def _hold(options: argparse.Namespace) -> int:
    from dokuei.imaging.services import end_legal_hold, hold_legally

    act = end_legal_hold if options.end else hold_legally
    facility_id = _facility_id(options.facility)
    act(CLI, facility_id=facility_id, study_uid=options.study_uid, reason=options.reason, at=_now())
    print(f"{options.study_uid}: {'ended' if options.end else 'held'}")
    return 0


def _limit(text: str) -> int | None:
    """A whole number, or none; raise `Invalid` for anything else."""
    if text == "none":
        return None
    if not text.isdigit():
        raise Invalid("数値または none を指定してください。")
    return int(text)


def _certificate(options: argparse.Namespace) -> int:
    from dokuei.hub.certificates import issue
    from dokuei.kit.config import load_config

    config = load_config()
    hosts = [urlsplit(config.base_url).hostname or "", *options.host]
    for path in issue(
        config.data / "tls", options.name, days=options.days, hosts=[one for one in hosts if one]
    ):
        print(path)
    return 0


def _code(options: argparse.Namespace) -> int:
    from dokuei.hub.sample_people import present_code
    from dokuei.kit.config import load_config

    code = present_code(load_config(), options.email)
    if code is None:
        print(f"{options.email} は見本の利用者ではありません。")
        return 1
    print(code)
    return 0
