export const common = {
  app: '読影',
  open: '開く',
  close: '閉じる',
  cancel: 'やめる',
  save: '保存する',
  retry: '再試行',
  back: '戻る',
  copy: 'コピーする',
  copied: 'コピーしました。',
  print: '印刷する',
  search: '絞り込み',
  clear: '消す',
  loading: '読み込み中',
  reason: '理由',
  none: 'なし',
  unknown: '不明',
  count: (n: number) => `${n}件`,
  images: (n: number) => `${n}枚`,
  imagesOf: (n: number, expected: number) => `${n} / ${expected}枚`,
  countedBy: { mpps: 'MPPS', manifest: '送信元の申告', c_find: 'PACS照会' },
  countedTitle: (what: string, by: string, at: string, expected: number) =>
    `${what}（${by}、${at}）: 全${expected}枚`,
  more: 'さらに表示する',
  state: '状態',
  history: '経過',
  menu: 'メニュー',
  toMain: '本文へ移動',
  command: {
    palette: 'コマンドを探す',
    placeholder: 'やりたいことを入力',
    noMatch: '一致するコマンドはありません。',
    help: 'キー操作の一覧',
    helpNote: '入力欄の中では Ctrl（⌘）を伴うキーだけが働きます。日本語の変換中は、どのキーも働きません。',
    filterKeys: '操作の名前かキーで絞り込み',
    change: '変更',
    changeOne: (title: string) => `キーを変更する: ${title}`,
    reset: '戻す',
    resetOne: (title: string) => `標準のキーに戻す: ${title}`,
    resetAll: 'すべて標準のキーに戻す',
    own: '（変更済）',
    noKey: 'キーなし',
    pressKey: '新しいキーを押してください（Esc でやめる）。',
    keyTaken: (keys: string, who: string) => `${keys} は「${who}」に割り当てられています。`,
    takeOver: 'こちらに割り当てる',
    leaveKey: 'そのままにする',
    sharedWith: (who: string) => `「${who}」と同じキー`,
    reserved: {
      browser: (keys: string) =>
        `${keys} はブラウザーが使うキーのため割り当てられません。別のキーを押してください。`,
      editing: (keys: string) =>
        `${keys} は文章の編集に使うキーのため割り当てられません。別のキーを押してください。`,
      screen: (keys: string) =>
        `${keys} は画面の操作に使うキーのため割り当てられません。別のキーを押してください。`,
    },
    keysSaving: '保存中',
    keysUnsaved: 'サーバーに保存できていません。この画面では使えます。',
  },
  time: '時刻は日本標準時です。',
};

export const time = {
  today: '今日',
  yesterday: '昨日',
  tomorrow: '明日',
  justNow: 'たった今',
  weekdays: ['日', '月', '火', '水', '木', '金', '土'],
  days: (d: number) => `${d}日`,
  hours: (h: number, m: number) => (m ? `${h}時間${m}分` : `${h}時間`),
  minutes: (m: number) => `${m}分`,
  left: (length: string) => `残り ${length}`,
  over: (length: string) => `${length} 超過`,
  ago: (length: string) => `${length}前`,
};

export const patient = {
  age: (years: number) => `${years}歳`,
  sex: { M: '男', F: '女', O: 'その他' },
  sexUnknown: '性別不明',
  born: (date: string) => `${date} 生`,
  birthUnknown: '生年月日不明',
  id: 'ID',
  nameless: '氏名不明',
  accession: '受付番号',
  banner: '患者と検査',
};

export const urgency = {
  emergency: '緊急',
  urgent: '至急',
  same_day: '当日',
  next_clinical_day: '翌診療日',
  checkup: '健診',
};

export const problems = {
  title: 'うまくいきませんでした',
  line: 'サーバーにつながりません。接続を確認して［再試行］を押してください。',
  unknown: '想定していない応答でした。繰り返す場合は、下の番号を添えてサポートへ連絡してください。',
  declined: '本人確認をしなかったため、実行していません。',
  crashed: '画面の表示に失敗しました。保存済みの内容は失われていません。読み込み直してください。',
  reload: '読み込み直す',
  notFound: 'このページは見つかりません。',
  toStart: '最初の画面へ',
};

export const line = {
  up: '回線 正常',
  down: '回線 切断',
  waiting: '回線 再接続中',
  downNote: 'サーバーにつながりません。自動で再接続を続けています。画面の一覧は最新でないことがあります。',
};

export const alarms = {
  title: '保存先の警告',
  'store.low': (free: string, limit: string, since: string) =>
    `保存先の空き容量が残り ${free} です（${since} から）。${limit} 未満になると画像を受け付けません。`,
  'store.refusing': (free: string, _limit: string, since: string) =>
    `保存先の空き容量が残り ${free} のため、${since} から画像を受け付けていません。空き容量を増やすと自動で再開します。`,
  'store.unwritable': (_free: string, _limit: string, since: string) =>
    `画像の保存先に書き込めないため、${since} から画像を受け付けていません。保存先を確認してください。`,
};
