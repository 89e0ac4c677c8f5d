"""Kanji that are one character to the person who bears them: old, new and popular forms."""

from dokuei.dicom.person_name import folded

FORMS = {
    "斉": "斎齋齊", "辺": "邊邉邉", "沢": "澤", "広": "廣", "国": "國圀", "浜": "濱濵", "崎": "﨑嵜", "島": "嶋嶌",
    "高": "髙", "桜": "櫻", "恵": "惠", "真": "眞", "栄": "榮", "条": "條", "関": "關", "竜": "龍", "滝": "瀧",
    "万": "萬", "浅": "淺", "実": "實", "寿": "壽", "芦": "蘆", "塩": "鹽", "円": "圓", "豊": "豐", "宝": "寶寳",
    "学": "學", "礼": "禮", "静": "靜", "黒": "黑", "横": "橫", "児": "兒", "峰": "峯", "峡": "峽", "巌": "巖",
    "弥": "彌", "応": "應", "慎": "愼", "瑶": "瑤", "穂": "穗", "緑": "綠", "縄": "繩", "聡": "聰", "蔵": "藏",
    "薫": "薰", "虎": "乕", "亀": "龜", "遥": "遙", "郎": "郞", "郷": "鄕", "鉄": "鐵", "頼": "賴", "館": "舘",
    "鶴": "靏靍", "鶏": "鷄", "麹": "麴", "黄": "黃", "曽": "曾", "総": "總", "増": "增", "衛": "衞", "戸": "戶",
    "奥": "奧", "内": "內", "凛": "凜", "剣": "劍劔", "勲": "勳", "巻": "卷", "単": "單", "厳": "嚴", "収": "收",
    "双": "雙", "叙": "敍", "呉": "吳", "団": "團", "壮": "壯", "声": "聲", "姫": "姬", "将": "將", "岳": "嶽",
    "帯": "帶", "従": "從", "恒": "恆", "恋": "戀", "悦": "悅", "拝": "拜", "教": "敎", "数": "數", "旧": "舊",
    "暁": "曉", "桝": "枡", "栃": "杤", "桧": "檜", "楽": "樂", "様": "樣", "槙": "槇", "権": "權", "歩": "步",
    "毎": "每", "気": "氣", "浄": "淨", "渋": "澁澀", "温": "溫", "湾": "灣", "灯": "燈", "煕": "熙", "画": "畫",
    "当": "當", "県": "縣", "研": "硏", "禄": "祿", "秋": "穐", "稲": "稻", "穣": "穰", "経": "經", "絵": "繪",
    "継": "繼", "続": "續", "艶": "艷", "芸": "藝", "荘": "莊", "莱": "萊", "蒋": "蔣", "薮": "藪", "蛍": "螢",
    "裏": "裡", "覚": "覺", "証": "證", "読": "讀", "譲": "讓", "釈": "釋", "鎮": "鎭", "頴": "穎", "顔": "顏",
    "顕": "顯", "麦": "麥", "船": "舩", "柏": "栢", "梅": "楳", "松": "枩", "野": "埜", "富": "冨", "涼": "凉",
    "桑": "桒", "柳": "栁", "吉": "𠮷", "土": "圡", "祢": "禰", "珍": "珎", "彦": "彥", "徳": "德", "清": "淸",
    "鷗": "鴎", "冴": "冱", "亜": "亞", "為": "爲", "乗": "乘", "仏": "佛", "仮": "假", "伝": "傳", "価": "價",
    "参": "參", "両": "兩", "処": "處", "区": "區", "塚": "塚", "弐": "貳", "斌": "彬", "晃": "晄", "朗": "朖",
}  # fmt: skip
"""New form -> others. `person_name.VARIANTS` holds those that devices replace and the database searches by; these here
are only compared, so the list may be longer, and 斎 and 斉 may be one."""

ALIKE = (
    "未末", "士土", "己巳已", "太大犬", "裕祐", "郎朗", "宏広", "人入", "千干", "日目", "緒諸", "治冶", "析折",
    "輝揮", "綾稜", "佑祐", "啓哲", "昂昴", "莉利", "奈菜", "彩綾", "瞳曈", "史吏", "令今", "亨享", "栗粟", "管菅",
    "荻萩", "刈苅", "堀掘", "祐裕", "持待", "熊能", "鳥烏", "玉王", "矢失", "弓引", "由田", "申甲", "和知",
)  # fmt: skip
"""Other characters that are taken for each other by eye or by hand. Never the same name: a person looks."""

_TO_NEW = {ord(old): ord(new) for new, others in FORMS.items() for old in others if old != new}
_ALIKE = {frozenset((one, other)) for group in ALIKE for one in group for other in group if one != other}
DAMAGE = "?？〓□�＿_*"
"""What devices and converters put where they could not write a character."""


def is_kanji(one: str) -> bool:
    return (
        "\u3400" <= one <= "\u9fff"
        or "\uf900" <= one <= "\ufaff"
        or 0x20000 <= ord(one) < 0x40000
        or one in "々〆ヶ"
    )


def one_form(text: str) -> str:
    """Kanji in their new form, everything else as searches fold it.

    >>> one_form("渡邉"), one_form("齋藤") == one_form("斉藤")
    ('渡辺', True)
    """
    return folded(text).translate(_TO_NEW).replace("ヶ", "ケ").replace("ヵ", "カ")


def look_alike(one: str, other: str) -> bool:
    """Whether two names of equal length differ in one character only, and only by what is taken for it."""
    if len(one) != len(other):
        return False
    apart = [(left, right) for left, right in zip(one, other, strict=True) if left != right]
    return len(apart) == 1 and frozenset(apart[0]) in _ALIKE
