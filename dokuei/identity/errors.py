"""Refusals of identity."""

from dokuei.base.errors import Invalid, NotFound, NotPermitted, Refused


class InvitationUnknown(NotFound):
    """この招待リンクは無効です。管理者に再発行を依頼してください。"""

    code = "invitation.unknown"


class PasswordWeak(Invalid):
    """パスワードが条件を満たしていません。"""

    code = "password.weak"


class EmailTaken(Invalid):
    """このメールアドレスは既に登録されています。"""

    code = "person.email_taken"


class FacilityCodeTaken(Invalid):
    """この施設コードは既に使われています。"""

    code = "facility.code_taken"


class UnknownPermission(Invalid):
    """トークンに与えられない権限が含まれています。"""

    code = "token.permission"


class PreferencesConflict(Refused):
    """別の画面で設定が先に保存されています。"""

    code = "preferences.conflict"


class PreferencesTooLarge(Invalid):
    """設定が大きすぎるため保存できません。使っていない表示プロトコルを削除してください。"""

    code = "preferences.too_large"


class NobodysPreferences(NotPermitted):
    """設定は人だけが持ちます。"""

    code = "preferences.nobody"
