"""The regular expressions that figures are found with. Everything here works on text that `fold` has been over."""

from __future__ import annotations

import re

from rag.text.chinese_numbers import DIGIT_CHARS, MULTIPLIER_CHARS, NUMERAL_CHARS
from rag.text.figure_units import ORDINALS, PREFIX_UNITS, UNITS, alternatives

_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) not in "，；！？"}
_FOLD |= {ord(char): "-" for char in "－–—―−‐‑"} | {ord(char): "~" for char in "～〜∼"}
_FOLD |= {ord("　"): " ", 0xA0: " ", ord("￥"): "¥", ord("："): ":"}
_FOLD |= {ord(a): b for a, b in zip("個週歲點時兩萬億圓幣號筆張項種類條戶級檔際數貳參陸", "个周岁点时两万亿圆币号笔张项种类条户级档际数贰叁陆", strict=True)}

_ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
_MULT = f"[{MULTIPLIER_CHARS}]"
_MIXED = rf"{_ARABIC}(?:\s?{_MULT}+(?:{_ARABIC}{_MULT}+)*)?"
_CN = f"[{NUMERAL_CHARS}]"
_CHINESE = rf"{_CN}+(?:点[{DIGIT_CHARS}]+[万亿]*)?"
_NUM = rf"(?:{_MIXED}|{_CHINESE})"
_DAY = rf"(?:[012]?\d|3[01])(?!\d)|[{NUMERAL_CHARS}]{{1,3}}"
_YEAR4 = rf"(?:(?:19|20)\d\d|[{DIGIT_CHARS}]{{4}})"

_IDIOMS = (
    "一次性 一定 一般 一旦 一律 一致 一起 一切 一样 一直 一同 一并 一体 一些 一手 一经 一站式 一时间 一时 一会 一下 "
    "一如 一应 一概 一揽子 一对一 一带一路 一方面 一方 一点 一成不变 一笔勾销 一条龙 一家人 一年一度 一级市场 二级市场 "
    "二维码 二手 二次元 二元期权 三方 三位一体 三农 三包 三个代表 十分 十足 千万别 千万不 千万要 千万勿 百分制 四舍五入 "
    "五险一金 五一 十一黄金 七夕 两全 两地 两者 两证 三证合一 三板 新三板 第三方 第三者 第三人 第一时间 第一大 第一手 "
    "第一顺位 第二顺位 第一顺序 第二顺序 一一 三令五申 五花八门 七折八扣 百年人寿 万事 万能 零售 零钱 零存整取 双十一"
)

_SKIP = r"(?P<skip>https?://\S+|\[\d{1,3}(?:\s*[,、-]\s*\d{1,3})*\]|【\d{1,3}】)"
_PHONE = (
    r"(?P<phone>(?<![\d-])(?:(?:\+?86-)?(?:0\d{2,3}-\d{7,8}|[48]00-\d{3,4}-\d{3,4})|(?:\+?86-?)?1[3-9]\d{9})(?!\d))"
)
_YMD = (
    r"(?P<ymd>(?P<y1>(?:19|20)\d\d)\s?(?P<ds>[-/.])\s?(?P<m1>1[0-2]|0?[1-9])\s?(?P=ds)\s?"
    r"(?P<d1>3[01]|[12]\d|0?[1-9])(?![\d%.]))"
)
_YM = r"(?P<ym>(?P<y2>(?:19|20)\d\d)-(?P<m2>1[0-2]|0[1-9])(?![\d%年-]))"
_CDATE = (
    rf"(?P<cdate>(?P<y3>{_YEAR4})\s?年\s?(?:(?P<m3>{_DAY})\s?月(?:份|底|末|初)?(?:\s?(?P<d3>{_DAY})\s?[日号])?)?(?!期|化))"
)
_MD = rf"(?P<md>(?P<m4>{_DAY})\s?月(?:份|(?:\s?(?P<d4>{_DAY})\s?[日号]))?(?!期))"
_STOCK = r"(?P<stock>(?<![A-Za-z\d.])\d{4,6}\.[A-Za-z]{2,3}(?![A-Za-z]))"
_SECTION = r"(?P<section>(?<![\d.-])\d+(?:(?:\.\d+){2,}|(?:-\d+){2,})(?![\d%]))"
_CLOCK = r"(?P<clock>(?<!\d)(?P<h1>[01]?\d|2[0-4]):(?P<n1>[0-5]\d)(?::[0-5]\d)?(?!\d))"
_SETTLE = r"(?P<settle>(?<![A-Za-z])[TDNtdn]\s?\+\s?\d+)"
_QUARTER = r"(?P<quarter>[一二三四1-4]季度?(?:末|报)?(?![节]))"  # 三季度 is the third one, 三个季度 are three
_MONEY = rf"(?P<money>(?!\$\s?[\d.,]+\s?[\\$^}}])(?P<cur>{alternatives(PREFIX_UNITS)})\s?(?P<neg1>-)?(?P<mnum>{_NUM}))"
_CODE = (
    r"(?P<code>(?<![A-Za-z])(?!(?i:LPR|SHIBOR))"
    r"(?:[A-Za-z]+\d[A-Za-z\d]*|[A-Za-z]{2,}(?:-[A-Za-z]*\d[A-Za-z\d]*)+)级?)"
)
_ORDINAL = (
    rf"(?P<ordinal>第\s?(?:(?P<sect>\d+(?:\.\d+)+)|(?P<onum>{_NUM}))\s?(?P<ounit>{alternatives(ORDINALS)}))"
)
_PARTS = (
    rf"(?P<parts>(?P<den>[十百千万][一二三四五六七八九十百千万]*|{_CN}+|\d+)分之(?P<pnum>百|{_NUM})"
    rf"(?:(?:-+|~|至|到)(?:{_CN}+分之)?(?P<pnum2>{_NUM}))?)"
)
_SLASH = r"(?P<slash>(?<![\d/.])(?P<sn>\d{1,2})/(?P<sd>\d{1,3})(?![\d/.%]))"
_HALF = r"(?P<half>(?:一半|半(?:个(?:月|小时)|年|天|日|小时)))"
_DOUBLE = r"(?P<double>双倍)"
_IDIOM = rf"(?P<idiom>{alternatives(_IDIOMS.split())})"
_NUMBER = rf"(?P<number>{_NUM})"

