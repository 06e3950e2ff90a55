"""Bands: 满5年不足10年, 18至59周岁, 100万≤M＜500万, 5年以上. Does a quantity lie in what a text is about?

Rates, terms and benefits are stated band by band, in sentences or rows that differ by nothing else.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise, zip_longest

from rag.text.chinese_numbers import chinese_number
from rag.text.figure_units import base_of
from rag.text.figures import Figure, find_figures
from rag.text.normalise import normalise

_KINDS = ("duration", "amount", "age", "count", "range")
_FROM = re.compile(r"(?:[≥>]=?|大于(?:等于)?|超过|年?满|达到?)\s*$")
_FROM_AFTER = re.compile(r"^\s*(?:[（(]含[）)])?\s*(?:(?:及|或)以后|(?:及|或)?\s*以上|[≤<]=?\s*[A-Za-z\u4e00-\u9fff])")
_UP_TO = re.compile(r"(?:[≤<]=?|小于(?:等于)?|少于|低于|不足|不满|未满)\s*$")
_UP_TO_AFTER = re.compile(r"^\s*(?:[（(]含[）)])?\s*(?:及|或)?\s*(?:以下|以内)")
_ON_TO = re.compile(r"(?:[（(]不?含[）)])?以上(?:[（(]不?含[）)])?\s*(?:至|到|-|—|~)\s*")  # 5年以上至20年
_INCLUDED = re.compile(r"\s*[（(]含[）)]")
_INCLUDED_TO = re.compile(r"[（(]含[）)]\s*(?:至|到|-|—|~)\s*")  # 180天（含）至1年
_PASSED, _PASSES = re.compile(r"以上|出头|开外|多(?!少|大|久|长)"), re.compile(r"(?<!不)超过?$")
_WITHIN, _UNDER = re.compile(r"以下|以内"), re.compile(r"(?:不到|不足|不满|未满|没满)$")
_ANNIVERSARY = r"后的?首个[^，。；\d至]{2,20}?(?:[（(]含当日[）)])?"  # 年满18周岁后的首个合同生效日对应日（含当日）
_SINCE_TO = re.compile(rf"{_ANNIVERSARY}起?\s*(?:至|到)\s*(?:年?满)?\s*")
_UNTIL = re.compile(rf"{_ANNIVERSARY}(?:之|以)?前(?!一日)")  # 至…前一日止 is how long a policy runs
_ON = re.compile(r"^\s*(?:及|或)?\s*(?:以后|之后|以上|起|开始|后续)")  # 第11个保单年度及以后
_BEFORE = re.compile(r"(?:个月)?(?:之|以)?前(?!\d)")  # 持有满90天前
_NEGATED = re.compile(r"不超过\s*$")
_NTH_YEAR = "第年"  # the unit of 第8年 and 第八个保单年度
MONTH = "年月"  # the unit of a calendar month
YEAR = "历年"  # the unit of a calendar year
_YEAR = re.compile(r"((?:19|20)\d\d)年(?!\s*\d|度|版|期|[新旧]?版)")
_MONTH = re.compile(r"((?:19|20)\d\d)年(1[0-2]|0?[1-9])月")
_TO = re.compile(r"(?:\d{1,2}日)?\s*(?:至|到|-|—|~)\s*")


@dataclass(frozen=True)
class Band:
    """From `low` to `high`, in the base unit `unit` (月 for years and months, 元, 岁, 天 …)."""

    low: float
    high: float
    unit: str

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


DAYS = 365 / 12  # of a month, where months are put to bands of days (持有两个月: 30天至180天) or the other way round
_SEX_AGE = re.compile(r"[男女]性?\s*(\d{1,2})(?![\d.]|\s*[年岁周万元个块%])|(?<![\d.])(\d{1,2})\s*[男女]")  # 男35，20年交; 33男
_STEP_SAID = re.compile(r"(?<![\d.])(\d[\d,]*)(?:[那这]?一?)档")  # 交8000那一档
_THOUSANDS = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?|[一二两三四五六七八九])千(?:多(?![少大久长])|来块?|出头)?(?=[,，。;；的价左]|$)")  # 官方价7千多
_EACH = re.compile(r"(?<![\d第满存放拿用十百])[一1]个?[天日月年](?=(?:最[多少高低]|至[多少]|[总一]共|限|可以|能)[^，。]{0,6}(?:几|多少))|(?<=[少钱元块])[一1](?=[克天次年股份笔])")  # 一天最多打几个, 多少钱一克
_SUM_BARE = re.compile(r"(?:保费|保险费|本金|余额|价[格款]?)(?:是|有|为)?(\d{3,7}(?:\.\d+)?)(?![\d.,%]|\s*[年月天日期岁万千百亿元块个份克])")  # 保费8000分10期
_TERM_RATE = re.compile(r"(?<![\d.])(\d{1,2}|[一二两三四五六七八九十])年(?=利[率息])")  # 存三年利率多少: no 年利率
_KIN_AGE = re.compile(r"(?:[爸妈爷奶婆公哥姐弟妹我他她]|父亲|母亲|老伴)(?:今年|都|已经|刚|快)?(\d{2})(?=了|[,，。;；]|$|还能|能买)")  # 我爸63了


def quantities(question: str) -> list[tuple[float, str]]:
    """(value, base unit) of the amounts, terms and ages a question states."""
    question = _EACH.sub("每", normalise(question))
    found = [_beyond(*in_base(f.value, _unit(f, question)), question[max(0, f.start - 3) : f.start], question[f.end : f.end + 3])
             for f in find_figures(question) if f.kind in (*_KINDS, "bare", "ordinal")]
    dates = [(_month(match), MONTH) for match in _MONTH.finditer(question)]
    dates += [(float(match[1]), YEAR) for match in _YEAR.finditer(question)]
    ages = [in_base(Decimal(match[1] or match[2]), "岁") for match in _SEX_AGE.finditer(question)]
    ages += [in_base(Decimal(match[1]), "岁") for match in _KIN_AGE.finditer(question)]
    steps = [(float(match[1].replace(",", "")), "元") for match in _STEP_SAID.finditer(question)]
    steps += [(float(chinese_number(match[1]) * 1000) * (1.001 if match[0].endswith(("多", "头")) else 1.0), "元") for match in _THOUSANDS.finditer(question)]
    steps += [(float(match[1]), "元") for match in _SUM_BARE.finditer(question)]
    terms = [in_base(chinese_number(match[1]), "年") for match in _TERM_RATE.finditer(question)]
    return [(value, unit) for value, unit in found if unit] + dates + ages + steps + terms


def bands(text: str) -> list[Band]:
    """The bands a sentence states, in order."""
    text = normalise(text)
    figures = [f for f in find_figures(text) if f.kind in (*_KINDS, "bare") or f.unit == _NTH_YEAR]
    found: list[Band] = []
    at = 0
    while at < len(figures):
        figure = figures[at]
        before, after = text[max(0, figure.start - 6) : figure.start], text[_end(figure, text) :][:8]
        if figure.unit == _NTH_YEAR:
            band = _nth(text, figure, figures[at + 1] if at + 1 < len(figures) else None)
            at += band.high > band.low and band.high < math.inf
            found.append(band)
        elif figure.kind == "range" and isinstance(figure.value, tuple):
            low, unit = in_base(figure.value[0], _unit(figure, text))
            high = in_base(figure.value[1], _unit(figure, text))[0]
            open_ = _INCLUDED.search(text[figure.start : figure.end]) and not _INCLUDED.match(after)
            found.append(Band(low, math.nextafter(high, 0.0) if open_ else high, unit))
        elif _FROM.search(before) and (_BEFORE.match(after) or _UNTIL.match(text, figure.end)):
            high, unit = in_base(figure.value, _unit(figure, text))
            found.append(Band(0.0, math.nextafter(high, 0.0), unit))
        elif not _UP_TO.search(before) and (_FROM_AFTER.search(after) or _INCLUDED_TO.match(after) or (
                _FROM.search(before) and not _NEGATED.search(before))):
            low, unit = in_base(figure.value, _unit(figure, text))
            high = math.inf
            upper = _upper(text, figure, figures[at + 1]) if at + 1 < len(figures) else None
            if upper and (end := _as(upper, unit)) is not None:
                high = end
                at += 1
            found.append(Band(low, high, unit))
        elif _UP_TO.search(before) or _UP_TO_AFTER.search(after):
            high, unit = in_base(figure.value, _unit(figure, text))
            found.append(Band(0.0, math.nextafter(high, 0.0) if _UP_TO.search(before) else high, unit))
        at += 1
    spans = [Band(_month(a), _month(b), MONTH) for a, b in pairwise(_MONTH.finditer(text)) if _TO.fullmatch(text[a.end() : b.start()])]
    return [band for band in found if band.unit] + spans


def holds_the_year(question: str, text: str) -> bool:
    """Whether a text speaks of numbered years (第6个保单年度至第10个) and the one that the question names is among them."""
    asked, text = normalise(question), normalise(text)
    years = [in_base(f.value, "年")[0] for f in find_figures(asked) if f.unit == _NTH_YEAR]
    if not years:
        return False
    figures = [f for f in find_figures(text) if f.unit == _NTH_YEAR]
    spans = [_nth(text, one, after) for one, after in zip_longest(figures, figures[1:])]
    return any(span.holds(year) for span in spans for year in years)


def _nth(text: str, figure: Figure, following: Figure | None) -> Band:
    """第8年, 第6个保单年度至第10个保单年度, 第11年及以后."""
    low, unit = in_base(figure.value, "年")
    if following and following.unit == _NTH_YEAR and _TO.fullmatch(text[figure.end : following.start]):
        return Band(low, in_base(following.value, "年")[0], unit)
    return Band(low, math.inf if _ON.search(text[figure.end : figure.end + 8]) else low, unit)


def _month(match: re.Match) -> float:
    """Months since the year 0."""
    return 12.0 * int(match[1]) + int(match[2])


def _beyond(value: float, unit: str, before: str, after: str) -> tuple[float, str]:
    """A quantity that is said to be passed (5万以上) or not reached (不到5年), moved to that side of it."""
    if _PASSED.match(after) or _PASSES.search(before):
        return value * 1.001, unit
    return (value * 0.999, unit) if _WITHIN.match(after) or _UNDER.search(before) else (value, unit)


def _upper(text: str, lower: Figure, upper: Figure) -> tuple[float, str] | None:
    """The upper end of a band that begins with `lower`: 满5年不足10年, 100万≤M＜500万, 3年以上5年以下."""
    between = text[_end(lower, text) : upper.start]
    after = text[_end(upper, text) :][:6]
    if _ON_TO.fullmatch(between):
        return in_base(upper.value, _unit(upper, text))
    if _SINCE_TO.fullmatch(between) or _INCLUDED_TO.fullmatch(between):
        high, unit = in_base(upper.value, _unit(upper, text))
        return math.nextafter(high, 0.0), unit
    if len(between) <= 8 and (_UP_TO.search(between) or _UP_TO_AFTER.search(after)):
        high, unit = in_base(upper.value, _unit(upper, text))
        return (math.nextafter(high, 0.0) if _UP_TO.search(between) and "≤" not in between[-2:] else high), unit
    return None


def fit(asked: list[tuple[float, str]], stated: list[Band]) -> int:
    """1 where a quantity lies in a band of its unit, -1 where there are such bands and none holds it, 0 without any."""
    alike = [(there, band) for one in asked for band in stated if (there := _as(one, band.unit)) is not None]
    if not alike:
        return 0
    return 1 if any(band.holds(value) for value, band in alike) else -1


def _as(quantity: tuple[float, str], unit: str) -> float | None:
    """A quantity in another unit: months and days are told apart by nobody who asks. None where it has none there."""
    value, own = quantity
    if own == unit:
        return value
    factor = {("月", "天"): DAYS, ("天", "月"): 1 / DAYS}.get((own, unit))
    return None if factor is None else round(value * factor, 6)


def _unit(figure: Figure, text: str) -> str:
    """The unit; 600万 with nothing behind it is a sum of money, the tenth year of a policy a row of its table."""
    if figure.unit:
        return "年" if figure.unit == _NTH_YEAR else figure.unit
    if figure.raw.endswith(("万", "亿")):
        return "元"
    return "分" if _end(figure, text) > figure.end else ""


def _end(figure: Figure, text: str) -> int:
    """Where a figure ends, with the 分 of a score, which is no unit elsewhere."""
    return figure.end + (not figure.unit and text[figure.end : figure.end + 1] == "分")


def in_base(value: object, unit: str) -> tuple[float, str]:
    base, factor = base_of(unit)
    return (float(value) * float(factor), base) if isinstance(value, Decimal) else (0.0, "")
