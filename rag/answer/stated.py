"""What a unit of evidence states of what is asked: its figures in the clause or cell that the question is about."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.text.figures import Figure, find_figures, same
from rag.text.sentences import Unit
from rag.text.tokens import STOP_WORDS, bigrams

NOTHING = "无"  # stands for 不收, 免收, 没有: an answer like any figure
_KINDS = ("amount", "percent", "duration", "age", "range", "ratio", "count", "settle", "bare")
_NOTHING = re.compile(r"不收取?|免收|免费|免除|不设|没有|不需|无(?![息论须形])|^\s*[-—]+\s*$")
_CLAUSE = re.compile(r"[^，,；;。！？\n]+")
_RISK = re.compile(r"(?<![A-Za-z\d])[RC][1-5](?!\d)")
_ASKED = (  # what kind of figure a question asks for; the first that fits
    (re.compile(r"年龄|多大|几岁|多少岁|年纪"), ("age", "range")),
    (re.compile(r"利率|费率|比例|收益率|百分之|几个点|几折"), ("percent", "range", "ratio", "bare")),
    (re.compile(r"[几多少]+(天|日|年|个?月|周|小时|期|工作日)|多久|多长|期限|犹豫期|等待期|宽限期|最长"), ("duration", "range", "settle", "bare")),
    (re.compile(r"多少钱|多少元|金额|额度|最高(能|可|可以)?(借|贷)|起购|起投|起存|起点|年费|工本费|免赔额"), ("amount", "range", "bare")),
    (re.compile(r"几次|多少次"), ("count",)),
)
_FIGURE_ASKED = re.compile(
    r"多少|几(天|日|年|个?月|岁|周岁|次|倍|折|成|级|款|周|个|期)|多久|多长|比例|利率|费率|金额|额度|上限|下限|期限|年龄|多高|多大|最高|最低|最长|最短|[费金息].{0,4}[吗么]|R几")
_ASKS_WHEN = re.compile(r"哪天|什么时候|何时|几点|从哪|电话|热线|号码|第几")

Value = str | Figure


def asks_value(question: str) -> bool:
    """Whether a question asks for a figure: how much, how long, at which rate. When, and a number to call, are none."""
    return bool(_FIGURE_ASKED.search(question)) and not _ASKS_WHEN.search(question)


def stated(unit: Unit, question: str) -> tuple[Value, ...]:
    """The figures of the kind asked for in the unit's clause or cell nearest to the question; NOTHING where it says so."""
    asked = {gram for gram in bigrams(question) if gram not in STOP_WORDS}
    kinds = next((kinds for pattern, kinds in _ASKED if pattern.search(question)), _KINDS)
    best, values = -1.0, []
    for near, text in _cells(unit, asked) if unit.kind == "row" else _clauses(unit.plain, asked):
        here = list(_values(text, kinds))
        if here and near > best:
            best, values = near, here
        elif here and near == best:
            values.extend(here)
    return tuple(values)


def agree(some: Iterable[Value], others: Iterable[Value]) -> bool:
    """Whether all that one of them states the other states too: 15日 and 自签收次日起15日，不超过10元."""
    few, many = sorted((list(some), list(others)), key=len)
    return all(any(_same(one, other) for other in many) for one in few)


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return same(one, other) or ("bare" in (one.kind, other.kind) and one.written == other.written is not None)


def _values(text: str, kinds: tuple[str, ...]) -> Iterable[Value]:
    found = [figure for figure in find_figures(text) if figure.kind in kinds]
    yield from found
    yield from _RISK.findall(text)
    if not found and _NOTHING.search(text):
        yield NOTHING


def _clauses(text: str, asked: set[str]) -> Iterable[tuple[float, str]]:
    """(how near to the question, clause): its own words, and half of the clause it goes on from."""
    before = 0
    for match in _CLAUSE.finditer(text):
        own = len(asked & set(bigrams(match.group())))
        yield own + before / 2, match.group()
        before = own


def _cells(unit: Unit, asked: set[str]) -> Iterable[tuple[float, str]]:
    """(how near its column's name is to the question, value) of a row's cells behind the first."""
    for cell in unit.plain.split("；")[1:]:
        name, colon, value = cell.partition("：")
        yield (float(len(asked & set(bigrams(name)))), value) if colon else (0.0, name)
