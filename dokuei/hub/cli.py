"""`dokuei`: the one command of the server and of machines that talk to it."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence

import psycopg
from django.db.utils import DatabaseError

from dokuei import __version__
from dokuei.base.errors import DokueiError
from dokuei.hub.postgres import PostgresError
from dokuei.kit.config import Config, ConfigError, load_config

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; a refusal or a wrong configuration is a sentence and exit code 2, never a traceback."""
    options = _parser().parse_args(argv)
    command: Command = options.run
    try:
        return command(options)
    except ConfigError as error:
        print(f"dokuei: {error}", file=sys.stderr)
    except DokueiError as error:
        print(f"dokuei: {error.detail} ({error.error_code})", file=sys.stderr)
    except PostgresError as error:
        print(f"dokuei: データベースを起動できません: {error}", file=sys.stderr)
    except (DatabaseError, psycopg.Error) as error:
        print(f"dokuei: データベースに接続できません: {error}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    from dokuei.gateway import send
    from dokuei.hub import admin
    from dokuei.hub.backup import command as backup

    parser = argparse.ArgumentParser(prog="dokuei", description="在宅遠隔読影 Dokuei")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        return sub

    up = add("up", _up, "run everything on this machine: database, web, worker, DICOM listener")
    up.add_argument("--sample", action="store_true", help="load sample work into an empty instance")
    up.add_argument("--dicom", metavar="PATH", help="use these real studies instead of synthetic ones")
    add("web", _web, "run the web server only")
    add("worker", _worker, "run background jobs and deadlines only")
    add("dimse", _dimse, "run the DICOM listener only")
    add("hl7", _hl7, "run the HL7 listener only")
    add("migrate", _migrate, "bring the database up to date, as its owner")
    add("config", _config, "print the configuration in force, secrets masked")
    add("openapi", _openapi, "print the OpenAPI document of the whole API")
    add("conformance", _conformance, "print the DICOM conformance statement")
    add("lifecycles", _lifecycles, "print every lifecycle as a document with diagrams")
    audit = add("audit", _audit, "prove the audit trail: every link, or the first broken one")
    audit.add_argument("act", choices=["verify", "head"])
    send.add_parser(commands)
    admin.add_parsers(commands)
    backup.add_parsers(commands)
    return parser


def setup_django() -> Config:
    """Configure this process as a part of the server."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dokuei.hub.settings")
    import django
    from django.conf import settings

    from dokuei.hub.logs import configure_logging

    django.setup()
    config: Config = settings.DOKUEI
    configure_logging(config.log_level)
    return config


def _up(options: argparse.Namespace) -> int:
    from dokuei.hub import up

    return up.run(load_config(), sample=options.sample or bool(options.dicom), dicom=options.dicom)


def _web(options: argparse.Namespace) -> int:
    from dokuei.hub.serving import serve

    serve(load_config())
    return 0


def _worker(options: argparse.Namespace) -> int:
    setup_django()
    from dokuei.hub.worker import run_worker

    run_worker()
    return 0


def _dimse(options: argparse.Namespace) -> int:
    config = setup_django()
    from dokuei.imaging.dimse import serve

    serve(config)
    return 0


def _hl7(options: argparse.Namespace) -> int:
    config = setup_django()
    from dokuei.intake.hl7.listener import serve

    if not config.hl7:
        print("DOKUEI_HL7 に待ち受けるアドレス（host:port）を設定してください。")
        return 1
    serve(config)
    return 0


def _migrate(options: argparse.Namespace) -> int:
    os.environ["DOKUEI_ROLE"] = "owner"
    setup_django()
    from dokuei.hub.migrate import migrate

    migrate()
    return 0


def _config(options: argparse.Namespace) -> int:
    for name, value in load_config().masked().items():
        print(f"{name} = {json.dumps(value, ensure_ascii=False)}")
    return 0


def _openapi(options: argparse.Namespace) -> int:
    os.environ.setdefault("DOKUEI_SECRET_KEY", "only for printing a document")
    os.environ.setdefault("DATABASE_URL", "postgresql://nobody@localhost/none")
    setup_django()
    from dokuei.hub.api import api

    print(json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1, sort_keys=True))
    return 0


def _lifecycles(options: argparse.Namespace) -> int:
    from dokuei.hub.lifecycles import document

    print(document(), end="")
    return 0


def _conformance(options: argparse.Namespace) -> int:
    os.environ.setdefault("DOKUEI_SECRET_KEY", "only for printing a document")
    os.environ.setdefault("DATABASE_URL", "postgresql://nobody@localhost/none")
    setup_django()
    from dokuei.imaging.conformance import statement

    print(statement(), end="")
    return 0


def _audit(options: argparse.Namespace) -> int:
    setup_django()
    from dokuei.audit.queries import verify
    from dokuei.kit.db import system_scope

    with system_scope("audit.verify"):
        proof = verify()
    print(f"{proof.checked} links, head {proof.head}")
    if proof.is_whole:
        return 0
    print(f"first broken link: {proof.broken_seq}: {proof.reason}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
