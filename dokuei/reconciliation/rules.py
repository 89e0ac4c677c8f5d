"""What is looked for each night, and what may be said of it. No database, no clock, no network."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from dokuei.base.clock import JST, local_date
from dokuei.base.errors import Refusal

NIGHT = time(3, 30)
"""When a night's certificate is made, by the clock of Japan."""


class Kind(StrEnum):
    STUDY_WITHOUT_REQUEST = "study_without_request"
    REQUEST_WITHOUT_STUDY = "request_without_study"
    DRAFT_LEFT = "draft_left"
    REQUEST_WITHOUT_READING = "request_without_reading"
    READING_WITHOUT_OWNER = "reading_without_owner"
    READING_LEFT_OPEN = "reading_left_open"
    CONTRADICTION = "contradiction"
    MESSAGE_QUARANTINED = "message_quarantined"
    PAPER_WAITING = "paper_waiting"
    MERGE_WAITING = "merge_waiting"
    QUARANTINED = "quarantined"
    UNLISTED = "unlisted"
    COUNT_DIFFERS = "count_differs"
    REPORT_NOT_DELIVERED = "report_not_delivered"


@dataclass(frozen=True)
class Entry:
    """How one kind of loose end is told."""

    label: str
    owner: str
    cure: str
    grace: timedelta = timedelta(0)
    """How long it may be so before it is listed."""
    may_explain: bool = False
    """Whether it may rightly stay as it is, with a reason. The others are cured or stay listed."""


DAY = timedelta(days=1)
ENTRIES: Mapping[Kind, Entry] = {
    Kind.STUDY_WITHOUT_REQUEST: Entry(
        "依頼のない検査",
        "施設",
        "読影依頼を作成するか、依頼が不要な理由を記録してください。",
        timedelta(hours=12),
        may_explain=True,
    ),
    Kind.REQUEST_WITHOUT_STUDY: Entry(
        "画像のない依頼", "施設", "画像を送信するか、依頼を取り消してください。", timedelta(hours=12)
    ),
    Kind.DRAFT_LEFT: Entry(
        "送信されていない依頼の下書き",
        "施設",
        "依頼を送信するか、下書きを取り消してください。",
        timedelta(hours=12),
    ),
    Kind.REQUEST_WITHOUT_READING: Entry(
        "読影が登録されていない依頼",
        "システム",
        "サポートに連絡してください。受付処理が終わっていません。",
        timedelta(minutes=10),
    ),
    Kind.READING_WITHOUT_OWNER: Entry(
        "期限を過ぎて担当者のいない読影", "サポート", "読影医に連絡して担当を決めてください。"
    ),
    Kind.READING_LEFT_OPEN: Entry(
        "依頼が終わっているのに開いている読影",
        "システム",
        "サポートに連絡してください。読影の状態を確認します。",
    ),
    Kind.CONTRADICTION: Entry(
        "矛盾のため保留中", "サポート", "内容を確認し、理由を記録して保留を解除してください。"
    ),
    Kind.MESSAGE_QUARANTINED: Entry(
        "取り込めなかった依頼の電文",
        "サポート",
        "隔離の画面で内容を確認し、取り込み直すか対応済みにしてください。",
    ),
    Kind.PAPER_WAITING: Entry(
        "依頼になっていない紙の依頼",
        "サポート",
        "紙の依頼の画面で転記・確認するか、理由を添えて差し戻してください。",
        timedelta(hours=2),
    ),
    Kind.MERGE_WAITING: Entry(
        "承認を待つ患者の統合",
        "サポート",
        "申請した人とは別の人が、患者の画面で両方の患者を確認し、統合するか理由を添えて却下してください。",
        timedelta(hours=12),
    ),
    Kind.QUARANTINED: Entry(
        "隔離中の画像",
        "サポート",
        "先に受信した画像と施設の画像を照らし、確認した結果を記録してください。",
        may_explain=True,
    ),
    Kind.UNLISTED: Entry(
        "受信済みで登録できていない画像", "サポート", "隔離・未登録の画面で登録をやり直してください。"
    ),
    Kind.COUNT_DIFFERS: Entry(
        "申告と受信の枚数が異なる検査",
        "施設",
        "不足する画像を送信するか、枚数が正しいことを確認して記録してください。",
        timedelta(hours=1),
        may_explain=True,
    ),
    Kind.REPORT_NOT_DELIVERED: Entry(
        "配信されていない報告", "システム", "配信の画面で状態を確認してください。", timedelta(minutes=30)
    ),
}


class ReconciliationRefusal(Refusal):
    NOT_EXPLAINED = (
        "reconciliation.not_explained",
        "この項目は説明では終えられません。原因を解消してください。",
    )
    NOT_LISTED = (
        "reconciliation.not_listed",
        "この項目はもう一覧にありません。最新の内容を読み込んでください。",
    )
    REASON = "reconciliation.reason", "理由を入力してください。"
    EXPLAINED = "reconciliation.explained", "この項目は別の人が先に説明済みにしました。"
    ENDED = "reconciliation.ended", "この説明は既に取り消されています。"
    SENT = "reconciliation.sent", "この証明書は既に施設へ送付されています。"
    NOT_SENT = "reconciliation.not_sent", "この証明書はまだ施設へ送付されていません。"
    TAKEN = "reconciliation.taken", "この証明書は既に受領されています。"


def grace_text(grace: timedelta) -> str:
    """A grace as people read it; empty where there is none.

    >>> grace_text(timedelta(hours=12)), grace_text(timedelta(minutes=30)), grace_text(timedelta(0))
    ('12時間', '30分', '')
    """
    minutes = int(grace.total_seconds() // 60)
    if minutes == 0:
        return ""
    return f"{minutes}分" if minutes < 60 else f"{minutes // 60}時間"


def why_not_explain(kind: Kind, reason: str) -> Refusal | None:
    """Return why a loose end of this kind cannot be explained with this reason, or None."""
    if not ENTRIES[kind].may_explain:
        return ReconciliationRefusal.NOT_EXPLAINED
    return None if reason.strip() else ReconciliationRefusal.REASON


def next_night(at: datetime) -> datetime:
    """The next time after `at` at which certificates are made."""
    local = at.astimezone(JST)
    tonight = datetime.combine(local.date(), NIGHT, JST)
    return (tonight if tonight > local else tonight + DAY).astimezone(at.tzinfo)


def nights_missed(made: Iterable[date], since: date, at: datetime) -> list[date]:
    """Days from `since` on, up to the last night that is over, for which there is no certificate; newest first.

    A certificate tells of its own moment, so that a night that was missed is never made up for: it stays visible.
    """
    last = local_date(next_night(at)) - DAY
    have = set(made)
    days = [since + timedelta(days=one) for one in range((last - since).days + 1)]
    return sorted((day for day in days if day not in have), reverse=True)
