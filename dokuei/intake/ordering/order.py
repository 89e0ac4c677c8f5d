"""What is said of a patient and an exam that no image has shown yet. Frozen, and checked at the door."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from dokuei.dicom.describe import PatientIdentity
from dokuei.dicom.person_name import PersonName
from dokuei.intake.content import Content

Number = Annotated[str, Field(max_length=64)]
Group = Annotated[str, Field(max_length=64)]


class StatedPatient(BaseModel):
    """A patient as somebody says they are; `patient_id` is the facility's own.

    The groups of the name hold family and given name with a space or ``^`` between them; of a machine's message, give
    each group as it came (`dokuei.dicom.person_name.parse_name` sorts what stands in the wrong one).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    patient_id: Number = ""
    issuer: Number = ""
    name_kanji: Group = ""
    name_kana: Group = ""
    name_romaji: Group = ""
    birth_on: date | None = None
    sex: Literal["", "M", "F", "O"] = ""

    @property
    def name(self) -> PersonName:
        def group(text: str) -> str:
            return "^".join(text.replace("^", " ").split())

        return PersonName(group(self.name_romaji), group(self.name_kanji), group(self.name_kana))

    @property
    def identity(self) -> PatientIdentity:
        """The same in the form in which a data set says it."""
        return PatientIdentity(
            patient_id=self.patient_id.strip(),
            issuer=self.issuer.strip(),
            name=self.name,
            name_raw=self.name.dicom,
            birth_on=self.birth_on,
            sex=self.sex,
        )


class Numbers(BaseModel):
    """The numbers of an exam; each is evidence when its images come (PS3.3 C.4.11, C.4.12)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    accession_number: Number = ""
    study_instance_uid: Number = ""
    placer_order_number: Number = ""
    """Of the system that asked (0040,2016)."""
    filler_order_number: Number = ""
    """Of the system that does the exam (0040,2017)."""


class Stated(BaseModel):
    """What a request says of patient and exam by itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    patient: StatedPatient
    numbers: Numbers = Numbers()
    exam_on: date | None = None
    """The day the exam is planned for, or was done. Without it and without a number nothing is linked by itself."""


@dataclass(frozen=True)
class Cancelled:
    """An order that its sender does not want any more."""

    key: str
    reason: str


class Order(Stated):
    """A request as a machine places it: `services.place_order`.

    `source` names the connection and never changes; `key` is the sender's own number of this order, the same in
    everything it sends about it. `said_at` is the sender's time of this message: one that is older than what is held
    is late, and changes nothing. `content` may lack anything; the patient's ID and some word of the exam may not.
    """

    content: Content
    source: Annotated[str, Field(min_length=1, max_length=64)]
    key: Annotated[str, Field(min_length=1, max_length=128)]
    said_at: AwareDatetime | None = None

    @property
    def stated(self) -> Stated:
        return Stated(patient=self.patient, numbers=self.numbers, exam_on=self.exam_on)

    @property
    def digest(self) -> str:
        """The same for what says the same, whenever it was sent."""
        return hashlib.sha256(self.model_dump_json(exclude={"said_at"}).encode()).hexdigest()
