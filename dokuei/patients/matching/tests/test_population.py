"""A small slice of `bench.matching`: invented people with the errors that happen, always the same ones."""

from bench.matching import PPV_GOAL, SENSITIVITY_GOAL, Matcher, by_evidence, run, wilson_low

OURS: dict[str, Matcher] = {"ours": by_evidence}


def test_of_a_slice_of_the_population_nothing_is_linked_wrongly_and_most_is_linked() -> None:
    count = run(seed=1, people=6_000, orders=3_000, days=15, facilities=4, methods=OURS)["ours"]

    assert count.mistakes == []
    assert count.sensitivity >= SENSITIVITY_GOAL
    assert count.links > 2_700


def test_the_bound_is_wilsons() -> None:
    assert round(wilson_low(50, 100), 4) == 0.4038
    assert wilson_low(38_500, 38_500) > PPV_GOAL > wilson_low(38_000, 38_000)
    assert wilson_low(0, 0) == 0
