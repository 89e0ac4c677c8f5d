"""The ASGI application: routing, credentials, errors, and sending without blocking the loop."""

import asyncio
import functools
import logging
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote

from django.db import connections, transaction

from dokuei.audit.services import record_denial
from dokuei.base.errors import DokueiError, NotFound, NotPermitted
from dokuei.dicom.uid import IllegalUID, parse_uid
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.dicomweb import (
    access,
    answer,
    bulk,
    frames,
    metadata,
    qido,
    rendered,
    stow,
    wado,
    wado_uri,
)
from dokuei.imaging.dicomweb.answer import Answer, Piece
from dokuei.imaging.search.query import Level, QueryInvalid
from dokuei.kit.db import is_database_away
from dokuei.kit.http import DatabaseUnavailable, problem, unexpected

log = logging.getLogger("dokuei.dicomweb")
WORKERS, MAKERS = 16, 4
MOST_PARAMS = 100
DENIALS = {403, 404}
T = TypeVar("T")
Headers = Sequence[tuple[bytes, bytes]]

_pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="dicomweb")
_makers = ThreadPoolExecutor(MAKERS, thread_name_prefix="dicomweb-maker")
"""Whole instances are transcoded here, so that no frame waits for them."""

UID = r"([0-9.]{1,128})"
ROUTES: list[tuple[str, re.Pattern[str]]] = [
    ("frames", re.compile(rf"studies/{UID}/series/{UID}/instances/{UID}/frames/([0-9,]{{1,60000}})")),
    ("wado", re.compile(r"wado")),
    ("search_studies", re.compile(r"studies")),
    ("search_series", re.compile(rf"(?:studies/{UID}/)?series")),
    ("search_instances", re.compile(rf"(?:studies/{UID}/(?:series/{UID}/)?)?instances")),
    ("retrieve", re.compile(rf"studies/{UID}(?:/series/{UID}(?:/instances/{UID})?)?")),
    ("manifest", re.compile(rf"studies/{UID}/manifest")),
    ("metadata", re.compile(rf"studies/{UID}(?:/series/{UID}(?:/instances/{UID})?)?/metadata")),
    (
        "rendered",
        re.compile(
            rf"studies/{UID}(?:/series/{UID}(?:/instances/{UID}(?:/frames/([0-9]{{1,7}}))?)?)?/rendered"
        ),
    ),
    (
        "thumbnail",
        re.compile(
            rf"studies/{UID}(?:/series/{UID}(?:/instances/{UID}(?:/frames/([0-9]{{1,7}}))?)?)?/thumbnail"
        ),
    ),
    (
        "bulk",
        re.compile(rf"studies/{UID}/series/{UID}/instances/{UID}/bulkdata/([0-9A-Fa-f/]{{8,400}})"),
    ),
]


@dataclass(frozen=True)
class Request:
    """One request, parsed."""

    method: str
    code: str
    rest: str
    headers: dict[str, str]
    query: str

    @property
    def root(self) -> str:
        return f"/dicomweb/{self.code}"


async def application(scope: Any, receive: Any, send: Any, extra: Headers = ()) -> None:
    """Answer one DICOMweb request; `extra` headers go with every answer."""
    request = _parse(scope)
    try:
        result = await _answer(request, receive)
        await _send(send, result, extra, is_head=request.method == "HEAD")
    except DokueiError as error:
        await _refuse(request, error)
        await _send_problem(send, problem(error), extra)
    except Exception as error:
        if is_database_away(error):
            log.warning("database unavailable")
            await _send_problem(send, problem(DatabaseUnavailable()), extra)
            return
        log.exception("unexpected error in dicomweb")
        await _send_problem(send, unexpected(), extra)


def _parse(scope: Any) -> Request:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    _, _, code, *rest = scope["path"].split("/", 3)
    query = scope.get("query_string", b"").decode("latin-1")
    return Request(scope["method"], unquote(code), rest[0].rstrip("/") if rest else "", headers, query)


