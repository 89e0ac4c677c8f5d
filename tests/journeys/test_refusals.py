"""Facilities are walled off twice: by the services at every door, and by the database itself."""

import asyncio
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import Client

from dokuei.identity.access import Permission, Role
from dokuei.identity.services import mint_token
from dokuei.intake.models import Request
from dokuei.kit.db import scope
from tests.builders import (
    NOW,
    TEST,
    a_facility,
    a_person,
    a_sent_request,
    a_study,
    at_large,
    run_due,
    run_jobs,
    signed_in,
)

pytestmark = pytest.mark.django_db(transaction=True)
SIDED = [Role.REQUESTER, Role.TECHNOLOGIST, Role.READER]
"""Roles that belong to single facilities; the office serves all of them."""
ISOLATED_ELSEWHERE = {
    "identity_machinetoken": "secrets are hashed; read before a scope can exist",
    "identity_person_facilities": "memberships; read to find the scope",
    "audit_entry": "insert is open, reading is scoped by its own policy",
}


class Town:
    """Two facilities. The near one's people knock at the far one's doors."""

    def __init__(self) -> None:
        self.near, self.far = a_facility("near"), a_facility("far")
        self.asker, self.reader = a_person(Role.REQUESTER, self.far), a_person(Role.READER, self.far)
        self.study = a_study(self.far)
        self.request = a_sent_request(self.asker, self.study)
        run_jobs()
        own = signed_in(self.reader)
        self.reading = own.post("/api/v1/readings/next", {}, content_type="application/json").json()
        self.report = own.get(f"/api/v1/readings/{self.reading['id']}/report").json()
        text = {"findings": "異常なし。", "impression": "異常なし。", "revision": 0}
        own.put(f"/api/v1/reports/{self.report['id']}/draft", text, content_type="application/json")
        signed = own.post(
            f"/api/v1/reports/{self.report['id']}/sign", {"revision": 1}, content_type="application/json"
        )
        assert signed.status_code == 200, signed.content
        run_jobs()
        run_due()

    def doors(self) -> list[tuple[str, str, Any]]:
        """Every way to one of the far facility's objects."""
        study, reading, report = self.study.pk, self.reading["id"], self.report["id"]
        with at_large():
            confirmation = self.far.confirmation_set.all()[0].pk
        return [
            ("GET", f"/api/v1/studies/{study}", None),
            ("GET", f"/api/v1/studies/{study}/images", None),
            ("GET", f"/api/v1/requests/{self.request.pk}", None),
            ("POST", f"/api/v1/requests/{self.request.pk}/cancel", {"reason": "x"}),
            ("POST", f"/api/v1/requests/{self.request.pk}/send", {}),
            ("GET", f"/api/v1/requests/{self.request.pk}/ask-backs", None),
            ("GET", f"/api/v1/readings/{reading}/ask-backs", None),
            ("GET", f"/api/v1/readings/{reading}", None),
            ("GET", f"/api/v1/readings/{reading}/images", None),
            ("GET", f"/api/v1/readings/{reading}/report", None),
            ("GET", f"/api/v1/readings/{reading}/prior-reports", None),
            ("POST", f"/api/v1/readings/{reading}/claim", {}),
            ("POST", f"/api/v1/readings/{reading}/release", {"reason": "x"}),
            ("POST", f"/api/v1/readings/{reading}/renew", {}),
            ("GET", f"/api/v1/reports/{report}", None),
            ("GET", f"/api/v1/reports/{report}/versions/1/pdf", None),
            ("PUT", f"/api/v1/reports/{report}/draft", {"findings": "", "impression": "", "revision": 1}),
            ("POST", f"/api/v1/reports/{report}/sign", {"revision": 1}),
            ("GET", f"/api/v1/readings/{reading}/marks", None),
            ("PUT", f"/api/v1/readings/{reading}/marks", {"revision": 0, "marks": []}),
            ("GET", f"/api/v1/reports/{report}/figures", None),
            ("PUT", f"/api/v1/reports/{report}/figures", {"revision": 0, "items": []}),
            ("DELETE", f"/api/v1/reports/{report}/figures/1", None),
            ("GET", f"/api/v1/reports/{report}/figures/1/image", None),
            ("POST", f"/api/v1/confirmations/{confirmation}/confirm", {}),
            ("POST", f"/api/v1/confirmations/{confirmation}/act", {"action": "x"}),
        ]


