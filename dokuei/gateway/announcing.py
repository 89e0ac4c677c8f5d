"""Telling a hub before sending which instances of each study follow, so that it knows when a study is whole.

What cannot be announced is sent all the same. An answer is an empty code, or why not.
"""

import http.client
import json
import ssl
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from dokuei.base.errors import Invalid
from dokuei.dicom.net import command
from dokuei.dicom.net.command import Act
from dokuei.dicom.net.connection import Limits, PeerGone, PeerTooSlow
from dokuei.dicom.net.requestor import MODEL_SYNTAXES, Requestor
from dokuei.gateway.c_store import address_of
from dokuei.gateway.items import Item
from dokuei.gateway.stow import connect

NOT_OFFERED = "announcing.not_offered"
MOST_LISTED = 50_000
MPPS = "1.2.840.10008.3.1.2.3.3"
LIMITS = Limits(idle_seconds=30.0, stall_seconds=30.0)
TAKEN = {0x0000, 0x0107, 0x0116}
DUPLICATE, CLOSED = 0x0111, 0x0110


def announce_to_web(studies: Mapping[str, Sequence[Item]], to: str, token: str) -> str:
    """As a manifest, to the hub whose DICOMweb root is `to`."""
    parts = urlsplit(to)
    before, found, _ = parts.path.rpartition("/dicomweb/")
    if not found:
        return NOT_OFFERED
    for uid, items in studies.items():
        listed = [item.sop_instance_uid for item in items] if len(items) <= MOST_LISTED else []
        body = {"study_instance_uid": uid, "instance_count": len(items), "sop_instance_uids": listed}
        connection = connect(to)
        try:
            connection.request(
                "POST",
                f"{before}/api/v1/studies/announcements",
                json.dumps(body),
                {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            )
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return "connection.lost"
        finally:
            connection.close()
        if status in {404, 405, 501}:
            return NOT_OFFERED
        if status not in {200, 204}:
            return f"http.{status}"
    return ""


def announce_steps(
    studies: Mapping[str, Sequence[Item]],
    to: str,
    calling: str,
    at: datetime,
    *,
    tls: ssl.SSLContext | None = None,
) -> str:
    """As a performed procedure step a study (PS3.4 F.7), begun and completed; the same instances are the same step."""
    wanted = [(MPPS, MODEL_SYNTAXES)]
    try:
        association = Requestor.open(address_of(to), calling, wanted, tls=tls, limits=LIMITS)
    except (PeerGone, PeerTooSlow, Invalid):
        return "association.failed"
    try:
        codes = [_announce_step(association, uid, items, calling, at) for uid, items in studies.items()]
    except (PeerGone, PeerTooSlow, Invalid):
        association.connection.close()
        return "association.lost"
    association.close()
    return next((code for code in codes if code), "")


def _announce_step(
    association: Requestor, study_uid: str, items: Sequence[Item], calling: str, at: datetime
) -> str:
    uid = step_uid(item.sop_instance_uid for item in items)
    words: dict[int, command.Value] = {
        command.CLASS: MPPS,
        command.FIELD: int(Act.N_CREATE),
        command.INSTANCE: uid,
        command.DATA_SET: 0,
    }
    status = _ask(association, words, begun(study_uid, items[0].modality, uid, calling, at))
    if status not in TAKEN | {DUPLICATE}:
        return NOT_OFFERED if status is None else f"status.{status:04X}"
    words = {
        command.REQUESTED_CLASS: MPPS,
        command.FIELD: int(Act.N_SET),
        command.REQUESTED_INSTANCE: uid,
        command.DATA_SET: 0,
    }
    ended = _ask(association, words, completed(items, at))
    is_known = status == DUPLICATE and ended == CLOSED
    return "" if ended in TAKEN or is_known else f"status.{ended:04X}"


def _ask(association: Requestor, words: command.Command, model: Mapping[str, Any]) -> int | None:
    """The status; None if the listener does not take performed procedure steps."""
    answer = association.ask_about(MPPS, words, model)
    return None if answer is None else command.number(answer.command, command.STATUS, 0xC000)


def step_uid(instances: Iterable[str]) -> str:
    """The UID of the step that made these instances: always the same, so that sending again announces nothing twice.

    >>> step_uid(["1.2", "1.3"]) == step_uid(["1.3", "1.2"])
    True
    """
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, ' '.join(sorted(instances))).int}"


def begun(study_uid: str, modality: str, uid: str, calling: str, at: datetime) -> dict[str, Any]:
    """The attributes of N-CREATE (PS3.4 table F.7.2-1); what names a patient is left empty."""
    scheduled = {
        "0020000D": _one("UI", study_uid),
        **_empty(SQ="00081110 00400008", SH="00080050 00401001 00400009", LO="00321060 00400007"),
    }
    day, time = f"{at:%Y%m%d}", f"{at:%H%M%S}"
    return {
        "00400270": {"vr": "SQ", "Value": [scheduled]},
        "00080060": _one("CS", modality or "OT"),
        "00400241": _one("AE", calling),
        "00400244": _one("DA", day),
        "00400245": _one("TM", time),
        "00400252": _one("CS", "IN PROGRESS"),
        "00400253": _one("SH", uid[-16:]),
        **_empty(
            PN="00100010",
            LO="00100020 00400254 00400255",
            DA="00100030 00400250",
            TM="00400251",
            CS="00100040",
            SH="00200010 00400242 00400243",
            SQ="00081120 00081032 00400260 00400340",
        ),
    }


def completed(items: Sequence[Item], at: datetime) -> dict[str, Any]:
    """The attributes of N-SET: the step is over, and made these instances."""
    series: dict[str, list[Item]] = {}
    for item in items:
        series.setdefault(item.series_instance_uid, []).append(item)
    return {
        "00400250": _one("DA", f"{at:%Y%m%d}"),
        "00400251": _one("TM", f"{at:%H%M%S}"),
        "00400252": _one("CS", "COMPLETED"),
        "00400340": {"vr": "SQ", "Value": [_series(uid, some) for uid, some in series.items()]},
    }


def _series(uid: str, items: Sequence[Item]) -> dict[str, Any]:
    references = [
        {"00081150": _one("UI", item.sop_class_uid), "00081155": _one("UI", item.sop_instance_uid)}
        for item in items
    ]
    return {
        "0020000E": _one("UI", uid),
        "00181030": _one("LO", "DOKUEI SEND"),
        "00081140": {"vr": "SQ", "Value": references},
        **_empty(PN="00081050 00081070", LO="0008103E", AE="00080054", SQ="00400220"),
    }


def _one(vr: str, value: str) -> dict[str, Any]:
    return {"vr": vr, "Value": [value]}


def _empty(**tags: str) -> dict[str, Any]:
    """Type 2 attributes we have nothing for, by VR."""
    return {tag: {"vr": vr, "Value": []} for vr, some in tags.items() for tag in some.split()}
