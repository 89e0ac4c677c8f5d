"""STOW-RS (PS3.18 10.5): parts are synced some at a time while the next arrive, listed, and answered one by one."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from dokuei.base.errors import DokueiError, Invalid
from dokuei.dicom.alike import Alike
from dokuei.identity.access import Actor
from dokuei.imaging import services
from dokuei.imaging.archive.arrival import Arrival
from dokuei.imaging.archive.keeping import keep_instances
from dokuei.imaging.archive.known import Known
from dokuei.imaging.archive.listing import list_arrivals
from dokuei.imaging.dicomweb import stow_body, stow_model
from dokuei.imaging.dicomweb.answer import Answer
from dokuei.imaging.dicomweb.stow_body import Blocking, Part, Receive
from dokuei.imaging.dimse.status import OUT_OF_RESOURCES, status_of
from dokuei.imaging.errors import NotListed
from dokuei.imaging.incoming import Incoming, read_incoming
from dokuei.imaging.services import Outcome, Stored
from dokuei.kit.db import is_database_away, scope

log = logging.getLogger("dokuei.dicomweb")
TOGETHER_BYTES = 4 * 1024**2
"""Parts that are made durable with one sync."""
MOST_TOGETHER = 100
"""Instances that are listed in one transaction."""
KEPT_THOUGH_CONTRADICTING = 0xB000
OTHER_STUDY = 0xA900


@dataclass
class Results:
    """What became of each part so far."""

    taken: list[tuple[Stored, int]] = field(default_factory=list)
    failed: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Store:
    """One request: who sends, for which facility, into which study (any, if empty)."""

    actor: Actor
    facility_id: int
    study_uid: str
    results: Results = field(default_factory=Results)
    alike: Alike = field(default_factory=Alike)
    kept: list[Arrival] = field(default_factory=list)
    """Durable, not yet listed."""

    @cached_property
    def known(self) -> Known:
        return Known(self.facility_id)

    async def take(self, receive: Receive, content_type: str, blocking: Blocking) -> None:
        """Read the body and keep what it holds."""
        parts = _parts(receive, content_type, blocking)
        if stow_body.root_type(content_type) in stow_model.KINDS:
            parts = stow_model.assembled(parts, blocking)
        batch: list[Part] = []
        size = 0
        keeping: asyncio.Future[None] | None = None
        try:
            async for part in parts:
                batch.append(part)
                size += part.size
                if (
                    size < TOGETHER_BYTES
                    and len(batch) < MOST_TOGETHER
                    and not isinstance(part.content, Path)
                ):
                    continue
                if keeping is not None:
                    await keeping
                keeping = asyncio.ensure_future(blocking(self.keep, batch))
                if isinstance(part.content, Path):  # it is there until the next part is asked for
                    await keeping
                batch, size = [], 0
        finally:
            if keeping is not None:
                await keeping
            await blocking(self.finish, batch)

    def finish(self, batch: Sequence[Part]) -> None:
        """Keep the last parts and list everything that is kept; blocking."""
        self.keep(batch)
        self._list()

    def keep(self, batch: Sequence[Part]) -> None:
        """Make these parts durable; blocking."""
        at = datetime.now(UTC)
        readable: list[Incoming] = []
        for part in batch:
            try:
                readable.append(self._read(part))
            except DokueiError as error:
                self._refuse(error, at)
        if readable:
            self._keep(readable, at)
        if len(self.kept) >= MOST_TOGETHER:
            self._list()

    def _read(self, part: Part) -> Incoming:
        if isinstance(part.content, DokueiError):
            raise part.content
        largest = settings.DOKUEI.max_instance_bytes
        found = read_incoming(part.content, transfer_syntax=None, largest=largest, alike=self.alike)
        if self.study_uid and found.description.study_instance_uid != self.study_uid:
            raise Invalid(code="stow.other_study")
        return found

    def _keep(self, readable: Sequence[Incoming], at: datetime) -> None:
        try:
            with scope(self.actor.facilities):
                self.kept.extend(
                    keep_instances(
                        self.actor,
                        facility_id=self.facility_id,
                        incoming=readable,
                        at=at,
                        known=self.known,
                    )
                )
        except DokueiError as error:
            for _ in readable:
                self._refuse(error, at)

    def _list(self) -> None:
        """List what is kept; what cannot be is found in its segment later, and its sender was not told success."""
        waiting = list(self.kept)
        self.kept.clear()
        if not waiting:
            return
        for stored in self._listed(waiting):
            warning = KEPT_THOUGH_CONTRADICTING if stored.outcome is Outcome.QUARANTINED else 0
            self.results.taken.append((stored, warning))

    def _listed(self, waiting: Sequence[Arrival]) -> list[Stored]:
        """What was listed; one that the database refuses harms no other, one that is away is raised."""
        try:
            with scope(self.actor.facilities):
                return list_arrivals(waiting)
        except Exception as error:
            if is_database_away(error):
                raise
            if len(waiting) == 1:
                log.exception("an instance could not be listed", extra={"uid": waiting[0].uid})
                self._refuse(error if isinstance(error, DokueiError) else NotListed(), waiting[0].at)
                return []
        return [stored for one in waiting for stored in self._listed([one])]

    def _refuse(self, error: DokueiError, at: datetime) -> None:
        status = OTHER_STUDY if error.error_code == "stow.other_study" else status_of(error)
        self.results.failed.append((status, error.error_code, error.detail))
        if status != OUT_OF_RESOURCES:
            with scope(self.actor.facilities):
                services.note_refusal(
                    self.actor,
                    facility_id=self.facility_id,
                    code=error.error_code,
                    door="stow",
                    sop_instance_uid="",
                    at=at,
                )


def _parts(receive: Receive, content_type: str, blocking: Blocking) -> AsyncIterator[Part]:
    largest = settings.DOKUEI.max_instance_bytes
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/dicom":
        return stow_body.single(receive, content_type, blocking, largest)
    if kind != "multipart/related":
        raise Invalid(code="stow.not_multipart")
    return stow_body.parts(receive, stow_body.boundary_of(content_type), blocking, largest)


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
