"""Every event the trail knows: permanent code, DICOM audit code (PS3.16 CID 400 / 401) and its sentence."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class Kind:
    """What an event is called, for machines and for people."""

    code: str
    dcm: str
    """DCM code of PS3.15 A.5.3: 110103 instances accessed, 110113 security alert, 110114 user authentication, …"""
    sentence: str
    is_change: bool = True
    """True when screens that show the object should look again."""


class Event(Enum):
    """Named ``OBJECT_PAST_TENSE``; codes never change and are never used twice."""

    # identity
    PERSON_INVITED = Kind("person.invited", "110137", "利用者を招待しました")
    PERSON_JOINED = Kind("person.joined", "110137", "招待を受けて利用を開始しました")
    PERSON_CHANGED = Kind("person.changed", "110137", "利用者の権限・情報を変更しました")
    PERSON_SIGNED_IN = Kind("person.signed_in", "110122", "サインインしました", is_change=False)
    PERSON_SIGNED_OUT = Kind("person.signed_out", "110123", "サインアウトしました", is_change=False)
    PERSON_SIGN_IN_FAILED = Kind(
        "person.sign_in_failed", "110122", "サインインに失敗しました", is_change=False
    )
    PERSON_FACTOR_CHANGED = Kind("person.factor_changed", "110137", "第二要素を変更しました")
    SESSION_ENDED = Kind("session.ended", "110137", "セッションを終了させました")
    PREFERENCES_SAVED = Kind(
        "preferences.saved", "110137", "個人の表示・操作の設定を保存しました", is_change=False
    )
    FACILITY_CREATED = Kind("facility.created", "110137", "施設を登録しました")
    FACILITY_CHANGED = Kind("facility.changed", "110137", "施設の情報を変更しました")
    TOKEN_MINTED = Kind("token.minted", "110137", "機器用トークンを発行しました")
    TOKEN_REVOKED = Kind("token.revoked", "110137", "機器用トークンを失効させました")
    TRAIL_VERIFIED = Kind("trail.verified", "110101", "監査記録の連鎖を検証しました", is_change=False)
    ACT_DENIED = Kind("act.denied", "110113", "操作を拒否しました", is_change=False)

    # patients
    PATIENT_REGISTERED = Kind("patient.registered", "110110", "患者を登録しました")
    PATIENT_STATED = Kind("patient.stated", "110110", "依頼に書かれた患者情報を記録しました", is_change=False)
    PATIENT_CHANGED = Kind("patient.changed", "110110", "患者情報を更新しました")
    PATIENT_CORRECTED = Kind("patient.corrected", "110110", "患者情報を訂正しました")
    PATIENT_CORRECTION_UNDONE = Kind("patient.correction_undone", "110110", "患者情報の訂正を取り消しました")
    PATIENT_OPENED = Kind("patient.opened", "110110", "患者の画面を開きました", is_change=False)
    MERGE_PROPOSED = Kind("merge.proposed", "110110", "患者の統合を申請しました（2人目の確認待ち）")
    MERGE_DECLINED = Kind("merge.declined", "110110", "患者の統合の申請を取り下げました")
    PATIENTS_MERGED = Kind("merge.made", "110110", "患者を統合しました")
    PATIENTS_PARTED = Kind("merge.undone", "110110", "患者の統合を取り消しました")
    MOVE_PROPOSED = Kind("move.proposed", "110110", "検査を別の患者へ移す申請をしました（2人目の確認待ち）")
    MOVE_DECLINED = Kind("move.declined", "110110", "検査を別の患者へ移す申請を取り下げました")
    STUDY_MOVED = Kind("move.made", "110110", "検査を別の患者へ移しました")
    STUDY_MOVED_BACK = Kind("move.undone", "110110", "検査を元の患者へ戻しました")

    # imaging
    AE_TITLE_ADDED = Kind("ae_title.added", "110137", "AEタイトルを登録しました")
    AE_TITLE_REMOVED = Kind("ae_title.removed", "110137", "AEタイトルを削除しました")
    INSTANCE_STORED = Kind("instance.stored", "110104", "画像を受信・保存しました", is_change=False)
    INSTANCE_REPEATED = Kind(
        "instance.repeated", "110104", "同じ画像を再受信しました（保存済）", is_change=False
    )
    INSTANCE_QUARANTINED = Kind("instance.quarantined", "110113", "矛盾する画像を隔離しました")
    INSTANCE_REFUSED = Kind("instance.refused", "110113", "画像を受け付けませんでした", is_change=False)
    STUDY_OPENED = Kind("study.opened", "110103", "検査画像を開きました", is_change=False)
    STUDY_QUERIED = Kind("study.queried", "110112", "検査を検索しました", is_change=False)
    STUDY_ANNOUNCED = Kind("study.announced", "110104", "画像の枚数が申告されました")
    STUDY_COUNTED = Kind("study.counted", "110112", "施設のPACSに画像の枚数を照会しました")
    COMMITMENT_ASKED = Kind("commitment.asked", "110104", "保管確認を受け付けました", is_change=False)
    COMMITMENT_REPORTED = Kind("commitment.reported", "110104", "保管確認を報告しました", is_change=False)
    STUDY_SETTLED = Kind("study.settled", "110104", "画像の受信が落ち着きました")
    STUDY_COMPLETED = Kind("study.completed", "110104", "画像がすべて揃いました")
    STUDY_HELD = Kind("study.held", "110113", "検査を保留にしました")
    STUDY_JUDGED = Kind("study.judged", "110104", "患者情報の訂正・統合により、検査の矛盾がなくなりました")
    STUDY_RESOLVED = Kind("study.resolved", "110104", "検査の保留を解除しました")
    SERIES_PACKED = Kind("series.packed", "110104", "シリーズを高速表示用に準備しました", is_change=False)
    INSTANCE_DAMAGED = Kind("instance.damaged", "110113", "保存した画像の破損を検出しました")
    INSTANCE_REPAIRED = Kind("instance.repaired", "110104", "破損した画像を復旧しました")
    PACK_DAMAGED = Kind(
        "pack.damaged", "110113", "高速表示用データの破損を検出しました（再作成します）", is_change=False
    )
    TERMS_CHANGED = Kind("terms.changed", "110137", "施設の保存容量・保存期間を変更しました")
    LEGAL_HOLD_SET = Kind("legal_hold.set", "110110", "検査画像の削除を禁止しました（証拠保全）")
    LEGAL_HOLD_ENDED = Kind("legal_hold.ended", "110110", "検査画像の削除禁止を解除しました")
    IMAGES_REMOVED = Kind("images.removed", "110105", "保存期間を過ぎた検査の画像を削除しました")
    INSTANCE_NOT_RESTORED = Kind(
        "instance.not_restored", "110104", "削除済の画像を再受信しました（保存していません）", is_change=False
    )
    OBJECTS_SWEPT = Kind("objects.swept", "110105", "使われていない保存データを削除しました", is_change=False)
    STORE_RAN_LOW = Kind("store.ran_low", "110113", "画像の保存先の空き容量が少なくなりました")
    STORE_REFUSING = Kind("store.refusing", "110113", "保存先に空きがないため画像の受付を止めました")
    STORE_ROOM_BACK = Kind("store.room_back", "110100", "画像の保存先の空き容量が戻りました")
    INSTANCE_UNLISTED = Kind("instance.unlisted", "110113", "受信した画像を登録できませんでした")
    INSTANCE_LISTED = Kind("instance.listed", "110104", "登録できなかった画像を登録しました")
    LISTING_RETRIED = Kind("listing.retried", "110104", "画像の登録をやり直しました", is_change=False)
    HANGING_SHARED = Kind("hanging.shared", "110137", "全員の表示プロトコルを登録しました")
    HANGING_CHANGED = Kind("hanging.changed", "110137", "全員の表示プロトコルを変更しました")
    HANGING_REMOVED = Kind("hanging.removed", "110137", "全員の表示プロトコルを削除しました")
    VIEWER_ADDED = Kind("viewer.added", "110137", "外部ビューアを登録しました")
    VIEWER_CHANGED = Kind("viewer.changed", "110137", "外部ビューアの登録を変更しました")
    VIEWER_REMOVED = Kind("viewer.removed", "110137", "外部ビューアの登録を削除しました")
    VIEWER_LAUNCHED = Kind("launch.opened", "110103", "検査を外部ビューアで開きました")
    LAUNCH_REFUSED = Kind("launch.refused", "110113", "画面と保管内容が異なるためビューアを開きませんでした")
    LAUNCH_REPLACED = Kind("launch.replaced", "110103", "同じビューアで別の検査を開きました")
    LAUNCH_ASKED = Kind("launch.asked", "110103", "ビューアが患者・検査を照会しました", is_change=False)
    LAUNCH_CONFIRMED = Kind("launch.confirmed", "110103", "ビューアが同じ患者の表示を確認しました")
    LAUNCH_DIFFERS = Kind("launch.differs", "110113", "ビューアで別の患者・検査が開かれています")
    LAUNCH_EMPTIED = Kind("launch.emptied", "110103", "ビューアが検査を閉じました")
    LAUNCH_CLEARED = Kind("launch.cleared", "110103", "ビューアを閉じたことを確認しました")
    DISPLAY_LABEL_OFF = Kind(
        "display_label.off",
        "110100",
        "設定により「参照用表示」のラベルを表示せずに起動しました",
        is_change=False,
    )
    OBJECTS_PROMISED = Kind(
        "objects.promised", "110104", "報告のDICOMオブジェクトの書き出しを準備しました", is_change=False
    )
    OBJECT_FILED = Kind(
        "object.filed", "110104", "報告のDICOMオブジェクトを検査に保存しました", is_change=False
    )
    SCRUB_PASSED = Kind("scrub.passed", "110101", "保存した画像の照合を一巡しました", is_change=False)
    VIEW_GRANTED = Kind("view.granted", "110137", "画像の閲覧を許可しました", is_change=False)
    VIEW_ENDED = Kind("view.ended", "110137", "画像の閲覧許可を終了しました", is_change=False)

    STUDY_FETCHED = Kind(
        "study.fetched", "110104", "過去検査を施設のPACSから取り寄せています", is_change=False
    )

    # intake
    RULES_DECIDED = Kind("rules.decided", "110137", "読影依頼の充足度の基準を決めました")
    FHIR_TAKEN = Kind("fhir.taken", "110106", "FHIRの送信内容を取り込みました", is_change=False)
    FHIR_REFUSED = Kind("fhir.refused", "110113", "FHIRの送信内容を取り込めませんでした")
    FHIR_DISMISSED = Kind("fhir.dismissed", "110106", "FHIRの送信内容を対応済みにしました")
    FHIR_OPENED = Kind("fhir.opened", "110103", "FHIRの送信内容を開きました", is_change=False)
    HL7_CONNECTED = Kind("hl7.connected", "110137", "HL7の接続を登録しました")
    HL7_DISCONNECTED = Kind("hl7.disconnected", "110137", "HL7の接続を外しました")
    HL7_TAKEN = Kind("hl7.taken", "110106", "HL7の電文を取り込みました", is_change=False)
    HL7_REPEATED = Kind("hl7.repeated", "110106", "同じHL7の電文を再受信しました（処理済）", is_change=False)
    HL7_QUARANTINED = Kind("hl7.quarantined", "110113", "HL7の電文を取り込めませんでした")
    HL7_RETRIED = Kind("hl7.retried", "110106", "HL7の電文の取り込みをやり直しました")
    HL7_DISMISSED = Kind("hl7.dismissed", "110106", "HL7の電文を対応済みにしました")
    HL7_OPENED = Kind("hl7.opened", "110103", "HL7の電文の内容を開きました", is_change=False)
    PAPER_TAKEN = Kind("paper.taken", "110106", "紙の依頼を受け付けました")
    PAPER_KNOWN = Kind(
        "paper.known", "110106", "受付済みの紙の依頼と同じファイルを受信しました", is_change=False
    )
    PAPER_OPENED = Kind("paper.opened", "110103", "紙の依頼の原本を開きました", is_change=False)
    PAPER_CLAIMED = Kind("paper.claimed", "110109", "紙の依頼を担当しました")
    PAPER_RENEWED = Kind("paper.renewed", "110109", "紙の依頼の担当を継続しました", is_change=False)
    PAPER_RELEASED = Kind("paper.released", "110109", "紙の依頼を戻しました")
    PAPER_LEASE_ENDED = Kind("paper.lease_ended", "110109", "応答がないため紙の依頼の担当を解除しました")
    PAPER_WRITTEN = Kind("paper.written", "110109", "紙の依頼の転記を保存しました", is_change=False)
    PAPER_TRANSCRIBED = Kind("paper.transcribed", "110109", "紙の依頼の転記を終え、確認に回しました")
    PAPER_SENT_UNCHECKED = Kind(
        "paper.sent_unchecked", "110109", "緊急のため、確認前に紙の依頼を読影依頼として送信しました"
    )
    PAPER_CHECKED = Kind("paper.checked", "110109", "紙の依頼の転記を別の担当者が確認しました")
    PAPER_AGAIN = Kind("paper.again", "110109", "紙の依頼を転記のやり直しに戻しました")
    PAPER_RETURNED = Kind("paper.returned", "110109", "紙の依頼を施設に差し戻しました")
    PAPER_REJECTED = Kind("paper.rejected", "110109", "依頼票ではないため受け付けませんでした")
    PAPER_JOINED = Kind("paper.joined", "110109", "紙の依頼を既にある読影依頼の原本としました")
    PAPER_REOPENED = Kind("paper.reopened", "110109", "紙の依頼を受付に戻しました")
    REQUEST_DRAFTED = Kind("request.drafted", "110109", "読影依頼の下書きを作成しました")
    REQUEST_EDITED = Kind("request.edited", "110109", "読影依頼の下書きを保存しました")
    REQUEST_SENT = Kind("request.sent", "110109", "読影依頼を送信しました")
    REQUEST_ACCEPTED = Kind("request.accepted", "110109", "読影依頼を受け付けました")
    REQUEST_CANCELLED = Kind("request.cancelled", "110109", "読影依頼を取り消しました")
    REQUEST_CHANGED = Kind("request.changed", "110109", "読影依頼の内容を変更しました")
    TEMPLATE_KEPT = Kind("template.kept", "110109", "読影依頼の定型を保存しました")
    TEMPLATE_REMOVED = Kind("template.removed", "110109", "読影依頼の定型を削除しました")
    REQUEST_LINKED = Kind("request.linked", "110109", "読影依頼と検査を結び付けました")
    REQUEST_PARTED = Kind("request.parted", "110109", "読影依頼と検査の結び付けを外しました")
    CASE_FOUND = Kind("linkcase.found", "110109", "依頼と画像の照合結果を更新しました")
    CASE_DECIDED = Kind("linkcase.decided", "110109", "依頼と画像の照合について判断しました")
    CASE_BEGUN = Kind("linkcase.begun", "110110", "依頼の画像を自分で探し始めました")
    CASE_RELEASED = Kind("linkcase.released", "110113", "依頼と画像の矛盾を確認し、保留を解除しました")
    REQUEST_FULFILLED = Kind("request.fulfilled", "110109", "読影依頼が完了しました")
    ASK_BACK_ASKED = Kind("ask_back.asked", "110109", "照会を送りました")
    ASK_BACK_REMINDED = Kind("ask_back.reminded", "110109", "照会の回答期限が近づいています")
    ASK_BACK_ANSWERED = Kind("ask_back.answered", "110109", "照会に回答しました")
    ASK_BACK_WITHDRAWN = Kind("ask_back.withdrawn", "110109", "照会を取り下げました")
    ASK_BACK_MAILED = Kind("ask_back.mailed", "110109", "照会が届いたことをメールで知らせました")
    ASK_BACK_MAIL_FAILED = Kind("ask_back.mail_failed", "110113", "照会のメールを送れませんでした")
    ASK_BACK_LINK_OPENED = Kind(
        "ask_back.link_opened", "110103", "リンクから照会を開きました", is_change=False
    )
    ASK_BACK_LINK_REFUSED = Kind(
        "ask_back.link_refused", "110113", "照会のリンクで患者の確認が一致しませんでした"
    )
    ASK_BACK_EXPIRED = Kind("ask_back.expired", "110109", "照会が未回答のまま回答期限を過ぎました")
    REQUEST_OPENED = Kind("request.opened", "110109", "読影依頼を閲覧しました", is_change=False)

    # reconciliation
    NIGHTS_BEGUN = Kind("night.begun", "110100", "夜間の突合を開始しました", is_change=False)
    CERTIFICATE_MADE = Kind("certificate.made", "110101", "突合証明書を作成しました")
    CERTIFICATE_SENT = Kind("certificate.sent", "110106", "突合証明書を施設へ送付しました")
    CERTIFICATE_TAKEN = Kind("certificate.taken", "110103", "突合証明書を受領しました")
    CERTIFICATE_OPENED = Kind("certificate.opened", "110103", "突合証明書を開きました", is_change=False)
    EXPLANATION_GIVEN = Kind("explanation.given", "110110", "突合の項目を説明済みにしました")
    EXPLANATION_ENDED = Kind("explanation.ended", "110110", "突合の項目の説明を取り消しました")
    # priors
    PRIORS_SOUGHT = Kind("priors.sought", "110112", "過去検査を探し始めました", is_change=False)
    PRIORS_ASKED_AGAIN = Kind(
        "priors.asked_again", "110112", "過去検査をもう一度照会しました", is_change=False
    )
    PRIORS_ANSWERED = Kind("priors.answered", "110112", "施設のPACSが過去検査を回答しました", is_change=False)
    PRIORS_UNREACHABLE = Kind("priors.unreachable", "110113", "施設のPACSに届きません", is_change=False)
    PRIORS_CLOSED = Kind("priors.closed", "110112", "過去検査の取り寄せを終えました", is_change=False)
    PRIORS_WAITED = Kind("priors.waited", "110109", "過去検査を待つ時間が終わりました", is_change=False)
    PRIOR_WANTED = Kind("prior.wanted", "110104", "過去検査の取り寄せを依頼しました", is_change=False)
    PRIOR_FETCHING = Kind("prior.fetching", "110104", "過去検査を取り寄せています", is_change=False)
    PRIOR_ARRIVED = Kind("prior.arrived", "110104", "過去検査が届きました", is_change=False)
    PRIOR_FAILED = Kind("prior.failed", "110113", "過去検査を取り寄せられませんでした", is_change=False)
    PRIOR_CONTRADICTS = Kind(
        "prior.contradicts",
        "110113",
        "PACSの回答が患者と一致しないため過去検査として扱いません",
        is_change=False,
    )
    SHARING_DECIDED = Kind("sharing.decided", "110137", "他施設との過去検査の参照の可否を決めました")
    ELSEWHERE_SOUGHT = Kind(
        "elsewhere.sought", "110112", "他施設の同一患者の候補を照会しました", is_change=False
    )
    LINK_CONFIRMED = Kind(
        "patient_link.confirmed", "110137", "他施設の同一患者を確認し、過去検査の参照を許可しました"
    )
    LINK_REVOKED = Kind("patient_link.revoked", "110137", "他施設の過去検査の参照を終了しました")
    PRIOR_RULES_DECIDED = Kind("prior_rules.decided", "110137", "過去検査の選び方を決めました")
    READING_PRIORS_ASKED = Kind(
        "reading.priors_asked", "110109", "過去検査の取り寄せを依頼しました", is_change=False
    )

    # worklist
    READING_OPENED = Kind("reading.opened", "110109", "読影を登録しました")
    READING_CLOCK = Kind("reading.clock", "110109", "読影期限の起点が変わりました")
    READING_READY = Kind("reading.ready", "110109", "読影待ちになりました")
    READING_CLAIMED = Kind("reading.claimed", "110109", "読影を担当しました")
    READING_RENEWED = Kind("reading.renewed", "110109", "担当を継続しました", is_change=False)
    READING_RELEASED = Kind("reading.released", "110109", "読影を戻しました")
    READING_LEASE_ENDED = Kind("reading.lease_ended", "110109", "応答がないため担当を解除しました")
    READING_READ = Kind("reading.read", "110109", "読影が完了しました")
    READING_CANCELLED = Kind("reading.cancelled", "110109", "読影を取り消しました")
    READING_HELD = Kind("reading.held", "110113", "読影を保留にしました")
    READING_RESOLVED = Kind("reading.resolved", "110109", "読影の保留を解除しました")
    READING_CHANGED = Kind("reading.changed", "110109", "依頼の変更に合わせて読影の内容・期限を改めました")
    READING_AWAITS = Kind("reading.awaits", "110109", "結び付いた画像がなくなり、画像の到着待ちに戻しました")
    READING_PREPARED = Kind(
        "reading.prepared", "110103", "これから読む症例の画像を先に取得しました", is_change=False
    )
    READING_LAUNCHED = Kind("reading.launched", "110103", "検査を外部ビューアで開きました", is_change=False)
    READING_ASKED_BACK = Kind("reading.asked_back", "110109", "施設に照会しました", is_change=False)
    READING_ASK_BACK_WITHDRAWN = Kind(
        "reading.ask_back_withdrawn", "110109", "施設への照会を取り下げました", is_change=False
    )
    READING_VIEWED = Kind("reading.viewed", "110109", "読影を開きました", is_change=False)
    DEADLINE_WARNED = Kind("deadline.warned", "110109", "期限が近づいています")
    DEADLINE_MISSED = Kind("deadline.missed", "110113", "期限を過ぎました")

    # reporting
    REPORT_DRAFTED = Kind("report.drafted", "110109", "報告書の下書きを作成しました")
    REPORT_SAVED = Kind("report.saved", "110109", "報告書の下書きを保存しました")
    REPORT_SIGNED = Kind("report.signed", "110109", "報告書に署名しました")
    MARKS_SAVED = Kind("marks.saved", "110109", "計測・注釈を保存しました")
    FIGURE_ADDED = Kind("figure.added", "110109", "キー画像を追加しました")
    FIGURES_ARRANGED = Kind("figure.arranged", "110109", "キー画像の順序・説明を変更しました")
    FIGURE_REMOVED = Kind("figure.removed", "110109", "キー画像を下書きから外しました")
    EXPORT_QUEUED = Kind("export.queued", "110106", "計測・キー画像のDICOM書き出しを準備しました")
    EXPORT_FILED = Kind("export.filed", "110106", "計測・キー画像をDICOMで保存しました")
    EXPORT_FAILED = Kind("export.failed", "110113", "計測・キー画像をDICOMで保存できませんでした")
    REPORT_OPENED = Kind("report.opened", "110109", "報告書を閲覧しました", is_change=False)

    # delivery
    DELIVERY_QUEUED = Kind("delivery.queued", "110105", "報告書の配信を準備しました")
    DELIVERY_DELIVERED = Kind("delivery.delivered", "110105", "報告書を配信しました")
    DELIVERY_FAILED = Kind("delivery.failed", "110113", "報告書を配信できませんでした")
    CONFIRMATION_OPENED = Kind("confirmation.opened", "110109", "宛先が報告書を開きました")
    CONFIRMATION_CONFIRMED = Kind("confirmation.confirmed", "110109", "報告書の確認を記録しました")
    CONFIRMATION_ACTED = Kind("confirmation.acted", "110109", "報告書への対応を記録しました")


BY_CODE = {event.value.code: event for event in Event}
