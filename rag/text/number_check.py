"""Whether the figures of an answer stand in what it cites.

`unsupported` is the check every answer passes through. It does not understand sentences; where it cannot tell, a
figure that stands in the passage passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from rag.text.figure_bands import said_of_another_band
from rag.text.figure_finder import Figure, find_figures
from rag.text.figure_places import around, in_wrong_cell, numbered, said_of_something_else
from rag.text.figure_units import alike, base_of
from rag.text.row_quotes import quoted_from_row
from rag.text.table_cells import Cell, Table, read_tables

_LOSS = re.compile(r"[跌亏负降减损]")


def same(one: Figure, other: Figure) -> bool:
    """True where both say the same amount of the same thing: 50万 and 500000元, 0.5% and 5‰, 12个月 and 1年.

    一年 and 365天, 24小时 and 1天, 工作日 and 天 are not the same: contracts count them differently.
    """
    if "code" in (one.kind, other.kind) or "time" in (one.kind, other.kind) or "date" in (one.kind, other.kind):
        return one.kind == other.kind and one.value == other.value
    left, right = base_of(one.unit), base_of(other.unit)
    if not alike(left[0], right[0]) and not _sum_of_money(one, other):
        return False
    return _times(one.value, left[1]) == _times(other.value, right[1])


def _sum_of_money(one: Figure, other: Figure) -> bool:
    """50万 with nothing behind it is a sum of money where the other one is."""
    for bare, money in ((one, other), (other, one)):
        if bare.unit == "" and money.kind in ("amount", "range") and money.unit == "元" and re.search(r"[万亿萬億]$", bare.raw):
            return True
    return False


def _times(value: object, factor: Decimal) -> object:
    if isinstance(value, tuple):
        return tuple(v * factor if isinstance(v, Decimal) else v for v in value)
    return value * factor


def unsupported(
    answer: str, sources: Sequence[str], question: str = "", *, strict: bool = True, places: bool = True
) -> list[Figure]:
    """The figures of `answer` that stand in none of `sources` and not in `question`, in order of appearance.

    List markers, citation marks and articles (一个) are no figures. `strict=False` also lets small counts in general
    classifiers pass (三项, 两种, 4点): they mostly count what the answer itself lists. `places` also returns figures
    that stand in the sources only in another row or column, or after other words, than the answer says.
    """
    claims = [f for f in find_figures(answer) if f.kind != "word"]
    if not claims:
        return []
    evidence = _Evidence(sources, question)
    return [claim for claim in claims if not _stands(claim, claims, answer, question, evidence, strict, places)]


class _Evidence:
    """The figures of the sources, kept by where they stand."""

    def __init__(self, sources: Sequence[str], question: str) -> None:
        found = [read_tables(source) for source in sources]
        self.sources = tuple(sources)
        self.tables = [table for tables in found for table in tables]
        self.asked = find_figures(question)
        self.texts = [_without(source, tables) for source, tables in zip(sources, found, strict=True)]
        self.prose = [(text, figure) for text in self.texts for figure in find_figures(text)]
        self.cells = [(table, cell) for tables in found for table in tables for cell in table.cells]
        self.headers = [f for tables in found for table in tables for h in table.header for f in find_figures(h)]
        self.figures = [*self.asked, *(f for _, f in self.prose), *self.headers, *(f for _, c in self.cells for f in c.figures)]
        self.marks = [numbered(source) for source in sources]

    def names(self, claim: Figure, answer: str) -> bool:
        """Whether `claim` stands in a table's header or first column: it says which cell is meant."""
        if any(_supports(figure, claim, answer) for figure in self.headers):
            return True
        return any(cell.column == 0 and _in_cell(cell, claim, answer) for _, cell in self.cells)


def _stands(
    claim: Figure, claims: list[Figure], answer: str, question: str, evidence: _Evidence, strict: bool, places: bool
) -> bool:
    line = _line(claim, answer)
    if len(line) > 5 and any(line in source for source in evidence.sources):
        return True  # the passage's own words
    quoted = quoted_from_row(line, claim.start - _line_start(claim, answer), evidence.tables)
    if quoted is not None and (quoted or places):
        return quoted
    places = places and line.count("|") < 2  # a table row cannot be misplaced
    if any(_supports(figure, claim, answer) for figure in (*evidence.asked, *evidence.headers)):
        return True
    prose = [(text, figure) for text, figure in evidence.prose if _supports(figure, claim, answer)]
    if prose:
        if _other_rate(claim, answer, prose):
            return False
        return not (places and (said_of_something_else(claim, answer, prose, evidence.texts)
                                or said_of_another_band(claim, answer, prose, evidence.texts)))
    cells = [(table, cell) for table, cell in evidence.cells if _in_cell(cell, claim, answer)]
    if cells:
        if not places or any(cell.column == 0 for _, cell in cells):
            return True
        whole = _whole_cell(claim, cells, answer)
        others = [c for c in claims if not whole.start <= c.start < whole.end and not evidence.names(c, answer)]
        return not in_wrong_cell(around(answer, whole, others, question), cells)
    return _stands_otherwise(claim, evidence, strict)


