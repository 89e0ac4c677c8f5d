"""Sample work for an empty instance, brought in through the real doors: C-STORE, requests, a signed report.

Real patient data cannot ship with a product, so the studies are synthetic: a chest CT with a nodule that grew since
its prior, and a few more. Names, requests and reports are invented.
"""

import io
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from dokuei.base.clock import JST
from dokuei.dicom.phantom import ChestCT, Nodule, datasets
from dokuei.identity.access import Role, system_actor
from dokuei.kit.config import Config

LISTING_SECONDS = 60.0

SAMPLE = system_actor("sample")
WAIT_SECONDS = 120.0


@dataclass(frozen=True)
class SampleCase:
    """One patient of the sample: what was imaged, and what is asked about it."""

    title: str
    """AE title that sends, which is the facility."""
    requester: str
    patient: dict[str, str]
    days_ago: float
    nodule_mm: float | None
    slices: int
    seed: int
    content: dict[str, Any] | None
    report: tuple[str, str] | None = None


YAMADA = {
    "patient_id": "0012345",
    "patient_name": "YAMADA^TARO=山田^太郎=やまだ^たろう",
    "birth_date": "19680312",
    "sex": "M",
}
TAKAHASHI = {
    "patient_id": "0023456",
    "patient_name": "TAKAHASHI^SAKI=髙橋^早紀=たかはし^さき",
    "birth_date": "19540725",
    "sex": "F",
}
SUZUKI = {
    "patient_id": "M-778",
    "patient_name": "SUZUKI^ICHIRO=鈴木^一郎=すずき^いちろう",
    "birth_date": "19471103",
    "sex": "M",
}
CASES = (
    SampleCase(
        "SHIRAHAMA_CT", "ito@sample.test", YAMADA, 182, 8.0, 56, 1,
        {
            "exam": {"modality": "CT", "body_part": "胸部", "description": "胸部単純CT", "jj1017": None},
            "urgency": "next_clinical_day",
            "question": "健診で指摘された右肺結節の精査をお願いします。",
            "complaint": "自覚症状なし",
            "history": "高血圧で内服中。喫煙 20本/日×30年",
            "surgery": "なし",
            "labs": "CEA 3.1 ng/mL",
            "contrast": {"planned": "no", "given": "no", "agent": "", "note": ""},
            "comparison": {"state": "none", "where_when": ""},
            "requester_name": "伊藤 恵", "requester_department": "呼吸器内科",
            "callback_phone": "内線 2210",
        },
        (
            "右肺上葉に長径約8mm大の充実性結節を認めます。辺縁は軽度不整です。\n"
            "胸膜陥入像は明らかではありません。縦隔・肺門に有意なリンパ節腫大を認めません。\n"
            "胸水を認めません。",
            "右肺上葉結節（約8mm）。原発性肺癌を否定できず、3〜6か月後のCTでの経過観察を推奨します。",
        ),
    ),
    SampleCase(
        "SHIRAHAMA_CT", "ito@sample.test", YAMADA, 0.02, 14.0, 56, 1,
        {
            "exam": {"modality": "CT", "body_part": "胸部", "description": "胸部単純CT", "jj1017": None},
            "urgency": "urgent", "urgency_reason": "午後の外来で説明予定",
            "question": "右肺上葉結節の経過観察です。増大の有無をご教示ください。",
            "complaint": "2週間前から乾性咳嗽",
            "history": "高血圧で内服中。喫煙 20本/日×30年",
            "surgery": "なし",
            "labs": "CEA 5.8 ng/mL（前回 3.1）",
            "contrast": {"planned": "no", "given": "no", "agent": "", "note": ""},
            "comparison": {"state": "received", "where_when": "当院 半年前"},
            "requester_name": "伊藤 恵", "requester_department": "呼吸器内科",
            "callback_phone": "内線 2210",
        },
    ),
    SampleCase(
        "SHIRAHAMA_CT", "ito@sample.test", TAKAHASHI, 0.01, None, 28, 5,
        {
            "exam": {"modality": "CT", "body_part": "胸部", "description": "胸部単純CT", "jj1017": None},
            "urgency": "emergency", "urgency_reason": "SpO2 88%、救急外来",
            "question": "呼吸困難の原因検索。肺炎・気胸の有無をお願いします。",
            "complaint": "今朝からの呼吸困難",
            "callback_phone": "救急外来 内線 119",
            "requester_name": "伊藤 恵", "requester_department": "救急科",
        },
    ),
    SampleCase(
        "MIDORI_CT", "mori@sample.test", SUZUKI, 0.05, 6.0, 28, 9,
        {
            "exam": {"modality": "CT", "body_part": "胸部", "description": "肺がん検診 低線量CT", "jj1017": None},
            "urgency": "checkup",
            "question": "肺がん検診二次読影をお願いします。",
            "complaint": "なし", "history": "糖尿病", "surgery": "胆嚢摘出（2010年）", "labs": "",
            "contrast": {"planned": "no", "given": "no", "agent": "", "note": ""},
            "comparison": {"state": "elsewhere", "where_when": "市立病院 2024年"},
            "requester_name": "森 和子", "requester_department": "内科", "callback_phone": "042-000-0002",
        },
    ),
    SampleCase("SHIRAHAMA_CT", "ito@sample.test", TAKAHASHI, 400, None, 28, 5, None),
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Load the sample once; a second start only prints who may sign in."""
    from dokuei.hub.cli import setup_django

    config = setup_django()
    from dokuei.identity.models import Person

    real = Path(arguments[0]) if arguments else None
    if not Person.objects.exists():
        _load(config, real)
    _introduce(config)
    return 0


def _load(config: Config, real: Path | None) -> None:
    from dokuei.hub import sample_people
    from dokuei.kit.db import system_scope

    say("見本の施設と利用者を作成しています …")
    with system_scope("sample"):
        sample_people.furnish(SAMPLE, config, at=datetime.now(UTC))
    if real is not None:
        say(f"{real} の検査を C-STORE で送信しています …")
        _send(config, real, "SHIRAHAMA_CT")
        _wait_until_quiet()
        _request_everything()
        return
    with tempfile.TemporaryDirectory(prefix="dokuei-sample-") as folder:
        for number, case in enumerate(CASES, start=1):
            say(f"合成CTを作成し C-STORE で送信しています … {number} / {len(CASES)}")
            place = Path(folder) / str(number)
            uid = _write(case, place)
            _send(config, place, case.title)
            _wait_until(partial(_is_listed, uid, case.slices))
            if case.content is not None:
                _ask(case, uid)


def _write(case: SampleCase, folder: Path) -> str:
    folder.mkdir()
    at = (datetime.now(JST) - timedelta(days=case.days_ago)).replace(microsecond=0, tzinfo=None)
    ct = ChestCT(
        patient_id=case.patient["patient_id"],
        patient_name=case.patient["patient_name"],
        birth_date=case.patient["birth_date"],
        sex=case.patient["sex"],
        study_at=at,
        nodule=Nodule(case.nodule_mm) if case.nodule_mm else None,
        slices=case.slices,
        spacing_mm=260 / case.slices,
        seed=case.seed,
        accession_number=f"A{at:%y%m%d}{case.seed:02d}",
        institution="Dokuei sample",
    )
    for ds in datasets(ct):
        out = io.BytesIO()
        ds.save_as(out, enforce_file_format=True)
        (folder / f"{ds.InstanceNumber:04d}.dcm").write_bytes(out.getvalue())
    return ct.study_instance_uid


def _send(config: Config, path: Path, calling: str) -> None:
    """Send by C-STORE, as any hospital would."""
    from dokuei.hub.cli import main as dokuei

    to = config.dicom.replace("@0.0.0.0:", "@127.0.0.1:")
    if dokuei(["send", str(path), "--to", to, "--from", calling]):
        say("一部のファイルは受け付けられませんでした（上の一覧を確認してください）。")


def _listed(study_uid: str = "") -> int:
    """Images that are listed, of one study or of all: a moment after they were acknowledged."""
    from dokuei.imaging.models import Instance
    from dokuei.kit.db import system_scope

    with system_scope("sample"):
        rows = Instance.objects.all()
        return rows.filter(study__study_instance_uid=study_uid).count() if study_uid else rows.count()


def _is_listed(study_uid: str, count: int) -> bool:
    return _listed(study_uid) >= count


def _wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + LISTING_SECONDS
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError("the images that were sent are not listed")
        time.sleep(0.05)


def _wait_until_quiet() -> None:
    """Until the number of listed images stands still; how many are repeats or contradict is not known before."""
    seen = [-1]

    def is_still() -> bool:
        time.sleep(1.0)
        before, seen[0] = seen[0], _listed()
        return seen[0] == before

    _wait_until(is_still)


def _ask(case: SampleCase, study_uid: str) -> None:
    from dokuei.imaging.models import Study
    from dokuei.intake import services as intake
    from dokuei.intake.services import Content
    from dokuei.kit.db import system_scope

    at = datetime.now(UTC)
    actor = _actor(case.requester)
    with system_scope("sample"):
        study = Study.objects.get(study_instance_uid=study_uid)
        request = intake.draft_request(
            actor,
            facility_id=study.facility_id,
            study_ids=[study.pk],
            content=Content.model_validate(case.content),
            at=at,
        )
        intake.send_request(actor, request.pk, at=at)
    if case.report is not None:
        _read(request.pk, study.pk, case.report)


def _read(request_id: int, study_id: int, texts: tuple[str, str]) -> None:
    """Claim, write and sign, as a reader would, so that there is a prior report."""
    from dokuei.imaging import services as imaging
    from dokuei.kit.db import system_scope
    from dokuei.reporting import services as reporting
    from dokuei.worklist import services as readings
    from dokuei.worklist.models import Reading

    with system_scope("sample"):
        imaging.settle_study(SAMPLE, study_id, at=datetime.now(UTC))

    def waiting() -> int | None:
        with system_scope("sample"):
            row = Reading.objects.filter(request_id=request_id, state="waiting").first()
        return row.pk if row else None

    reading_id = wait_for(waiting)
    at = datetime.now(UTC)
    actor = _actor("sato@sample.test")
    with system_scope("sample"):
        readings.claim_reading(actor, reading_id, at=at)
        report = reporting.report_of_reading(actor, reading_id, at=at)
        saved = reporting.save_draft(
            actor, report.pk, findings=texts[0], impression=texts[1], revision=report.revision, at=at
        )
        reporting.sign_report(actor, report.pk, revision=saved.revision, overrides={}, at=at)


def _request_everything() -> None:
    """One plain request per real study, so that there is work to do."""
    from dokuei.imaging.models import Study
    from dokuei.intake import services as intake
    from dokuei.intake.services import Content
    from dokuei.kit.db import system_scope

    actor = _actor("ito@sample.test")
    at = datetime.now(UTC)
    with system_scope("sample"):
        for study in Study.objects.filter(asked_by=None).exclude(receipt="held").order_by("-study_at"):
            content = Content.model_validate(
                {
                    "exam": {
                        "modality": (study.modalities or ["OT"])[0],
                        "body_part": study.body_part,
                        "description": study.description or "検査",
                    },
                    "urgency": "same_day",
                    "question": "所見の確認をお願いします。",
                    "requester_name": "伊藤 恵",
                    "callback_phone": "内線 2210",
                }
            )
            request = intake.draft_request(
                actor, facility_id=study.facility_id, study_ids=[study.pk], content=content, at=at
            )
            intake.send_request(actor, request.pk, at=at)


def _actor(email: str) -> Any:
    """The actor of a sample person who has just shown both factors."""
    from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY

    from dokuei.identity.models import Person
    from dokuei.identity.queries import person_actor

    now = datetime.now(UTC)
    session = {AUTHENTICATION_METHODS_SESSION_KEY: [{"method": "mfa", "at": now.timestamp()}]}
    return person_actor(Person.objects.get(email=email), session, now)


def wait_for(what: Callable[[], int | None]) -> int:
    """Look again until there is an answer."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        if (found := what()) is not None:
            return found
        time.sleep(0.1)
    raise TimeoutError("the sample's reading did not become ready")


def _introduce(config: Config) -> None:
    from dokuei.hub.sample_people import PEOPLE, present_code, sample_password

    roles = {
        Role.READER: "読影医",
        Role.REQUESTER: "依頼医",
        Role.TECHNOLOGIST: "技師",
        Role.SUPPORT: "サポート",
        Role.LEAD: "責任者",
        Role.ADMINISTRATOR: "管理者",
    }
    if present_code(config, PEOPLE[0].email) is None:
        return
    say("")
    say(f"見本の利用者（パスワードは全員 {sample_password(config)}）")
    for one in PEOPLE:
        say(
            f"  {roles[one.role]:　<5}{one.email:<24}{one.name:　<7}認証コード {present_code(config, one.email)}"
        )
    say("認証コードは30秒ごとに変わります。  dokuei admin code メールアドレス  で表示できます。")
    say("")


def say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
