"""Why a frame could not be shown. Each refuses one frame and says nothing about the others."""

from dokuei.base.errors import Invalid, Unavailable


class PixelsRefused(Invalid):
    """この画像の画素を取り出せませんでした。元のデータは保存されています。"""

    code = "pixels.refused"


class Undecodable(PixelsRefused):
    """画素データが壊れているか、対応していない形式のため表示できません。元のデータは保存されています。"""

    code = "pixels.undecodable"


class PixelsTooLarge(PixelsRefused):
    """画像が大きすぎるため表示できません。元のデータは保存されています。"""

    code = "pixels.too_large"


class DecoderCrashed(PixelsRefused):
    """画素データの処理が異常終了したため表示できません。元のデータは保存されています。"""

    code = "pixels.crashed"


class DecoderTimedOut(PixelsRefused):
    """画素データの処理が時間内に終わらないため表示できません。元のデータは保存されています。"""

    code = "pixels.timed_out"


class NotLossless(PixelsRefused):
    """復号した画素が元の画素と一致しないため、この画像は変換しません。元のデータは保存されています。"""

    code = "pixels.not_lossless"


class DecodersBusy(Unavailable):
    """画像の処理が混み合っています。しばらくしてからやり直してください。"""

    code = "pixels.busy"


class DecoderAbsent(Unavailable):
    """画像の処理を開始できません。しばらくしてからやり直してください。"""

    code = "pixels.no_decoder"


BY_CODE: dict[str, type[PixelsRefused]] = {
    one.code: one for one in (Undecodable, PixelsTooLarge, DecoderCrashed, DecoderTimedOut, NotLossless)
}
