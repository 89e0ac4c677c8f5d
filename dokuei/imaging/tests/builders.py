"""Small builders of facilities, actors and instances for the archive's tests."""

import asyncio
import gzip
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from dokuei.dicom.tests.builders import an_instance, as_data_set, as_file
from dokuei.identity.access import ROLE_PERMISSIONS, Actor, Permission, Role
from dokuei.identity.models import Facility, MachineToken, Person
from dokuei.identity.queries import sha256
from dokuei.imaging import services
from dokuei.kit.db import scope, system_scope

__all__ = ["an_instance", "as_data_set", "as_file"]

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def a_facility(code: str = "aoba") -> Facility:
    return Facility.objects.get_or_create(code=code, defaults={"name": f"{code} 病院", "created_at": AT})[0]


def a_sender(facility: Facility) -> Actor:
    """A device that may store for one facility."""
    return Actor(
        kind="machine",
        name="ae:TEST",
        permissions=frozenset({Permission.DICOM_STORE, Permission.DICOM_READ, Permission.STUDY_READ}),
        facilities=frozenset({facility.pk}),
    )


def a_person(role: Role, *facilities: Facility, email: str = "") -> Actor:
    person = Person.objects.create(
        email=email or f"{role}{Person.objects.count()}@example.jp",
        name="試験 太郎",
        roles=[role.value],
        state="active",
        created_at=AT,
    )
    return Actor(
        kind="person",
        name=person.name,
        person_id=person.pk,
        roles=frozenset({role}),
        permissions=ROLE_PERMISSIONS[role],
        facilities=frozenset(one.pk for one in facilities),
    )


def everywhere() -> Any:
    """A scope that sees every facility, for looking at what a test left behind."""
    return system_scope("test")


def a_token(facility: Facility, *permissions: Permission) -> str:
    """A bearer token of a machine of this facility, with every image permission unless some are named."""
    secret = secrets.token_hex(8)
    wanted = permissions or (Permission.DICOM_STORE, Permission.DICOM_READ, Permission.STUDY_READ)
    now = datetime.now(UTC)
    MachineToken.objects.create(
        name="test",
        facility=facility,
        token_sha256=sha256(secret),
        permissions=[one.value for one in wanted],
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    return secret


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        data = gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body
        return json.loads(data)

    def parts(self) -> list[tuple[str, bytes]]:
        """Content type and body of each part, split strictly by the boundary."""
        boundary = self.headers["content-type"].rpartition("boundary=")[2].encode()
        pieces = self.body.split(b"--" + boundary)
        assert pieces[0] == b""
        assert pieces[-1] == b"--\r\n"
        out = []
        for piece in pieces[1:-1]:
            head, _, content = piece.partition(b"\r\n\r\n")
            assert head.startswith(b"\r\nContent-Type: ")
            out.append((head[16:].decode(), content[:-2]))
        return out


def ask(
    path: str,
    token: str = "",
    *,
    method: str = "GET",
    body: bytes | list[bytes] = b"",
    application: Any = None,
    **headers: str,
) -> Reply:
    """One request to the DICOMweb application, without a network."""
    from dokuei.imaging.dicomweb import application as dicomweb

    sent: list[dict[str, Any]] = []
    chunks = [body] if isinstance(body, bytes) else list(body)
    raw = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    if token:
        raw.append((b"authorization", f"Bearer {token}".encode()))

    async def receive() -> dict[str, Any]:
        data = chunks.pop(0)
        return {"type": "http.request", "body": data, "more_body": bool(chunks)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    bare, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": bare,
        "query_string": query.encode(),
        "headers": raw,
    }
    asyncio.run((application or dicomweb)(scope, receive, send))
    data = b"".join(message.get("body", b"") for message in sent[1:])
    reply_headers = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
    if method != "HEAD" and sent[0]["status"] != 304:
        assert int(reply_headers["content-length"]) == len(data)
    return Reply(sent[0]["status"], reply_headers, data)


def as_multipart(*files: bytes) -> tuple[bytes, str]:
    """A STOW request body and its content type."""
    boundary = "BOUNDARY"
    head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    body = b"".join(head + one + b"\r\n" for one in files) + f"--{boundary}--\r\n".encode()
    return body, f'multipart/related; type="application/dicom"; boundary={boundary}'


def stored(ds: Dataset, transfer_syntax: str = ExplicitVRLittleEndian, code: str = "aoba") -> str:
    """Keep an instance for a facility; return the path of its study."""
    sender = a_sender(a_facility(code))
    (facility_id,) = sender.facilities
    with scope(sender.facilities):
        services.store_instance(sender, facility_id=facility_id, content=as_file(ds, transfer_syntax), at=AT)
    return f"/dicomweb/{code}/studies/{ds.StudyInstanceUID}"
