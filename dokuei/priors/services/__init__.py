"""Commands on searches for priors, on candidates, and on tables."""

from dokuei.priors.services.elsewhere import (
    confirm_link,
    decide_sharing,
    revoke_link,
    seek_elsewhere,
)
from dokuei.priors.services.fetching import (
    advance_fetch,
    begin_fetch,
    note_fetched,
    want_prior,
)
from dokuei.priors.services.searching import (
    advance_search,
    ask_again,
    begin_search,
    close_search,
    end_wait,
    note_answers,
)
from dokuei.priors.services.tables import decide_priors

__all__ = [
    "advance_fetch",
    "advance_search",
    "ask_again",
    "begin_fetch",
    "begin_search",
    "close_search",
    "confirm_link",
    "decide_priors",
    "decide_sharing",
    "end_wait",
    "note_answers",
    "note_fetched",
    "revoke_link",
    "seek_elsewhere",
    "want_prior",
]
