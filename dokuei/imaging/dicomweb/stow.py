"""STOW-RS (PS3.18 10.5): a multipart body, spooled part by part, each instance answered for itself."""

import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from dokuei.base.errors import DokueiError, Invalid, Unavailable
from dokuei.identity.access import Actor
from dokuei.imaging import services
from dokuei.imaging.dicomweb.answer import Answer
from dokuei.imaging.dimse.status import OUT_OF_RESOURCES, status_of
from dokuei.imaging.errors import InstanceTooLarge, UploadTooLarge
from dokuei.imaging.services import Outcome, Stored
from dokuei.kit.db import scope

MOST_PARTS = 10_000
LONGEST_HEAD = 16 * 1024
SPOOL_BYTES = 1024**2
KEPT_THOUGH_CONTRADICTING = 0xB000
OTHER_STUDY = 0xA900
Receive = Callable[[], Awaitable[dict[str, Any]]]
Blocking = Callable[..., Awaitable[Any]]


@dataclass
class Results:
    """What became of each part so far."""

    taken: list[tuple[Stored, int]] = field(default_factory=list)
    failed: list[tuple[int, str, str]] = field(default_factory=list)


def boundary_of(content_type: str) -> bytes:
    """The boundary of a multipart/related request, or `Invalid`."""
    if not content_type.lower().startswith("multipart/related"):
        raise Invalid(code="stow.not_multipart")
    match = re.search(r'boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))', content_type, re.IGNORECASE)
    if not match:
        raise Invalid(code="stow.no_boundary")
    return (match[1] or match[2]).encode("latin-1")


async def parts(receive: Receive, boundary: bytes, blocking: Blocking) -> AsyncIterator[Path | DokueiError]:
    """Each part's body as a temporary file that lives until the next one; too large a part as its refusal."""
    reader = _Reader(receive)
    await reader.until(b"--" + boundary, keep=None)
    for _ in range(MOST_PARTS):
        if await reader.take(2) == b"--":
            return
        await reader.head()
        with tempfile.NamedTemporaryFile(prefix="dokuei-stow-") as spool:
            keep = _Spool(spool, settings.DOKUEI.max_instance_bytes, blocking)
            await reader.until(b"\r\n--" + boundary, keep=keep)
            await keep.flush()
            yield InstanceTooLarge() if keep.is_too_large else Path(spool.name)
    raise UploadTooLarge()


class _Spool:
    """Collects a part; beyond the limit it counts and keeps nothing more."""

    def __init__(self, file: Any, largest: int, blocking: Blocking) -> None:
        self.file, self.largest, self.blocking = file, largest, blocking
        self.size, self.waiting = 0, bytearray()

    @property
    def is_too_large(self) -> bool:
        return self.size > self.largest

    async def write(self, data: bytes) -> None:
        self.size += len(data)
        if self.is_too_large:
            return
        self.waiting += data
        if len(self.waiting) >= SPOOL_BYTES:
            await self.flush()

    async def flush(self) -> None:
        data, self.waiting = bytes(self.waiting), bytearray()
        await self.blocking(self._write, data)

    def _write(self, data: bytes) -> None:
        try:
            self.file.write(data)
            self.file.flush()
        except OSError as error:
            raise Unavailable(code="store.full") from error


class _Reader:
    """Reads a request body up to delimiters, holding no more than one delimiter and one message."""

    def __init__(self, receive: Receive) -> None:
        self.receive, self.buffer, self.is_over = receive, bytearray(), False

    async def _more(self) -> None:
        if self.is_over:
            raise Invalid(code="stow.truncated")
        message = await self.receive()
        if message["type"] == "http.disconnect":
            raise Invalid(code="stow.truncated")
        self.buffer += message.get("body", b"")
        self.is_over = not message.get("more_body", False)

    async def take(self, count: int) -> bytes:
        while len(self.buffer) < count:
            await self._more()
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    async def until(self, delimiter: bytes, *, keep: _Spool | None) -> None:
        """Hand everything before the delimiter to `keep` and step behind it."""
        while (found := self.buffer.find(delimiter)) < 0:
            settled = len(self.buffer) - len(delimiter)
            if settled > 0:
                if keep is not None:
                    await keep.write(bytes(self.buffer[:settled]))
                del self.buffer[:settled]
            await self._more()
        if keep is not None:
            await keep.write(bytes(self.buffer[:found]))
        del self.buffer[: found + len(delimiter)]

    async def head(self) -> None:
        """Step over a part's header lines; every part is read as what it is, not as what it says."""
        while (found := self.buffer.find(b"\r\n\r\n")) < 0:
            if self.buffer[:2] == b"\r\n" and len(self.buffer) > LONGEST_HEAD:
                raise Invalid(code="stow.head")
            if len(self.buffer) > LONGEST_HEAD:
                raise Invalid(code="stow.head")
            await self._more()
        if found > LONGEST_HEAD:
            raise Invalid(code="stow.head")
        del self.buffer[: found + 4]


def take(actor: Actor, facility_id: int, study_uid: str, part: Path | DokueiError, results: Results) -> None:
    """Keep one part and note what became of it; blocking."""
    at = datetime.now(UTC)
    try:
        if isinstance(part, DokueiError):
            raise part
        with scope(actor.facilities):
            stored = services.store_instance(
                actor, facility_id=facility_id, content=part, at=at, study_uid=study_uid
            )
    except DokueiError as error:
        status = OTHER_STUDY if error.error_code == "stow.other_study" else status_of(error)
        results.failed.append((status, error.error_code, error.detail))
        if status != OUT_OF_RESOURCES:
            with scope(actor.facilities):
                services.note_refusal(
                    actor,
                    facility_id=facility_id,
                    code=error.error_code,
                    door="stow",
                    sop_instance_uid="",
                    at=at,
                )
        return
    warning = KEPT_THOUGH_CONTRADICTING if stored.outcome is Outcome.QUARANTINED else 0
    results.taken.append((stored, warning))


def answer(results: Results, root: str) -> Answer:
    """The Store Instances Response (PS3.18 10.5.3, annex I.2.2)."""
    body: dict[str, Any] = {}
    if results.taken:
        body["00081190"] = {
            "vr": "UR",
            "Value": [f"{root}/studies/{results.taken[0][0].study_instance_uid}"],
        }
        body["00081199"] = {"vr": "SQ", "Value": [_referenced(root, *one) for one in results.taken]}
    if results.failed:
        body["00081198"] = {"vr": "SQ", "Value": [_failure(*one) for one in results.failed]}
    status = 200
    if results.failed:
        status = 202 if results.taken else 409
        if not results.taken and all(one[0] == OUT_OF_RESOURCES for one in results.failed):
            status = 503
    return Answer(status, "application/dicom+json", (orjson.dumps(body),))


def _referenced(root: str, stored: Stored, warning: int) -> dict[str, Any]:
    uid = stored.study_instance_uid
    out: dict[str, Any] = {
        "00081150": {"vr": "UI", "Value": [stored.sop_class_uid]},
        "00081155": {"vr": "UI", "Value": [stored.sop_instance_uid]},
        "00081190": {"vr": "UR", "Value": [f"{root}/studies/{uid}"]},
    }
    if warning:
        out["00081196"] = {"vr": "US", "Value": [warning]}
    return out


def _failure(status: int, code: str, detail: str) -> dict[str, Any]:
    """One instance that was not taken; our code and sentence go into Error Comment (0000,0902)."""
    return {
        "00081197": {"vr": "US", "Value": [status]},
        "00000902": {"vr": "LO", "Value": [f"{code}: {detail}"]},
    }
