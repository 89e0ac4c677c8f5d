"""Refusals of identity."""

from dokuei.base.errors import Invalid, NotFound


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
