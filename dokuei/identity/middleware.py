"""From request to actor: who is asking, in which scope, and what is written down when they are refused."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja.utils import check_csrf

from dokuei.audit.services import record_denial
from dokuei.base.errors import DokueiError, NotPermitted
from dokuei.identity import queries
from dokuei.identity.access import Actor, SignInNeeded
from dokuei.identity.models import Person
from dokuei.kit.db import is_database_away, scope
from dokuei.kit.http import DATABASE_GONE, DatabaseUnavailable, problem, unexpected

log = logging.getLogger("dokuei.http")

SAFE = {"GET", "HEAD", "OPTIONS"}
DENIALS = {401, 403, 404, 409}
SIGN_IN_PATHS = ("/auth/login", "/auth/2fa/authenticate", "/auth/webauthn", "/auth/2fa/reauthenticate")


class Unknown:
    """Whoever has not signed in, in the trail."""

    label = "unknown"


class ActorMiddleware:
    """One transaction a request, in the actor's scope; an answer of 400 and above rolls it back.

    A denial is recorded after the rollback, since the rollback would erase it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            if request.path.startswith("/api/"):
                return self._api(request)
            return self._sign_in(request)
        except DATABASE_GONE as error:
            if is_database_away(error):
                return problem(DatabaseUnavailable())
            log.exception("the database refused a request")
            return unexpected()

    def _api(self, request: HttpRequest) -> HttpResponse:
        at = datetime.now(UTC)
        actor = self._resolve(request, at)
        if actor is not None and actor.kind == "person" and request.method not in SAFE:
            forged = check_csrf(request)
            if forged is not None:
                return problem(NotPermitted("画面を再読み込みしてからやり直してください。", code="auth.csrf"))
        with scope(actor.facilities if actor else ()):
            response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
        response.headers.setdefault("Cache-Control", "no-store")
        note = getattr(request, "after_refusal", None)
        if note is not None and response.status_code >= 400:
            with scope(actor.facilities if actor else ()):
                note()
        if response.status_code in DENIALS and actor is not None:
            self._record(request, response, actor, at)
        return response

    def _resolve(self, request: HttpRequest, at: datetime) -> Actor | None:
        """Put the actor on the request, or the reason why there is none."""
        actor: Actor | None = None
        try:
            if request.headers.get("Authorization"):
                actor = queries.actor_from_headers({"authorization": request.headers["Authorization"]})
            elif isinstance(request.user, Person) and request.user.is_active:
                actor = queries.person_actor(request.user, request.session, at)
                _seen(request, request.user, at)
            else:
                raise SignInNeeded()
        except DokueiError as error:
            request.not_signed_in = error  # type: ignore[attr-defined]
        request.actor = actor  # type: ignore[attr-defined]
        return actor

    def _sign_in(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        failed = request.method == "POST" and response.status_code in {400, 403, 429}
        if failed and request.path.endswith(SIGN_IN_PATHS):
            record_denial(
                by=Unknown(),
                at=datetime.now(UTC),
                door=f"POST {request.path}",
                code="auth.throttled" if response.status_code == 429 else "auth.failed",
            )
        return response

    def _record(self, request: HttpRequest, response: HttpResponse, actor: Actor, at: datetime) -> None:
        match = request.resolver_match
        with transaction.atomic():
            record_denial(
                by=actor,
                at=at,
                door=f"{request.method} /{match.route if match else ''}",
                code=str(response.status_code),
            )


def _seen(request: HttpRequest, person: Person, at: datetime) -> None:
    """Note a sign of life at most once a minute."""
    if person.last_seen_at is None or at - person.last_seen_at > timedelta(minutes=1):
        Person.objects.filter(pk=person.pk).update(last_seen_at=at)
        UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=at)
