"""The search against a small model in memory: any rows, any query, the same answer."""

import itertools
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from dokuei.dicom.describe import JST
from dokuei.dicom.person_name import parse_name
from dokuei.identity.access import Actor, Role
from dokuei.identity.models import Facility
from dokuei.imaging.models import Instance, Series, Study, StudyGrant
from dokuei.imaging.search import engine as search
from dokuei.imaging.search.query import Key, Level, Query
from dokuei.imaging.tests.builders import AT, a_facility, a_person, a_sender
from dokuei.imaging.tests.search_model import DATES, NUMBERS, PERSONS, TIMES, UIDS, Held, expected
from dokuei.kit.db import scope
from dokuei.patients.models import Patient

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = [
    "Yamada^Tarou=山田^太郎=やまだ^たろう",
    "YAMADA^HANAKO=山田^花子=ヤマダ^ハナコ",
    "ﾔﾏﾀﾞ^ｼﾞﾛｳ=山田　次郎",
    "山田^太郎",
    "髙橋^﨑子=高橋^崎子=たかはし^さきこ",
    "Takahashi^Saki",
    "Van Der Berg^Jan^Q^^Jr",
    "=斎藤^%_\\",
    "O'Neil^X_Y%",
    "",
]
IDS = ["P1", "P10", "p1", "A_1", "A%1", "AX1", "0001"]
WORDS = ["胸部CT", "胸部単純", "Head CT", "HEAD", "a_b", ""]
DAYS = [date(2026, 1, 1), date(2026, 1, 2), date(2026, 2, 1), None]
CLOCKS = [time(0, 0), time(9, 15), time(9, 15, 30, 500000), time(23, 59, 59), None]
CODES = ["CT", "MR", "CR", ""]


@st.composite
def archives(draw: st.DrawFn) -> list[Held]:
    """Patients with their studies, series and instances."""
    numbers = itertools.count(1)
    patients = []
    for n, patient_id in enumerate(draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=4, unique=True))):
        name = parse_name(draw(st.sampled_from(NAMES)).replace("\\", "")).dicom
        patient = Held(patient_id, {
            (0x00100010,): name, (0x00100020,): patient_id, (0x00100021,): "",
            (0x00100030,): draw(st.sampled_from(DAYS)), (0x00100040,): draw(st.sampled_from(["M", "F", ""])),
        })  # fmt: skip
        patients.append(patient)
        for _ in range(draw(st.integers(1, 3))):
            day = draw(st.sampled_from(DAYS))
            study = Held(f"1.{n}.{next(numbers)}", {
                (0x00080020,): day, (0x00080030,): draw(st.sampled_from(CLOCKS)) if day else None,
                (0x00080050,): draw(st.sampled_from(["", "A1", "A10", "a1", *IDS])),
                (0x00080090,): parse_name(draw(st.sampled_from(NAMES)).replace("\\", "")).dicom,
                (0x00081030,): draw(st.sampled_from(WORDS)), (0x00200010,): draw(st.sampled_from(IDS)),
            }, patient)  # fmt: skip
            study.says[(0x0020000D,)] = study.uid
            patient.below.append(study)
            for _ in range(draw(st.integers(1, 2))):
                _a_series(draw, study, numbers)
            study.says[(0x00080061,)] = sorted({one.says[(0x00080060,)] for one in study.below} - {""})
            study.says[(0x00080062,)] = sorted({i.says[(0x00080016,)] for s in study.below for i in s.below})
    return patients


