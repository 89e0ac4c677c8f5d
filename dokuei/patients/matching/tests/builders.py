"""A request and the study that was done for it."""

from dataclasses import replace
from datetime import date
from typing import Any

from dokuei.dicom.person_name import parse_name
from dokuei.patients.matching.facts import Side

BORN, DAY = date(1958, 4, 3), date(2026, 3, 2)
NAME = "Kuga^Shouta=久我^翔太=くが^しょうた"

ORDER = Side(
    issuer="AOBA",
    patient_id="00123456",
    name=parse_name(NAME),
    born_on=BORN,
    sex="M",
    accession_number="2603020007",
    study_instance_uid="1.2.392.1",
    performed_on=DAY,
    modality="CT",
    body_part="胸部単純CT",
)


def a_side(**changes: Any) -> Side:
    """The side everything agrees with, changed; a name is given as in a data set."""
    name = changes.pop("name", None)
    if isinstance(name, str):
        changes["name"] = parse_name(name)
    return replace(ORDER, **changes)
