"""Refusals of the archive."""

from dokuei.base.errors import DokueiError, Invalid, NotFound, Refused, Unavailable


class AeTitleIllegal(Invalid):
    """AEタイトルは半角英数字と記号の1〜16文字で入力してください。"""

    code = "ae_title.illegal"


class AeTitleTaken(Invalid):
    """このAEタイトルは既に登録されています。"""

    code = "ae_title.taken"


class AeAddressMissing(Invalid):
    """装置のIPアドレスを「192.168.1.20」の形式で入力してください。待ち受ける装置にはポート番号も必要です。"""

    code = "ae_title.address"


class AeTitleUnknown(NotFound):
    """登録されていないAEタイトルです。"""

    code = "ae_title.unknown"


class StepTaken(Invalid):
    """この実施済手続き（MPPS）は既に登録されています。"""

    code = "mpps.taken"


class StepUnknown(NotFound):
    """登録されていない実施済手続き（MPPS）です。"""

    code = "mpps.unknown"


class StepClosed(Invalid):
    """完了または中止した実施済手続き（MPPS）は変更できません。"""

    code = "mpps.closed"


class InstanceTooLarge(Invalid):
    """画像が大きすぎるため受け付けられません。"""

    code = "instance.too_large"


class MediaDirectory(Invalid):
    """DICOMDIRは画像ではないため登録しません（画像はそのまま登録されます）。"""

    code = "instance.media_directory"


class FrameMissing(NotFound):
    """表示できる画素データがありません。"""

    code = "frame.missing"


class NotListed(DokueiError):
    """画像を登録できませんでした。もう一度送信し、続く場合はサポートに連絡してください。"""

    code = "instance.not_listed"


class DiskLow(Unavailable):
    """保存先の空き容量が不足しています。画像は保存されていません。送信元に残してください。"""

    code = "store.low"


class QuotaExceeded(Unavailable):
    """契約の保存容量を超えるため、画像は保存されていません。送信元に残し、管理者に連絡してください。"""

    code = "quota.exceeded"


class UploadTooLarge(Invalid):
    """一度に送信できる量を超えています。分けて送信してください。"""

    code = "upload.too_large"


class ArchiveUnsafe(Invalid):
    """ZIPファイルに安全でない内容が含まれているため受け付けられません。"""

    code = "upload.archive_unsafe"


class FacilityNeeded(Invalid):
    """どの施設の画像かを選んでください。"""

    code = "upload.facility"


class NotWritable(Invalid):
    """この画像は求められた転送構文では提供できません。転送構文を指定しないか「*」を指定してください。"""

    code = "transcode.not_writable"
    status = 406


class AnswerTooLarge(Invalid):
    """一度に変換できる量を超えています。シリーズや画像を分けるか、保存された形式のまま取得してください。"""

    code = "transcode.too_large"
    status = 413


class SpoolFull(Unavailable):
    """変換のための一時領域が不足しています。しばらくしてからやり直してください。"""

    code = "transcode.no_room"


class ProtocolConflict(Refused):
    """この表示プロトコルは別の画面で先に変更されています。読み直してから変更してください。"""

    code = "hanging.conflict"


class TooManyProtocols(Refused):
    """全員の表示プロトコルが多すぎます。使っていないものを削除してください。"""

    code = "hanging.too_many"


class TemplateRefused(Invalid):
    """このURLテンプレートは使えません。"""

    code = "viewer.template"


class ViewerConflict(Refused):
    """このビューアは別の画面で先に変更されています。読み直してから変更してください。"""

    code = "viewer.conflict"


class TooManyViewers(Refused):
    """登録されたビューアが多すぎます。使っていないものを削除してください。"""

    code = "viewer.too_many"


class ContextDiffers(Refused):
    """画面の患者・検査が、保管している内容と一致しません。ビューアは開いていません。画面を読み込み直してください。"""

    code = "launch.context_differs"


class ContextUnknown(NotFound):
    """この照合コードは使えません。"""

    code = "viewer_context.unknown"


class ContextThrottled(DokueiError):
    """照合の失敗が続いたため、しばらく受け付けません。"""

    code = "viewer_context.throttled"
    status = 429
