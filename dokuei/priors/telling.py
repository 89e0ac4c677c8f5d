"""What codes of priors say to people."""

WHY: dict[str, str] = {
    "unreachable": "施設PACSに届きません",
    "slow": "施設PACSの応答が遅いため中断しました",
    "rejected": "施設PACSが接続を断りました（AEタイトルの登録を確認してください）",
    "refused": "施設PACSが送信を断りました",
    "not_found": "施設PACSに画像がありません",
    "not_registered": "PACSの登録がありません",
    "not_listed": "送られた画像を登録できませんでした",
    "fewer": "PACSが申告した枚数より少なく届きました",
    "cut_off": "取り寄せが中断しました",
    "held": "画像の患者情報が一致しないため保留中です",
    "other_patient": "画像が別の患者のものでした",
    "patient_id": "患者IDが一致しません",
    "issuer": "患者IDの発行元が一致しません",
    "birth_date": "生年月日が一致しません",
    "sex": "性別が一致しません",
    "uid": "依頼された検査と同じ番号です",
}


def sentence(code: str) -> str:
    """A code, or several with commas between, as people read it."""
    return "、".join(WHY.get(one, one) for one in code.split(",") if one)
