"""Refusals of reporting."""

from dokuei.base.errors import Refused


class DraftConflict(Refused):
    """別の画面で先に保存されています。両方の内容を確認して選んでください。"""

    code = "report.draft_conflict"


class ChecksStand(Refused):
    """署名の前に確認が必要な項目があります。"""

    code = "report.checks"
