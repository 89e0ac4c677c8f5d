"""A person looks for the images of a request themselves, beyond what the rules offer."""

import re
from datetime import date
from typing import Any

from django.db.models import Q

from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries as imaging
from dokuei.intake.linking import showing, sides
from dokuei.intake.linking.models import LinkCase
from dokuei.patients import queries as patients
from dokuei.patients.matching.numbers import number_key

FOUND_MOST = 20
DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")


def find_pairs(actor: Actor, case: LinkCase, words: str) -> list[dict[str, Any]]:
    """Free studies of the case's facility that say these words, each beside the request; the newest first.

    Words are the beginning of a patient's ID or name, in whatever script or form, an accession number, the day of an
    exam, or a Study Instance UID.
    """
    require(actor, Permission.RESOLUTION_WRITE, facility_id=case.facility_id)
    typed = words.strip()
    if not typed:
        return []
    rows = sides.free_studies(case.facility_id).filter(_says(actor, case.facility_id, typed))
    newest = rows.order_by("-study_on", "-last_received_at", "-pk").prefetch_related("series")
    found = list(newest[:FOUND_MOST])
    out = {one["id"]: one for one in imaging.studies_out([one.pk for one in found])}
    return [{**showing.pair_of(actor, case, one), "study": out[one.pk]} for one in found]


def _says(actor: Actor, facility_id: int, typed: str) -> Q:
    kin = patients.families({one.pk for one in patients.known_like(actor, facility_id, typed, most=50)})
    ids = {one for rows in kin.values() for one in rows}
    numbers = {typed, number_key(typed)} - {""}
    said = Q(patient__in=ids) | Q(accession_number__in=numbers) | Q(study_instance_uid=typed)
    day = _day(typed)
    return said | Q(study_on=day) if day else said


def _day(typed: str) -> date | None:
    match = DAY.fullmatch(typed)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
