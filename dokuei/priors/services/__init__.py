"""Commands on searches for priors, on candidates, and on tables."""

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
    "decide_priors",
    "end_wait",
    "note_answers",
    "note_fetched",
    "want_prior",
]