def _a_series(draw: st.DrawFn, study: Held, numbers: Any) -> None:
    series = Held(f"2.{next(numbers)}", {
        (0x00080060,): draw(st.sampled_from(CODES)), (0x0008103E,): draw(st.sampled_from(WORDS)),
        (0x00200011,): draw(st.sampled_from([None, 1, 2, 10])),
        (0x00400244,): draw(st.sampled_from(DAYS)), (0x00400245,): draw(st.sampled_from(CLOCKS)),
        (0x00400275,): [
            {tag: draw(st.sampled_from(["S1", "S10", 'q"1', "a.b"])) for tag in tags}
            for tags in draw(st.lists(st.sampled_from([(0x00400009,), (0x00400009, 0x00401001)]), max_size=2))
        ],
    }, study)  # fmt: skip
    series.says[(0x0020000E,)] = series.uid
    study.below.append(series)
    for _ in range(draw(st.integers(1, 2))):
        moment = draw(st.sampled_from([None, datetime(2026, 1, 1, 9, 15, 30, tzinfo=JST)]))
        instance = Held(f"3.{next(numbers)}", {
            (0x00080016,): draw(st.sampled_from(["1.2.3", "1.2.4"])),
            (0x00200013,): draw(st.sampled_from([None, 1, 2])), (0x0008002A,): moment,
        }, series)  # fmt: skip
        instance.says[(0x00080018,)] = instance.uid
        series.below.append(instance)


BY_LEVEL: dict[Level, list[tuple[int, ...]]] = {
    Level.PATIENT: [(0x00100010,), (0x00100020,), (0x00100030,), (0x00100040,)],
    Level.STUDY: [
        (0x0020000D,), (0x00080020,), (0x00080030,), (0x00080050,), (0x00080061,), (0x00080062,), (0x00080090,),
        (0x00081030,), (0x00200010,),
    ],
    Level.SERIES: [
        (0x0020000E,), (0x00080060,), (0x0008103E,), (0x00200011,), (0x00400244,), (0x00400245,),
        (0x00400275, 0x00400009), (0x00400275, 0x00401001),
    ],
    Level.IMAGE: [(0x00080018,), (0x00080016,), (0x00200013,), (0x0008002A,)],
}  # fmt: skip


@st.composite
def queries(draw: st.DrawFn) -> Query:
    level = draw(st.sampled_from(list(Level)))
    known = [path for one in list(Level)[: list(Level).index(level) + 1] for path in BY_LEVEL[one]]
    paths = draw(st.lists(st.sampled_from(known), max_size=3, unique=True))
    keys = tuple(Key(path, draw(values(path))) for path in paths)
    return Query(level=level, keys=keys, is_fuzzy=draw(st.booleans()))


def values(path: tuple[int, ...]) -> st.SearchStrategy[str]:  # noqa: PLR0911
    """Values somebody may ask this attribute for."""
    tag = path[-1]
    universal = st.sampled_from(["", "*"])
    if tag in PERSONS:
        return universal | _patterns(
            [*NAMES, "taro yama", "太郎", "ヤマダ", "^太郎", "yamada^^"], with_lists=False
        )
    if tag in UIDS:
        pool = ["1.0.1", "2.2", "2.3", "3.3", "3.4", "1.2.3", "1.2.4"]
        return universal | st.lists(st.sampled_from(pool), min_size=1, max_size=3).map("\\".join)
    if tag == 0x00080061:
        return universal | st.sampled_from(["CT", "MR", "CT\\MR", "C*", '""'])
    if tag in NUMBERS:
        return universal | st.sampled_from(["1", "2", "1\\10", '""'])
    if tag in DATES:
        return universal | st.sampled_from(
            ["20260101", "20260102-", "-20260131", "20260101-20260102", "20260131-20260201", '""']
        )
    if tag in TIMES:
        return universal | st.sampled_from(["0915", "09", "-0915", "091530-", "0000-0914", "091530.5", '""'])
    if tag == 0x0008002A:
        return universal | st.sampled_from(
            ["20260101", "202601010915", "20260101091530+0900", "20260101001530+0000", "-20260101091529",
             "20260101-20260102", "2026-", '""']
        )  # fmt: skip
    return universal | _patterns([*IDS, *WORDS, *CODES, "A1", "S1", 'q"1', "a.b", "M"], with_lists=True)


