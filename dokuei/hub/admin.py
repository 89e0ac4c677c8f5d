"""`dokuei admin` and `dokuei token`: setting the house up without a screen."""

import argparse
from typing import Any
from urllib.parse import urlsplit

from dokuei.hub import keeping
from dokuei.hub.command_line import CLI, facility_id_of, in_scope, now
from dokuei.identity.access import TOKEN_PERMISSIONS, Role


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
    title.add_argument(
        "--port", type=int, help="where it listens: to questions, as a destination of C-MOVE and of reports"
    )
    title.add_argument(
        "--query", action="store_true", help="let it search and retrieve the facility's studies"
    )
    title.add_argument(
        "--archive",
        action="store_true",
        help="it is the facility's archive: ask it by C-FIND how many images a study has (needs --host and --port)",
    )
    title.set_defaults(run=_ae)
    hl7 = acts.add_parser("hl7", help="let a system of a facility send orders by HL7 v2")
    hl7.add_argument("name", help="a name for this connection; the same again changes it")
    hl7.add_argument("--facility", required=True, metavar="CODE")
    hl7.add_argument("--host", required=True, help="the IP address it connects from")
    hl7.add_argument(
        "--application", default="", help="the sending application it names (MSH-3); any, if not given"
    )
    hl7.add_argument(
        "--encoding", default="iso-2022-jp", choices=["iso-2022-jp", "shift_jis", "euc-jp", "utf-8"]
    )
    hl7.add_argument(
        "--accession",
        default="message",
        choices=["message", "placer", "filler"],
        help="where the accession number stands: IPC-1 or OBR-18, or the placer's or the filler's order number",
    )
    hl7.set_defaults(run=_hl7)
    keeping.add_parsers(acts)
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


@in_scope
def _token(options: argparse.Namespace) -> int:
    from dokuei.identity.services import mint_token

    _, secret = mint_token(
        CLI,
        name=options.name,
        facility_id=facility_id_of(options.facility),
        permissions=options.permission,
        expires_in_days=options.days,
        at=now(),
    )
    print(secret)
    return 0


@in_scope
def _facility(options: argparse.Namespace) -> int:
    from dokuei.identity.services import create_facility

    facility = create_facility(CLI, code=options.code, name=options.name, phone=options.phone, at=now())
    print(f"{facility.code}: {facility.name}")
    return 0


@in_scope
def _person(options: argparse.Namespace) -> int:
    from django.conf import settings

    from dokuei.identity.services import invite_person

    _, secret = invite_person(
        CLI,
        email=options.email,
        name=options.name,
        kana=options.kana,
        roles=[Role(one) for one in options.role],
        facility_ids=[facility_id_of(code) for code in options.facility],
        at=now(),
    )
    print(f"{settings.DOKUEI.base_url}/invitation/{secret}")
    return 0


@in_scope
def _ae(options: argparse.Namespace) -> int:
    from dokuei.imaging.services import add_ae_title

    add_ae_title(
        CLI,
        facility_id=facility_id_of(options.facility),
        title=options.title,
        at=now(),
        peer_host=options.host,
        port=options.port,
        may_query=options.query,
        is_archive=options.archive,
    )
    print(f"{options.title}: {options.facility}")
    return 0


@in_scope
def _hl7(options: argparse.Namespace) -> int:
    from dokuei.hl7.charset import TextEncoding
    from dokuei.intake.services import connect_hl7

    connect_hl7(
        CLI,
        facility_id=facility_id_of(options.facility),
        name=options.name,
        peer_host=options.host,
        application=options.application,
        encoding=TextEncoding(options.encoding),
        accession=options.accession,
        at=now(),
    )
    print(f"{options.name}: {options.facility}")
    return 0


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
