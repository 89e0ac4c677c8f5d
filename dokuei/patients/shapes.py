"""The shape in which a patient leaves the HTTP door."""

from datetime import date

from ninja import Schema


class PatientOut(Schema):
    id: int
    facility_id: int
    patient_id: str
    issuer: str
    name_kanji: str
    name_kana: str
    name_romaji: str
    display_name: str
    birth_date: date | None
    sex: str | None
    age_years: int | None
