"""Asking a peer by C-FIND (PS3.4 C.4.1, Study Root) what it has of a study or of a patient."""

import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dokuei.base.errors import DokueiError, Invalid
from dokuei.dicom import syntax, write
from dokuei.dicom.net import command
from dokuei.dicom.net.command import Act
from dokuei.dicom.net.connection import PeerTooSlow
from dokuei.dicom.net.requestor import MODEL_SYNTAXES, Requestor
from dokuei.dicom.read import DataSet, read_data_set

FIND_STUDY = "1.2.840.10008.5.1.4.1.2.2.1"
WANTED = (FIND_STUDY, MODEL_SYNTAXES)
"""The presentation context to propose."""

LEVEL, STUDY, SERIES, INSTANCE = 0x00080052, 0x0020000D, 0x0020000E, 0x00080018
OF_STUDY, OF_SERIES = 0x00201208, 0x00201209
PATIENT_ID, ISSUER, BIRTH_DATE, SEX = 0x00100020, 0x00100021, 0x00100030, 0x00100040
STUDY_DATE, MODALITIES, DESCRIPTION, BODY_PART = 0x00080020, 0x00080061, 0x00081030, 0x00180015
VRS = {
    LEVEL: "CS",
    OF_STUDY: "IS",
    OF_SERIES: "IS",
    PATIENT_ID: "LO",
    ISSUER: "LO",
    BIRTH_DATE: "DA",
    SEX: "CS",
    STUDY_DATE: "DA",
    MODALITIES: "CS",
    DESCRIPTION: "LO",
    BODY_PART: "CS",
}
OF_PATIENT = (
    STUDY,
    ISSUER,
    BIRTH_DATE,
    SEX,
    STUDY_DATE,
    MODALITIES,
    DESCRIPTION,
    BODY_PART,
    OF_STUDY,
)
"""What is asked about each study of a patient."""
PENDING = {0xFF00, 0xFF01}
MOST_ANSWERS = 100_000
LONGEST_ANSWER = 1024**2


class FindFailed(Invalid):
    """問い合わせ先の装置が検査の照会に答えませんでした。"""

    code = "dimse.find_failed"


class Finder:
    """Questions to one peer over one association, which have to be answered within `seconds` altogether."""

    def __init__(self, association: Requestor, *, seconds: float) -> None:
        self.association = association
        self.deadline = time.monotonic() + seconds
        agreed = association.model_context(FIND_STUDY)
        if agreed is None:
            raise FindFailed(code="dimse.find_not_offered")
        self.context, self.transfer = agreed

    def count(self, study_uid: str) -> int | None:
        """Instances of a study: as the peer counts them, else by its series, else one by one.

        None if it does not know the study. Raises `FindFailed`, `PeerGone` or `PeerTooSlow`.
        """
        studies = list(self._find("STUDY", {STUDY: study_uid, OF_STUDY: ""}))
        mine = [one for one in studies if one.text(STUDY) == study_uid]
        if not mine:
            return None
        if (counted := max(one.number(OF_STUDY) or 0 for one in mine)) > 0:
            return counted
        series = self._series(study_uid)
        if series and all(count > 0 for count in series.values()):
            return sum(series.values())
        return len(self._of_series(study_uid, series)) or None

    def studies_of_patient(self, patient_id: str, *, most: int) -> list[DataSet]:
        """What the peer answers about the studies of one patient, `most` answers at the most; raises as `count` does.

        The answers are its own words: a peer that matches loosely answers about others, too.
        """
        found = []
        for one in self._find("STUDY", {**dict.fromkeys(OF_PATIENT, ""), PATIENT_ID: patient_id}):
            found.append(one)
            if len(found) > most:
                raise FindFailed(code="dimse.find_too_many")
        return found

    def instances(self, study_uid: str) -> set[str]:
        """SOP Instance UIDs the peer has of a study; raises as `count` does."""
        return self._of_series(study_uid, self._series(study_uid))

    def _of_series(self, study_uid: str, series: Iterable[str]) -> set[str]:
        return set().union(*(self._instances(study_uid, uid) for uid in series))

    def _series(self, study_uid: str) -> dict[str, int]:
        """Series Instance UID to Number of Series Related Instances, 0 where the peer does not say."""
        asked = {STUDY: study_uid, SERIES: "", OF_SERIES: ""}
        return {
            uid: one.number(OF_SERIES) or 0
            for one in self._find("SERIES", asked)
            if _is_of(one, STUDY, study_uid) and (uid := one.text(SERIES))
        }

    def _instances(self, study_uid: str, series_uid: str) -> set[str]:
        asked = {STUDY: study_uid, SERIES: series_uid, INSTANCE: ""}
        return {
            uid
            for one in self._find("IMAGE", asked)
            if _is_of(one, STUDY, study_uid)
            and _is_of(one, SERIES, series_uid)
            and (uid := one.text(INSTANCE))
        }

    def _find(self, level: str, keys: Mapping[int, str]) -> Iterator[DataSet]:
        """The data set of each match."""
        model: dict[str, dict[str, Any]] = {
            f"{tag:08X}": {"vr": VRS.get(tag, "UI"), "Value": [text] if text else []}
            for tag, text in {**keys, LEVEL: level}.items()
        }
        data = write.encode(model, is_implicit=self.transfer == syntax.IMPLICIT_LE)
        words: dict[int, command.Value] = {
            command.CLASS: FIND_STUDY,
            command.FIELD: int(Act.C_FIND),
            command.PRIORITY: 0,
            command.DATA_SET: 0,
        }
        self.association.send_request(self.context, words, [data])
        for _ in range(MOST_ANSWERS):
            answer = self.association.response()
            status = command.number(answer.command, command.STATUS, 0xC000)
            if status == 0:
                return
            if status not in PENDING:
                raise FindFailed(status=status)
            if time.monotonic() > self.deadline:
                raise PeerTooSlow()
            yield self._read(answer.data)
        raise FindFailed(code="dimse.find_too_many")

    def _read(self, data: memoryview | Path | None) -> DataSet:
        if data is None or isinstance(data, Path) or len(data) > LONGEST_ANSWER:
            raise FindFailed()
        try:
            return read_data_set(bytes(data), self.transfer)
        except DokueiError as error:
            raise FindFailed() from error


def _is_of(one: DataSet, tag: int, uid: str) -> bool:
    """Whether an answer is about what was asked; a peer need not repeat the keys of higher levels."""
    return one.text(tag) in {"", uid}
