"""The figures a customer's question states, with what they count: 5万2, 两年半, 12期, 万分之五, 打1折.

Spoken short forms (5万2) and figures whose unit is left out (贷30万) are common in questions and absent from documents,
so this reads more boldly than `rag.text.figures`, which reads documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from rag.text.chinese_numbers import chinese_number
from rag.text.normalise import normalise

_N = r"(?:\d+(?:,\d{3})*(?:\.\d+)?|[零一二两三四五六七八九十百千]+(?:点[零一二三四五六七八九]+)?)"
_PERCENT = re.compile(rf"(?P<n>{_N})\s?(?P<unit>[%‰])|(?P<den>百分|千分|万分)之(?P<part>{_N})|(?P<points>{_N})个点"
    rf"|(?:(?<=佣金)|(?<=佣金率)|(?<=印花税)|(?<=费率)|(?<=手续费)|(?<=佣金是)|(?<=佣金按)|(?<=费率是)|(?<=率按)|(?<=都是)|(?<=都按))万(?P<wan>{_N})(?![万千百元块亿])"  # 佣金万2.5
    r"|(?:(?<=利率)|(?<=利率是)|(?<=利率为)|(?<=年化)|(?<=利率\s))(?P<bare>\d{1,2}\.\d+|[一二三四五六七八九]点[零一二三四五六七八九]+)(?![\d.]*\s?[%‰\d万元年期厘个点倍])"  # 年利率2.6
    r"|(?P<tenths>[一二两三四五六七八九1-9])成(?P<half>[半一二三四五六七八九1-9])?(?![交本立功人年员都长为分新])"  # 三成五
    r"|(?P<li>\d+(?:\.\d+)?|[一二三四五六七八九])厘(?P<hao>[一二三四五六七八九1-9半])?"  # 月息4厘5
    r"|(?:(?<=息)|(?<=利)|(?<=利率)|(?<=息是)|(?<=息按))(?P<fen>[一二两三1-3])分(?P<fen_li>[一二三四五六七八九1-9半])?(?![\d期年月天])")  # 月息一分二
_DISCOUNT = re.compile(r"打?(?P<n>\d(?:\.\d+)?|[一二三四五六七八九]|\d\d)折")
_ORDINAL = re.compile(rf"第(?P<n>{_N})(?P<unit>个?(?:保单)?年度?|个?月|期(?!结构|理财|产品|大额|存单|国债))")
_REPAID = re.compile(r"贷|月供|等额|按揭|分期|期.{0,3}还|还.{0,6}期")
_AGE = re.compile(rf"(?P<n>{_N})(?:周)?岁")
_DURATION = re.compile(rf"(?P<half>半)年|(?P<n>{_N})(?P<unit>年(?!终|薪)|个月|月期|天|日(?!均))(?P<more>半)?")
_PERIODS = re.compile(rf"(?P<n>{_N})期")
_SHARES = re.compile(rf"(?P<n>{_N})(?P<m>[万亿]?)(?P<unit>份|股)")
_SPOKEN = "一二两三四五六七八九十百千万零"
_MONEY = re.compile(
    # 一万三千五百八, 两万三千五, 三千五百: read whole; a last digit counts tenths of the unit before it
    rf"(?P<spoken>[一二两三四五六七八九十][{_SPOKEN}]*[千万][{_SPOKEN}]+)(?:元|块钱|块)?(?![{_SPOKEN}亿\d.年月期天日岁成折份股险%个点])"
    rf"|(?P<n>{_N})(?P<m>[万亿千])(?:(?P<low>\d{{4}})(?![\d.%年月日天期岁])|(?P<tail>[一二三四五六七八九\d](?![\d.年月期天日岁成折份股险%一二三四五六七八九十百千万亿]|,\d|个(?!税|人所得税))))?(?:元|块钱|块)?"
    rf"|(?P<n2>{_N})(?:元|块钱|块)(?:零?(?P<fen2>[一二三四五六七八九\d])分|(?P<jiao>[一二三四五六七八九\d])(?:(?:毛|角)(?:(?P<fen>[一二三四五六七八九\d])分?)?)?(?![\d.,年月日天期岁个%股份一二三四五六七八九十百千万亿]|成(?!交)))?"
    r"|(?P<n3>(?<![\d.a-z\-第])(?:\d{1,3}(?:,\d{3})+|\d{3,})(?:\.\d+)?)(?![\d.]*(?:[a-z%月日天期岁份股次人号版款型\-]|年(?!终|薪|利率|化|息)|个(?!人|税)))")
_DECIMAL = re.compile(r"(?<![\d.a-z])(?P<n>\d{1,3}\.\d{1,4})(?![\d.%a-z])")
_DENOMINATOR = {"百分": 100, "千分": 1000, "万分": 10000}
_SCALE = {"": 1, "千": 1000, "万": 10**4, "亿": 10**8}
_NO_MONEY = re.compile(r"(?:沪深|中证|上证|标普|养老|目标|国证|科创|创业板|代码|电话|编号|尾号|卡号|单号)(?:目标|日期|基金)?\s?$")
_NAMED_YEAR = re.compile(r"[一-鿿](?<![交存贷借花买还取转付投入出资给欠领赔费款额价金本共计算是为有约用充值提到拿了])$")  # 颐年2040三年A
_PER = re.compile(r"[每几近]$|(?<![基份总人次])数$")


@dataclass(frozen=True)
class Stated:
    """One figure of the question. `kind`: money percent discount year_no period_no age months days periods shares value.

    `value`: yuan, a fraction for percent and discount, months or days for durations. `before` and `after` are the words
    around it up to the next figure. `vague`: 一年 or 一个月, which may be no term but "a year" as in 一年交多少.
    """

    kind: str
    value: Decimal
    raw: str
    start: int
    end: int
    before: str = ""
    after: str = ""
    vague: bool = False


def read(question: str) -> tuple[Stated, ...]:
    """The figures of a question in order."""
    text = normalise(question)
    found: list[Stated] = []
    taken = [False] * (len(text) + 1)
    for kind, match, value, vague in _all(text):
        if value is None or any(taken[match.start() : match.end()]):
            continue
        taken[match.start() : match.end()] = [True] * (match.end() - match.start())
        if kind:
            found.append(Stated(kind, value, match.group(), match.start(), match.end(), vague=vague))
    found.sort(key=lambda s: s.start)
    around = []
    for at, one in enumerate(found):
        left = found[at - 1].end if at else 0
        right = found[at + 1].start if at + 1 < len(found) else len(text)
        after = text[one.end : right]
        if right < len(text) and not re.search(r"[,。;?!、]", after):
            after = ""  # what runs straight into the next figure speaks of that one: 5万免赔1万
        around.append(Stated(one.kind, one.value, one.raw, one.start, one.end, text[left : one.start][-14:],
                             after[:14], one.vague))
    return tuple(around)


def _all(text: str) -> Iterable[tuple[str, re.Match[str], Decimal | None, bool]]:
    for m in _PERCENT.finditer(text):
        if m["n"]:
            yield "percent", m, _scaled(m["n"], Decimal("0.01") if m["unit"] == "%" else Decimal("0.001")), False
        elif m["den"]:
            yield "percent", m, _scaled(m["part"], Decimal(1) / _DENOMINATOR[m["den"]]), False
        elif m["wan"]:
            yield "percent", m, _scaled(m["wan"], Decimal("0.0001")), False
        elif m["bare"]:
            yield "percent", m, _scaled(m["bare"], Decimal("0.01")), False
        elif m["tenths"]:  # 三成五 is 35%
            yield "percent", m, _small(m["tenths"], m["half"], "0.1"), False
        elif m["li"]:  # of a month's or a period's rate a thousandth, of a year's a hundredth
            yield "percent", m, _small(m["li"], m["hao"], "0.01" if "年" in text[max(0, m.start() - 5) : m.start()] else "0.001"), False
        elif m["fen"]:
            yield "percent", m, _small(m["fen"], m["fen_li"], "0.1" if "年" in text[max(0, m.start() - 5) : m.start()] else "0.01"), False
        else:
            yield "percent", m, _scaled(m["points"], Decimal("0.01")), False
    for m in _DISCOUNT.finditer(text):
        yield "discount", m, _scaled(m["n"], Decimal("0.1") if len(m["n"]) != 2 else Decimal("0.01")), False
    for m in _ORDINAL.finditer(text):
        of_loan = bool(_REPAID.search(text)) and ("月" in m["unit"] or not re.match(r"期.{0,8}(?:存款|理财|产品)", text[m.end() - 1 :]))
        yield "year_no" if "年" in m["unit"] else "period_no" if of_loan else "", m, chinese_number(m["n"]), False
    for m in _AGE.finditer(text):
        yield "age", m, chinese_number(m["n"]), False
    for m in _SHARES.finditer(text):
        if text[max(0, m.start() - 1) : m.start()] != "每":
            yield "shares", m, _scaled(m["n"], Decimal(_SCALE[m["m"]])), False
    for m in _DURATION.finditer(text):
        yield from _duration(text, m)
    for m in _PERIODS.finditer(text):
        yield "periods", m, chinese_number(m["n"]), False
    for m in _MONEY.finditer(text):
        digits = m["spoken"] or m["n"] or m["n2"] or m["n3"]
        if (_PER.search(text[: m.start()]) and m.start()) or digits in ("百", "千"):
            yield "", m, Decimal(0), False
            continue
        if m["n3"] and (_NO_MONEY.search(text[: m.start()]) or _is_year(digits, text[: m.start()], text[m.end() :])):
            yield "", m, Decimal(0), False
            continue
        if re.match(r"以[上下内]|起|封顶|\(含", text[m.end() :]):
            yield "", m, Decimal(0), False
            continue
        value = _scaled(digits, Decimal(_SCALE[m["m"] or ""]))
        if value is not None and m["low"] and m["m"] == "万":  # 6万3500
            value += Decimal(m["low"])
        if value is not None and (m["fen2"] or m["jiao"]):  # 13块零5分, 12块3
            value += (chinese_number(m["fen2"] or m["jiao"]) or 0) / Decimal(100 if m["fen2"] else 10)
            value += (chinese_number(m["fen"]) or 0) / Decimal(100) if m["fen"] else 0  # 23块4毛8
        if value is not None and m["tail"]:
            value += (chinese_number(m["tail"]) or 0) * Decimal(_SCALE[m["m"]]) / 10
        yield "money", m, value, False
    for m in _DECIMAL.finditer(text):
        yield "value", m, Decimal(m["n"]), False


def _is_year(digits: str, before: str, after: str) -> bool:
    """Whether four digits without a unit are the year of an edition or of a fund's name."""
    year = Decimal(digits.replace(",", ""))
    return (1950 <= year <= 2070 and bool(re.match(r"版|款|[a-z]类|的", after))) or (2020 < year <= 2070 and bool(_NAMED_YEAR.search(before)))


