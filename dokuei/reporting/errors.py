"""Refusals of reporting."""

from dokuei.base.errors import Invalid, Refused


class DraftConflict(Refused):
    """別の画面で先に保存されています。両方の内容を確認して選んでください。"""

    code = "report.draft_conflict"


class ChecksStand(Refused):
    """署名の前に確認が必要な項目があります。"""

    code = "report.checks"


class MarksConflict(Refused):
    """別の画面で先に計測が保存されています。どちらを残すか選んでください。"""

    code = "marks.conflict"


class ImageNotSeen(Invalid):
    """この読影の検査にない画像です。画像を開き直してからやり直してください。"""

    code = "figure.image_not_seen"


class AreaEmpty(Invalid):
    """画像が表示範囲に入っていません。表示を戻してからやり直してください。"""

    code = "figure.area_empty"


class AnotherPatientOpen(Refused):
    """外部ビューアで別の患者・検査が開かれています。ビューアを閉じたことを確認してから署名してください。"""

    code = "report.another_patient_open"