async def _answer(request: Request, receive: Any) -> Answer:
    if request.method == "POST":
        return await _store(request, receive)
    if request.method not in {"GET", "HEAD"}:
        raise NotFound(code="dicomweb.method")
    for name, pattern in ROUTES:
        match = pattern.fullmatch(request.rest)
        if match:
            return await _get(name, request, [part or "" for part in match.groups()])
    raise NotFound(code="dicomweb.route")


async def _get(name: str, request: Request, parts: list[str]) -> Answer:
    if name == "frames":
        result = _frame_at_once(request, parts)
        if result is None:
            result = await blocking(_retrieve, name, request, parts)
        return result.conditional(request.headers)
    if name in {"metadata", "manifest"} and (at_hand := _metadata_at_hand(name, request, parts)) is not None:
        return at_hand
    if name.startswith("search"):
        return await blocking(_search, name, request, parts)
    if name == "wado":
        found = await blocking(wado_uri.answer, request.headers, request.code, dict(_params(request)))
    elif name == "retrieve":
        found = await blocking(_planned, request, parts)
    else:
        found = await blocking(_retrieve, name, request, parts)
    result = found if isinstance(found, Answer) else await _made(found)
    is_plain = name in {"metadata", "manifest", "bulk"}
    return result if is_plain else result.conditional(request.headers)


async def _made(plan: wado.Plan) -> Answer:
    """The answer to a plan: at once if nothing must be transcoded for it."""
    return await blocking(plan.answer) if plan.is_at_hand else await _run_in(_makers, plan.answer)


def _frame_at_once(request: Request, parts: list[str]) -> Answer | None:
    """A frame whose access check and place are remembered needs no thread before its bytes are read."""
    view = access.remembered(request.headers, request.code, parts[0])
    if view is None:
        return None
    instance = access.remembered_instance(view, parts[2])
    if instance is None or instance.series_instance_uid != parts[1]:
        return None
    return frames.at_once(view, instance, _asked(request, parts[3]))


def _asked(request: Request, numbers: str) -> frames.Asked:
    resolution = dict(_params(request)).get("resolution")
    return frames.parse(numbers, request.headers.get("accept", ""), resolution)


def _metadata_at_hand(name: str, request: Request, parts: list[str]) -> Answer | None:
    """Metadata or a manifest that is remembered, for a caller whose access check is: no thread, no query, no JSON."""
    view = access.remembered(request.headers, request.code, parts[0])
    if view is None or any(parts[2:3]):
        return None
    part = metadata.MANIFEST if name == "manifest" else parts[1]
    return metadata.at_hand(view, part, request.headers)


def _planned(request: Request, parts: list[str]) -> wado.Plan:
    view = _view(request, parts)
    return wado.plan(view, parts[1], parts[2], request.headers.get("accept", ""))


def _view(request: Request, parts: list[str]) -> access.View:
    for uid in parts[:3]:
        if uid:
            _checked(uid)
    return access.view_of(request.headers, request.code, parts[0])


def _retrieve(name: str, request: Request, parts: list[str]) -> Answer:
    view = _view(request, parts)
    parts = [*parts, "", ""]
    accept = request.headers.get("accept", "")
    if name == "frames":
        instance = access.instance_of(view, parts[1], parts[2])
        return frames.retrieve(view, instance, _asked(request, parts[3]))
    if name in {"rendered", "thumbnail"}:
        wish = rendered.parse(dict(_params(request)), accept, is_thumbnail=name == "thumbnail")
        number = int(parts[3]) if parts[3] else None
        return rendered.rendered(view, parts[1:3], number, wish)
    if name == "manifest":
        return metadata.manifest(view, request.headers)
    if name == "metadata":
        return metadata.metadata(view, parts[1], parts[2], request.headers)
    return bulk.bulk(view, parts[1], parts[2], parts[3], accept)


