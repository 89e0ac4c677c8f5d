"""A signed body as reporting freezes it, for documents."""

from typing import Any


def a_signed_body(**patient: str) -> dict[str, Any]:
    return {
        "facility": "白浜総合病院",
        "patient": {
            "patient_id": "P1",
            "name_kanji": "",
            "name_kana": "",
            "name_romaji": "",
            "birth_date": "1968-03-12",
            "sex": "M",
            **patient,
        },
        "request": {
            "id": 1,
            "version": 1,
            "exam": {"modality": "CT", "body_part": "胸部", "description": "胸部単純CT"},
            "urgency": "urgent",
            "question": "経過観察",
            "complaint": "",
            "history": "",
            "surgery": "",
            "labs": "",
            "contrast": {"planned": "no", "given": "no", "agent": "", "note": ""},
            "comparison": {"state": "none", "where_when": ""},
            "requester_name": "伊藤",
            "requester_department": "内科",
            "callback_phone": "1",
        },
        "completeness": {"score": 50, "missing": []},
        "missing_sentence": "",
        "studies": [],
        "comparison": [],
        "findings": "異常なし。",
        "impression": "異常なし。",
        "overrides": {},
        "signed_at": "2026-11-22T05:00:00+00:00",
    }