def _patterns(pool: list[str], *, with_lists: bool) -> st.SearchStrategy[str]:
    one = st.sampled_from([text.replace("\\", "") for text in pool])

    @st.composite
    def pattern(draw: st.DrawFn) -> str:
        text = draw(one)
        kind = draw(st.sampled_from(["as it is", "begins", "ends", "holds", "one off"]))
        cut = draw(st.integers(0, max(len(text) - 1, 0)))
        return {
            "as it is": text, "begins": text[:cut] + "*", "ends": "*" + text[cut:],
            "holds": "*" + text[cut : cut + 2] + "*", "one off": text[:cut] + "?" + text[cut + 1 :],
        }[kind]  # fmt: skip

    lists = st.lists(pattern(), min_size=2, max_size=3).map("\\".join)
    return pattern() | st.just('""') | lists if with_lists else pattern() | st.just('""')


_codes = itertools.count(1)


def keep(facility: Facility, patients: list[Held]) -> None:
    """The model's rows as rows."""
    for patient in patients:
        says = patient.says
        row = Patient.objects.create(
            facility=facility, patient_id=patient.uid, name_raw=says[(0x00100010,)],
            birth_date=says[(0x00100030,)], sex=says[(0x00100040,)], created_at=AT,
        )  # fmt: skip
        for study in patient.below:
            keep_study(facility, row, study)


def keep_study(facility: Facility, patient: Patient, study: Held) -> None:
    says = study.says
    kept = Study.objects.create(
        facility=facility, patient=patient, study_instance_uid=study.uid, study_on=says[(0x00080020,)],
        study_time=says[(0x00080030,)], accession_number=says[(0x00080050,)],
        referring_physician=says[(0x00080090,)], description=says[(0x00081030,)], study_id=says[(0x00200010,)],
        modalities=says[(0x00080061,)], received_at=AT, last_received_at=AT, settle_due_at=AT,
    )  # fmt: skip
    study.pk = kept.pk
    for one in study.below:
        series = Series.objects.create(
            facility=facility, study=kept, series_instance_uid=one.uid, modality=one.says[(0x00080060,)],
            description=one.says[(0x0008103E,)], series_number=one.says[(0x00200011,)],
            performed_on=one.says[(0x00400244,)], performed_time=one.says[(0x00400245,)],
            request_attributes=[{f"{t:08X}": v for t, v in item.items()} for item in one.says[(0x00400275,)]],
        )  # fmt: skip
        Instance.objects.bulk_create(
            Instance(
                facility=facility, study=kept, series=series, sop_instance_uid=leaf.uid,
                sop_class_uid=leaf.says[(0x00080016,)], transfer_syntax="1.2", store_key="k", store_length=0,
                instance_number=leaf.says[(0x00200013,)], acquired_at=leaf.says[(0x0008002A,)],
                data_set_offset=0, sha256="", header_bytes=0, received_at=AT,
            )
            for leaf in one.below
        )  # fmt: skip


UNIQUE = {
    Level.PATIENT: "00100020",
    Level.STUDY: "0020000D",
    Level.SERIES: "0020000E",
    Level.IMAGE: "00080018",
}


def uids(query: Query, results: Any) -> list[str]:
    return [one[UNIQUE[query.level]]["Value"][0] for one in results]


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking against a database would take longer than reading
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(patients=archives(), asked=st.lists(queries(), min_size=6, max_size=10), granted=st.integers(0, 255))
def test_the_search_finds_what_the_model_finds(
    patients: list[Held], asked: list[Query], granted: int
) -> None:
    facility, other = a_facility(f"f{next(_codes)}"), a_facility(f"f{next(_codes)}")
    for one in (facility, other):
        with scope({one.pk}):
            keep(one, patients)
    studies = [study for patient in patients for study in patient.below]
    reader = a_person(Role.READER, other)
    allowed = {study.uid for n, study in enumerate(studies) if granted >> n & 1}
    with scope({other.pk}):
        for study in studies:
            if study.uid in allowed:
                StudyGrant.objects.create(
                    facility=other,
                    study_id=study.pk,
                    person_id=reader.person_id or 0,
                    reason="reading:1",
                    since=AT,
                )
    everything = {study.uid for study in studies}

    for query in asked:
        note(str(query))
        check(a_sender(facility), query, expected(query, patients, everything))
        check(reader, query, expected(query, patients, allowed))


def check(actor: Actor, query: Query, wanted: set[str]) -> None:
    found = uids(query, search.find(actor, query))

    assert sorted(found) == sorted(wanted)
