"""Reading the archive."""

from dokuei.imaging.drawing import (
    FrameFacts,
    FrameView,
    draw_frame,
    facts_of,
    find_instance,
    frames_of,
)
from dokuei.imaging.measuring import Place, first_image, header_of, place_of, stored_numbers
from dokuei.imaging.queries.devices import (
    Device,
    ae_is_known,
    ae_titles,
    destination,
    device_of_ae,
)
from dokuei.imaging.queries.sentences import sentence
from dokuei.imaging.queries.studies import (
    images_manifest,
    in_facilities,
    one,
    page,
    receipts,
    series_of,
    studies_of_patient,
    studies_out,
    study_counts_by_patient,
    visible_to,
)
from dokuei.imaging.queries.support import (
    alarms,
    count_damaged,
    count_unlisted,
    prove_kept,
    quarantined,
    store_room,
    unlisted,
    unlisted_out,
    use_of,
)
from dokuei.imaging.viewers.queries import is_another_open, launch_out, launching
from dokuei.imaging.viewers.rules import Context

__all__ = [
    "Context",
    "Device",
    "FrameFacts",
    "FrameView",
    "Place",
    "ae_is_known",
    "ae_titles",
    "alarms",
    "count_damaged",
    "count_unlisted",
    "destination",
    "device_of_ae",
    "draw_frame",
    "facts_of",
    "find_instance",
    "first_image",
    "frames_of",
    "header_of",
    "images_manifest",
    "in_facilities",
    "is_another_open",
    "launch_out",
    "launching",
    "one",
    "page",
    "place_of",
    "prove_kept",
    "quarantined",
    "receipts",
    "sentence",
    "series_of",
    "store_room",
    "stored_numbers",
    "studies_of_patient",
    "studies_out",
    "study_counts_by_patient",
    "unlisted",
    "unlisted_out",
    "use_of",
    "visible_to",
]
