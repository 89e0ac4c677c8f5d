"""The life of a paper, and when what was written of it may go on."""

from typing import Any

import pytest

from dokuei.intake.paper import rules
from dokuei.intake.paper.fields import FIELDS, FieldAnswer, FieldEntry, WrongValues, request_of
from dokuei.intake.paper.rules import LIFECYCLE, Act, PaperRefusal, PaperState


def said(value: str, page: int = 1) -> FieldEntry:
    return FieldEntry(value=value, answer=FieldAnswer.SAID, page=page)


def full(**change: Any) -> dict[str, FieldEntry]:
    """Every field answered: the few that matter with values, the rest not written."""
    fields = {key: FieldEntry(answer=FieldAnswer.NOT_WRITTEN) for key in FIELDS}
    fields |= {
        "patient.patient_id": said("P1"),
        "patient.name_kanji": said("山田 太郎"),
        "exam.modality": said("CT"),
        "exam.description": said("胸部単純CT"),
        "question": said("右肺結節の経過"),
    }
    return fields | {key.replace("__", "."): one for key, one in change.items()}


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("state", PaperState)
def test_only_what_is_in_the_table_may_be_done(state: PaperState, act: Act) -> None:
    refusal = rules.why_not(state, act)

    assert refusal == (None if (state, act) in LIFECYCLE else PaperRefusal.WRONG_STATE)


@pytest.mark.parametrize("act", sorted(rules.AWAY))
def test_what_is_a_request_already_is_not_put_away_with_its_paper(act: Act) -> None:
    assert rules.why_not(PaperState.CHECKING, act, is_sent=True) == PaperRefusal.SENT


@pytest.mark.parametrize(
    ("state", "who", "refusal"),
    [
        pytest.param(PaperState.RECEIVED, 1, None, id="to be transcribed"),
        pytest.param(PaperState.TO_CHECK, 1, PaperRefusal.SAME_PERSON, id="one's own transcription"),
        pytest.param(PaperState.TO_CHECK, 2, None, id="another person's"),
        pytest.param(PaperState.TRANSCRIBING, 2, PaperRefusal.HELD, id="in somebody's hands"),
        pytest.param(PaperState.DONE, 2, PaperRefusal.WRONG_STATE, id="done"),
    ],
)
def test_why_not_claim(state: PaperState, who: int, refusal: PaperRefusal | None) -> None:
    assert rules.why_not_claim(state, who, 1) == refusal


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        pytest.param({}, None, id="each field answered"),
        pytest.param({"labs": FieldEntry()}, PaperRefusal.UNANSWERED, id="one left out"),
        pytest.param(
            {"labs": FieldEntry(value="Cr 0.8", answer=FieldAnswer.SAID)},
            PaperRefusal.UNANSWERED,
            id="no page",
        ),
        pytest.param(
            {"labs": FieldEntry(value="Cr", answer=FieldAnswer.TOLD)},
            PaperRefusal.UNANSWERED,
            id="told by nobody",
        ),
        pytest.param(
            {"labs": FieldEntry(value="Cr", answer=FieldAnswer.TOLD, note="受付 佐藤")}, None, id="told"
        ),
        pytest.param(
            {"labs": FieldEntry(answer=FieldAnswer.UNREADABLE)},
            PaperRefusal.UNANSWERED,
            id="unreadable where",
        ),
        pytest.param(
            {"labs": FieldEntry(answer=FieldAnswer.UNREADABLE, page=2)}, None, id="unreadable on page 2"
        ),
        pytest.param(
            {"patient__patient_id": FieldEntry(answer=FieldAnswer.UNREADABLE, page=1)},
            PaperRefusal.UNPLACED,
            id="whose exam nobody knows",
        ),
        pytest.param(
            {"exam__modality": FieldEntry(answer=FieldAnswer.NOT_WRITTEN)}, None, id="described in words"
        ),
    ],
)
def test_why_not_submit(change: dict[str, FieldEntry], refusal: PaperRefusal | None) -> None:
    assert rules.why_not_submit(full(**change)) == refusal


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        pytest.param({"urgency": said("emergency")}, PaperRefusal.UNPLACED, id="of nobody"),
        pytest.param(
            {"urgency": said("emergency"), "patient.patient_id": said("1"), "exam.modality": said("CT")},
            None,
            id="no more than is needed",
        ),
        pytest.param(full(urgency=said("urgent")), PaperRefusal.NOT_EMERGENCY, id="no emergency"),
        pytest.param(
            full(urgency=said("emergency"), labs=FieldEntry(value="Cr")),
            PaperRefusal.UNANSWERED,
            id="a value from nowhere",
        ),
    ],
)
def test_why_not_send_now(fields: dict[str, FieldEntry], refusal: PaperRefusal | None) -> None:
    assert rules.why_not_send_now(fields) == refusal


def test_the_second_person_confirms_or_corrects_each_field() -> None:
    before, after = full(), full(question=said("左肺結節の経過"))
    others = set(FIELDS) - {"question"}

    assert rules.why_not_confirm(before, after, others) is None
    assert rules.why_not_confirm(before, after, others - {"labs"}) == PaperRefusal.UNCONFIRMED
    assert rules.why_not_confirm(before, before, others) == PaperRefusal.UNCONFIRMED
    assert rules.corrected(before, after) == ["question"]


def test_an_urgency_that_cannot_be_read_is_never_routine() -> None:
    _, content = request_of(full(urgency=FieldEntry(answer=FieldAnswer.UNREADABLE, page=1)))

    assert (content.urgency, bool(content.urgency_reason)) == ("urgent", True)


def test_values_of_the_wrong_kind_are_named() -> None:
    wrong = full(patient__birth_on=said("昭和43年"), renal__egfr=said("六十"), contrast__dose_ml=said("9000"))

    with pytest.raises(WrongValues) as found:
        request_of(wrong)

    assert found.value.keys == ["patient.birth_on", "renal.egfr", "contrast.dose_ml"]


def test_every_field_of_the_form_reaches_the_request() -> None:
    kinds = {
        "patient.birth_on": "1968-03-12", "patient.sex": "M", "exam_on": "2026-11-22", "urgency": "urgent",
        "comparison.state": "none", "renal.measured_on": "2026-11-20",
    }  # fmt: skip
    numbers = {"renal.egfr", "renal.creatinine", "contrast.dose_ml", "contrast.rate_ml_s"}
    known = {"malignancy", "contrast.planned", "contrast.given", "contrast.reaction"}
    known |= {key for key in FIELDS if key.startswith(("risk.", "mr_safety.")) and not key.endswith("note")}
    values = {
        key: kinds.get(key, "yes" if key in known else "3" if key in numbers else f"x{n}")
        for n, key in enumerate(FIELDS)
    }

    stated, content = request_of({key: said(value) for key, value in values.items()})

    shown = {**stated.model_dump(mode="json"), **content.model_dump(mode="json")}
    for key, value in values.items():
        found: Any = shown
        for part in key.split("."):
            found = found[part]
        assert str(found).removesuffix(".0") == value, key


@pytest.mark.parametrize("answer", [FieldAnswer.UNREADABLE, FieldAnswer.NOT_WRITTEN])
def test_what_is_not_to_be_read_has_no_value(answer: FieldAnswer) -> None:
    with pytest.raises(ValueError, match="no value"):
        FieldEntry(value="x", answer=answer, page=1)