def _search(name: str, request: Request, parts: list[str]) -> Answer:
    actor = access.actor_for(request.headers)
    require(actor, Permission.DICOM_READ)
    facility_id = access.facility_of(actor, request.code)
    study_uid, series_uid = [*parts, "", ""][:2]
    if study_uid:
        access.view_of(request.headers, request.code, study_uid)
    level = {"search_studies": Level.STUDY, "search_series": Level.SERIES, "search_instances": Level.IMAGE}[
        name
    ]
    accept = request.headers.get("accept", "")
    asked = qido.Asked(actor, facility_id, request.root, level, study_uid, series_uid, accept)
    return qido.answer(asked, _params(request))


def _params(request: Request) -> list[tuple[str, str]]:
    """The parameters of a search; more than anyone needs make no sense."""
    try:
        return parse_qsl(request.query, keep_blank_values=True, max_num_fields=MOST_PARAMS, errors="strict")
    except ValueError as error:
        raise QueryInvalid() from error


async def _store(request: Request, receive: Any) -> Answer:
    match = re.fullmatch(rf"studies(?:/{UID})?", request.rest)
    if not match:
        raise NotFound(code="dicomweb.route")
    actor, facility_id = await blocking(_sender, request)
    store = stow.Store(actor, facility_id, match[1] or "")
    await store.take(receive, request.headers.get("content-type", ""), blocking)
    return stow.answer(store.results, request.root)


def _sender(request: Request) -> tuple[Actor, int]:
    actor = access.actor_for(request.headers)
    require(actor, Permission.DICOM_STORE)
    if actor.kind == "person" and request.headers.get("sec-fetch-site", "none") not in {
        "same-origin",
        "none",
    }:
        raise NotPermitted(code="auth.csrf")
    return actor, access.facility_of(actor, request.code)


def _checked(uid: str) -> str:
    try:
        return parse_uid(uid)
    except IllegalUID as error:
        raise NotFound() from error


async def blocking(work: Callable[..., T], *args: Any) -> T:
    """Run blocking work in the bounded pool and give its database connection back."""
    return await _run_in(_pool, work, *args)


async def _run_in(pool: ThreadPoolExecutor, work: Callable[..., T], *args: Any) -> T:
    return await asyncio.get_running_loop().run_in_executor(pool, functools.partial(_run, work, args))


def _run(work: Callable[..., T], args: tuple[Any, ...]) -> T:
    try:
        return work(*args)
    finally:
        connections.close_all()


async def _send(send: Any, result: Answer, extra: Headers, *, is_head: bool) -> None:
    """Send an answer.

    What cannot be read is an error while nothing has been sent, else a broken connection.
    """
    portions = result.chunks()
    first = b"" if is_head else await _bytes(next(portions))
    headers = [*result.raw_headers(), *extra]
    await send({"type": "http.response.start", "status": result.status, "headers": headers})
    waiting = first
    if not is_head:
        for portion in portions:
            await send({"type": "http.response.body", "body": waiting, "more_body": True})
            waiting = await _bytes(portion)
    await send({"type": "http.response.body", "body": waiting})


async def _bytes(portion: Sequence[Piece]) -> bytes:
    """The bytes of a portion; a thread only where a disk must be waited for."""
    found = answer.at_hand(portion)
    if found is not None:
        return found
    return await blocking(answer.read, portion)


async def _refuse(request: Request, error: DokueiError) -> None:
    """What was denied leaves a trace; a trace that cannot be written is no reason to say more."""
    if error.status in DENIALS:
        try:
            await blocking(_record_denial, request, error)
        except Exception:
            log.exception("a denial could not be recorded")


def _record_denial(request: Request, error: DokueiError) -> None:
    try:
        actor = access.actor_for(request.headers)
    except DokueiError:
        return
    kind = re.sub(r"[0-9][0-9.,]*", "{}", request.rest)[:120]
    with transaction.atomic():
        record_denial(
            by=actor,
            at=datetime.now(UTC),
            door=f"{request.method} /dicomweb/{kind}",
            code=error.error_code,
        )


async def _send_problem(send: Any, response: Any, extra: Headers) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in response.items()]
    headers += [(b"content-length", str(len(response.content)).encode()), *extra]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})
