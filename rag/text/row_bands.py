"""Which bands say whose row of a table it is: 31-35 under 年龄（周岁）, 30天(含)至180天 under 持有期, 2029至2031年 under 年份."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from rag.text.bands import YEAR, Band, bands, in_base
from rag.text.figure_units import base_of
from rag.text.figures import find_figures
from rag.text.normalise import normalise

_UNITS = tuple((re.compile(pattern), unit) for pattern, unit in (  # what plain numbers count under a column's name
    (r"档次.*元|^(?:缴费|交费)(?:档次?|标准)", "元"), (r"月数|个月|[(（]月[)）]", "月"), (r"天数|[(（][天日][)）]", "天"), (r"年龄|岁", "岁"),
    (r"年度|年限|年期|期限|年份|第.{0,3}年|^年$", "年"), (r"期数|分期", "期")))
_REPAID = re.compile(r"(?:已还|还款)期数")
_REMARK = re.compile(r"(?<=.)[（(][^（）()含]*[）)]$")  # 61-70(限续保)
_OF_AGE = re.compile(r"(?<=\d)周?岁$")
_SPAN, _EDGE = re.compile(r"(\d{1,3})(?:至|到|-|—|~)(\d{1,3})"), re.compile(r"(\d{1,3})(?:及|或)?(?:以([上下])|之?([前后]))")
_HIGHEST, _LOWEST = re.compile(r"最[高大长晚]|上限"), re.compile(r"最[低小短早]|下限")
_TERM = re.compile(r"^(?:(?:品种|产品|存款|借款|贷款)?期限|存期|存款品种|品种|期数|分期期数|持有期)$")
_WEIGHT = re.compile(r"规格|克重|重量")  # of bars of gold
_WEIGHTS = re.compile(r"[（(](\d+(?:\.\d+)?克(?:[、,/或]\d+(?:\.\d+)?克)*)[）)]")
_FOREIGN = ("美元", "欧元", "港元", "英镑", "日元", "澳元")
_SUM = re.compile(r"\d[\d,]*(?:\.\d+)?")
_SUM_NAME = re.compile(rf"[（(](?:单位[:：])?(万?元|{'|'.join(_FOREIGN)})[)）]")
_END = rf"(?:{_SUM.pattern})(?:[（(]不?含[)）])?"
_SPAN_OF_SUMS = re.compile(rf"{_END}(?:至|到|-|—|~){_END}|{_END}(?:及|或)?以[上下](?:[（(]不?含[)）])?")
_DEPOSIT = re.compile(r"^(?:整存整取|零存整取|整存零取|存本取息|定期(?:存款)?|(?:个人)?通知存款|大额存单)")
_PLAIN = re.compile(r"[-+±]?[\d,.]+\s*(?:%|‰|元|万元|年|个?月|天|日|折|倍|BP)?(?:/[年月日])?|[-—/无免收]+")
_KEY_NAME = re.compile(r"年龄|岁|年度|年限|期限|期数|档次|月数|年份|期间")
_YEARS_SPAN = re.compile(r"((?:19|20)\d\d)年?(?:至|到|-|—|~)((?:19|20)\d\d)年?")


def row_bands(said: str) -> list[Band]:
    """The bands of a table row given as 列名：值；…, and plain numbers under a column of ages, years or terms.

    Of one unit those of the first cell that states a span count, unless columns do: 满1年领3个月，此后每满4个月 beside
    累计缴费：满1年不足5年 tells how much, not whose row it is.
    """
    every = [part.partition("：")[::2] for part in said.split("；")]
    parts = _keys(every)
    in_value = [_with_unit(name, value) or bands(value) for name, value in parts]
    in_values = any(in_value)  # then 融资年利率 180天以内 tells a column, not the row
    found: list[Band] = []
    settled: set[str] = set()
    for (name, value), own in zip(parts, in_value, strict=True):
        here = [band for band in (own if in_values else bands(f"{name}：{value}")) if band.unit not in settled]
        if _REPAID.search(name):  # 已还1至6期 of a loan are months
            here += [Band(band.low, band.high, "月") for band in here if band.unit == "期"]
        settled |= {band.unit for band in own if band.low < band.high}
        found += here
        if years := _YEARS_SPAN.fullmatch(normalise(value).replace(" ", "")):
            found.append(Band(float(years[1]), float(years[2]), YEAR))
        if (_TERM.search(name) or _WEIGHT.search(name)) and (plain := _plain_term(value)) and plain.unit not in settled:
            found.append(plain)
        if (weights := _WEIGHTS.search(normalise(value))) and "克" not in settled:  # 提金加工费（20克、50克）
            found += [Band(grams, grams, "克") for grams in map(float, re.findall(r"\d+(?:\.\d+)?", weights[1]))]
        unit = next((unit for pattern, unit in _UNITS if pattern.search(name)), "")
        if unit and base_of(unit)[0] not in settled and (ends := _numbers(normalise(value).replace(" ", ""))):
            found.append(_of_numbers(name, unit, *ends))
            settled |= {found[-1].unit} if ends[0] != ends[1] else set()
    # beside the steps in yuan a table may have others: 20万美元≤M＜60万美元
    found += [band for _, value in every[len(parts) :] if not _PLAIN.fullmatch(value.strip())
              for band in bands(value) if band.low < band.high and band.unit in _FOREIGN and band.unit not in settled]
    return found


def _with_unit(name: str, value: str) -> list[Band]:
    """The bands of a span of plain sums under a column that says their unit: 200,000(含)以上 under 金额(美元)."""
    unit = _SUM_NAME.search(name)
    if not unit or not _SPAN_OF_SUMS.fullmatch(normalise(value).replace(" ", "")):
        return []
    return bands(_SUM.sub(lambda number: number[0] + unit[1], normalise(value).replace(" ", "")))


def _of_numbers(name: str, unit: str, lowest: str, highest: str) -> Band:
    """The band of a cell of plain numbers; under 最高投保年龄 it ends with the number, and begins nowhere."""
    low, base = in_base(Decimal(lowest), unit)
    high = in_base(Decimal(highest), unit)[0] if highest else math.inf
    return Band(0.0 if _HIGHEST.search(name) else low, math.inf if _LOWEST.search(name) else high, base)


def _keys(parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The cells that say which row it is: those before the first plain figure that is no age, year or term."""
    ends = (n for n, (name, value) in enumerate(parts) if n and _PLAIN.fullmatch(value.strip()) and not _KEY_NAME.search(name))
    return parts[: next(ends, len(parts))]


def _plain_term(value: str) -> Band | None:
    """A cell that is one term and nothing else: 3年, 12期."""
    value = _DEPOSIT.sub("", normalise(value).strip())
    figures = find_figures(value)
    if len(figures) != 1 or figures[0].raw != value or figures[0].unit not in ("年", "月", "天", "期", "克"):
        return None
    at, unit = in_base(figures[0].value, figures[0].unit)
    return Band(at, at, unit)


def _numbers(value: str) -> tuple[str, str] | None:
    """The lowest and highest number of a cell that is nothing else: 35, 40周岁, 31-35, 17及以下, 70及以上 (no highest)."""
    value = _OF_AGE.sub("", _REMARK.sub("", value))
    if re.fullmatch(r"\d{1,3}|\d{1,3}(?:,\d{3})+|\d+", value):
        return value.replace(",", ""), value.replace(",", "")
    if span := _SPAN.fullmatch(value):
        return span[1], span[2]
    if edge := _EDGE.fullmatch(value):
        return (edge[1], "") if (edge[2] or edge[3]) in "上后" else ("0", edge[1])
    return None
