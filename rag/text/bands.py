"""Bands: 满5年不足10年, 18至59周岁, 100万≤M＜500万, 5年以上. Does a quantity lie in what a text is about?

Rates, terms and benefits are stated band by band, in sentences or rows that differ by nothing else.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise, zip_longest

from rag.text.figure_units import base_of
from rag.text.figures import Figure, find_figures
from rag.text.normalise import normalise

_KINDS = ("duration", "amount", "age", "count", "range")
_FROM = re.compile(r"(?:[≥>]=?|大于(?:等于)?|超过|年?满|达到?)\s*$")
_FROM_AFTER = re.compile(r"^\s*(?:[（(]含[）)])?\s*(?:(?:及|或)以后|(?:及|或)?\s*以上|[≤<]=?\s*[A-Za-z\u4e00-\u9fff])")
_UP_TO = re.compile(r"(?:[≤<]=?|小于(?:等于)?|少于|低于|不足|不满|未满)\s*$")
_UP_TO_AFTER = re.compile(r"^\s*(?:[（(]含[）)])?\s*(?:及|或)?\s*(?:以下|以内)")
_ON_TO = re.compile(r"(?:[（(]不?含[）)])?以上(?:[（(]不?含[）)])?\s*(?:至|到|-|—|~)\s*")  # 5年以上至20年
_PASSED, _PASSES = re.compile(r"以上|出头|开外|多(?!少|大|久|长)"), re.compile(r"(?<!不)超过$")
_WITHIN, _UNDER = re.compile(r"以下|以内"), re.compile(r"(?:不到|不足|不满|未满|没满)$")
_ANNIVERSARY = r"后的?首个[^，。；\d至]{2,20}?(?:[（(]含当日[）)])?"  # 年满18周岁后的首个合同生效日对应日（含当日）
_SINCE_TO = re.compile(rf"{_ANNIVERSARY}起?\s*(?:至|到)\s*(?:年?满)?\s*")
_UNTIL = re.compile(rf"{_ANNIVERSARY}(?:之|以)?前(?!一日)")  # 至…前一日止 is how long a policy runs
_ON = re.compile(r"^\s*(?:及|或)?\s*(?:以后|之后|以上|起|开始|后续)")  # 第11个保单年度及以后
_BEFORE = re.compile(r"(?:个月)?(?:之|以)?前(?!\d)")  # 持有满90天前
_NEGATED = re.compile(r"不超过\s*$")
_NTH_YEAR = "第年"  # the unit of 第8年 and 第八个保单年度
MONTH = "年月"  # the unit of a calendar month
_MONTH = re.compile(r"((?:19|20)\d\d)年(1[0-2]|0?[1-9])月")
_TO = re.compile(r"(?:\d{1,2}日)?\s*(?:至|到|-|—|~)\s*")
_REPAID = re.compile(r"(?:已还|还款)期数")
_MONTHS = re.compile(r"月数|个月")
_AGE, _YEARS, _TERMS = re.compile(r"年龄|岁"), re.compile(r"年度|年限|年期|期限|年份|第.{0,3}年|^年$"), re.compile(r"期数|分期")


@dataclass(frozen=True)
class Band:
    """From `low` to `high`, in the base unit `unit` (月 for years and months, 元, 岁, 天 …)."""

    low: float
    high: float
    unit: str

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high

_SEX_AGE = re.compile(r"[男女]性?\s*(\d{1,2})(?![\d.]|\s*[年岁周万元个块%])|(?<![\d.])(\d{1,2})\s*[男女]")  # 男35，20年交; 33男


def quantities(question: str) -> list[tuple[float, str]]:
    """(value, base unit) of the amounts, terms and ages a question states."""
    question = normalise(question)
    found = [_beyond(*_in_base(f.value, _unit(f, question)), question[max(0, f.start - 3) : f.start], question[f.end : f.end + 3])
             for f in find_figures(question) if f.kind in (*_KINDS, "bare", "ordinal")]
    months = [(_month(match), MONTH) for match in _MONTH.finditer(question)]
    ages = [_in_base(Decimal(match[1] or match[2]), "岁") for match in _SEX_AGE.finditer(question)]
    return [(value, unit) for value, unit in found if unit] + months + ages


def bands(text: str) -> list[Band]:
    """The bands a sentence states, in order."""
    text = normalise(text)
    figures = [f for f in find_figures(text) if f.kind in (*_KINDS, "bare") or f.unit == _NTH_YEAR]
    found: list[Band] = []
    at = 0
    while at < len(figures):
        figure = figures[at]
        before, after = text[max(0, figure.start - 6) : figure.start], text[figure.end : figure.end + 8]
        if figure.unit == _NTH_YEAR:
            band = _nth(text, figure, figures[at + 1] if at + 1 < len(figures) else None)
            at += band.high > band.low and band.high < math.inf
            found.append(band)
        elif figure.kind == "range" and isinstance(figure.value, tuple):
            low, unit = _in_base(figure.value[0], _unit(figure, text))
            found.append(Band(low, _in_base(figure.value[1], _unit(figure, text))[0], unit))
        elif _FROM.search(before) and (_BEFORE.match(after) or _UNTIL.match(text, figure.end)):
            high, unit = _in_base(figure.value, _unit(figure, text))
            found.append(Band(0.0, math.nextafter(high, 0.0), unit))
        elif not _UP_TO.search(before) and (_FROM_AFTER.search(after) or (
                _FROM.search(before) and not _NEGATED.search(before))):
            low, unit = _in_base(figure.value, _unit(figure, text))
            high = math.inf
            if at + 1 < len(figures) and (upper := _upper(text, figure, figures[at + 1])) and upper[1] == unit:
                high = upper[0]
                at += 1
            found.append(Band(low, high, unit))
        elif _UP_TO.search(before) or _UP_TO_AFTER.search(after):
            high, unit = _in_base(figure.value, _unit(figure, text))
            found.append(Band(0.0, math.nextafter(high, 0.0) if _UP_TO.search(before) else high, unit))
        at += 1
    spans = [Band(_month(a), _month(b), MONTH) for a, b in pairwise(_MONTH.finditer(text)) if _TO.fullmatch(text[a.end() : b.start()])]
    return [band for band in found if band.unit] + spans


def holds_the_year(question: str, text: str) -> bool:
    """Whether a text speaks of numbered years (第6个保单年度至第10个) and the one that the question names is among them."""
    asked, text = normalise(question), normalise(text)
    years = [_in_base(f.value, "年")[0] for f in find_figures(asked) if f.unit == _NTH_YEAR]
    if not years:
        return False
    figures = [f for f in find_figures(text) if f.unit == _NTH_YEAR]
    spans = [_nth(text, one, after) for one, after in zip_longest(figures, figures[1:])]
    return any(span.holds(year) for span in spans for year in years)


def _nth(text: str, figure: Figure, following: Figure | None) -> Band:
    """第8年, 第6个保单年度至第10个保单年度, 第11年及以后."""
    low, unit = _in_base(figure.value, "年")
    if following and following.unit == _NTH_YEAR and _TO.fullmatch(text[figure.end : following.start]):
        return Band(low, _in_base(following.value, "年")[0], unit)
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
    between = text[lower.end : upper.start]
    after = text[upper.end : upper.end + 6]
    if _ON_TO.fullmatch(between):
        return _in_base(upper.value, _unit(upper, text))
    if _SINCE_TO.fullmatch(between):
        high, unit = _in_base(upper.value, _unit(upper, text))
        return math.nextafter(high, 0.0), unit
    if len(between) <= 8 and (_UP_TO.search(between) or _UP_TO_AFTER.search(after)):
        high, unit = _in_base(upper.value, _unit(upper, text))
        return (math.nextafter(high, 0.0) if _UP_TO.search(between) and "≤" not in between[-2:] else high), unit
    return None


def row_bands(said: str) -> list[Band]:
    """The bands of a table row given as 列名：值；…, and plain numbers under a column of ages, years or terms.

    Of one unit those of the first cell that states a span count, unless columns do: 满1年领3个月，此后每满4个月 beside
    累计缴费：满1年不足5年 tells how much, not whose row it is.
    """
    found: list[Band] = []
    settled: set[str] = set()
    for part in said.split("；"):
        name, _, value = part.partition("：")
        here = [band for band in bands(part) if band.unit not in settled]
        if _REPAID.search(name):  # 已还1至6期 of a loan are months
            here += [Band(band.low, band.high, "月") for band in here if band.unit == "期"]
        settled |= {band.unit for band in bands(value) if band.low < band.high}
        found += here
        if re.fullmatch(r"\d{1,3}", value.strip()):
            unit = "月" if _MONTHS.search(name) else "岁" if _AGE.search(name) else "年" if _YEARS.search(name) else "期" if _TERMS.search(name) else ""
            if unit and (base := base_of(unit)[0]) not in settled:
                number, base = _in_base(Decimal(value.strip()), unit)
                found.append(Band(number, number, base))
    return found


def fit(asked: list[tuple[float, str]], stated: list[Band]) -> int:
    """1 where a quantity lies in a band of its unit, -1 where there are such bands and none holds it, 0 without any."""
    alike = [(value, band) for value, unit in asked for band in stated if band.unit == unit]
    if not alike:
        return 0
    return 1 if any(band.holds(value) for value, band in alike) else -1


def _unit(figure: Figure, text: str) -> str:
    """The unit; 600万 with nothing behind it is a sum of money, the tenth year of a policy a row of its table."""
    if figure.unit:
        return "年" if figure.unit == _NTH_YEAR else figure.unit
    if figure.raw.endswith(("万", "亿")):
        return "元"
    return "分" if text[figure.end : figure.end + 1] == "分" else ""


def _in_base(value: object, unit: str) -> tuple[float, str]:
    base, factor = base_of(unit)
    return (float(value) * float(factor), base) if isinstance(value, Decimal) else (0.0, "")
