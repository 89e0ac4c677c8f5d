"""Commands of the archive."""

from dokuei.imaging.archive.arrival import Outcome, Stored
from dokuei.imaging.fetching.finding import FoundStudy, find_studies
from dokuei.imaging.fetching.moving import Fetched, fetch_study
from dokuei.imaging.services.announcing import (
    announce_instances,
    begin_step,
    end_step,
    note_archive_count,
)
from dokuei.imaging.services.committing import ask_commitment, note_reported
from dokuei.imaging.services.devices import add_ae_title, remove_ae_title
from dokuei.imaging.services.fetching import mark_fetched
from dokuei.imaging.services.filing import file_object, promise_objects
from dokuei.imaging.services.hanging import change_protocol, remove_protocol, share_protocol
from dokuei.imaging.services.judging import judge_again
from dokuei.imaging.services.launching import (
    Launched,
    Told,
    clear_launch,
    launch_study,
    note_launch_refused,
    note_shown,
    tell_context,
)
from dokuei.imaging.services.moving import confirm_move, decline_move, move_study, undo_move
from dokuei.imaging.services.receipt import hold_study, resolve_study, settle_study
from dokuei.imaging.services.retention import end_legal_hold, hold_legally, remove_images
from dokuei.imaging.services.room import note_room
from dokuei.imaging.services.storing import note_refusal, store_instance
from dokuei.imaging.services.terms import set_quota, set_retention
from dokuei.imaging.services.unlisted import note_unlisted, retry_unlisted
from dokuei.imaging.services.viewers import ViewerTerms, add_viewer, change_viewer, remove_viewer
from dokuei.imaging.services.views import end_shared, end_views, grant_views, open_study, share_views

__all__ = [
    "Fetched",
    "FoundStudy",
    "Launched",
    "Outcome",
    "Stored",
    "Told",
    "ViewerTerms",
    "add_ae_title",
    "add_viewer",
    "announce_instances",
    "ask_commitment",
    "begin_step",
    "change_protocol",
    "change_viewer",
    "clear_launch",
    "confirm_move",
    "decline_move",
    "end_legal_hold",
    "end_shared",
    "end_step",
    "end_views",
    "fetch_study",
    "file_object",
    "find_studies",
    "grant_views",
    "hold_legally",
    "hold_study",
    "judge_again",
    "launch_study",
    "mark_fetched",
    "move_study",
    "note_archive_count",
    "note_launch_refused",
    "note_refusal",
    "note_reported",
    "note_room",
    "note_shown",
    "note_unlisted",
    "open_study",
    "promise_objects",
    "remove_ae_title",
    "remove_images",
    "remove_protocol",
    "remove_viewer",
    "resolve_study",
    "retry_unlisted",
    "set_quota",
    "set_retention",
    "settle_study",
    "share_protocol",
    "share_views",
    "store_instance",
    "tell_context",
    "undo_move",
]
