"""When what is held of a patient may be put right. No database, no clock."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from dokuei.base.errors import Refusal
from dokuei.dicom.person_name import LONGEST, PersonName, parse_name, spaced


class CorrectionRefusal(Refusal):
    STALE = (
        "correction.stale",
        "ほかの人が先に変更したか、新しい画像で補われました。最新の内容を確認してください。",
    )
    REASON = "correction.reason", "訂正の理由を入力してください。"
    NOTHING = "correction.nothing", "登録されている内容と同じです。訂正する項目を変更してください。"
    EMPTY = "correction.no_name", "氏名は空にできません。"
    LONG = "correction.long_name", "氏名が長すぎます。64文字までにしてください。"
    UNDONE = "correction.undone", "この訂正は既に取り消されています。"
    NOT_LAST = (
        "correction.not_last",
        "この訂正の後に別の訂正があります。新しい訂正から順に取り消してください。",
    )


@dataclass(frozen=True)
class Facts:
    """What is held of a person under an ID, in the form it is stored in."""

    name_kanji: str
    name_kana: str
    name_romaji: str
    name_raw: str
    birth_date: date | None
    sex: str

    @classmethod
    def named(cls, name: PersonName, birth_date: date | None, sex: str, *, raw: str | None = None) -> "Facts":
        groups = (spaced(name.kanji), spaced(name.kana), spaced(name.romaji))
        return cls(*groups, name.dicom if raw is None else raw, birth_date, sex)

    def kept(self) -> dict[str, Any]:
        """As a row of an act keeps it."""
        born = self.birth_date.isoformat() if self.birth_date else None
        return {**asdict(self), "birth_date": born}

    @classmethod
    def of_kept(cls, kept: Mapping[str, Any]) -> "Facts":
        born = kept["birth_date"]
        return cls(**{**kept, "birth_date": date.fromisoformat(born) if born else None})


def typed_name(*, kanji: str, kana: str, romaji: str) -> PersonName:
    """A name as a person types it, words separated by spaces, read like one from a device.

    >>> typed_name(kanji="山田　太郎", kana="ﾔﾏﾀﾞ ﾀﾛｳ", romaji="").dicom
    '=山田^太郎=ヤマダ^タロウ'
    """
    groups = ("^".join(group.replace("=", " ").split()) for group in (romaji, kanji, kana))
    return parse_name("=".join(groups))


def why_not_correct(held: Facts, seen: Facts, wanted: Facts, reason: str) -> CorrectionRefusal | None:
    """Return why what is held is not put right so, or None. `seen` is what the person had on the screen."""
    if seen != held:
        return CorrectionRefusal.STALE
    if not reason.strip():
        return CorrectionRefusal.REASON
    if not (wanted.name_kanji or wanted.name_kana or wanted.name_romaji):
        return CorrectionRefusal.EMPTY
    if max(map(len, (wanted.name_kanji, wanted.name_kana, wanted.name_romaji))) > LONGEST:
        return CorrectionRefusal.LONG
    return CorrectionRefusal.NOTHING if wanted == held else None


def why_not_undo(*, is_undone: bool, is_last: bool, reason: str) -> CorrectionRefusal | None:
    """Return why a correction is not taken back, or None: the newest first, so that each restores what it replaced."""
    if is_undone:
        return CorrectionRefusal.UNDONE
    if not is_last:
        return CorrectionRefusal.NOT_LAST
    return None if reason.strip() else CorrectionRefusal.REASON
