"""What a request says beside its plain texts, in the lines a report and a screen print. No database, no clock."""

from dokuei.intake.content import Content, Known
from dokuei.intake.scoring.rules import MR_WORDS

YES_NO = {Known.YES: "あり", Known.NO: "なし"}
BESIDE = ("経過", "悪性腫瘍の既往", "造影条件", "腎機能", "リスク", "MR安全確認")
GIVEN = {Known.YES: "造影実施", Known.NO: "造影なし", Known.UNKNOWN: "造影の有無は記載なし"}


def lines(content: Content) -> list[tuple[str, str]]:
    """Label and text of everything that was said; what was not said has no line here."""
    found = [
        ("経過", content.course.strip()),
        ("悪性腫瘍の既往", _known(content.malignancy, content.malignancy_note)),
        ("造影条件", contrast(content)),
        ("腎機能", renal(content)),
        ("リスク", "、".join(_risks(content))),
        ("MR安全確認", _mr_safety(content)),
    ]
    return [(label, text) for label, text in found if text]


COMPARISON = {
    "received": "送付済",
    "elsewhere": "他院・他システムにあり",
    "none": "なし（確認済）",
    "not_asked": "未確認",
}
URGENCY = {
    "emergency": "緊急",
    "urgent": "至急",
    "same_day": "当日",
    "next_clinical_day": "翌診療日",
    "checkup": "健診",
}


def every_line(content: Content) -> list[tuple[str, str]]:
    """Label and text of everything a request can say, said or not, so that two versions can be laid side by side."""
    said, beside = content, dict(lines(content))
    given = [
        _prefixed("予定", YES_NO.get(said.contrast.planned, "")),
        _prefixed("実施", YES_NO.get(said.contrast.given, "")),
        said.contrast.agent.strip(),
        said.contrast.note.strip(),
    ]
    return [
        ("緊急度", URGENCY.get(said.urgency, said.urgency)),
        ("緊急の理由", said.urgency_reason.strip()),
        ("検査", " ".join(filter(None, [said.exam.modality, said.exam.body_part, said.exam.description]))),
        ("JJ1017", (said.exam.jj1017 or "").strip()),
        ("検査目的", said.question.strip()),
        ("主訴・現病歴", said.complaint.strip()),
        ("既往歴・服薬", said.history.strip()),
        ("手術歴", " ".join(filter(None, [said.surgery.strip(), said.surgery_when.strip()]))),
        ("検査値", said.labs.strip()),
        ("造影", "、".join(filter(None, given))),
        *((label, beside.get(label, "")) for label in BESIDE),
        (
            "比較検査",
            "　".join(filter(None, [COMPARISON[said.comparison.state], said.comparison.where_when.strip()])),
        ),
        ("過去の報告", said.comparison.report_text.strip()),
        ("依頼医", " ".join(filter(None, [said.requester_department.strip(), said.requester_name.strip()]))),
        ("連絡先", said.callback_phone.strip()),
    ]


def changes(before: Content, after: Content) -> list[tuple[str, str, str]]:
    """Label, old and new text of every line that says something else now."""
    old = dict(every_line(before))
    return [(label, old[label], text) for label, text in every_line(after) if old[label] != text]


def contrast(content: Content) -> str:
    """How the contrast medium was given, with units; empty unless something of it was said."""
    said = content.contrast
    parts = [
        said.concentration.strip(),
        f"{said.dose_ml:g} mL" if said.dose_ml else "",
        f"{said.rate_ml_s:g} mL/s" if said.rate_ml_s else "",
        said.phases.strip(),
        _prefixed("副作用", _known(said.reaction, said.reaction_note)),
    ]
    return "　".join(part for part in parts if part)


def renal(content: Content) -> str:
    """eGFR and creatinine with units and the day of the test; a value without a day says so."""
    said = content.renal
    parts = [
        f"eGFR {said.egfr:g} mL/min/1.73m²" if said.egfr is not None else "",
        f"Cr {said.creatinine:g} mg/dL" if said.creatinine is not None else "",
    ]
    values = "　".join(part for part in parts if part)
    if not values:
        return ""
    day = said.measured_on.strftime("%Y-%m-%d") if said.measured_on else "検査日不明"
    return f"{values}（{day}）"


def _risks(content: Content) -> list[str]:
    risk = content.risk
    said = [
        ("アレルギー・副作用歴", _known(risk.allergy, risk.allergy_note)),
        ("喘息", _known(risk.asthma)),
        ("メトホルミン", _known(risk.metformin)),
        ("妊娠の可能性", _known(risk.pregnancy)),
    ]
    return [f"{label}{text}" for label, text in said if text]


def _mr_safety(content: Content) -> str:
    said = content.mr_safety.model_dump()
    words = [f"{word}{YES_NO[said[name]]}" for name, word in MR_WORDS.items() if said[name] in YES_NO]
    return "、".join([*words, *([content.mr_safety.note.strip()] if content.mr_safety.note.strip() else [])])


def _known(value: Known, note: str = "") -> str:
    text, note = YES_NO.get(value, ""), note.strip()
    if text and note:
        return f"{text}（{note}）"
    return text or note


def _prefixed(label: str, text: str) -> str:
    return f"{label}{text}" if text else ""
