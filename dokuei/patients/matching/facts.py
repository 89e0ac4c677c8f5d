"""What one side says: a request, or a study that arrived."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from dokuei.dicom.person_name import PersonName, folded
from dokuei.patients.matching.exam import kinds_of, regions_of, side_of
from dokuei.patients.matching.names import NameForms, name_forms
from dokuei.patients.matching.numbers import birth_key, number_key


@dataclass(frozen=True)
class Forms:
    """A side in comparable form. Making it twice makes the same."""

    issuer: str
    patient_id: str
    name: NameForms
    born_on: date | None
    sex: str
    accession_number: str
    study_instance_uid: str
    performed_on: date | None
    kinds: frozenset[str]
    regions: frozenset[str]
    side: str

    @cached_property
    def hooks(self) -> frozenset[str]:
        """What two sides share at least one of if they have anything to do with each other."""
        numbers = (
            f"id:{self.patient_id}",
            f"accession:{self.accession_number}",
            f"uid:{self.study_instance_uid}",
            f"born:{self.born_on or ''}",
        )
        return frozenset(one for one in numbers if not one.endswith(":")) | self.name.hooks


@dataclass(frozen=True, kw_only=True)
class Side:
    """The facts of one side as they were received; leave empty what is not known.

    `performed_on` is the day of the exam, of a request the day it is planned for. `modality` and `body_part` may be
    codes or Japanese words, several modalities separated by a backslash.
    """

    issuer: str = ""
    patient_id: str = ""
    name: PersonName = field(default_factory=PersonName)
    born_on: date | None = None
    sex: str = ""
    accession_number: str = ""
    study_instance_uid: str = ""
    performed_on: date | None = None
    modality: str = ""
    body_part: str = ""
    laterality: str = ""

    @cached_property
    def forms(self) -> Forms:
        """Made once, however many sides this one is compared with."""
        sex = folded(self.sex).strip().upper()
        return Forms(
            issuer=folded(self.issuer).strip(),
            patient_id=number_key(self.patient_id),
            name=name_forms(self.name),
            born_on=birth_key(self.born_on),
            sex=sex if sex in {"M", "F", "O"} else "",
            accession_number=number_key(self.accession_number),
            study_instance_uid=self.study_instance_uid.strip().rstrip("\0"),
            performed_on=self.performed_on,
            kinds=kinds_of(self.modality),
            regions=regions_of(self.body_part),
            side=side_of(self.laterality, self.body_part),
        )
