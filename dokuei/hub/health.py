"""Is this installation fit to serve? Database, migrations, the beats of its loops and listeners, a writable store."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from dokuei.imaging.queries import count_damaged, count_unlisted, store_room
from dokuei.kit import store
from dokuei.kit.config import load_config
from dokuei.kit.models import Beat
from dokuei.reporting.queries import count_failed_exports

log = logging.getLogger("dokuei.health")
BEAT_LIMIT = timedelta(seconds=10)
JOBS_LIMIT = timedelta(seconds=20)
LISTENER_LIMIT = timedelta(seconds=30)
FOR_SUPPORT = {"damage", "dicom", "exports", "hl7", "room", "unlisted"}


@dataclass(frozen=True)
class Check:
    name: str
    ok: bool
    sentence: str
    is_vital: bool = True
    """Without it nothing can be served; the others are for support to see to."""


def checks(at: datetime) -> list[Check]:
    """Every check with a sentence that says what is wrong."""
    probes: list[tuple[str, str, Callable[[datetime], str]]] = [
        ("database", "データベースに接続できます", _database),
        ("migrations", "データベースの構造は最新です", _migrations),
        ("due_loop", "期限の監視が動いています", _due_loop),
        ("jobs", "通知や変換の処理が進んでいます", _jobs),
        ("dicom", "DICOMの受信口が動いています", _dicom),
        *([("hl7", "HL7の受信口が動いています", _hl7)] if load_config().hl7 else []),
        ("store", "画像の保存先に書き込めます", _store),
        ("room", "画像の保存先に空きがあります", _room),
        ("unlisted", "受信した画像はすべて登録されています", _unlisted),
        ("exports", "報告のDICOM書き出しに失敗はありません", _exports),
        ("damage", "破損した画像は見つかっていません", _damage),
    ]
    found = []
    for name, fine, probe in probes:
        try:
            trouble = probe(at)
        except Exception:
            log.exception("health check failed", extra={"check": name})
            trouble = "確認できませんでした"
        found.append(Check(name, not trouble, trouble or fine, is_vital=name not in FOR_SUPPORT))
    return found


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when every vital check holds, else 503; for load balancers and the supervisor."""
    found = checks(timezone.now())
    ready = all(one.ok for one in found if one.is_vital)
    body = {"ready": ready, "checks": {one.name: one.ok for one in found}}
    return JsonResponse(body, status=200 if ready else 503)


def _database(at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('fsync'), current_setting('synchronous_commit')")
        fsync, commit = cursor.fetchone()
    return "" if fsync == "on" and commit != "off" else "データベースの永続化設定（fsync）が無効です"


def _migrations(at: datetime) -> str:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"未適用の変更が{len(plan)}件あります。`dokuei migrate` を実行してください" if plan else ""


def _is_silent(name: str, at: datetime, limit: timedelta) -> bool:
    last = Beat.objects.filter(name=name).values_list("at", flat=True).first()
    return last is None or at - last > limit


def _due_loop(at: datetime) -> str:
    silent = _is_silent("due", at, BEAT_LIMIT)
    return "期限の監視が止まっています。`dokuei worker` を確認してください" if silent else ""


def _jobs(at: datetime) -> str:
    silent = _is_silent("jobs", at, JOBS_LIMIT)
    return "通知や変換の処理が止まっています。`dokuei worker` を確認してください" if silent else ""


def _dicom(at: datetime) -> str:
    silent = _is_silent("dimse", at, LISTENER_LIMIT)
    return (
        "DICOMの受信口が止まっています。画像は届きません。`dokuei dimse` を確認してください" if silent else ""
    )


def _hl7(at: datetime) -> str:
    silent = _is_silent("hl7", at, LISTENER_LIMIT)
    return (
        "HL7の受信口が止まっています。依頼の電文は届きません。`dokuei hl7` を確認してください"
        if silent
        else ""
    )


def _store(at: datetime) -> str:
    return "" if store.default().is_writable() else "画像の保存先に書き込めません。空き容量を確認してください"


def _damage(at: datetime) -> str:
    count = count_damaged()
    return f"保存した画像{count}件の破損を検出しました。送信元からの再送が必要です" if count else ""


def _room(at: datetime) -> str:
    found = store_room()
    if found is None or found.is_stale(at):
        return "空き容量の監視が止まっています。`dokuei worker` を確認してください"
    return found.sentence


def _unlisted(at: datetime) -> str:
    count = count_unlisted()
    return f"受信した画像{count}件を登録できていません。隔離の画面で確認してください" if count else ""


def _exports(at: datetime) -> str:
    count = count_failed_exports()
    return (
        f"報告{count}件の計測・キー画像をDICOMで保存できていません。監査記録で理由を確認してください"
        if count
        else ""
    )