def _line(claim: Figure, answer: str) -> str:
    """The sentence or line around `claim`."""
    start = _line_start(claim, answer)
    end = min((i for i in (answer.find("。", claim.end), answer.find("\n", claim.end)) if i >= 0), default=len(answer))
    return answer[start:end].strip()


def _line_start(claim: Figure, answer: str) -> int:
    start = max(answer.rfind("。", 0, claim.start), answer.rfind("\n", 0, claim.start)) + 1
    return start + len(answer[start:]) - len(answer[start:].lstrip())


def _in_cell(cell: Cell, claim: Figure, answer: str) -> bool:
    if claim.unit == "" and (claim.value in cell.bare if isinstance(claim.value, Decimal) else claim.raw == cell.text):
        return True
    others = [figure for figure in cell.figures if _supports(figure, claim, answer)]
    if others:
        return not _other_rate(claim, answer, [("|" + cell.text, figure) for figure in others])
    return _spelled(cell.text, claim, answer) >= 0


def _spelled(cell: str, claim: Figure, answer: str) -> int:
    """Where in `answer` the cell's very words stand around `claim`: 10万(含)-50万, 2027年8月-2027年11月; -1 if nowhere."""
    place = answer.find(cell) if len(cell) > len(claim.raw) else -1
    while place >= 0 and not (place <= claim.start and claim.end <= place + len(cell)):
        place = answer.find(cell, place + 1)
    return place


def _whole_cell(claim: Figure, cells: Sequence[tuple[Table, Cell]], answer: str) -> Figure:
    """`claim`, stretched over the cell's words where the answer repeats those whole."""
    for _, cell in cells:
        place = _spelled(cell.text, claim, answer)
        if place >= 0:
            return replace(claim, start=place, end=place + len(cell.text))
    return claim


_RATE_AFTER = re.compile(r"\s?[/／每]\s?([年月日天笔次卡户张份])")


def _rate(text: str, figure: Figure) -> str:
    """What a sum is paid for: 年 of 80元/年; an empty string where nothing says it."""
    after = _RATE_AFTER.match(text, figure.end)
    return after[1].replace("天", "日") if after else ""


def _other_rate(claim: Figure, answer: str, supporting: Sequence[tuple[str, Figure]]) -> bool:
    """True where the answer says 元/月 and the passage, wherever it holds the sum, 元/年 or the like."""
    said = _rate(answer, claim)
    return bool(said) and all(_rate(text, figure) not in ("", said) for text, figure in supporting)


def _stands_otherwise(claim: Figure, evidence: _Evidence, strict: bool) -> bool:
    if claim.kind == "range":
        return _ends_stand(claim, evidence.figures)
    if claim.kind == "date":
        return _year_stands_apart(claim, evidence.figures)
    if claim.kind in ("ordinal", "bare"):
        return any(str(_plain(claim.value)) in marks for marks in evidence.marks)
    if claim.unit == "个":
        small = not strict and isinstance(claim.value, Decimal) and claim.value <= 20
        return small or _counts_a_list(claim, evidence.marks)
    return False


def _without(source: str, tables: Iterable[Table]) -> str:
    for table in reversed(list(tables)):
        source = source[: table.start] + "\n" + source[table.end :]
    return source


def _supports(source: Figure, claim: Figure, answer: str) -> bool:
    if same(source, claim):
        return True
    if claim.kind == "date":
        return source.kind == "date" and all(c is None or c == s for c, s in zip(claim.value, source.value, strict=True))
    if isinstance(claim.value, Decimal) and source.kind == "range":
        return any(same(_end(source, v), claim) for v in source.value)
    if isinstance(source.value, Decimal) and isinstance(claim.value, Decimal):
        if source.value < 0 < claim.value and _LOSS.search(answer[max(0, claim.start - 8) : claim.start]):
            return same(_end(source, -source.value), claim)
        if claim.unit == "" and claim.value == source.value == source.written:
            return True
    return False


def _end(figure: Figure, value: Decimal) -> Figure:
    return Figure(figure.raw, figure.start, figure.end, value, figure.unit, "bare" if not figure.unit else figure.kind)


def _ends_stand(claim: Figure, evidence: list[Figure]) -> bool:
    """Both ends of a range may stand apart: 不低于3%且不高于5%."""
    return all(any(_supports(figure, _end(claim, v), "") for figure in evidence) for v in claim.value)


def _year_stands_apart(claim: Figure, evidence: list[Figure]) -> bool:
    """2024年3月1日 from a passage headed 2024年 that says 3月1日."""
    year, month, day = claim.value
    dates = [figure.value for figure in evidence if figure.kind == "date"]
    years = {value[0] for value in dates} | {int(f.value) for f in evidence if f.unit == "" and f.kind == "bare" and f.value < 2200}
    return bool(month) and year in years and any(value == (None, month, day) for value in dates)


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return value[0]
    return value.to_integral_value() if isinstance(value, Decimal) and value == value.to_integral_value() else value


def _counts_a_list(claim: Figure, markers: Iterable[frozenset[str]]) -> bool:
    if not isinstance(claim.value, Decimal) or not 2 <= claim.value <= 20 or claim.value != claim.value.to_integral_value():
        return False
    count = int(claim.value)
    return any(str(count) in marks and str(count + 1) not in marks and str(count - 1) in marks for marks in markers)