@pytest.fixture
def town() -> Town:
    return Town()


def knock(client: Client, method: str, path: str, body: Any, **headers: Any) -> Any:
    return client.generic(
        method, path, __import__("json").dumps(body), content_type="application/json", **headers
    )


def test_what_is_not_yours_is_not_found(town: Town) -> None:
    outcomes = {}
    for role in SIDED:
        client = signed_in(a_person(role, town.near))
        for method, path, body in town.doors():
            answer = knock(client, method, path, body)
            outcomes[role.value, method, path] = answer.status_code
            assert town.study.study_instance_uid not in answer.content.decode()
    wrong = {key: code for key, code in outcomes.items() if code not in {403, 404}}
    assert wrong == {}
    found = [key for key, code in outcomes.items() if code == 404]
    assert {role for role, _, _ in found} == {role.value for role in SIDED}
    own = signed_in(town.asker)
    assert knock(own, "GET", f"/api/v1/requests/{town.request.pk}", None).status_code == 200


def test_an_administrator_opens_nothing_clinical(town: Town) -> None:
    client = signed_in(a_person(Role.ADMINISTRATOR))

    codes = {path: knock(client, method, path, body).status_code for method, path, body in town.doors()}

    assert set(codes.values()) <= {403, 404}
    assert client.get("/api/v1/people").status_code == 200


def test_support_and_lead_read_but_never_sign_claim_or_confirm(town: Town) -> None:
    human = ("/claim", "/sign", "/draft", "/confirm", "/act", "/renew")
    for role in (Role.SUPPORT, Role.LEAD):
        client = signed_in(a_person(role))
        doors = [one for one in town.doors() if one[1].endswith(human)]
        assert {knock(client, *door).status_code for door in doors} <= {403, 404, 409}
        assert client.get(f"/api/v1/readings/{town.reading['id']}").status_code == 200


def test_a_right_in_general_still_finds_nothing_of_others(town: Town) -> None:
    """A requester holds every right these doors ask for, so each refusal is the facility's wall alone."""
    client = signed_in(a_person(Role.REQUESTER, town.near))
    writing = ("draft", "/figures")
    doors = [
        one
        for one in town.doors()
        if "/readings/" not in one[1] and (one[0] == "GET" or not any(part in one[1] for part in writing))
    ]

    codes = {
        (method, path): knock(client, method, path, body).status_code
        for method, path, body in doors
        if "/sign" not in path
    }

    assert set(codes.values()) == {404}


def test_lists_hold_nothing_of_others(town: Town) -> None:
    for role in SIDED:
        client = signed_in(a_person(role, town.near))
        for path in ("/api/v1/studies", "/api/v1/requests", "/api/v1/readings", "/api/v1/deliveries?box=all"):
            answer = client.get(path)
            assert answer.status_code == 403 or answer.json()["items"] == [], (role, path)


def test_nobody_passes_without_signing_in(town: Town) -> None:
    codes = {path: knock(Client(), method, path, body).status_code for method, path, body in town.doors()}

    assert set(codes.values()) == {401}


def test_a_first_factor_alone_opens_nothing(town: Town) -> None:
    from allauth.mfa.models import Authenticator

    client = signed_in(town.asker)
    Authenticator.objects.filter(user=town.asker).delete()

    answers = [knock(client, method, path, body) for method, path, body in town.doors()]

    assert {one.json()["code"] for one in answers} == {"auth.second_factor_required"}
    assert client.get("/api/v1/me").json()["stage"] == "first_factor"


def test_a_machine_of_another_facility_finds_nothing(town: Town) -> None:
    with at_large():
        _, secret = mint_token(
            TEST,
            name="gateway",
            facility_id=town.near.pk,
            permissions=["study:read", "dicom:read", "request:read", "report:read", "delivery:read"],
            expires_in_days=1,
            at=NOW,
        )
    headers = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}

    codes = {
        path: knock(Client(), method, path, body, **headers).status_code
        for method, path, body in town.doors()
    }

    assert set(codes.values()) <= {403, 404}
    assert codes[f"/api/v1/studies/{town.study.pk}"] == 404


