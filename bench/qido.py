"""How searches grow with the archive: the viewer's and the worklist's questions at several sizes.

Rows are made by SQL in a scratch embedded PostgreSQL; questions go through the door's own code as the application role,
with row-level security, access checks and the audit row. Times are wall times without HTTP.
"""

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable

import django

import tests.harness  # noqa: F401  # starts the scratch server and points the settings at it

django.setup()

import psycopg

from dokuei.identity.access import Actor, Permission
from dokuei.imaging import queries
from dokuei.imaging.dicomweb import qido
from dokuei.imaging.search.query import Level
from dokuei.kit.db import scope

FACILITIES = 20
DAYS = 5 * 365
SURNAMES = [
    ("Yamada", "山田", "やまだ"), ("Satou", "佐藤", "さとう"), ("Suzuki", "鈴木", "すずき"), ("Takahashi", "髙橋", "たかはし"),
    ("Tanaka", "田中", "たなか"), ("Itou", "伊藤", "いとう"), ("Watanabe", "渡邉", "わたなべ"), ("Nakamura", "中村", "なかむら"),
    ("Kobayashi", "小林", "こばやし"), ("Katou", "加藤", "かとう"),
]  # fmt: skip
GIVEN = [
    ("Tarou", "太郎", "たろう"),
    ("Hanako", "花子", "はなこ"),
    ("Jirou", "次郎", "じろう"),
    ("Yui", "結衣", "ゆい"),
]

