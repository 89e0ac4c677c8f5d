"""`dokuei send PATH`: send files as they are, by C-STORE or by STOW-RS with a bearer token.

Nothing is decoded or re-encoded. Each file has its own result; what could be tried again is tried again.
Sending twice does no harm: the hub takes the same instance once.
"""

import argparse
import http.client
import os
import secrets
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dokuei.base.errors import DokueiError
from dokuei.dicom.read import read_data_set, read_meta
from dokuei.dicom.uid import parse_uid
from dokuei.dicom.walk import NotDicom

MOST_CONTEXTS = 128
IN_MEMORY = 32 * 1024**2
STOW_BATCH_BYTES = 32 * 1024**2
TRY_AGAIN = {0xA700, 0xA701, 0xA702}
MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"


@dataclass(frozen=True)
class Item:
    """One file to send: what it is, and where its data set begins."""

    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax: str
    offset: int


@dataclass(frozen=True)
class Result:
    """What became of one file; `code` is empty when it was accepted."""

    path: Path
    code: str = ""
    may_retry: bool = False

    @property
    def is_sent(self) -> bool:
        return not self.code


Report = Callable[[Result], None]


def add_parser(commands: Any) -> None:
    """Hook `send` into the `dokuei` command."""
    parser = commands.add_parser(
        "send",
        help="send DICOM files to a hub",
        description="Send files and folders as they are, by C-STORE or by STOW-RS.",
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
    if options.to.startswith(("https://", "http://")):
        token = options.token_file.read_text() if options.token_file else os.environ.get("DOKUEI_TOKEN", "")

        def send(batch: Sequence[Item], report: Report) -> None:
            send_stow(batch, options.to, token.strip(), report)
    else:
        tls = _tls(options)

        def send(batch: Sequence[Item], report: Report) -> None:
            send_dimse(batch, options.to, options.calling, report, tls=tls)

    failed = [*refused, *send_all(items, send, line, retries=options.retries)]
    line.finish(failed)
    return 1 if failed else 0


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


def read_items(paths: Iterable[Path]) -> tuple[list[Item], list[Result]]:
    """Every DICOM file under the paths.

    A named file that cannot be sent is a failure; others are passed over.
    """
    items, refused = [], []
    for root in paths:
        named = not root.is_dir()
        for path in [root] if named else _files(root):
            try:
                item = read_item(path)
            except NotDicom as error:
                if named:
                    refused.append(Result(path, error.error_code))
                continue
            except DokueiError as error:
                refused.append(Result(path, error.error_code))
                continue
            except OSError as error:
                refused.append(Result(path, f"file.{error.errno}"))
                continue
            if item is not None:
                items.append(item)
    return items, refused


def read_item(path: Path) -> Item | None:
    """What is needed to announce a file; None for a DICOMDIR."""
    data = path.read_bytes()
    meta = read_meta(data)
    if meta.sop_class_uid == MEDIA_DIRECTORY:
        return None
    ds = read_data_set(data, meta.transfer_syntax, meta.data_set_offset)
    return Item(
        path,
        parse_uid(ds.text(0x00080016)),
        parse_uid(ds.text(0x00080018)),
        ds.transfer_syntax,
        meta.data_set_offset,
    )


def send_dimse(
    items: Sequence[Item], to: str, calling: str, report: Report, *, tls: ssl.SSLContext | None = None
) -> None:
    """Send by C-STORE over as few associations as the needed presentation contexts allow."""
    title, _, address = to.rpartition("@")
    host, _, port = address.rpartition(":")
    for batch in by_contexts(items):
        _send_batch(batch, (title, host.strip("[]"), int(port)), calling, report, tls)


def by_contexts(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Split into batches that need at most 128 presentation contexts each (PS3.8 7.1.1.13)."""
    batch: list[Item] = []
    needed: set[tuple[str, str]] = set()
    for item in items:
        pair = (item.sop_class_uid, item.transfer_syntax)
        if pair not in needed and len(needed) == MOST_CONTEXTS:
            yield batch
            batch, needed = [], set()
        needed.add(pair)
        batch.append(item)
    if batch:
        yield batch


def _send_batch(
    batch: Sequence[Item],
    peer: tuple[str, str, int],
    calling: str,
    report: Report,
    tls: ssl.SSLContext | None,
) -> None:
    from pynetdicom import AE, _config, build_context

    from dokuei.dicom.network import close_sockets_always

    close_sockets_always()
    _config.LOG_HANDLER_LEVEL = "none"
    ae = AE(ae_title=calling)
    ae.maximum_pdu_size = 0
    ae.acse_timeout, ae.dimse_timeout, ae.network_timeout = 30, 300, 300
    ae.connection_timeout = 10
    pairs = sorted({(item.sop_class_uid, item.transfer_syntax) for item in batch})
    title, host, port = peer
    contexts = [build_context(one, syntax) for one, syntax in pairs]
    tls_args = (tls, host) if tls else None
    assoc: Any = ae.associate(host, port, contexts=contexts, ae_title=title, tls_args=tls_args)
    if not assoc.is_established:
        code = "association.rejected" if assoc.is_rejected else "association.failed"
        for item in batch:
            report(Result(item.path, code, may_retry=not assoc.is_rejected))
        return
    connection = assoc.dul.socket.socket
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        _send_items(assoc, batch, report)
    finally:
        connection.close()


def _send_items(assoc: Any, batch: Sequence[Item], report: Report) -> None:
    accepted = {
        (str(context.abstract_syntax), str(context.transfer_syntax[0])): int(context.context_id or 0)
        for context in assoc.accepted_contexts
    }
    for number, item in enumerate(batch, 1):
        report(_store(assoc, item, accepted, number % 65535))
        if not assoc.is_established:
            break
    if assoc.is_established:
        assoc.release()


def _store(assoc: Any, item: Item, accepted: dict[tuple[str, str], int], message_id: int) -> Result:
    """One C-STORE with the data set's bytes as they are in the file."""
    from pynetdicom.dimse_primitives import C_STORE

    context_id = accepted.get((item.sop_class_uid, item.transfer_syntax))
    if context_id is None:
        return Result(item.path, "context.refused")
    request = C_STORE()
    request.MessageID = message_id
    request.Priority = 2
    request.AffectedSOPClassUID = item.sop_class_uid
    request.AffectedSOPInstanceUID = item.sop_instance_uid
    if item.path.stat().st_size - item.offset > IN_MEMORY:
        request._dataset_path = (item.path, item.offset)
    else:
        with item.path.open("rb") as file:
            file.seek(item.offset)
            request.DataSet = BytesIO(file.read())
    status = _exchange(assoc, request, context_id)
    if status is None:
        return Result(item.path, "association.lost", may_retry=True)
    if status == 0 or status & 0xF000 == 0xB000:
        return Result(item.path)
    return Result(item.path, f"status.{status:04X}", may_retry=status in TRY_AGAIN)


def _exchange(assoc: Any, request: Any, context_id: int) -> int | None:
    assoc._reactor_checkpoint.clear()
    while not assoc._is_paused:
        time.sleep(0.0001)
    try:
        assoc.dimse.send_msg(request, context_id)
        _, answer = assoc.dimse.get_msg(block=True)
    finally:
        assoc._reactor_checkpoint.set()
    return None if answer is None or not answer.is_valid_response else int(answer.Status)


def send_stow(items: Sequence[Item], to: str, token: str, report: Report) -> None:
    """Send by STOW-RS (PS3.18 10.5), some files a request."""
    batch: list[Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += item.path.stat().st_size
        if size >= STOW_BATCH_BYTES:
            _post(batch, to, token, report)
            batch, size = [], 0
    if batch:
        _post(batch, to, token, report)


def _post(batch: Sequence[Item], to: str, token: str, report: Report) -> None:
    boundary = f"dokuei-{secrets.token_hex(16)}"
    try:
        status, answer = _request(batch, to, token, boundary)
    except (OSError, http.client.HTTPException):
        for item in batch:
            report(Result(item.path, "connection.lost", may_retry=True))
        return
    failed = _failures(answer)
    for item in batch:
        if status in {200, 202} or (status == 409 and failed):
            report(_stow_result(item, failed.get(item.sop_instance_uid)))
        else:
            report(Result(item.path, f"http.{status}", may_retry=status in {429, 500, 502, 503, 504}))


def _stow_result(item: Item, reason: int | None) -> Result:
    if reason is None:
        return Result(item.path)
    return Result(item.path, f"status.{reason:04X}", may_retry=reason in TRY_AGAIN)


def _request(batch: Sequence[Item], to: str, token: str, boundary: str) -> tuple[int, Any]:
    import json

    parts = urlsplit(to.rstrip("/"))
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=300)
    head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    sizes = [item.path.stat().st_size for item in batch]
    tail = f"--{boundary}--\r\n".encode()
    try:
        connection.putrequest("POST", f"{parts.path}/studies")
        connection.putheader(
            "Content-Type", f'multipart/related; type="application/dicom"; boundary={boundary}'
        )
        connection.putheader("Accept", "application/dicom+json")
        connection.putheader("Authorization", f"Bearer {token}")
        connection.putheader("Content-Length", str(sum(sizes) + len(batch) * (len(head) + 2) + len(tail)))
        connection.endheaders()
        for item in batch:
            connection.send(head)
            with item.path.open("rb") as file:
                connection.send(file)
            connection.send(b"\r\n")
        connection.send(tail)
        response = connection.getresponse()
        body = response.read(16 * 1024**2)
    finally:
        connection.close()
    try:
        return response.status, json.loads(body)
    except ValueError:
        return response.status, {}


def _failures(answer: Any) -> dict[str, int]:
    """SOP Instance UID to Failure Reason (0008,1197) of a STOW response."""
    if not isinstance(answer, dict):
        return {}
    found = {}
    for one in answer.get("00081198", {}).get("Value", []):
        uid = (one.get("00081155", {}).get("Value") or [""])[0]
        found[str(uid)] = int((one.get("00081197", {}).get("Value") or [0xC000])[0])
    return found


def _files(root: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(root):
        names.sort()
        for name in sorted(files):
            path = Path(folder, name)
            if path.is_file() and not name.startswith("."):
                yield path


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
