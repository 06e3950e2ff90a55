"""Recipes that read one cell of an insurer's table and scale it: premium and annuity by age, surrender value by year."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.calculate import shares
from rag.calculate.inputs import Found, Text, grams
from rag.calculate.result import number, yuan
from rag.calculate.sheet import Sheet, Worked

_GENERIC = grams("保险定期寿险终身重大疾病医疗年金养老费率费率表产品说明书条款摘要两全人寿一览表基本年交保终费用标准投保周岁男性女性")
_UNIT = re.compile(r"每(?:年?交)?\s?(?=[\d千万])(\d[\d,]*)?\s?([千万])?元?[^|\d]{0,8}?(?:保额|保险金额|保险费|保费)")
_EXAMPLE_OF = re.compile(r"(?:年交|趸交|期交)(?:的)?保险费\s?([\d,]+)元")  # a table worked for one premium
_PAID = re.compile(r"(\d+)\s*年期?[交缴]")
_FIGURE = re.compile(r"\d+")


def by_table(sheet: Sheet) -> Worked:
    """Amount ÷ unit × the cell of the row for the age and of the column for sex, term and age of payout."""
    figures = sheet.figures
    age, money = figures.of("age"), figures.many("money")
    if age is None or len(money) != 1 or not re.search(r"[男女]", sheet.question):
        return None
    asked = grams(sheet.question) - _GENERIC
    options: dict[Decimal, tuple[Found, Decimal, Text]] = {}
    for text in sheet.texts:
        if not text.row or not re.search(r"年龄|周岁", text.header[0]) or _FIGURE.findall(text.row[0]) != [str(int(age.value))]:
            continue
        if not (grams(text.about) - _GENERIC) & asked or not _said(text.about, sheet):
            continue
        unit = _unit(text, sheet)
        if unit is None:
            continue
        for header, cell in zip(text.header[1:], text.row[1:], strict=False):
            value = re.fullmatch(r"[\d,]+(?:\.\d+)?", cell)
            if value and _column_fits(header, sheet):
                found = Found(Decimal(cell.replace(",", "")), cell, text.index, header)
                options[found.value] = (found, unit, text)
    if len(options) != 1:
        return None
    [(found, unit, _)] = options.values()
    amount = sheet.take("金额", money[0])
    each = sheet.take("表中数值", found)
    value = shares.by_unit(amount, unit, each)
    paid = bool(re.search(r"领", sheet.question))
    sheet.inputs[-1] = sheet.inputs[-1]._replace(name=f"每{number(unit)}元对应")
    return sheet.done(f"每年{'可领' if paid else '交'}{yuan(value)}。", f"{number(amount)}÷{number(unit)}×{number(each)}＝{yuan(value)}")


def _unit(text: Text, sheet: Sheet) -> Decimal | None:
    """What the cells are counted for, from the row's own caption or from a text of the same title."""
    title = text.about.split(" ")[0]
    for near in ([text], [t for t in sheet.texts if t.about.split(" ")[0] == title]):
        units = {Decimal((m[1] or "1").replace(",", "")) * {"千": 1000, "万": 10000, None: 1}[m[2]]
                 for other in near for m in _UNIT.finditer(other.about + " " + other.said)}
        if len(units) == 1:
            return units.pop()
    return None


def _said(about: str, sheet: Sheet) -> bool:
    """Terms that headings name (20年交) must be the question's."""
    return all(n in _years(sheet) for n in re.findall(r"(\d+)年交", about))


def _years(sheet: Sheet) -> set[str]:
    return {str(int(f.value / 12)) for f in sheet.figures.many("months")}


def _terms(sheet: Sheet) -> set[str]:
    """Years and ages of the question; its amounts are no terms."""
    return _years(sheet) | {str(int(f.value)) for f in sheet.figures.many("age")}


def _column_fits(header: str, sheet: Sheet) -> bool:
    said, question = _terms(sheet), sheet.question
    if ("男" in header and "男" not in question) or ("女" in header and "女" not in question):
        return False
    paid = set(_PAID.findall(question))
    if paid and not set(_PAID.findall(header)) <= paid:
        return False  # 20年交 where 20年 is how long it covers
    if ("终身" in header) and "终身" not in question:
        return False
    return all(n in said for n in _FIGURE.findall(header))


def cash_value(sheet: Sheet, year: int) -> tuple[Found, Decimal] | None:
    """(cell, unit) of the 现金价值 at the end of a policy year: so much for `unit` yuan of premium; None where none or
    several differ. A table for another age, sex, way of paying or product is not this customer's."""
    asked = grams(sheet.question) - _GENERIC
    options: dict[Decimal, Found] = {}
    units: set[Decimal] = set()
    for text in sheet.texts:
        if not text.row or not re.search(r"年度|年末|第几年", text.header[0]) or _FIGURE.findall(text.row[0]) != [str(year)]:
            continue
        ages = re.findall(r"(\d+)周?岁", text.about)
        if not (grams(text.about) - _GENERIC) & asked or not _said(text.about, sheet) or set(ages) - _terms(sheet):
            continue
        if any(sex in text.about and sex not in sheet.question for sex in "男女"):
            continue
        worked = _EXAMPLE_OF.search(text.about)
        unit = Decimal(worked[1].replace(",", "")) if worked else _unit(text, sheet)
        cells = [c for _, c in text.column(r"现金价值|退保金") if re.fullmatch(r"[\d,]+(?:\.\d+)?", c)]
        if unit is None or len(cells) != 1:
            continue
        found = Found(Decimal(cells[0].replace(",", "")), cells[0], text.index)
        options[found.value] = found
        units.add(unit)
    return (next(iter(options.values())), units.pop()) if len(options) == len(units) == 1 else None


def surrender(sheet: Sheet) -> Worked:
    """退保: amount ÷ unit × 现金价值 of the policy year, from a table whose caption says for which amount it counts."""
    figures = sheet.figures
    year, money = figures.of("year_no"), figures.many("money")
    if len(money) != 1:
        return None
    amount = sheet.take("年交保费" if "年" in money[0].before else "保费", money[0])
    number_ = int(sheet.take("保单年度", year, ask="请问是在第几个保单年度末退保？"))
    found = cash_value(sheet, number_)
    if found is None:
        return None
    cell, unit = found
    each = sheet.take(f"每{number(unit)}元对应的现金价值", cell)
    value = shares.by_unit(amount, unit, each)
    sheet.note("以保险合同载明的现金价值为准，未扣欠款。")
    return sheet.done(f"第{number_}个保单年度末退保约可得{yuan(value)}。",
                      f"{number(amount)}÷{number(unit)}×{number(each)}＝{yuan(value)}")
