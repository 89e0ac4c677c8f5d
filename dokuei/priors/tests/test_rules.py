"""Relevance, waits, states and lifecycles: tables, without a database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dokuei.priors import rules
from dokuei.priors.likeness import exam, likeness
from dokuei.priors.rules import Candidate, Identity, Known, State, Wait
from dokuei.priors.table import DEFAULT, Relevance

CHEST_CT = exam("CT", "胸部", "胸部単純CT")
AT = datetime(2026, 3, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("modality", "texts", "part", "kind"),
    [
        pytest.param("CT", ("CHEST",), "same", "same", id="the same, by its code"),
        pytest.param("CT", ("", "胸腹部造影CT"), "same", "same", id="more than the same, by its description"),
        pytest.param("PT\\CT", ("", "全身PET"), "same", "related", id="a PET with CT"),
        pytest.param("MR", ("", "胸部MRI"), "same", "related", id="MR"),
        pytest.param("DX", ("CHEST",), "same", "related", id="a plain film, whatever it is called"),
        pytest.param("US", ("", "胸部エコー"), "same", "other", id="ultrasound"),
        pytest.param("CT", ("ABDOMEN",), "related", "same", id="the part beside it"),
        pytest.param("CT", ("", "頭部CT"), "other", "same", id="the head"),
        pytest.param("CT", ("", "follow up"), "unknown", "same", id="no part said"),
        pytest.param("", ("CHEST",), "same", "unknown", id="no modality said"),
    ],
)
def test_how_alike_an_earlier_exam_is(modality: str, texts: tuple[str, ...], part: str, kind: str) -> None:
    found = likeness(CHEST_CT, exam(modality, *texts), DEFAULT)

    assert (found.part, found.kind) == (part, kind)


def test_the_other_knee_is_a_related_part() -> None:
    right = exam("MR", "右膝")

    assert likeness(right, exam("MR", "左膝"), DEFAULT).part == "related"
    assert likeness(right, exam("MR", "右膝"), DEFAULT).part == "same"
    assert likeness(right, exam("MR", "両膝"), DEFAULT).part == "same"


def known(key: str, part: str, kind: str, year: int | None, *, is_later: bool = False) -> Known:
    return Known(key=key, part=part, kind=kind, on=date(year, 1, 1) if year else None, is_later=is_later)


def wanted(*studies: Known, table: Relevance = DEFAULT) -> list[str]:
    return [one.key for one in rules.ranked(studies, table) if one.is_wanted]


def test_the_newest_two_and_the_oldest_of_the_same_kind_are_wanted() -> None:
    studies = [known(str(year), "same", "same", year) for year in (2019, 2020, 2021, 2022, 2023)]

    assert wanted(*studies) == ["2023", "2022", "2019"]
    assert [one.key for one in rules.ranked(studies, DEFAULT)] == ["2023", "2022", "2021", "2020", "2019"]


def test_the_same_kind_comes_before_related_kinds_and_parts() -> None:
    found = rules.ranked(
        [
            known("head", "other", "same", 2026),
            known("abdomen ct", "related", "same", 2025),
            known("chest film", "same", "related", 2024),
            known("chest us", "same", "other", 2025),
            known("chest ct", "same", "same", 2015),
            known("unsaid", "unknown", "same", 2025),
            known("tomorrow", "same", "same", 2027, is_later=True),
        ],
        DEFAULT,
    )

    assert [(one.key, one.is_wanted) for one in found] == [
        ("chest ct", True),
        ("chest film", True),
        ("abdomen ct", True),
        ("chest us", True),
        ("unsaid", True),
        ("head", False),
        ("tomorrow", False),
    ]


def test_no_more_than_the_table_says_are_wanted_altogether() -> None:
    table = DEFAULT.model_copy(update={"most": 2})
    studies = [known(str(year), "same", "same", year) for year in (2019, 2022, 2023)]

    assert wanted(*studies, known("mr", "same", "related", 2026), table=table) == ["2023", "2022"]


def test_the_order_does_not_depend_on_the_order_of_the_answers() -> None:
    studies = [
        known("a", "same", "same", None),
        known("b", "same", "same", 2020),
        known("c", "same", "same", 2020),
    ]

    assert rules.ranked(studies, DEFAULT) == rules.ranked(list(reversed(studies)), DEFAULT)


OURS = Identity(patient_id="P1", issuer="HOSP", birth_on=date(1968, 3, 12), sex="M")


@pytest.mark.parametrize(
    ("theirs", "against"),
    [
        pytest.param(OURS, (), id="agrees"),
        pytest.param(Identity(patient_id="P1"), (), id="leaves everything else out"),
        pytest.param(Identity(patient_id="P1", sex="O"), (), id="other is no contradiction"),
        pytest.param(Identity(patient_id="P12"), ("patient_id",), id="a loose match"),
        pytest.param(Identity(patient_id=""), ("patient_id",), id="says nothing of whose it is"),
        pytest.param(Identity(patient_id="P1", issuer="CLINIC"), ("issuer",), id="another issuer"),
        pytest.param(
            Identity(patient_id="P1", birth_on=date(1986, 3, 12)), ("birth_date",), id="another birth date"
        ),
        pytest.param(Identity(patient_id="P1", sex="F"), ("sex",), id="another sex"),
    ],
)
def test_what_contradicts_the_patient(theirs: Identity, against: tuple[str, ...]) -> None:
    assert rules.contradictions(OURS, theirs) == against


@pytest.mark.parametrize("patient_id", ["", "P*", "P?1", "A\\B", "患者１", "P\n1"])
def test_an_id_that_would_ask_for_other_people_is_not_asked_about(patient_id: str) -> None:
    assert not rules.is_askable(patient_id)
    assert rules.is_askable("P-001 2")


@pytest.mark.parametrize(
    ("answer", "here", "at_facility", "state"),
    [
        ("not_asked", 0, 0, "not_asked"),
        ("not_asked", 1, 0, "received"),
        ("not_asked", 0, 2, "elsewhere"),
        ("none", 0, 0, "none"),
        ("none", 1, 0, "received"),
        ("none", 0, 1, "elsewhere"),
        ("elsewhere", 0, 0, "elsewhere"),
        ("elsewhere", 2, 0, "received"),
        ("received", 0, 0, "elsewhere"),
        ("received", 1, 1, "received"),
    ],
)
def test_the_four_states_say_what_is_here_before_what_was_said(
    answer: str, here: int, at_facility: int, state: str
) -> None:
    assert rules.prior_state(answer, here=here, at_facility=at_facility) == State(state)


UNTIL = AT + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("until", "minutes", "is_asking", "under_way", "left"),
    [
        pytest.param(UNTIL, 0, True, 0, Wait(UNTIL, 1, 1, is_asking=True), id="the archive is asked"),
        pytest.param(UNTIL, 9, False, 2, Wait(UNTIL, 1, 3, is_asking=False), id="two are under way"),
        pytest.param(UNTIL, 1, False, 0, None, id="nothing is under way"),
        pytest.param(UNTIL, 10, True, 2, None, id="its time is over"),
        pytest.param(None, 0, True, 2, None, id="an emergency"),
    ],
)
def test_a_wait_ends_with_what_it_is_for_or_with_its_time(
    until: datetime | None, minutes: int, is_asking: bool, under_way: int, left: Wait | None
) -> None:
    at = AT + timedelta(minutes=minutes)

    assert rules.wait_left(until, at=at, is_asking=is_asking, under_way=under_way, here=1) == left


def test_rests_grow_and_end() -> None:
    rests = [rules.rest_after(tries) for tries in range(rules.MOST_TRIES + 2)]

    real = [one for one in rests if one is not None]
    assert real == sorted(real)
    assert rests[-3:] == [rules.LONGEST_REST, None, None] or rests[-2:] == [None, None]


@pytest.mark.parametrize("state", list(Candidate))
def test_what_contradicts_stays_so_and_everything_else_may_be_found_out(state: Candidate) -> None:
    acts = {act for one, act in rules.LIFECYCLE if one is state}

    assert (not acts) == (state is Candidate.CONTRADICTS)


@pytest.mark.parametrize(
    ("made", "may"), [(date(2026, 3, 11), True), (date(2026, 3, 12), False), (None, False)]
)
def test_only_what_was_made_before_the_exam_is_fetched_by_itself(made: date | None, may: bool) -> None:
    assert rules.is_before(made, date(2026, 3, 12)) is may
