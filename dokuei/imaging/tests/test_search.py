"""Searching through the DICOMweb door, with real files."""

import csv
import os
import sys
import unicodedata
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as ET

import psycopg
import pytest
from django.db import connection
from pydicom import Dataset
from pydicom.uid import generate_uid

from dokuei.audit.events import Event
from dokuei.audit.models import Entry
from dokuei.dicom.person_name import folded, search_key
from dokuei.identity.access import Role
from dokuei.imaging import services
from dokuei.imaging.models import Study
from dokuei.imaging.search import engine, rows
from dokuei.imaging.search.query import Key, Level, Query
from dokuei.imaging.tests.builders import (
    AT,
    Reply,
    a_facility,
    a_person,
    a_sender,
    an_instance,
    as_file,
    ask,
    everywhere,
)
from dokuei.kit.db import scope
from dokuei.patients.models import Patient

pytestmark = pytest.mark.django_db(transaction=True)
NATIVE = "{http://dicom.nema.org/PS3.19/models/NativeDICOM}"


def keep(content: bytes | Path, code: str = "aoba") -> None:
    sender = a_sender(a_facility(code))
    (facility_id,) = sender.facilities
    with scope(sender.facilities):
        services.store_instance(sender, facility_id=facility_id, content=content, at=AT)


def search(token: str, question: str, below: str = "studies", accept: str = "*/*") -> Reply:
    return ask(f"/dicomweb/aoba/{below}?{question}", token, accept=accept)


def an_order(accession: str, step: str) -> Dataset:
    item = Dataset()
    item.AccessionNumber, item.ScheduledProcedureStepID, item.RequestedProcedureID = accession, step, "RP1"
    return item


@pytest.mark.parametrize(
    "name",
    ["Yamada^Tarou", "yamada",
     "YAMA*", "山田", "山田^太郎", "山*", "ヤマダ^タロウ", "やまだ", "ﾔﾏﾀﾞ", "*太郎", "山田　太郎",
     "^太郎", "Yamada^Tarou=山田^太郎=やまだ^たろう", "=山田", "ｙａｍａｄａ"],
)  # fmt: skip
def test_a_name_is_found_in_any_script(token: str, name: str) -> None:
    keep(as_file(an_instance()))
    keep(as_file(an_instance(PatientID="P2", PatientName="Satou^Hanako=佐藤^花子=さとう^はなこ")))

    found = search(token, f"PatientName={quote(name)}").json

    assert [one["00100020"]["Value"] for one in found] == [["P1"]]


@pytest.mark.parametrize(
    ("name", "is_fuzzy", "found"),
    [
        pytest.param("tarou yama", "false", 0, id="other order"),
        pytest.param("tarou yama", "true", 1, id="other order, fuzzy"),
        pytest.param("太郎 山", "true", 1, id="kanji, fuzzy"),
        pytest.param("amada", "true", 0, id="a middle is no beginning"),
        pytest.param("Yama", "false", 0, id="half a component"),
    ],
)
def test_fuzzy_matching_takes_beginnings_of_words_in_any_order(
    token: str, name: str, is_fuzzy: str, found: int
) -> None:
    keep(as_file(an_instance()))

    assert len(search(token, f"PatientName={quote(name)}&fuzzymatching={is_fuzzy}").json) == found


def test_japanese_names_of_every_character_set_are_found(token: str, real_dicom: Path) -> None:
    expected = {}
    with (real_dicom / "charsets" / "EXPECTED-ja.tsv").open() as file:
        for row in csv.DictReader(file, delimiter="\t"):
            file_path = real_dicom / row["path"]
            ds = study_uid_of(file_path)
            keep(file_path)
            if "truncated" not in row["path"]:
                says = "=山田^太郎" if "first-value" in row["path"] else row["intended_name"]
                expected[row["path"]] = (says, ds)

    lost = []
    for path, (name, study_uid) in expected.items():
        for group in filter(None, name.split("=")):
            found = search(token, f"PatientName={quote(unicodedata.normalize('NFC', group))}").json
            if study_uid not in [one["0020000D"]["Value"][0] for one in found]:
                lost.append((path, group))

    assert len(expected) >= 14
    assert lost == []


def study_uid_of(path: Path) -> str:
    import pydicom

    return str(pydicom.dcmread(path, stop_before_pixels=True).StudyInstanceUID)


