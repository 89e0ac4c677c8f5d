"""What a mail says: that something waits, for whom, until when. Never about whom, and never what is asked."""

from datetime import datetime

from dokuei.base.clock import JST
from dokuei.intake.askbacks.rules import ADDRESSEES, Addressee


def subject(facility: str, nudge: int) -> str:
    return f"【読影照会】{'再通知: ' if nudge else ''}回答をお待ちしています（{facility}）"


def text(
    *, name: str, facility: str, addressee: str, due_at: datetime, address: str, has_link: bool, phone: str
) -> str:
    until = due_at.astimezone(JST)
    way = (
        "次のリンクから一度だけ回答できます。患者IDと生年月日の入力が必要です。\n"
        "リンクは他の方に渡さないでください。サインインしても回答できます。"
        if has_link
        else "次の画面にサインインして回答してください。"
    )
    lines = [
        f"{name} 様",
        "",
        f"{facility} の読影依頼について、読影側から照会が届いています。",
        f"宛先: {ADDRESSEES[Addressee(addressee)]}",
        f"回答期限: {until:%Y/%m/%d %H:%M}",
        "",
        way,
        address,
        "",
        "このメールに患者さんの情報は含まれていません。返信はできません。",
    ]
    if phone:
        lines.append(f"お問い合わせ: サポート {phone}")
    return "\n".join(lines) + "\n"
