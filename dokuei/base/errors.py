"""Five kinds of error and no sixth; every door renders them the same way.

    DokueiError
    ├── Invalid        422   the message makes no sense
    ├── NotFound       404   not there, or not yours
    ├── NotPermitted   403   you may not
    ├── Refused        409   a rule says no, and says why
    └── Unavailable    503   try again later; the only kind a queue retries

A room subclasses one of the five and gives a permanent `code`. `detail` is a Japanese sentence for the person
at the screen: what happened, what is safe, what to do. It never holds patient data.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar


class DokueiError(Exception):
    """処理できませんでした。"""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, detail: str | None = None, *, code: str | None = None, **fields: Any) -> None:
        self.detail = detail or (type(self).__doc__ or "").strip().splitlines()[0]
        self.fields: Mapping[str, Any] = fields
        self.error_code = code or self.code
        super().__init__(f"{self.error_code}: {self.detail}")


class Invalid(DokueiError):
    """入力の内容を読み取れませんでした。入力を確認してください。"""

    code = "invalid"
    status = 422


class NotFound(DokueiError):
    """見つかりません。"""

    code = "not_found"
    status = 404


class NotPermitted(DokueiError):
    """この操作を行う権限がありません。"""

    code = "not_permitted"
    status = 403


class Refused(DokueiError):
    """現在の状態ではこの操作はできません。"""

    code = "refused"
    status = 409


class Unavailable(DokueiError):
    """一時的に利用できません。しばらくしてからやり直してください。"""

    code = "unavailable"
    status = 503


class Refusal(StrEnum):
    """A reason a rule gives for saying no.

    A member's value is its permanent code; `sentence` is what the person reads. Rooms subclass it and give
    each member as ``NAME = "room.code", "日本語の理由。"``.
    """

    sentence: str

    def __new__(cls, code: str, sentence: str = "") -> "Refusal":
        member = str.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        return member


def refuse(refusal: Refusal, **fields: Any) -> Refused:
    """Turn a rule's reason into the error a door renders.

    >>> class Why(Refusal):
    ...     CLOSED = "door.closed", "閉まっています。"
    >>> refuse(Why.CLOSED).error_code
    'door.closed'
    """
    return Refused(refusal.sentence, code=refusal.value, **fields)
