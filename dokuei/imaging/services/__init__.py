"""Commands of the archive."""

from dokuei.imaging.archive.listing import Outcome, Stored
from dokuei.imaging.services.devices import add_ae_title, remove_ae_title
from dokuei.imaging.services.receipt import expect_instances, hold_study, resolve_study, settle_study
from dokuei.imaging.services.storing import note_refusal, store_instance
from dokuei.imaging.services.views import end_views, grant_views, open_study

__all__ = [
    "Outcome",
    "Stored",
    "add_ae_title",
    "end_views",
    "expect_instances",
    "grant_views",
    "hold_study",
    "note_refusal",
    "open_study",
    "remove_ae_title",
    "resolve_study",
    "settle_study",
    "store_instance",
]
