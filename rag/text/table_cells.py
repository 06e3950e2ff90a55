"""Markdown pipe tables of a passage, read with their units: a cell takes the unit of its header or of the caption.

A passage may hold several tables; the words before a table are searched for "单位：万元". Nothing here judges an answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from rag.text.figure_finder import Figure, find_figures
from rag.text.figure_patterns import fold
from rag.text.figure_units import UNITS, alternatives

_SCALED = rf"(?P<scale>[十百千万亿]*)(?P<unit>{alternatives(UNITS)})"
_CAPTION_UNIT = re.compile(rf"单位\s?[:为]?\s?(?:人民币)?\s?{_SCALED}")
_HEADER_UNIT = re.compile(rf"[(\[/,]\s?(?:单位\s?:?\s?)?(?:人民币)?\s?{_SCALED}\s?(?:[)\],/]|$)")
_SEPARATOR = re.compile(r"^\s*\|?\s*:?-{1,}:?\s*(?:\|\s*:?-{1,}:?\s*)*\|?\s*$")
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
# what a column holds where neither header nor caption says it
_IMPLIED = (
    (re.compile(r"年龄"), "岁", "age"),
    (re.compile(r"月数$"), "月", "duration"),
    (re.compile(r"(?:年数|年限)$"), "年", "duration"),
    (re.compile(r"天数$"), "天", "duration"),
    (re.compile(r"(?:利率|费率|收益率|比例|占比|折扣率|增长率|波动率)$"), "%", "percent"),
    (re.compile(r"(?:保费|保额|金额|现金价值|账户价值|价格|费用|本金|利息|月供|还款额|年费|限额|保险金)$"), "元", "amount"),
    (re.compile(r"^(?:保单|保险)?(?:年度末?|第几年)$"), "第年", "ordinal"),
)


@dataclass(frozen=True)
class Cell:
    """One cell: its words, and its figures with the unit it inherits. `row` and `column` count from 0, body only."""

    row: int
    column: int
    text: str
    figures: tuple[Figure, ...]
    bare: tuple[Decimal, ...] = ()  # numbers whose unit nobody says


@dataclass(frozen=True)
class Table:
    """`header` is one text a column; `cells` holds the body row by row."""

    start: int
    end: int
    caption: str
    header: tuple[str, ...]
    cells: tuple[Cell, ...] = field(default=())


@lru_cache(maxsize=256)
def read_tables(text: str) -> tuple[Table, ...]:
    """The pipe tables of `text`, with their offsets. A run of pipe rows without a `|---|` line is a table as well,
    its first row taken for the header."""
    tables: list[Table] = []
    offset, before = 0, ""
    run: list[str] = []
    run_start = 0
    for line in [*text.splitlines(keepends=True), ""]:
        if line.count("|") >= 2 or (run and "|" in line):
            if not run:
                run_start = offset
            run.append(line)
        else:
            if len(run) > 1:
                tables.append(_read(run, run_start, before))
                before = ""
            run = []
            before = (before + line)[-200:]
        offset += len(line)
    return tuple(tables)


def _split(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))]


def _read(lines: list[str], start: int, before: str) -> Table:
    caption = before.strip()[-120:]
    rows = [_split(line) for line in lines if not _SEPARATOR.match(line)]
    header = rows[0]
    default = _unit(_CAPTION_UNIT, caption) or _unit(_CAPTION_UNIT, " ".join(header))
    units = [_unit(_HEADER_UNIT, text) or _unit(_CAPTION_UNIT, text) for text in header]
    cells = []
    for r, row in enumerate(rows[1:]):
        row_unit = _unit(_HEADER_UNIT, row[0]) if row else None
        for c, text in enumerate(row):
            name = header[c] if c < len(header) else ""
            unit = (units[c] if c < len(units) else None) or (row_unit if c else None)
            cells.append(_cell(r, c, text, unit or _implied(name, default) or (default if c else None)))
    return Table(start, start + sum(map(len, lines)), caption, tuple(header), tuple(cells))


def unit_in_header(header: str) -> str:
    """The unit that a column's name says, as it writes it: 元 of 起付线（元）, 万元 of 限额（万元/年）; "" where it says none."""
    match = _HEADER_UNIT.search(fold(header))
    return f"{match['scale']}{match['unit']}" if match else ""


def _unit(pattern: re.Pattern[str], text: str) -> tuple[str, Decimal, str] | None:
    match = pattern.search(fold(text))
    if match is None:
        return None
    name, factor, kind = UNITS[match["unit"]]
    for char in match["scale"]:
        factor *= _SCALES[char]
    return name, factor, kind


def _implied(header: str, default: tuple[str, Decimal, str] | None) -> tuple[str, Decimal, str] | None:
    for pattern, unit, kind in _IMPLIED:
        if pattern.search(re.sub(r"[(\[（【].*", "", header)):
            return default if kind == "amount" and default else (unit, Decimal(1), kind)
    return None


def _cell(row: int, column: int, text: str, unit: tuple[str, Decimal, str] | None) -> Cell:
    figures, bare = [], []
    for figure in find_figures("|" + text):  # the bar keeps "1." from being read as a list marker
        if figure.unit or figure.kind == "code" or (unit is None and figure.kind == "range"):
            figures.append(figure)
        elif unit is not None:
            name, factor, kind = unit
            value = tuple(v * factor for v in figure.value) if isinstance(figure.value, tuple) else figure.value * factor
            figures.append(Figure(figure.raw, 0, 0, value, name, figure.kind if figure.kind == "range" else kind, figure.written))
        numbers = figure.value if isinstance(figure.value, tuple) else (figure.value,)
        bare.extend(n for n in numbers if isinstance(n, Decimal))
        if figure.written is not None:
            bare.append(figure.written)
    wild = tuple(bare)
    return Cell(row, column, text, tuple(figures), wild)