# A tenth of each facility's patients has the same surname: seven times as many as the commonest one in Japan.
PATIENTS = """
insert into patients_patient (facility_id, issuer, patient_id, placeholder, name_kanji, name_kana, name_romaji,
    name_raw, birth_date, sex, created_at)
select 1 + n %% {facilities}, '', 'P' || lpad(n::text, 8, '0'), '', '', '', '',
    s.romaji || n / 997 || '^' || g.romaji || '=' || s.kanji || '^' || g.kanji || chr(19968 + n %% 3000)
        || '=' || s.kana || '^' || g.kana,
    date '1940-01-01' + n %% 25000, (array['M', 'F'])[1 + n %% 2], now()
from generate_series(%(first)s::int, %(last)s::int) n
join unnest(%(sr)s::text[], %(sk)s::text[], %(sn)s::text[]) with ordinality s(romaji, kanji, kana, i)
    on s.i = 1 + (n / {facilities} * 7919::bigint) %% %(surnames)s
join unnest(%(gr)s::text[], %(gk)s::text[], %(gn)s::text[]) with ordinality g(romaji, kanji, kana, i)
    on g.i = 1 + (n / {facilities} / %(surnames)s * 104729::bigint) %% %(given)s
"""
STUDIES = """
insert into imaging_study (facility_id, patient_id, study_instance_uid, accession_number, study_id, description,
    body_part, modalities, study_on, study_at, study_time, utc_offset, referring_physician, receipt, held_from,
    held_for, resolved_for, received_at, last_received_at, notes, expected_from, expected_by)
select p.facility_id, p.id, '1.2.392.1.' || n, 'A' || lpad(n::text, 9, '0'), n::text, '胸部CT', 'CHEST',
    array[(array['CT', 'CT', 'MR', 'CR', 'US'])[1 + n %% 5]],
    d.day, d.day + time '08:00' + (n %% 600) * interval '1 minute', time '08:00' + (n %% 600) * interval '1 minute',
    '+0900', 'Sensei^Ichirou=先生^一郎', 'settled', '', '{{}}', '{{}}',
    d.day + time '09:00' + (n %% 600) * interval '1 minute', d.day + time '09:00' + (n %% 600) * interval '1 minute',
    '{{}}', '', ''
from generate_series(%(first)s::int, %(last)s::int) n
join patients_patient p on p.id = 1 + (n * 7::bigint) %% %(patients)s
cross join lateral (select date '2021-11-23' + (n * 31::bigint %% {days})::int as day) d
"""
SERIES = """
insert into imaging_series (facility_id, study_id, series_instance_uid, series_number, modality, description,
    body_part, laterality, frame_of_reference_uid, request_attributes)
select s.facility_id, s.id, s.study_instance_uid || '.' || k, k, s.modalities[1], 'series', 'CHEST', '', '', '[]'
from imaging_study s cross join generate_series(1, 2) k where s.id between %(first)s and %(last)s
"""
INSTANCES = """
insert into imaging_instance (facility_id, study_id, series_id, sop_instance_uid, sop_class_uid, transfer_syntax,
    instance_number, rows, columns, frames, image_position, image_orientation, bits_allocated, store_key,
    store_offset, store_length, data_set_offset, sha256, header_bytes, pixel_offset, pixel_length, frame_bits,
    word_bytes, notes, received_at)
select facility_id, study_id, id, series_instance_uid || '.' || k, '1.2.840.10008.5.1.4.1.1.2',
    '1.2.840.10008.1.2.1', k, 512, 512, 1, '{{}}', '{{}}', 16, 'k', 0, 1, 0, '', 0, 0, 0, 0, 1, '{{}}', now()
from imaging_series cross join generate_series(1, %(each)s) k where study_id between %(first)s and %(last)s
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,100000", help="numbers of studies, rising")
    parser.add_argument("--instances", type=int, default=20, help="instances of a study")
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    sizes = [int(one) for one in options.sizes.split(",")]
    table: dict[str, list[tuple[float, float]]] = {}
    made = 0
    for size in sizes:
        began = time.monotonic()
        grow(made, size, options.instances)
        made = size
        print(
            f"{size:,} studies, {size * options.instances:,} instances made in {time.monotonic() - began:.0f} s",
            flush=True,
        )
        for name, ask in questions(size).items():
            table.setdefault(name, []).append(timed(ask, options.rounds))
            p50, p95 = table[name][-1]
            print(f"  {name:42} p50 {p50:7.2f} ms   p95 {p95:7.2f} ms", flush=True)
    report(sizes, table)


def grow(made: int, size: int, instances: int) -> None:
    """Add rows until there are this many studies. As the superuser: this is no work of the application."""
    patients_before, patients = max(made // 3, 0), size // 3
    with psycopg.connect(os.environ["DOKUEI_TEST_SUPERUSER"], autocommit=True) as connection:
        if not made:
            connection.execute(
                "insert into identity_facility (id, code, name, phone, tier_minutes, is_active, created_at)"
                " select n, 'f' || n, 'f', '', '{}', true, now() from generate_series(1, %s) n", [FACILITIES]
            )  # fmt: skip
        names = {
            "sr": [one[0] for one in SURNAMES], "sk": [one[1] for one in SURNAMES], "sn": [one[2] for one in SURNAMES],
            "gr": [one[0] for one in GIVEN], "gk": [one[1] for one in GIVEN], "gn": [one[2] for one in GIVEN],
            "surnames": len(SURNAMES), "given": len(GIVEN),
        }  # fmt: skip
        said = {"facilities": FACILITIES, "days": DAYS}
        span = {"first": patients_before + 1, "last": patients}
        connection.execute(PATIENTS.format(**said), {**names, **span})
        span = {"first": made + 1, "last": size}
        connection.execute(STUDIES.format(**said), {**span, "patients": patients})
        connection.execute(SERIES, span)
        connection.execute(INSTANCES.replace("{{}}", "{}"), {**span, "each": instances // 2})
        for name in ("patients_patient", "imaging_study", "imaging_series", "imaging_instance"):
            connection.execute(f"vacuum analyze {name}")


def questions(size: int) -> dict[str, Callable[[], object]]:
    """What a viewer and a worklist ask, each time of other rows."""
    rng = random.Random(7)

    def of(n: int) -> tuple[int, int]:
        patient = 1 + n * 7 % (size // 3)
        return patient, 1 + patient % FACILITIES

    def ask(
        level: Level, facility: int, params: list[tuple[str, str]], study: str = "", series: str = ""
    ) -> object:
        asked = qido.Asked(machine(facility), facility, "/dicomweb/f", level, study, series)
        answer = qido.answer(asked, params)
        assert answer.status == 200
        return answer

    def study() -> tuple[int, int, int]:
        n = rng.randint(1, size)
        return (n, *of(n))

    def by_study(key: str, text: Callable[[int, int], str]) -> Callable[[], object]:
        def run() -> object:
            n, patient, facility = study()
            return ask(Level.STUDY, facility, [(key, text(n, patient)), ("limit", "50")])

        return run

    def name(position: int) -> Callable[[], object]:
        def run() -> object:
            surname, given = rng.choice(SURNAMES), rng.choice(GIVEN)
            text = (
                f"{surname[position]}^{given[position][:1]}*"
                if position
                else f"{surname[0]}{rng.randint(0, 50)}*"
            )
            return ask(Level.STUDY, rng.randint(1, FACILITIES), [("PatientName", text), ("limit", "50")])

        return run

    def below(level: Level) -> Callable[[], object]:
        def run() -> object:
            n, _, facility = study()
            uid = f"1.2.392.1.{n}"
            return ask(level, facility, [], uid, f"{uid}.1" if level is Level.IMAGE else "")

        return run

    def today() -> object:
        n, _, facility = study()
        day = time.strftime("%Y%m%d", time.gmtime(1637625600 + 86400 * (n * 31 % DAYS)))
        return ask(Level.STUDY, facility, [("StudyDate", day), ("ModalitiesInStudy", "CT")])

    return {
        "studies of a patient ID": by_study("PatientID", lambda n, patient: f"P{patient:08}"),
        "by accession number": by_study("AccessionNumber", lambda n, patient: f"A{n:09}"),
        "by Study Instance UID": by_study("StudyInstanceUID", lambda n, patient: f"1.2.392.1.{n}"),
        "a day's CT of a facility": today,
        "name prefix, romaji": name(0),
        "name prefix, kanji": name(1),
        "name prefix, kana": name(2),
        "newest 50 studies, no key": lambda: ask(Level.STUDY, rng.randint(1, FACILITIES), [("limit", "50")]),
        "series of a study": below(Level.SERIES),
        "instances of a series": below(Level.IMAGE),
        "study list, one facility": lambda: listed({rng.randint(1, FACILITIES)}),
        "study list, every facility": lambda: listed(set(range(1, FACILITIES + 1))),
        "study list, word: patient ID": lambda: listed(set(range(1, FACILITIES + 1)), f"P{study()[1]:08}"),
        "study list, word: kanji surname": lambda: listed(
            {rng.randint(1, FACILITIES)}, rng.choice(SURNAMES)[1]
        ),
    }


def listed(facilities: set[int], words: str = "") -> object:
    with scope(facilities):
        return queries.page(machine(*facilities), words=words)


def machine(*facilities: int) -> Actor:
    rights = frozenset({Permission.DICOM_READ, Permission.STUDY_READ})
    return Actor(kind="machine", name="bench", permissions=rights, facilities=frozenset(facilities))


def timed(ask: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Milliseconds at the middle and at the slowest twentieth, after a warm-up."""
    for _ in range(5):
        ask()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times), sorted(times)[int(len(times) * 0.95) - 1]


def report(sizes: list[int], table: dict[str, list[tuple[float, float]]]) -> None:
    print(
        "\n| question | "
        + " | ".join(f"{size:,} studies: p50 / p95 ms" for size in sizes)
        + " | p95 growth |"
    )
    print("|---|" + "---|" * (len(sizes) + 1))
    for name, row in table.items():
        cells = " | ".join(f"{p50:.1f} / {p95:.1f}" for p50, p95 in row)
        print(f"| {name} | {cells} | x{row[-1][1] / row[0][1]:.1f} |")


if __name__ == "__main__":
    main()
