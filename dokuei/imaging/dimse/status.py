"""The DIMSE status a refusal becomes (PS3.4 B.2.3, PS3.18 table I.2-2); shared by C-STORE and STOW-RS."""

from dokuei.base.errors import DokueiError, NotFound, NotPermitted, Unavailable
from dokuei.dicom.describe import MissingUID
from dokuei.dicom.uid import IllegalUID

SUCCESS = 0x0000
OUT_OF_RESOURCES = 0xA700
NOT_THIS_CLASS = 0xA900
CANNOT_UNDERSTAND = 0xC000
CLASS_NOT_SUPPORTED = 0x0122
NOT_AUTHORISED = 0x0124
PROCESSING_FAILURE = 0x0110
UNRECOGNIZED = 0x0211

PENDING = 0xFF00
CANCELLED = 0xFE00
IDENTIFIER_MISMATCH = 0xA900
UNABLE = 0xC000
SOME_FAILED = 0xB000
NO_SUB_OPERATIONS = 0xA702
DESTINATION_UNKNOWN = 0xA801


def status_of(error: DokueiError) -> int:
    """Only a lack of resources is worth trying again."""
    if isinstance(error, Unavailable):
        return OUT_OF_RESOURCES
    if isinstance(error, NotPermitted | NotFound):
        return NOT_AUTHORISED
    if isinstance(error, MissingUID | IllegalUID):
        return NOT_THIS_CLASS
    return CANNOT_UNDERSTAND
