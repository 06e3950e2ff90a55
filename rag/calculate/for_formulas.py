"""A formula that a document states, worked with the figures of the question: 生育津贴＝月平均工资÷30×产假天数."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.calculate.inputs import Found, grams
from rag.calculate.result import number, yuan
from rag.calculate.sheet import Sheet, Worked
from rag.calculate.stated import Stated

_FORMULA = re.compile(r"(?:公式\s?[:：]\s?)?(?P<name>[一-鿿]{2,14})\s?[=＝](?P<expr>[^=＝。;,]+)[。;]?$")
_TOKEN = re.compile(r"(?P<number>\d[\d,]*(?:\.\d+)?%?)|(?P<op>[-+×÷*/()])|(?P<name>[一-鿿a-z（）]+)")


def formula(sheet: Sheet) -> Worked:
    """生育津贴＝单位上年度职工月平均工资÷30×产假天数: worked where the question states every operand by its name."""
    for text in sheet.texts:
        if text.row or (text.example and not re.match(r"公式|.{2,14}[=＝]", text.said)):
            continue
        m = _FORMULA.search(text.said.replace("*", ""))
        if m is None or m["name"] not in sheet.question:
            continue
        expr = m["expr"].replace("＋", "+").replace("－", "-")
        tokens = [t for t in _TOKEN.finditer(expr)]
        names = [t["name"] for t in tokens if t["name"]]
        values = {n: _operand(sheet, n) for n in names}
        known = [v for v in values.values() if v]
        if not known or len({id(v) for v in known}) != len(known):
            continue
        worked = [sheet.take(n, values[n], ask=f"请问{n}是多少？") for n in names]
        result = _evaluate(tokens, dict(zip(names, worked, strict=True)))
        if result is None:
            continue
        sheet.maybe("公式", Found(result, m.group(), text.index))
        shown = "".join(number(dict(zip(names, worked, strict=True))[t["name"]]) if t["name"] else t.group() for t in tokens)
        return sheet.done(f"{m['name']}为{yuan(result)}。", f"{shown}＝{yuan(result)}")
    return None


def _operand(sheet: Sheet, name: str) -> Stated | None:
    """The figure whose words before it share at least two character pairs with the operand's name, if only one does."""
    fits = [s for s in sheet.figures.all if s.kind in ("money", "days", "shares", "percent", "value")
            and len(grams(s.before) & grams(name)) >= (1 if s.kind == "days" and "天" in name else min(2, len(name) - 1))]
    return fits[0] if len(fits) == 1 else None


def evaluated(text: str) -> Decimal | None:
    """The value of an expression of numbers; None where it is none."""
    text = text.replace("＋", "+").replace("－", "-").replace("（", "(").replace("）", ")")
    tokens = list(_TOKEN.finditer(text))
    if "".join(t.group() for t in tokens) != text.replace(" ", "") or any(t["name"] for t in tokens):
        return None
    return _evaluate(tokens, {})


def _evaluate(tokens: list[re.Match[str]], values: dict[str, Decimal]) -> Decimal | None:
    """× and ÷ before + and −, brackets by recursion; None where the tokens are no expression."""
    stream = [t.group() if t["op"] else values[t["name"]] if t["name"] else _plain(t["number"]) for t in tokens]
    try:
        value, at = _sum(stream, 0)
    except (IndexError, TypeError, ArithmeticError):
        return None
    return value if at == len(stream) else None


def _plain(text: str) -> Decimal:
    return Decimal(text.rstrip("%").replace(",", "")) / (100 if text.endswith("%") else 1)


def _sum(stream: list, at: int) -> tuple[Decimal, int]:
    value, at = _product(stream, at)
    while at < len(stream) and stream[at] in ("+", "-"):
        other, after = _product(stream, at + 1)
        value, at = (value + other if stream[at] == "+" else value - other), after
    return value, at


def _product(stream: list, at: int) -> tuple[Decimal, int]:
    value, at = _atom(stream, at)
    while at < len(stream) and stream[at] in ("×", "÷", "*", "/"):
        other, after = _atom(stream, at + 1)
        value, at = (value * other if stream[at] in "×*" else value / other), after
    return value, at


def _atom(stream: list, at: int) -> tuple[Decimal, int]:
    if stream[at] == "(":
        value, at = _sum(stream, at + 1)
        if stream[at] != ")":
            raise TypeError("unbalanced")
        return value, at + 1
    if not isinstance(stream[at], Decimal):
        raise TypeError("no operand")
    return stream[at], at + 1