_DIGIT_FIRST = re.compile(
    "|".join((_PHONE, _QUARTER, _YMD, _YM, _CDATE, _STOCK, _SECTION, _CLOCK, _MD, _SLASH, _PARTS, _NUMBER))
)
_NUMERAL_FIRST = re.compile("|".join((_IDIOM, _HALF, _QUARTER, _CDATE, _MD, _PARTS, _NUMBER)))
_OTHER_FIRST = re.compile("|".join((_SKIP, _IDIOM, _ORDINAL, _PHONE, _SETTLE, _MONEY, _CODE, _HALF, _DOUBLE)))
STARTS = re.compile(rf"[\d{NUMERAL_CHARS}第半双\[【¥$€£A-Za-z人+新]")

UNIT = re.compile(rf"\s?(?:[余多]\s?|\\)?(?P<unit>{alternatives(UNITS)})")
LETTER_UNIT_GOES_ON = re.compile(r"[A-Za-z]")
# a unit character that begins another word
NOT_UNIT = re.compile(
    r"元(?:旦|月)|成(?:[员立交功为本长]|都|果)|点(?:击|开|评|选)|条(?:件|款|例|形)|项(?:目|下)|期(?:货|权|限|间|望)|"
    r"日(?:常|历|均)|股(?:票|东|权|份|息)|级(?:别|市)|次(?:日|月|年|级|数)|家(?:庭|属)|位(?:置|于)|手(?:续|机|术)|"
    r"人(?:民|寿|身|员|工)|年(?:龄|化|利|金|费|报|薪)|份(?:额)|号(?:码)|张(?:贴)|户(?:口|籍|名)|类(?:型|别|似)|单(?:位)|"
    r"天(?:津|然|猫)|名(?:称|单|义)|台(?:湾)|克(?:服)|步(?:骤)|组(?:合|成|织)|道(?:路)|门(?:店|诊)|批(?:准|复)|"
    r"折(?:合|算|现|旧)|字(?:段)|层(?:面)|季(?:节)|回(?:收|报)|块(?:链)|角(?:度)|款(?:项)|种(?:植)|页(?:面)|套(?:餐|利)|周(?:期)|秒(?:杀)"
)
DETERMINERS = "进统唯单同任逐其之不每某另这那上下前后首该"
GENERAL = frozenset("个人份张家笔件只套批组户单台支枚道门栋场顿")
GAP = re.compile(r"\s?(?:\(不?含\)\s?)?(?:-{1,2}|~|\\~|至|到)\s?")  # 10万(含)-50万 is one range
LIST_GAP = re.compile(r"\s?(?:[、,，/和或及与]|以及|或者)\s?")
MARKER_AFTER = re.compile(r"(?:[、)](?!\s?\d+(?:[、%]|\.\d))|\.(?!\d)\s*(?=\D))")
LINE_START = re.compile(r"(?:^|\n)[\s#>*+-]*\(?$")
CLAUSE_START = re.compile(r"(?:[。;；!？?:]\s*|\s)\(?$")
OF_MONTH = re.compile(r"(?:[每次当下本上该]月|每个月|月份?的?)$")
DAY_NUMBER = re.compile(r"号(?![楼线码文房院])")
AFTERNOON = re.compile(r"(?:下午|傍晚|晚上?|夜里)$")
CLOCK_AFTER = re.compile(rf"\s?(?P<mark>[点时])(?:(?P<half>半)|整|(?P<minute>{_DAY})分|(?P<quarter>[一三])刻)?")
CLOCK_BEFORE = re.compile(r"(?:[上下]午|早上?|晚上?|凌晨|中午|[日至到-])\s?$")
CLOCK_FOLLOWS = re.compile(r"\s?(?:前|后|至|到|-|~|止|起|结束|开始|为止|之前|之后|以前|以后)")
SMALL_CHANGE = re.compile(rf"零?(?:({_NUM})角)?(?:零?({_NUM})分(?![之期行支类红钟]))?整?")
LEADING_ARABIC = re.compile(_ARABIC)
MINUS_BEFORE = re.compile(r"[\s为达是约:((|跌至]")


def fold(text: str) -> str:
    """`text` with full-width and traditional forms of what figures are made of replaced, every offset unchanged."""
    return text.translate(_FOLD)


def atom(text: str, position: int) -> re.Match[str] | None:
    """What stands at `position` of folded text, as a match whose `lastgroup` names it; None where nothing does."""
    char = text[position]
    if "0" <= char <= "9":
        return _DIGIT_FIRST.match(text, position)
    if char in NUMERAL_CHARS:
        return _NUMERAL_FIRST.match(text, position)
    return _OTHER_FIRST.match(text, position)
