"""The FHIR door: R4 JSON at /api/fhir/R4. Every refusal is an OperationOutcome; what was refused is kept."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.http import http_date

from dokuei.base.errors import DokueiError, Invalid, NotFound
from dokuei.fhir.resources import MOST_BYTES, BadResource
from dokuei.identity.access import Actor, Permission, actor_of, require
from dokuei.intake.fhir import queries, services, showing
from dokuei.intake.fhir.services import Done, Submission
from dokuei.intake.models import Request
from dokuei.kit.http import after_refusal

KIND = "application/fhir+json; charset=utf-8"
READABLE = {"application/fhir+json", "application/json", "json"}
SEARCHES = {"_id", "identifier", "patient:identifier", "subject:identifier", "_count", "_format"}
COUNT, COUNT_MOST = 50, 200
View = Callable[..., HttpResponse]


class NotReadable(Invalid):
    """FHIR の JSON（application/fhir+json）だけに対応しています。"""

    code = "fhir.format"
    status = 415


class NotThisWay(Invalid):
    """このメソッドには対応していません。"""

    code = "fhir.method"
    status = 405


def fhir(**views: View) -> View:
    """One address with its methods."""

    def door(request: HttpRequest, **named: Any) -> HttpResponse:
        try:
            view = views.get(str(request.method))
            if view is None:
                raise NotThisWay()
            _check_format(request)
            return view(request, **named)
        except DokueiError as error:
            return answer(showing.outcome(error), error.status)

    door.csrf_exempt = True  # type: ignore[attr-defined]  # the middleware asks whoever came by a session
    return door


def _check_format(request: HttpRequest) -> None:
    sent = (request.content_type or "").lower()
    if request.method in {"POST", "PUT"} and sent not in READABLE:
        raise NotReadable()
    if str(request.GET.get("_format", "json")).split(";")[0] not in READABLE:
        raise NotReadable()


def answer(said: dict[str, Any] | None, status: int = 200, **headers: str) -> HttpResponse:
    body = b"" if said is None else orjson.dumps(said)
    response = HttpResponse(body, status=status, content_type=KIND)
    for name, value in headers.items():
        response[name.replace("_", "-")] = value
    return response


def base() -> str:
    return f"{settings.DOKUEI.base_url.rstrip('/')}/api/fhir/R4"


def metadata(request: HttpRequest) -> HttpResponse:
    try:
        ours = version("dokuei")
    except PackageNotFoundError:
        ours = "dev"
    return answer(showing.capability(base(), datetime.now(UTC), ours))


def _writes(view: Callable[[HttpRequest, Actor, Submission, datetime], HttpResponse]) -> View:
    """A view that takes a body: what is refused is kept after everything else was rolled back."""

    @wraps(view)
    def door(request: HttpRequest, id: str = "") -> HttpResponse:
        actor, at = actor_of(request), datetime.now(UTC)
        if len(request.body) > MOST_BYTES:
            raise BadResource("送信できるのは2 MiBまでです。", code="fhir.too_large")
        sent = Submission(
            facility_id=_facility(actor),
            method=str(request.method),
            place=_place(request, id),
            raw=bytes(request.body),
            if_match=request.headers.get("If-Match", ""),
        )
        require(actor, Permission.REQUEST_WRITE, facility_id=sent.facility_id)
        try:
            return view(request, actor, sent, at)
        except DokueiError as error:
            refused = error
            after_refusal(request, lambda: _note(actor, sent, refused, at))
            raise

    return door


def _note(actor: Actor, sent: Submission, error: DokueiError, at: datetime) -> None:
    services.keep_refused(actor, sent, error, at=at)


def _facility(actor: Actor) -> int:
    if len(actor.facilities) != 1:
        raise Invalid("一つの施設のトークンで送信してください。", code="fhir.facility")
    return next(iter(actor.facilities))


def _place(request: HttpRequest, id_: str) -> str:
    if not request.path.rstrip("/").endswith("R4"):
        query = request.META.get("QUERY_STRING", "")
        return "/".join(one for one in ("ServiceRequest", id_) if one) + (f"?{query}" if query else "")
    return ""


@_writes
def write(request: HttpRequest, actor: Actor, sent: Submission, at: datetime) -> HttpResponse:
    """Create or update one ServiceRequest; sent again it is the same one."""
    done = services.take_submission(actor, sent, at=at)[0]
    assert done.request is not None
    row = done.request
    minimal = "return=minimal" in request.headers.get("Prefer", "")
    said = None if minimal else _resource(actor, row)
    where = f"{base()}/ServiceRequest/{row.pk}/_history/{row.version}"
    return answer(said, _status(done), Location=where, ETag=f'W/"{row.version}"')


@_writes
def transaction(request: HttpRequest, actor: Actor, sent: Submission, at: datetime) -> HttpResponse:
    """Everything in a Bundle, or nothing."""
    done = services.take_submission(actor, sent, at=at)
    return answer(showing.bundle("transaction-response", [_entry(one) for one in done]))


def _entry(done: Done) -> dict[str, Any]:
    row = done.request
    if row is None:
        return {"response": {"status": "202 Accepted", "outcome": showing.around(done.part.kind)}}
    status = "201 Created" if _status(done) == 201 else "200 OK"
    return {
        "response": {
            "status": status,
            "location": f"ServiceRequest/{row.pk}/_history/{row.version}",
            "etag": f'W/"{row.version}"',
            "lastModified": showing.instant(row.sent_at or datetime.now(UTC)),
        }
    }


def _status(done: Done) -> int:
    return 201 if done.outcome == "placed" else 200


def _resource(actor: Actor, row: Request) -> dict[str, Any]:
    fresh = queries.found(actor, pk=row.pk).get()
    return showing.service_request(
        fresh, queries.versions_of([fresh])[fresh.pk], queries.keys_of([fresh]).get(fresh.pk, "")
    )


def read(request: HttpRequest, id: str) -> HttpResponse:
    """One request by its id."""
    actor = actor_of(request)
    row = queries.found(actor, pk=int(id)).first() if id.isascii() and id.isdigit() and len(id) < 16 else None
    if row is None:
        raise NotFound()
    newest = queries.versions_of([row])[row.pk]
    said = showing.service_request(row, newest, queries.keys_of([row]).get(row.pk, ""))
    return answer(said, ETag=f'W/"{row.version}"', Last_Modified=http_date(newest.sent_at.timestamp()))


def search(request: HttpRequest) -> HttpResponse:
    """By id, the sender's identifier or the patient's number. What is not known is refused, never ignored."""
    actor, said = actor_of(request), request.GET
    if unknown := sorted(set(said) - SEARCHES):
        raise Invalid(f"検索条件 {'、'.join(unknown)} には対応していません。", code="fhir.search")
    identifier = said.get("identifier", "")
    rows = queries.found(
        actor,
        pk=_number(said.get("_id")),
        key=identifier if "|" in identifier else "",
        number="" if "|" in identifier else identifier,
        patient_id=(said.get("patient:identifier") or said.get("subject:identifier", "")).rpartition("|")[2],
    )
    most = min(_number(said.get("_count")) or COUNT, COUNT_MOST)
    total, page = rows.count(), list(rows[:most])
    versions, keys = queries.versions_of(page), queries.keys_of(page)
    entries = [
        {
            "fullUrl": f"{base()}/ServiceRequest/{row.pk}",
            "resource": showing.service_request(row, versions[row.pk], keys.get(row.pk, "")),
            "search": {"mode": "match"},
        }
        for row in page
    ]
    found = showing.bundle("searchset", entries)
    return answer({**found, "total": total})


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Invalid("_id と _count は数字で指定してください。", code="fhir.search")
    return int(text)


urlpatterns: list[URLPattern] = [
    path("R4", fhir(POST=transaction)),
    path("R4/", fhir(POST=transaction)),
    path("R4/metadata", fhir(GET=metadata)),
    path("R4/ServiceRequest", fhir(GET=search, POST=write, PUT=write)),
    path("R4/ServiceRequest/<str:id>", fhir(GET=read, PUT=write)),
    path("R4/<path:other>", fhir()),
]
