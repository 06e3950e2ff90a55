"""A formula as it is written for the calculator, 200000×0.0135÷12: worked exactly."""

from __future__ import annotations

import ast
import operator
from fractions import Fraction

_SIGNS = str.maketrans("＋－×÷（）", "+-*/()", ",")
_WAYS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def worked(formula: str) -> Fraction:
    """The value. Raises ValueError for anything but numbers, ＋－×÷ and brackets."""
    text = formula.translate(_SIGNS)
    try:
        return _value(ast.parse(text, mode="eval").body, text)
    except SyntaxError as error:
        raise ValueError(f"no formula: {formula}") from error


def _value(part: ast.expr, text: str) -> Fraction:
    if isinstance(part, ast.BinOp) and type(part.op) in _WAYS:
        return _WAYS[type(part.op)](_value(part.left, text), _value(part.right, text))
    if isinstance(part, ast.Constant) and type(part.value) in (int, float):
        return Fraction(ast.get_source_segment(text, part))  # as written: 0.1 is a tenth
    raise ValueError(f"no formula: {text}")