def test_the_database_folds_every_character_as_we_do() -> None:
    signs = [
        chr(code) for code in range(1, sys.maxunicode) if unicodedata.category(chr(code)) not in {"Cs", "Cn"}
    ]
    with connection.cursor() as cursor:
        cursor.execute("select one, dokuei_fold(one) from unnest(%s::text[]) one", [signs])
        differ = [one for one, there in cursor.fetchall() if there != folded(one)]
        cursor.execute("select dokuei_name_key(%s, 2)", ["x= 山田　 ^ 太郎 ^^="])
        key = cursor.fetchone()

    assert differ == []
    assert key == (search_key(" 山田　 ^ 太郎 ^^"),) == ("山田^太郎",)


@pytest.mark.parametrize(
    ("below", "question", "found"),
    [
        pytest.param("series", "Modality=CT", 2, id="series of every study"),
        pytest.param("series", "PatientID=P2", 1, id="series by a patient's key"),
        pytest.param(
            "series", "RequestAttributesSequence.ScheduledProcedureStepID=S2", 1, id="inside a sequence"
        ),
        pytest.param(
            "series", "00400275.00400009=S1&00400275.00080050=B1", 0, id="one item matches every key"
        ),
        pytest.param("series", "00400275.00400009=S1&00400275.00080050=A1", 1, id="and so it does"),
        pytest.param("instances", "AccessionNumber=A1", 1, id="instances by a study's key"),
        pytest.param("instances", "Modality=CT&InstanceNumber=1", 2, id="instances by series and own key"),
        pytest.param("studies", "StudyDate=20261120-20261121&StudyTime=0900-0915", 1, id="one instant range"),
        pytest.param(
            "studies", "StudyDate=20261120-20261122&StudyTime=0930-0900", 2, id="it crosses midnights"
        ),
        pytest.param("studies", "StudyTime=0900-0915", 1, id="a time of day"),
        pytest.param(
            "studies", "ModalitiesInStudy=CT&ModalitiesInStudy=MR", 2, id="a repeated key is a list"
        ),
        pytest.param("studies", "AccessionNumber=%22%22", 0, id="empty value"),
        pytest.param("studies", "SOPClassesInStudy=1.2.840.10008.5.1.4.1.1.2", 2, id="SOP classes"),
        pytest.param("studies", "ReferringPhysicianName=" + quote("先生"), 1, id="referring physician"),
        pytest.param("studies", "PatientID=p1", 0, id="case matters but in names"),
        pytest.param("studies", "AccessionNumber=%25", 0, id="a sign of SQL is no wild card"),
    ],
)
def test_keys_are_matched_at_every_level(token: str, below: str, question: str, found: int) -> None:
    keep(as_file(an_instance(RequestAttributesSequence=[an_order("A1", "S1"), an_order("B1", "S2")])))
    other = an_instance(PatientID="P2", AccessionNumber="A2", StudyTime="120000.5")
    other.ReferringPhysicianName = "Sensei^Ichirou=先生^一郎"
    keep(as_file(other))

    reply = search(token, question, below)

    assert (reply.status, len(reply.json)) == (200, found)
    assert "warning" not in reply.headers


def test_what_no_column_holds_comes_from_the_stored_header(token: str) -> None:
    ds = an_instance(
        StationName="CT1", InstitutionName="青葉病院", RequestAttributesSequence=[an_order("A1", "S1")]
    )
    keep(as_file(ds))

    (plain,) = search(token, "").json
    (one,) = search(token, "includefield=StationName,00080080&includefield=Rows").json
    (nested,) = search(token, "includefield=00400275.00400009").json
    (whole,) = search(token, "includefield=all", "instances").json
    (study,) = search(token, "includefield=all").json

    assert "00081010" not in plain
    assert (one["00081010"]["Value"], one["00080080"]["Value"]) == (["CT1"], ["青葉病院"])
    assert one["00280010"]["Value"] == [16]
    assert nested["00400275"]["Value"] == [{"00400009": {"vr": "SH", "Value": ["S1"]}}]
    assert whole["00280004"]["Value"] == ["MONOCHROME2"]
    assert not [tag for tag in whole if tag.startswith("7FE0")]
    assert "00280004" not in study
    assert study["00080080"]["Value"] == ["青葉病院"]


