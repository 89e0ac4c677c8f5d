"""Refusals of intake."""

from dokuei.base.errors import Refused


class DraftConflict(Refused):
    """別の画面で先に保存されています。両方の内容を確認して選んでください。"""

    code = "request.stale"
