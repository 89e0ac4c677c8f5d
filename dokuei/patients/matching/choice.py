"""One side and everything that might belong to it: which one is linked, or why a person must look."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from dokuei.patients.matching.compare import compare, have_nothing_in_common
from dokuei.patients.matching.evidence import Level, Verdict
from dokuei.patients.matching.facts import Side
from dokuei.patients.matching.table import CLAIMED_BY_ANOTHER, NOTHING, OTHERS_MAY_BE_MEANT, SEVERAL, VERSION

Key = TypeVar("Key", bound=Hashable)

_GRAVEST_FIRST = {Level.STRONG: 0, Level.CONTRADICTION: 1, Level.POSSIBLE: 2, Level.NONE: 3}


@dataclass(frozen=True)
class Choice(Generic[Key]):
    """What follows. `linked` is None unless exactly one candidate is strong; then `reasons` say why.

    `ranked` holds every candidate that is worth showing, the likeliest first.
    """

    linked: Key | None
    ranked: tuple[tuple[Key, Verdict], ...]
    reasons: tuple[str, ...]
    rules: str = VERSION

    @property
    def contradictions(self) -> tuple[tuple[Key, Verdict], ...]:
        """Candidates that claim to belong here and contradict. They hold the reading, unless another one is linked."""
        return tuple(pair for pair in self.ranked if pair[1].level is Level.CONTRADICTION)


def choose(order: Side, candidates: Mapping[Key, Side], *, rivals: Iterable[Side]) -> Choice[Key]:
    """Say which candidate belongs to `order`: exactly one strong match, or a person decides.

    `candidates` are the other kind of side under the caller's own keys: studies without a request if `order` is a
    request, open requests if it is a study. `rivals` are the other open ones of `order`'s own kind, of the days around:
    what is strong for one of them too is not linked. They must be given: of one patient's two requests, an exam whose
    part is not known would else go to whichever is asked first. Where no number of the exam agrees, nothing else may
    be meant on either side.

    Both may be what shares a hook with `order` or a candidate (`Forms.hooks`); the others change nothing.
    """
    found = [(key, _verdict(order, side)) for key, side in candidates.items()]
    ranked = tuple(
        sorted(
            (pair for pair in found if pair[1].level is not Level.NONE),
            key=lambda pair: (_GRAVEST_FIRST[pair[1].level], -pair[1].score, str(pair[0])),
        )
    )
    strong = [pair for pair in ranked if pair[1].level is Level.STRONG]
    if len(strong) > 1:
        return Choice(None, ranked, (SEVERAL.format(count=len(strong)),))
    if not strong:
        return Choice(None, ranked, ranked[0][1].reasons if ranked else (NOTHING,))
    key, verdict = strong[0]
    if not verdict.is_numbered and any(other.may_be_meant for name, other in ranked if name != key):
        return Choice(None, ranked, (OTHERS_MAY_BE_MEANT,))
    if any(_claims(_verdict(rival, candidates[key]), verdict) for rival in rivals):
        return Choice(None, ranked, (CLAIMED_BY_ANOTHER,))
    return Choice(key, ranked, ())


def _claims(others: Verdict, mine: Verdict) -> bool:
    """Whether a rival keeps a study from us: strongly, or, where we have no number, by nothing against it."""
    return others.level is Level.STRONG or (not mine.is_numbered and others.may_be_meant)


_UNRELATED = compare(Side(), Side())


def _verdict(one: Side, other: Side) -> Verdict:
    return _UNRELATED if have_nothing_in_common(one, other) else compare(one, other)