def test_each_level_says_what_the_standard_asks_for(token: str) -> None:
    ds = an_instance(TimezoneOffsetFromUTC="+0900", RequestAttributesSequence=[an_order("A1", "S1")])
    ds.PerformedProcedureStepStartDate, ds.PerformedProcedureStepStartTime = "20261121", "091600"
    keep(as_file(ds))

    (study,) = search(token, "").json
    (series,) = search(token, "", "series").json
    (instance,) = search(token, "", "instances").json

    uid = ds.StudyInstanceUID
    assert study["00081190"]["Value"] == [f"/dicomweb/aoba/studies/{uid}"]
    assert (study["00201206"]["Value"], study["00201208"]["Value"]) == ([1], [1])
    assert study["00080201"]["Value"] == ["+0900"]
    assert (series["00400244"]["Value"], series["00400245"]["Value"]) == (["20261121"], ["091600"])
    assert series["00100020"]["Value"] == ["P1"]
    assert series["00400275"]["Value"][0]["00401001"]["Value"] == ["RP1"]
    assert instance["00280100"]["Value"] == [16]
    assert instance["00081190"]["Value"] == [
        f"/dicomweb/aoba/studies/{uid}/series/{ds.SeriesInstanceUID}/instances/{ds.SOPInstanceUID}"
    ]


def test_a_page_says_how_much_is_left(token: str) -> None:
    for _ in range(3):
        keep(as_file(an_instance(PatientID=generate_uid()[-20:])))

    first = search(token, "limit=2")
    last = search(token, "limit=2&offset=2")

    assert first.headers["warning"] == '299 dokuei "There are 1 additional results that can be requested"'
    assert (len(first.json), len(last.json), "warning" in last.headers) == (2, 1, False)


def test_unknown_keys_are_named_and_ignored(token: str) -> None:
    keep(as_file(an_instance()))

    reply = search(token, "Nonsense=1&Manufacturer=X&includefield=Rubbish")

    assert len(reply.json) == 1
    assert reply.headers["warning"].endswith('were ignored: Nonsense, Rubbish, 00080070"')


@pytest.mark.parametrize(
    "question",
    ["StudyDate=yesterday", "StudyDate=20261301", "StudyTime=25", "limit=-1", "limit=x", "offset=1.5",
     "StudyInstanceUID=1.2.*", "fuzzymatching=perhaps", "PatientBirthDate=-", "PatientID=" + "9" * 2000,
     "PatientID=%ff", "&".join(f"PatientID={n}" for n in range(101))],
)  # fmt: skip
def test_a_value_that_makes_no_sense_is_400(token: str, question: str) -> None:
    reply = search(token, question)

    assert (reply.status, reply.json["code"]) == (400, "query.value")


@pytest.mark.parametrize(
    ("accept", "status", "kind"),
    [
        pytest.param("application/dicom+json", 200, "application/dicom+json", id="JSON"),
        pytest.param("*/*", 200, "application/dicom+json", id="anything"),
        pytest.param("text/html, application/json;q=0.5", 200, "application/dicom+json", id="second best"),
        pytest.param('multipart/related; type="application/dicom+xml"', 200, "multipart/related", id="XML"),
        pytest.param("text/html", 406, "application/problem+json", id="neither"),
        pytest.param("application/dicom+json;q=0", 406, "application/problem+json", id="refused"),
    ],
)
def test_the_form_is_the_one_asked_for(token: str, accept: str, status: int, kind: str) -> None:
    keep(as_file(an_instance()))

    reply = search(token, "", accept=accept)

    assert (reply.status, reply.headers["content-type"].split(";")[0]) == (status, kind)


def test_xml_holds_names_sequences_and_counts(token: str) -> None:
    keep(as_file(an_instance(StudyDescription="<b>&\x0c", RequestAttributesSequence=[an_order("A1", "S1")])))

    reply = search(token, "", "series", accept='multipart/related; type="application/dicom+xml"')

    ((kind, body),) = reply.parts()
    root = ET.fromstring(body)  # noqa: S314 - our own
    by_keyword = {one.get("keyword"): one for one in root}
    assert kind == "application/dicom+xml"
    assert root.tag == f"{NATIVE}NativeDicomModel"
    family = by_keyword["PatientName"].find(f"{NATIVE}PersonName/{NATIVE}Ideographic/{NATIVE}FamilyName")
    assert family is not None
    assert family.text == "山田"
    step = by_keyword["RequestAttributesSequence"].find(
        f"{NATIVE}Item/{NATIVE}DicomAttribute[@tag='00400009']/"
    )
    assert step is not None
    assert step.text == "S1"


