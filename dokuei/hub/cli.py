"""`dokuei`: the one command of the server and of machines that talk to it."""

import argparse
import os
import sys

from dokuei.kit.config import ConfigError


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="dokuei")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database up to date (owner role)")
    options = parser.parse_args(argv)
    try:
        return {"migrate": _migrate}[options.command](options)
    except ConfigError as error:
        print(f"dokuei: {error}", file=sys.stderr)
        return 2


def _django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dokuei.hub.settings")
    import django

    django.setup()


def _migrate(options: argparse.Namespace) -> int:
    os.environ["DOKUEI_ROLE"] = "owner"
    _django()
    from dokuei.hub.migrate import migrate

    migrate()
    return 0


if __name__ == "__main__":
    sys.exit(main())