def _duration(text: str, m: re.Match[str]) -> Iterable[tuple[str, re.Match[str], Decimal | None, bool]]:
    before = text[max(0, m.start() - 1) : m.start()]
    if m["half"]:
        yield "months", m, Decimal(6), False
        return
    value, unit = chinese_number(m["n"]), m["unit"]
    if unit == "年" and value and value >= 1000 and re.match(r"利率|化|息", text[m.end() :]):
        return  # 每月存2000年利率3%
    if value is None or (before in ("每", "月", "第") and before) or (unit == "年" and value >= 1900):
        yield "", m, Decimal(0), False
        return
    vague = value == 1 and not m["more"] and before != "满"
    if unit == "年":
        yield "months", m, value * 12 + (6 if m["more"] else 0), vague
    elif unit in ("天", "日"):
        yield "days", m, value, vague
    else:
        yield "months", m, value, vague


def _small(digits: str, tail: str | None, unit: str) -> Decimal | None:
    """三成五, 4厘5: so many units and tenths of one."""
    value = chinese_number(digits)
    return None if value is None else (value + (Decimal("0.5") if tail == "半" else (chinese_number(tail) or 0) / Decimal(10) if tail else 0)) * Decimal(unit)


def _scaled(digits: str, scale: Decimal) -> Decimal | None:
    value = chinese_number(digits)
    return None if value is None else value * scale


class Figures:
    """The figures of one question, asked for by kind and by the words beside them."""

    def __init__(self, question: str):
        self.question = normalise(question)
        self.all = read(question)

    def of(self, kind: str, near: str = "", vague: bool = False) -> Stated | None:
        """The first figure of `kind` with a match of `near` right before or after it; with no `near` the first one."""
        for one in self.all:
            if one.kind == kind and (vague or not one.vague) and (not near or self.beside(one, near)):
                return one
        return None

    def beside(self, one: Stated, near: str) -> bool:
        """Whether the words right before (to the last comma) or right after (5 characters) match."""
        before = re.split(r"[,。;?!、]", one.before)[-1]
        after = re.split(r"[,。;?!、]", one.after)[0][:5]
        return bool(re.search(near, before) or re.search(near, after))

    def many(self, kind: str) -> list[Stated]:
        return [one for one in self.all if one.kind == kind and not one.vague]

    def term(self) -> Stated | None:
        """The term in months; 一年 counts where no other duration is stated."""
        return self.of("months") or self.of("months", vague=True)