def test_every_search_leaves_one_row_and_a_study_below_none(token: str) -> None:
    ds = an_instance()
    keep(as_file(ds))
    for below in ("studies", "series", "instances", f"studies/{ds.StudyInstanceUID}/series"):
        search(token, "PatientID=P1", below)

    with everywhere():
        found = Entry.objects.filter(event=Event.STUDY_QUERIED.value.code)
        assert found.count() == 3
        assert not any("P1" in str(vars(row)) for row in found)


def test_a_reader_finds_only_what_was_granted_at_every_level() -> None:
    seen, hidden = an_instance(), an_instance()
    keep(as_file(seen))
    keep(as_file(hidden))
    reader = a_person(Role.READER, a_facility())
    lead = a_person(Role.LEAD, a_facility())
    with scope(lead.facilities):
        (study_id,) = Study.objects.filter(study_instance_uid=seen.StudyInstanceUID).values_list(
            "pk", flat=True
        )
        services.grant_views(
            lead, study_ids=[study_id], person_id=reader.person_id or 0, reason="reading:1", at=AT
        )

    for level in (Level.STUDY, Level.SERIES, Level.IMAGE):
        found = [one["0020000D"]["Value"][0] for one in engine.find(reader, Query(level=level))]
        assert found == [seen.StudyInstanceUID]
    assert len(list(engine.find(reader, Query(level=Level.PATIENT)))) == 1


def test_results_come_in_portions_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "CHUNK", 2)
    for number in range(5):
        keep(as_file(an_instance(PatientID=f"P{number}", StudyDate=f"2026010{number + 1}")))
    key = Key((0x00080020,), "20260102-")

    found = list(engine.find(a_sender(a_facility()), Query(level=Level.STUDY, keys=(key,))))

    assert [one["00100020"]["Value"][0] for one in found] == ["P4", "P3", "P2", "P1"]


INDEXES = [
    ((0x00100020,), "P77", "patients_id"),
    ((0x00100010,), "山田^太77*", "patients_ideographic"),
    ((0x00100010,), "ヤマダ^タ77*", "patients_phonetic"),
    ((0x00100010,), "yamada^t77*", "patients_alphabetic"),
    ((0x00080050,), "A77", "imaging_study_accession"),
    ((0x00080050,), "A77*", "imaging_study_accession"),
    ((0x00080020,), "20260101", "imaging_study_day"),
]


def many(facility_id: int, count: int) -> None:
    """Patients with a study each, and what the planner knows of them."""
    patients = Patient.objects.bulk_create(
        Patient(
            facility_id=facility_id, patient_id=f"P{n}", created_at=AT,
            name_raw=f"Yamada^T{n}=山田^太{n}=やまだ^た{n}",
        )
        for n in range(count)
    )  # fmt: skip
    Study.objects.bulk_create(
        Study(
            facility_id=facility_id, patient=patient, study_instance_uid=f"1.2.{n}", accession_number=f"A{n}",
            study_on=date(2020, 1, 1) + timedelta(days=n), received_at=AT, last_received_at=AT, settle_due_at=AT,
        )
        for n, patient in enumerate(patients)
    )  # fmt: skip


def test_guarded_rows_are_found_by_an_index() -> None:
    """Row-level security lets only leak-proof conditions into an index; ours are."""
    machine = a_sender(a_facility())
    (facility_id,) = machine.facilities
    with scope(machine.facilities):
        many(facility_id, 4000)
    with psycopg.connect(os.environ["DOKUEI_TEST_SUPERUSER"], autocommit=True) as superuser:
        superuser.execute("analyze patients_patient, imaging_study")

    plans = {}
    for path, value, index in INDEXES:
        query = Query(level=Level.STUDY, keys=(Key(path, value),), facility_id=facility_id)
        with scope(machine.facilities):
            plans[value, index] = rows.matching(machine, query).explain()

    assert [one for one, plan in plans.items() if one[1] not in plan] == []
    assert all("InitPlan" in plan for plan in plans.values())  # the policy is on, and asked once
