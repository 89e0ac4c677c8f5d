"""Asking a hub what it has of what was sent; None where it may or can not be asked."""

import http.client
import json
import ssl
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from dokuei.base.errors import Invalid
from dokuei.dicom.net import finding
from dokuei.dicom.net.connection import Limits, PeerGone, PeerTooSlow
from dokuei.dicom.net.finding import Finder
from dokuei.dicom.net.requestor import Requestor
from dokuei.gateway.c_store import address_of
from dokuei.gateway.items import Item
from dokuei.gateway.stow import connect

PAGE = 1000
SECONDS = 60.0
LIMITS = Limits(largest=finding.LONGEST_ANSWER, idle_seconds=30.0, stall_seconds=30.0)
Studies = Mapping[str, Sequence[Item]]


def listed_on_web(studies: Studies, to: str, token: str) -> int | None:
    """How many of the instances QIDO-RS lists."""
    count = 0
    for uid, items in studies.items():
        held = _held_on_web(uid, to, token)
        if held is None:
            return None
        count += len(held & {item.sop_instance_uid for item in items})
    return count


def _held_on_web(study_uid: str, to: str, token: str) -> set[str] | None:
    held: set[str] = set()
    path = f"{urlsplit(to).path.rstrip('/')}/studies/{study_uid}/instances"
    while True:
        connection = connect(to)
        try:
            headers = {"Authorization": f"Bearer {token}", "Accept": "application/dicom+json"}
            connection.request("GET", f"{path}?limit={PAGE}&offset={len(held)}", headers=headers)
            response = connection.getresponse()
            body = response.read()
            page = json.loads(body) if response.status == 200 and body else []
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()
        if response.status not in {200, 204}:
            return None
        before = len(held)
        held |= {str(uid) for one in page for uid in one.get("00080018", {}).get("Value", [])}
        if len(page) < PAGE or len(held) == before:
            return held


def listed_by_find(
    studies: Studies, to: str, calling: str, *, tls: ssl.SSLContext | None = None
) -> int | None:
    """How many of the instances C-FIND lists."""
    try:
        association = Requestor.open(address_of(to), calling, [finding.WANTED], tls=tls, limits=LIMITS)
    except (PeerGone, PeerTooSlow, Invalid):
        return None
    try:
        finder = Finder(association, seconds=SECONDS)
        count = sum(
            len(finder.instances(uid) & {item.sop_instance_uid for item in items})
            for uid, items in studies.items()
        )
    except (PeerGone, PeerTooSlow, Invalid):
        association.abort()
        return None
    association.close()
    return count
