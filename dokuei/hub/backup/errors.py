"""What can stand in the way of a backup."""

from dokuei.base.errors import Invalid, NotFound, Unavailable


class NoBackup(NotFound):
    """このフォルダーには完了したバックアップがありません。"""

    code = "backup.missing"


class NotEmpty(Invalid):
    """復元先のデータフォルダーまたはデータベースが空ではありません。空の復元先を指定してください。"""

    code = "backup.not_empty"


class FormatUnknown(Invalid):
    """このバックアップは、このプログラムより新しい形式で作成されています。"""

    code = "backup.format"


class DumpDamaged(Invalid):
    """バックアップのデータベースが破損しています。別のバックアップを使用してください。"""

    code = "backup.dump_damaged"


class ToolFailed(Unavailable):
    """データベースの書き出しまたは読み込みに失敗しました。"""

    code = "backup.tool"
