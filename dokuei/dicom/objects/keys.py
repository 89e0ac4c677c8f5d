"""Key Object Selection Document (PS3.3 A.35.4, PS3.16 TID 2010): which images the report's figures are."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydicom import Dataset

from dokuei.dicom.objects import content
from dokuei.dicom.objects.common import Making, Reference, Subject, begin, evidence, moment, requested
from dokuei.dicom.objects.content import Code

KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"
TITLE: Code = ("113020", "DCM", "For Report Attachment")
DESCRIPTION: Code = ("113012", "DCM", "Key Object Description")


@dataclass(frozen=True)
class Key:
    """One figure: the image, the presentation state it is shown by, and what the report says of it."""

    image: Reference
    shown_by: Reference | None
    """None for an image that is the picture itself."""
    words: str


def key_object_selection(
    subject: Subject, making: Making, keys: Sequence[Key], *, identical: Sequence[Reference] = ()
) -> Dataset:
    """The selection as it stands in one study; `identical` are its copies in the other studies it names.

    Where images of several studies are selected, each of these studies has its copy (PS3.3 C.17.6.2.1).
    """
    ds = begin(subject, making, sop_class=KEY_OBJECTS, modality="KO", description="キー画像 選択")
    ds.ReferencedPerformedProcedureStepSequence = []
    ds.ContentDate, ds.ContentTime = moment(subject, making.at)
    ds.ReferencedRequestSequence = requested(subject)
    ds.CurrentRequestedProcedureEvidenceSequence = evidence(
        one for key in keys for one in (key.image, key.shown_by) if one is not None
    )
    if identical:
        ds.IdenticalDocumentsSequence = evidence(identical)
    root = content.container(
        "",
        TITLE,
        content.language(),
        *content.observer(making.author),
        content.text("CONTAINS", DESCRIPTION, "\r\n".join(key.words for key in keys)),
        *(content.image("CONTAINS", key.image, shown_by=key.shown_by) for key in keys),
        template="2010",
    )
    ds.update(root)
    return ds
