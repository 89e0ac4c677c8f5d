"""Refusals of planes."""

from dokuei.base.errors import Invalid, NotFound, Unavailable


class StackUnknown(NotFound):
    """断面の元のシリーズが、作成時と同じ内容では見つかりません（画像の追加・削除など）。断面を開き直してください。"""

    code = "plane.stack_unknown"


class PlaneTooLarge(Invalid):
    """断面が大きすぎるか厚すぎるため、作成できません。厚みを減らすか、別の断面にしてください。"""

    code = "plane.too_large"


class PlaneEmpty(Invalid):
    """断面がボリュームの外にあるため、作成できません。"""

    code = "plane.empty"


class PlanesBusy(Unavailable):
    """断面の作成が混み合っています。しばらくしてからやり直してください。"""

    code = "plane.busy"
