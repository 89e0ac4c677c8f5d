"""Notes of the archive as people read them."""

from dokuei.dicom.charset import Remark
from dokuei.dicom.walk import Note
from dokuei.imaging.rules import HoldReason, QuarantineReason

SENTENCES: dict[str, str] = {
    **{one.value: one.sentence for one in Note},
    **{one.value: one.sentence for one in Remark},
    **{one.value: one.sentence for one in HoldReason},
    **{one.value: one.sentence for one in QuarantineReason},
}


def sentence(code: str) -> str:
    """A note's code as people read it; a code of another room stays as it is."""
    return SENTENCES.get(code, code)
