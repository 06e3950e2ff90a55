"""Finds the figures of a Chinese text, each with its value and unit in one normal form.

List markers, citation marks, idioms (统一, 十分, 第三方) and vague numbers (几十万) are not figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from rag.text.chinese_numbers import DIGIT_CHARS, MULTIPLIER_CHARS, NUMERAL_CHARS, chinese_number, is_digit_run
from rag.text.figure_units import ORDINALS, PREFIX_UNITS, UNITS, alternatives

Value = Decimal | tuple


@dataclass(frozen=True)
class Figure:
    """One figure. `raw` is `text[start:end]` as it stood there.

    `value` is a Decimal counted in `unit` (50万元 is 500000 in "元"; 5‰ is 0.5 in "%"); a (low, high) pair of Decimals
    for kind "range"; (year, month, day) with None for what is not said for kind "date"; (hour, minute) for "time";
    a one-tuple with the spelling for kind "code". `unit` is "" for kind "bare".
    `kind`: amount percent duration age ratio count ordinal range date time code bare word. A "word" reads like a
    figure and can support one, but claims nothing itself (一个 as an article, 每万份).
    `written` is the number before its multiplier and unit, the way a table cell would hold it.
    """

    raw: str
    start: int
    end: int
    value: Value
    unit: str
    kind: str
    written: Decimal | None = None


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

_MASTER = re.compile(
    rf"""
    (?P<skip>https?://\S+|\[\d{{1,3}}(?:\s*[,、-]\s*\d{{1,3}})*\]|【\d{{1,3}}】)
    |(?P<idiom>{alternatives(_IDIOMS.split())})
    |(?P<phone>(?<![\d-])(?:(?:\+?86-)?(?:0\d{{2,3}}-\d{{7,8}}|[48]00-\d{{3,4}}-\d{{3,4}})|(?:\+?86-?)?1[3-9]\d{{9}})(?![\d]))
    |(?P<ymd>(?P<y1>(?:19|20)\d\d)\s?(?P<ds>[-/.])\s?(?P<m1>1[0-2]|0?[1-9])\s?(?P=ds)\s?(?P<d1>3[01]|[12]\d|0?[1-9])(?![\d%.]))
    |(?P<ym>(?P<y2>(?:19|20)\d\d)-(?P<m2>1[0-2]|0[1-9])(?![\d%年-]))
    |(?P<cdate>(?P<y3>{_YEAR4})\s?年\s?(?:(?P<m3>{_DAY})\s?月(?:份|底|末|初)?(?:\s?(?P<d3>{_DAY})\s?[日号])?)?(?!期|化))
    |(?P<md>(?P<m4>{_DAY})\s?月(?:份|(?:\s?(?P<d4>{_DAY})\s?[日号]))?(?!期))
    |(?P<stock>(?<![A-Za-z\d.])\d{{4,6}}\.[A-Za-z]{{2,3}}(?![A-Za-z]))
    |(?P<section>(?<![\d.])\d+(?:\.\d+){{2,}})
    |(?P<clock>(?<!\d)(?P<h1>[01]?\d|2[0-4]):(?P<n1>[0-5]\d)(?::[0-5]\d)?(?!\d))
    |(?P<settle>(?<![A-Za-z])[TDN]\s?\+\s?\d+)
    |(?P<money>(?P<cur>{alternatives(PREFIX_UNITS)})\s?(?P<neg1>-)?(?P<mnum>{_NUM}))
    |(?P<code>(?<![A-Za-z])(?!LPR|SHIBOR|Shibor)(?:[A-Za-z]+\d[A-Za-z\d]*|[A-Za-z]{{2,}}(?:-[A-Za-z]*\d[A-Za-z\d]*)+)(?:级)?)
    |(?P<ordinal>第\s?(?:(?P<sect>\d+(?:\.\d+)+)|(?P<onum>{_NUM}))\s?(?P<ounit>{alternatives(ORDINALS)}))
    |(?P<parts>(?:(?P<den>[十百千万][一二三四五六七八九十百千万]*|{_CN}+|\d+)分之)(?P<pnum>百|{_NUM})(?P<prange>(?:-+|~|至|到)(?:{_CN}+分之)?(?P<pnum2>{_NUM}))?)
    |(?P<slash>(?<![\d/.])(?P<sn>\d{{1,2}})/(?P<sd>\d{{1,3}})(?![\d/.%]))
    |(?P<half>(?:一半|半(?:个(?:月|小时)|年|天|日|小时)))
    |(?P<double>双倍)
    |(?P<number>{_NUM})
    """,
    re.VERBOSE,
)
_STARTS = re.compile(rf"[\d{NUMERAL_CHARS}第半双\[【¥$€£A-Za-z人+]")
_UNIT = re.compile(rf"\s?(?:[余多]\s?)?(?P<unit>{alternatives(UNITS)})")
_LETTER_UNIT_GOES_ON = re.compile(r"[A-Za-z]")
# a unit character that begins another word
_NOT_UNIT = re.compile(
    r"元(?:旦|月)|成(?:[员立交功为本长]|都|果)|点(?:击|开|评|选)|条(?:件|款|例|形)|项(?:目|下)|期(?:货|权|限|间|望)|"
    r"日(?:常|历|均)|股(?:票|东|权|份|息)|级(?:别|市)|次(?:日|月|年|级|数)|家(?:庭|属)|位(?:置|于)|手(?:续|机|术)|"
    r"人(?:民|寿|身|员|工)|年(?:龄|化|利|金|费|报|薪)|份(?:额)|号(?:码)|张(?:贴)|户(?:口|籍|名)|类(?:型|别|似)|单(?:位)|"
    r"天(?:津|然|猫)|名(?:称|单|义)|台(?:湾)|克(?:服)|步(?:骤)|组(?:合|成|织)|道(?:路)|门(?:店|诊)|批(?:准|复)|"
    r"折(?:合|算|现|旧)|字(?:段)|层(?:面)|季(?:节)|回(?:收|报)|块(?:链)|角(?:度)|款(?:项)|种(?:植)|页(?:面)|套(?:餐|利)|周(?:期)|秒(?:杀)"
)
_DETERMINERS = "统唯单同任逐其之不每某另这那上下前后首该"
_GENERAL = frozenset("个人份张家笔件只套批组户单台支枚道门栋场顿")
_GAP = re.compile(r"\s?(?:-{1,2}|~|\\~|至|到)\s?")
_LIST_GAP = re.compile(r"\s?(?:[、,，/和或及与]|以及|或者)\s?")
_MARKER_AFTER = re.compile(r"(?:[、)](?!\s?\d+(?:[、%]|\.\d))|\.(?!\d)\s*(?=\D))")
_LINE_START = re.compile(r"(?:^|\n)[\s#>*+-]*\(?$")
_CLAUSE_START = re.compile(r"(?:[。;；!？?:]\s*|\s)\(?$")
_OF_MONTH = re.compile(r"(?:[每次当下本上该]月|每个月|月份?的?)$")
_DAY_NUMBER = re.compile(r"号(?![楼线码文房院])")
_AFTERNOON = re.compile(r"(?:下午|傍晚|晚上?|夜里)$")


def fold(text: str) -> str:
    """`text` with full-width and traditional forms of what figures are made of replaced, every offset unchanged."""
    return text.translate(_FOLD)


def find_figures(text: str) -> list[Figure]:
    """The figures of `text` in order of appearance. Figures never overlap."""
    return list(_find(text))


@lru_cache(maxsize=512)
def _find(text: str) -> tuple[Figure, ...]:
    folded = fold(text)
    atoms: list[Figure] = []
    position = 0
    while True:
        start = _STARTS.search(folded, position)
        if start is None:
            break
        position = start.start()
        match = _MASTER.match(folded, position)
        if match is None:
            position += 1
            continue
        figure = _read(folded, match)
        position = max(match.end(), figure.end if figure else 0)
        if figure:
            atoms.append(figure)
    merged = _merge(folded, atoms)
    kept = [figure for figure in merged if not _to_drop(folded, figure)]
    return tuple(replace(figure, raw=text[figure.start : figure.end]) for figure in kept)


def _read(text: str, match: re.Match[str]) -> Figure | None:
    """One atom from one match of the master pattern; None where the match is no figure."""
    name = match.lastgroup
    group = match.group
    start, end = match.span()

    def figure(value: Value, unit: str, kind: str, written: Decimal | None = None, stop: int = end) -> Figure:
        return Figure(text[start:stop], start, stop, value, unit, kind, written)

    if group("skip") or group("idiom") or group("section"):
        return None
    if group("phone") or group("stock") or group("settle"):
        return figure((re.sub(r"[\s-]", "", group()).upper(),), "code", "code")
    if group("code"):
        return figure((group("code").upper().removesuffix("级"),), "code", "code")
    for kind, parts in (("ymd", "y1 m1 d1"), ("ym", "y2 m2"), ("cdate", "y3 m3 d3"), ("md", " m4 d4")):
        if group(kind):
            return _date(figure, [group(p) if p else None for p in parts.split(" ")])
    if group("clock"):
        return figure(_time(text, start, int(group("h1")), int(group("n1"))), "time", "time")
    if group("ordinal"):
        unit = ORDINALS[group("ounit")]
        if group("sect"):
            return figure((group("sect"),), unit, "ordinal")
        value = chinese_number(group("onum"))
        return None if value is None else figure(value, unit, "ordinal", value)
    if group("parts"):
        return _parts(figure, match)
    if group("slash"):
        over, under = int(group("sn")), int(group("sd"))
        return figure(_percentage(over, under), "%", "percent") if 0 < over < under else None
    if group("half"):
        return _half(figure, group("half"))
    if group("double"):
        return figure(Decimal(2), "倍", "ratio")
    if group("money"):
        return _money(text, match, start)
    assert name
    return _number(text, match, start)


def _date(figure, parts: list[str | None]) -> Figure | None:
    numbers = [None if part is None else chinese_number(part) for part in parts]
    numbers += [None] * (3 - len(numbers))
    year, month, day = (None if n is None else int(n) for n in numbers)
    if year is not None and not 1900 <= year <= 2199:
        return None
    if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
        return None
    return figure((year, month, day), "date", "date")


def _time(text: str, start: int, hour: int, minute: int) -> tuple[int, int]:
    if hour < 12 and _AFTERNOON.search(text[max(0, start - 3) : start]):
        hour += 12
    return hour, minute


def _percentage(over: int | Decimal, under: int | Decimal) -> Decimal:
    return (Decimal(100) * over / under).normalize() + 0


def _parts(figure, match: re.Match[str]) -> Figure | None:
    """百分之五, 万分之零点五, 三分之一, 百分之三至五."""
    den, first = chinese_number(match["den"]), chinese_number(match["pnum"])
    if not den or first is None:
        return None
    low = _percentage(first, den)
    if match["prange"]:
        second = chinese_number(match["pnum2"])
        if second is not None:
            return figure((low, _percentage(second, den)), "%", "range")
    return figure(low, "%", "percent", first)


def _half(figure, raw: str) -> Figure:
    if raw == "一半":
        return figure(Decimal(50), "%", "percent")
    name, factor, kind = UNITS[raw[1:]]
    return figure(factor / 2, name, kind)


def _money(text: str, match: re.Match[str], start: int) -> Figure | None:
    value = chinese_number(match["mnum"])
    if value is None:
        return None
    unit, end = PREFIX_UNITS[match["cur"]], match.end()
    after = _UNIT.match(text, end)
    if after and UNITS[after["unit"]][2] == "amount":
        unit, factor, _ = UNITS[after["unit"]]
        value *= factor
        end = after.end()
        value, end = _small_change(text, end, value, unit)
    elif after and match["cur"] == "人民币":
        return None  # 人民币一年期存款: the number is not the money
    if match["neg1"]:
        value = -value
    return Figure(text[start:end], start, end, value, unit, "amount", _written(match["mnum"]))


def _small_change(text: str, end: int, value: Decimal, unit: str) -> tuple[Decimal, int]:
    """三元五角二分: the 角 and 分 after the 元."""
    if unit != "元":
        return value, end
    change = re.compile(rf"零?(?:({_NUM})角)?(?:零?({_NUM})分(?![之期行支类红钟]))?整?").match(text, end)
    if change and (change[1] or change[2]):
        value += (chinese_number(change[1] or "0") or 0) / Decimal(10)
        value += (chinese_number(change[2] or "0") or 0) / Decimal(100)
        end = change.end()
    return value, end


def _written(number: str) -> Decimal | None:
    match = re.match(_ARABIC, number)
    return Decimal(match.group().replace(",", "")) if match else chinese_number(number)


def _number(text: str, match: re.Match[str], start: int) -> Figure | None:
    raw, end = match["number"], match.end()
    before = text[start - 1] if start else ""
    chinese = not raw[0].isdigit()
    if chinese and (before == "几" or (before in "数上好" and before and raw[0] in MULTIPLIER_CHARS)):
        return None
    if before in "几数" and before:
        return None
    unit = _unit(text, end)
    if unit and unit["unit"] == "折" and is_digit_run(raw) and len(raw) == 2:
        raw_value: Decimal | None = chinese_number(raw[0] + "点" + raw[1])
    elif chinese and is_digit_run(raw) and len(raw) < 4 and "零" not in raw and "〇" not in raw:
        return None  # 三五年: vague
    else:
        raw_value = chinese_number(raw)
    clock = _clock(text, start, end, raw_value)
    if clock:
        return clock
    if raw_value is None:
        if chinese and "点" in raw:  # 以下三点一...: the point was no decimal point
            return None
        return None
    value, written = raw_value, _written(raw)
    if (before == "-" and _minus(text, start)) or before == "负":
        value, written, start = -value, -written if written is not None else None, start - 1
    lone = len(raw) == 1 and raw in MULTIPLIER_CHARS and raw not in "十拾"
    if unit is None:
        number_of_day = _DAY_NUMBER.match(text, end)
        if number_of_day and _is_day(value) and before not in ("〕", "]", "第"):
            end = number_of_day.end()
            return Figure(text[start:end], start, end, (None, None, int(value)), "date", "date")
        if not chinese and re.fullmatch(r"0\d+|\d{7,}", raw):
            return Figure(text[start:end], start, end, (raw,), "code", "code")
        return Figure(text[start:end], start, end, value, "", "bare", written)
    name, factor, kind = UNITS[unit["unit"]]
    end = unit.end()
    if unit["unit"] == "日" and _is_day(value) and _OF_MONTH.search(text[max(0, start - 4) : start]):
        return Figure(text[start:end], start, end, (None, None, int(value)), "date", "date")
    if lone or (raw == "一" and (name in _GENERAL or (before and before in _DETERMINERS))):
        kind = "word"
    value *= factor
    if kind == "amount":
        value, end = _small_change(text, end, value, name)
    elif text.startswith("半", end) and name in ("年", "月", "天", "小时", "倍"):
        value, end = value + factor / 2, end + 1
    elif name == "%" and unit["unit"] == "成" and end < len(text) and text[end] in "一二三四五六七八九":
        value, end = value + (chinese_number(text[end]) or 0), end + 1
    return Figure(text[start:end], start, end, value, name, kind, written)


def _is_day(value: Decimal) -> bool:
    return value == value.to_integral_value() and 1 <= value <= 31


def _unit(text: str, end: int) -> re.Match[str] | None:
    unit = _UNIT.match(text, end)
    if unit is None:
        return None
    if unit["unit"][-1].isascii() and unit["unit"][-1].isalpha() and _LETTER_UNIT_GOES_ON.match(text, unit.end()):
        return None
    if len(unit["unit"]) == 1 and _NOT_UNIT.match(text, unit.start("unit")):
        return None
    if unit.group()[:1] == " " and text[end - 1] in NUMERAL_CHARS:
        return None
    return unit


def _clock(text: str, start: int, end: int, value: Decimal | None) -> Figure | None:
    """9点30分, 下午3点, 15时; not 三点要求."""
    hour = re.compile(rf"\s?(?P<mark>[点时])(?:(?P<half>半)|整|(?P<minute>{_DAY})分|(?P<quarter>[一三])刻)?").match(text, end)
    raw = text[start:end]
    if "点" in raw and text.startswith("分", end):  # 三点五十分 was read as one decimal
        whole, _, rest = raw.partition("点")
        hour_value, minute = chinese_number(whole), chinese_number(rest)
        if hour_value is not None and minute is not None and hour_value <= 24 and minute < 60:
            stop = end + 1
            return Figure(text[start:stop], start, stop, _time(text, start, int(hour_value), int(minute)), "time", "time")
        return None
    if hour is None or value is None or value != value.to_integral_value() or value > 24:
        return None
    said = re.search(r"(?:[上下]午|早上?|晚上?|凌晨|中午|[日至到-])\s?$", text[max(0, start - 3) : start])
    exact = hour["half"] or hour["minute"] or hour["quarter"] or hour.group().endswith("整")
    follows = re.match(r"\s?(?:前|后|至|到|-|~|止|起|之前|之后|以前|以后)", text[hour.end() :])
    if hour["mark"] == "时" and not raw[0].isdigit() and not (said or exact or follows):
        return None
    if hour["mark"] == "点" and not (said or exact or follows):
        return None
    minute = 30 if hour["half"] else int(chinese_number(hour["minute"] or "0") or 0)
    if hour["quarter"]:
        minute = 15 if hour["quarter"] == "一" else 45
    stop = hour.end()
    return Figure(text[start:stop], start, stop, _time(text, start, int(value), minute), "time", "time")


def _minus(text: str, start: int) -> bool:
    return start < 2 or bool(re.match(r"[\s为达是约:((|跌至]", text[start - 2]))


def _merge(text: str, atoms: list[Figure]) -> list[Figure]:
    """Joins ranges (3%-5%, 三至五年) and hands a shared unit back through lists (3、6、12个月)."""
    for i in range(len(atoms) - 2, -1, -1):
        one, other = atoms[i], atoms[i + 1]
        if one.kind == "bare" and other.unit and isinstance(other.value, Decimal) and other.kind not in ("ordinal", "word"):
            between = text[one.end : other.start]
            if _LIST_GAP.fullmatch(between) or (_GAP.fullmatch(between) and other.kind != "code"):
                atoms[i] = _borrow(one, other)
        elif one.kind == "bare" and other.kind == "date" and other.value[1] is None and 1900 <= one.value <= 2199:
            if _GAP.fullmatch(text[one.end : other.start]):
                atoms[i] = replace(one, value=(int(one.value), None, None), unit="date", kind="date")
    for i in range(1, len(atoms)):
        before, day = atoms[i - 1], atoms[i]
        if before.kind == "date" and before.value[1] and before.value[2] and day.unit == "天" and _is_day(day.value):
            if not _GAP.fullmatch(text[before.end : day.start]):
                continue
            atoms[i] = replace(day, value=(*before.value[:2], int(day.value)), unit="date", kind="date")
    merged: list[Figure] = []
    for figure in atoms:
        if merged and _joins(text, merged[-1], figure):
            low = merged.pop()
            merged.append(
                Figure(text[low.start : figure.end], low.start, figure.end, (low.value, figure.value), figure.unit, "range")
            )
        else:
            merged.append(figure)
    return merged


def _borrow(bare: Figure, other: Figure) -> Figure:
    """`bare` in the unit (and, where it cannot be meant otherwise, the multiplier) of `other`: 3至5万元."""
    scale = Decimal(1)
    if other.written:
        scale = abs(other.value) / abs(other.written)
    value = bare.value * scale
    if scale >= 1000 and (bare.value >= 1000 or value > abs(other.value)) and bare.value <= abs(other.value):
        value = bare.value
    return replace(bare, value=value, unit=other.unit, kind=other.kind)


def _joins(text: str, low: Figure, high: Figure) -> bool:
    both = isinstance(low.value, Decimal) and isinstance(high.value, Decimal) and low.kind not in ("ordinal", "word")
    return both and low.unit == high.unit and low.value <= high.value and bool(_GAP.fullmatch(text[low.end : high.start]))


def _to_drop(text: str, figure: Figure) -> bool:
    """Bare Chinese numerals and list markers."""
    if figure.kind == "range" and figure.unit == "" and figure.raw[0] in NUMERAL_CHARS:
        return True
    if figure.kind != "bare":
        return False
    if figure.raw.lstrip("-负")[:1] in NUMERAL_CHARS and not figure.raw.lstrip("-")[:1].isdigit():
        return True
    return is_marker(text, figure.start, figure.end)


def is_marker(text: str, start: int, end: int) -> bool:
    """True where the bare number at `text[start:end]` numbers a list item or heading, and counts nothing."""
    raw = text[start:end]
    if not re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{1,2})?", raw):
        return False
    before, after = text[max(0, start - 12) : start], text[end : end + 8]
    if "." in raw:
        return bool(_LINE_START.search(before) and re.match(r"[\s、.]*[一-鿿《]", after))
    if len(raw) > 2:
        return False
    if before.endswith("(") and after.startswith(")"):
        return True
    if not _MARKER_AFTER.match(after):
        return bool(_LINE_START.search(before) and re.match(r"\s+[一-鿿]", after))
    return bool(_LINE_START.search(before) or _CLAUSE_START.search(before))