def test_a_suspended_person_is_out_at_once(town: Town) -> None:
    from dokuei.identity.rules import PersonAct
    from dokuei.identity.services import move_person

    client = signed_in(town.asker)
    assert client.get("/api/v1/requests").status_code == 200
    with at_large():
        move_person(TEST, town.asker.pk, PersonAct.SUSPEND, at=NOW)

    assert client.get("/api/v1/requests").status_code == 401


def test_pixels_of_others_are_not_found(town: Town) -> None:
    stranger = signed_in(a_person(Role.REQUESTER, town.near))
    friend = signed_in(town.asker)
    root = f"/dicomweb/far/studies/{town.study.study_instance_uid}"

    assert fetch(stranger, f"{root}/metadata") == 404
    assert fetch(Client(), f"{root}/metadata") == 401
    assert fetch(friend, f"{root}/metadata") == 200


def fetch(client: Client, path: str) -> int:
    """The status of a GET through the whole ASGI application."""
    from dokuei.hub.asgi import application

    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    headers = [(b"host", b"localhost"), (b"accept", b"application/dicom+json")]
    if cookie is not None:
        headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie.value}".encode()))

    async def run() -> int:
        scope_ = {
            "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "root_path": "",
            "query_string": b"", "headers": headers, "client": ("127.0.0.1", 1), "scheme": "http",
            "server": ("localhost", 80), "http_version": "1.1",
        }  # fmt: skip
        talk: Any = ApplicationCommunicator(application, scope_)  # type: ignore[no-untyped-call]
        await talk.send_input({"type": "http.request", "body": b"", "more_body": False})
        start = await talk.receive_output(10)
        return int(start["status"])

    return asyncio.run(run())


def tables_of_facilities() -> dict[str, bool]:
    """Every table with a facility, and whether isolation is enabled and forced on it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.relname, c.relrowsecurity and c.relforcerowsecurity from pg_class c"
            " join pg_attribute a on a.attrelid = c.oid and a.attname = 'facility_id'"
            " where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace"
        )
        return dict(cursor.fetchall())


def test_every_table_with_a_facility_is_isolated_by_force() -> None:
    open_tables = {name for name, forced in tables_of_facilities().items() if not forced}

    assert open_tables <= set(ISOLATED_ELSEWHERE)
    assert len(tables_of_facilities()) > 12


def test_the_application_role_owns_nothing_and_cannot_bypass() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, False)
        cursor.execute("select count(*) from pg_tables where tableowner = current_user")
        assert cursor.fetchone() == (0,)


def test_the_database_itself_hides_and_refuses_other_facilities(town: Town) -> None:
    with scope([town.near.pk]):
        assert Request.objects.count() == 0
    with scope([town.far.pk]):
        assert Request.objects.count() == 1
    assert Request.objects.count() == 0

    with pytest.raises(DatabaseError, match="row-level security"), scope([town.far.pk]):
        Request.objects.update(facility_id=town.near.pk)


def test_a_refusal_is_written_down_after_the_rollback(town: Town) -> None:
    from dokuei.audit.models import Entry

    client = signed_in(a_person(Role.REQUESTER, town.near))
    client.get(f"/api/v1/requests/{town.request.pk}")

    with at_large():
        denied = Entry.objects.filter(event="act.denied").order_by("-at").first()
    assert denied is not None
    assert '"code":"404"' in denied.body
    assert "GET /api/v1/requests/<request_id>" in denied.body


def test_no_token_may_sign_claim_or_confirm() -> None:
    from dokuei.identity.access import TOKEN_PERMISSIONS

    human = {
        Permission.REPORT_SIGN,
        Permission.READING_CLAIM,
        Permission.CONFIRMATION_WRITE,
        Permission.ASK_BACK_ANSWER,
        Permission.ASK_BACK_WRITE,
    }
    assert not human & TOKEN_PERMISSIONS
