"""Commands of the archive."""

from dokuei.imaging.services.devices import add_ae_title, remove_ae_title
from dokuei.imaging.services.listing import Arrival, Outcome, Stored, list_arrivals
from dokuei.imaging.services.receipt import expect_instances, hold_study, resolve_study, settle_study
from dokuei.imaging.services.storing import close_old_segment, keep_instance, note_refusal, store_instance
from dokuei.imaging.services.views import end_views, grant_views, open_study

__all__ = [
    "Arrival",
    "Outcome",
    "Stored",
    "add_ae_title",
    "close_old_segment",
    "end_views",
    "expect_instances",
    "grant_views",
    "hold_study",
    "keep_instance",
    "list_arrivals",
    "note_refusal",
    "open_study",
    "remove_ae_title",
    "resolve_study",
    "settle_study",
    "store_instance",
]
