"""Sending by STOW-RS (PS3.18 10.5)."""

import http.client
import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from dokuei.gateway.items import TRY_AGAIN, Item, Report, Result

STOW_BATCH_BYTES = 32 * 1024**2


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


def connect(to: str) -> http.client.HTTPConnection:
    """A connection to the server of an address."""
    parts = urlsplit(to)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=300)


def _request(batch: Sequence[Item], to: str, token: str, boundary: str) -> tuple[int, Any]:
    import json

    connection = connect(to)
    head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    sizes = [item.path.stat().st_size for item in batch]
    tail = f"--{boundary}--\r\n".encode()
    try:
        connection.putrequest("POST", f"{urlsplit(to).path.rstrip('/')}/studies")
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
