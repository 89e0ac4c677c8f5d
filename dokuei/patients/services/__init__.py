"""Commands on patients."""

from dokuei.patients.services.correcting import correct_patient, undo_correction
from dokuei.patients.services.identifying import identify_patient, identify_stated
from dokuei.patients.services.merging import confirm_merge, decline_merge, merge_patients, undo_merge
from dokuei.patients.services.opening import open_patient

__all__ = [
    "confirm_merge",
    "correct_patient",
    "decline_merge",
    "identify_patient",
    "identify_stated",
    "merge_patients",
    "open_patient",
    "undo_correction",
    "undo_merge",
]
