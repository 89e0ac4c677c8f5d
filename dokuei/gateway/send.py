"""`dokuei send PATH`: send files as they are, by C-STORE or by STOW-RS with a bearer token.

Nothing is decoded or re-encoded. Each file has its own result; what could be tried again is tried again.
Sending twice does no harm: the hub takes the same instance once.
"""

import argparse
import os
import ssl
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dokuei.dicom.describe import JST
from dokuei.gateway.announcing import NOT_OFFERED, announce_steps, announce_to_web
from dokuei.gateway.c_store import send_dimse
from dokuei.gateway.items import Item, Report, Result, by_study, read_items
from dokuei.gateway.listed import Studies, listed_by_find, listed_on_web
from dokuei.gateway.stow import send_stow

LOOKS, LOOK_SECONDS = 20, 0.25


def add_parser(commands: Any) -> None:
    """Hook `send` into the `dokuei` command."""
    parser = commands.add_parser(
        "send",
        help="send DICOM files to a hub",
        description="Send files and folders as they are, by C-STORE or by STOW-RS, and say what the hub lists of them.",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", type=Path)
    parser.add_argument(
        "--to",
        default="DOKUEI@127.0.0.1:11112",
        help="AE@host:port, or https://host/dicomweb/FACILITY (token in DOKUEI_TOKEN or --token-file)",
    )
    parser.add_argument("--from", dest="calling", default="DOKUEI_SEND", help="our calling AE title")
    parser.add_argument("--token-file", type=Path, help="file that holds the bearer token for https")
    parser.add_argument("--retries", type=int, default=3, help="how often to try again")
    parser.add_argument("--tls-cert", type=Path, help="our certificate for a listener with mutual TLS")
    parser.add_argument("--tls-key", type=Path, help="its key")
    parser.add_argument("--tls-ca", type=Path, help="the authority that signed the listener's certificate")
    parser.add_argument(
        "--announce",
        action=argparse.BooleanOptionalAction,
        help="say before sending which images of each study follow, so that the hub knows when a study is whole; "
        "over https this is done unless --no-announce is given, to a DICOM listener (as MPPS) only if asked for",
    )
    parser.add_argument("--quiet", action="store_true", help="print only what failed")
    parser.set_defaults(run=main)


def main(options: argparse.Namespace) -> int:
    """Run the command; 0 when every file was accepted, 1 when any was not, 2 when there was nothing."""
    items, refused = read_items(options.paths)
    if not items and not refused:
        print("dokuei send: no DICOM files found", file=sys.stderr)
        return 2
    line = _Progress(len(items), quiet=options.quiet)
    for one in refused:
        line(one)
    is_web = options.to.startswith(("https://", "http://"))
    way = _web(options) if is_web else _dimse(options)
    studies = by_study(items)
    if options.announce or (options.announce is None and is_web):
        code = way.announce(studies)
        if code and (options.announce or code != NOT_OFFERED):
            print(f"dokuei send: not announced: {code}", file=sys.stderr)
    failed = [*refused, *send_all(items, way.send, line, retries=options.retries)]
    line.finish(failed)
    if not options.quiet:
        _say_listed(studies, way, sent=line.sent)
    return 1 if failed else 0


@dataclass(frozen=True)
class _Way:
    """How a hub is spoken to."""

    announce: Callable[[Studies], str]
    send: Callable[[Sequence[Item], Report], None]
    listed: Callable[[Studies], int | None]


def _web(options: argparse.Namespace) -> _Way:
    text = options.token_file.read_text() if options.token_file else os.environ.get("DOKUEI_TOKEN", "")
    to, token = options.to.rstrip("/"), text.strip()
    return _Way(
        announce=lambda studies: announce_to_web(studies, to, token),
        send=lambda batch, report: send_stow(batch, to, token, report),
        listed=lambda studies: listed_on_web(studies, to, token),
    )


def _dimse(options: argparse.Namespace) -> _Way:
    to, calling, tls = options.to, options.calling, _tls(options)
    return _Way(
        announce=lambda studies: announce_steps(studies, to, calling, datetime.now(JST), tls=tls),
        send=lambda batch, report: send_dimse(batch, to, calling, report, tls=tls),
        listed=lambda studies: listed_by_find(studies, to, calling, tls=tls),
    )


def _say_listed(studies: Studies, way: _Way, *, sent: int) -> None:
    """What the hub lists of what was sent, if it may be asked; what was just acknowledged is listed in a moment."""
    total = sum(len(items) for items in studies.values())
    for _ in range(LOOKS):
        count = way.listed(studies)
        if count is None:
            return
        if count >= min(sent, total):
            break
        time.sleep(LOOK_SECONDS)
    print(f"{count} of {total} listed")


def send_all(
    items: Sequence[Item],
    send: Callable[[Sequence[Item], Report], None],
    report: Report,
    *,
    retries: int = 3,
    pause_seconds: float = 2.0,
) -> list[Result]:
    """Send until everything is accepted or refused for good; return what was not accepted."""
    left = list(items)
    failed: list[Result] = []
    for attempt in range(retries + 1):
        if attempt:
            time.sleep(min(pause_seconds * 2 ** (attempt - 1), 60))
        results: dict[Path, Result] = {}
        send(left, lambda one, into=results: into.__setitem__(one.path, one))  # type: ignore[misc]
        again = []
        for item in left:
            result = results.get(item.path, Result(item.path, "not_answered", may_retry=True))
            if result.may_retry and attempt < retries:
                again.append(item)
                continue
            report(result)
            if not result.is_sent:
                failed.append(result)
        left = again
        if not left:
            break
    return failed


def _tls(options: argparse.Namespace) -> ssl.SSLContext | None:
    if not options.tls_ca:
        return None
    context = ssl.create_default_context(cafile=options.tls_ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if options.tls_cert:
        context.load_cert_chain(options.tls_cert, options.tls_key)
    return context


class _Progress:
    """One line that counts, and a line for each failure."""

    def __init__(self, total: int, *, quiet: bool) -> None:
        self.total, self.done, self.sent, self.quiet = total, 0, 0, quiet
        self.began = time.monotonic()
        self.is_terminal = sys.stderr.isatty()
        self.start = "\r" if self.is_terminal else ""

    def __call__(self, result: Result) -> None:
        self.done += 1
        self.sent += result.is_sent
        if not result.is_sent:
            print(f"{self.start}{result.path}: {result.code}", file=sys.stderr)
        if not self.quiet and self.is_terminal:
            rate = self.done / max(time.monotonic() - self.began, 0.001)
            print(f"\r{self.done}/{self.total}  {rate:.0f}/s ", end="", file=sys.stderr, flush=True)

    def finish(self, failed: Sequence[Result]) -> None:
        if not self.quiet:
            print(f"{self.start}{self.sent} sent, {len(failed)} failed")
