"""Why an instance could not be listed, and when to try again. No database, no clock, no network."""

from datetime import timedelta

from dokuei.base.errors import DokueiError

DAMAGED = "segment.damaged"
SENTENCES = {
    DAMAGED: "保存した画像の内容が受信時と異なります。送信元から再送してください。",
    "segment.differs": "保存した画像の内容が受信時と異なります。送信元から再送してください。",
    "store.missing": "保存した画像が見つかりません。送信元から再送してください。",
}
SQL = "sql."
FIRST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(days=1)
LONGEST_CODE = 40


def code_of(error: BaseException, sqlstate: str) -> str:
    """A permanent code of what stood against listing: an error's own, or the database's SQLSTATE."""
    if isinstance(error, DokueiError):
        return error.error_code[:LONGEST_CODE]
    return f"{SQL}{sqlstate}" if sqlstate else f"unexpected.{type(error).__name__}"[:LONGEST_CODE]


def sentence(code: str) -> str:
    """What support reads of a code."""
    if code.startswith(SQL):
        state = code.removeprefix(SQL)
        return f"データベースが登録を受け付けませんでした（SQLSTATE {state}）。画像は保存されています。"
    return SENTENCES.get(code, "登録の処理で予期しないエラーが起きました。画像は保存されています。")


def rest(tries: int) -> timedelta:
    """How long to wait after so many tries."""
    doubled: int = 2 ** min(tries - 1, 20)
    return min(FIRST_REST * doubled, LONGEST_REST)
