"""Whether a figure that does stand in a passage stands there for the same thing.

Two judges, both silent unless the case is plain. In a table, the words around the figure name a row or column, and
the figure stands in another. In running text, the words before the figure (犹豫期为) stand before a different
figure of the same kind, and the claimed one belongs to other words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from rag.text.chinese_numbers import chinese_number
from rag.text.figure_finder import Figure, find_figures
from rag.text.figure_patterns import fold
from rag.text.figure_units import alike, base_of
from rag.text.table_cells import Cell, Table

_CLAUSE_END = re.compile(r"[，,；;。！？!?\n、]")
_SENTENCE_END = re.compile(r"[。！？!?；;\n]")
_NAMED, _AHEAD = 0.6, 0.25
_LABEL_HEADER = re.compile(r"年龄|性别|期限|期间|档|等级|级别|类型|类别|方式|年度|项目|名称|产品|计划|险种|币种|渠道|地区|级数|区间|范围|对象")
_OPEN = re.compile(r"以下|以内|不满|未满|不足|以上|超过|不低于|及以|[<>≤≥＜＞]")
_BRACKET_LOW = re.compile(r"以上|超过|不低于|[>≥＞]")
_LINKS = re.compile(
    r"(?:为期|为|是|有|达到?|共计?|合计|约|不得?超过|不得?低于|不少于|不多于|至少|至多|最高|最低|最多|最长|最短|可达|按照?|收取|即|自|"
    r"起|:|：|的|以|在|设有?|一般|通常|标准|给予|给付|支付|\(|（|“|”|\"|\*|\s|了|仅|只|需|应|将|会|可|您|本|该|均|由|从|到|至|和|与|或|及|其|前|后|满)+$"
)


@dataclass(frozen=True)
class Around:
    """The words around a claim, from the narrowest stretch to the widest: for naming rows, and for naming columns.

    A row is named once for a whole answer ("30岁：保费…，保额…"); a column is named beside its figure, so what names
    it is not looked for beyond another figure, nor at all where the figure has a word of its own.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]


def around(answer: str, claim: Figure, others: Sequence[Figure], question: str) -> Around:
    """`others` are the figures of `answer` that are themselves values, not labels of a row."""
    ends = [f.end for f in others if f.end <= claim.start]
    starts = [f.start for f in others if f.start >= claim.end]
    clause = _stretch(answer, claim, _CLAUSE_END)
    sentence = _stretch(answer, claim, _SENTENCE_END)

    def words(start: int, end: int) -> str:
        return answer[start : claim.start] + " " + answer[claim.end : end]

    narrow = words(max([clause[0], *ends]), min([clause[1], *starts]))
    rows = (narrow, words(*clause), words(sentence[0], claim.end), words(*sentence), answer, question)
    if len(_label(answer, claim, max([0, *ends]))) > 1:
        return Around(rows, (narrow,))
    lonely = words(max([sentence[0], *ends]), min([sentence[1], *starts]))
    return Around(rows, (narrow, lonely, question))


def _stretch(text: str, claim: Figure, boundary: re.Pattern[str]) -> tuple[int, int]:
    start = max((m.end() for m in boundary.finditer(text, 0, claim.start)), default=0)
    after = boundary.search(text, claim.end)
    return start, after.start() if after else len(text)


def in_wrong_cell(words: Around, supporting: Sequence[tuple[Table, Cell]]) -> bool:
    """True where `words` name another row or column than every one in `supporting`."""
    return bool(supporting) and all(_elsewhere(table, cell, words) for table, cell in supporting)


def _elsewhere(table: Table, cell: Cell, words: Around) -> bool:
    labels, grid = _labels(table)
    if cell.column in labels:
        return False
    rows: dict[int, float] = dict.fromkeys(grid, 0.0)
    for column in labels:
        marks = {row: grid[row].get(column) for row in grid}
        for row, score in _named({row: mark for row, mark in marks.items() if mark}, words.rows).items():
            rows[row] += score
    if max(rows.values(), default=0) - rows.get(cell.row, 0) >= _AHEAD:
        return True
    headers = {i: _as_cell(table, i) for i in range(len(table.header)) if i not in labels}
    columns = _named(headers, words.columns)
    return max(columns.values(), default=0) - columns.get(cell.column, 0) >= _AHEAD


@lru_cache(maxsize=128)
def _labels(table: Table) -> tuple[frozenset[int], dict[int, dict[int, Cell]]]:
    """The columns that name rows, and the cells by row and column with blank labels carried down."""
    grid: dict[int, dict[int, Cell]] = {}
    for cell in table.cells:
        grid.setdefault(cell.row, {})[cell.column] = cell
    labels = {0}
    for column in range(1, len(table.header) - 1):
        cells = [row[column] for row in grid.values() if column in row and row[column].text]
        wordy = sum(not cell.bare and not cell.figures for cell in cells)
        if cells and (wordy * 2 > len(cells) or _LABEL_HEADER.search(table.header[column])) and column - 1 in labels:
            labels.add(column)
    for column in labels:
        last = None
        for row in sorted(grid):
            if column in grid[row] and grid[row][column].text.strip("-—"):
                last = grid[row][column]
            elif last is not None:
                grid[row][column] = last
    return frozenset(labels), grid


@lru_cache(maxsize=1024)
def _as_cell(table: Table, column: int) -> Cell:
    text = re.sub(r"[(（\[【][^)）\]】]*[)）\]】]", "", table.header[column]) or table.header[column]
    found = tuple(f for f in find_figures("|" + text) if f.unit)
    if not found and re.fullmatch(r"\s*\d+\s*", text) and re.search(r"年度|年末|年", table.header[0]):
        found = (Figure(text, 0, 0, Decimal(text.strip()), "第年", "ordinal"),)
    return Cell(-1, column, text, found)


def _named(marks: dict[int, Cell], stretches: Sequence[str]) -> dict[int, float]:
    """How well each mark is named in the narrowest context that names any of them; 0 for all where none does."""
    for words in stretches:
        figures = find_figures(words)
        scores = {key: _match(cell, words, figures) for key, cell in marks.items()}
        if max(scores.values(), default=0) >= _NAMED:
            return scores
    return dict.fromkeys(marks, 0.0)


def _match(cell: Cell, words: str, figures: Sequence[Figure]) -> float:
    if cell.figures and any(_holds(cell, mark, figure) for mark in cell.figures for figure in figures):
        return 1.0
    text = _content(cell.text)
    if not text or text.isdigit():
        return 0.0
    words = _content(words)
    if text in words:
        return 1.0
    if cell.figures:
        return 0.0
    pairs = [text[i : i + 2] for i in range(len(text) - 1)]
    return sum(pair in words for pair in pairs) / len(pairs) if pairs else 0.0


def _content(text: str) -> str:
    return re.sub(r"[^\w一-鿿]|_", "", fold(text)).lower()


def _holds(cell: Cell, mark: Figure, figure: Figure) -> bool:
    """Whether a label (30, 18-30周岁, 5万元以上) covers a figure named in the words."""
    if mark.kind in ("code", "date", "time") or figure.kind in ("code", "date", "time"):
        return mark.kind == figure.kind and mark.value == figure.value
    (one, scale), (other, factor) = base_of(mark.unit), base_of(figure.unit)
    if not alike(one, other) and {one, other} != {"第年", "月"}:
        return False
    if {one, other} == {"第年", "月"}:
        scale = factor = Decimal(1)
    low, high = (v * scale for v in _pair(mark.value))
    value_low, value_high = (v * factor for v in _pair(figure.value))
    if _OPEN.search(cell.text) and len(cell.figures) == 1 and low == high:
        return value_low >= low if _BRACKET_LOW.search(cell.text) else value_high <= high
    return low <= value_low and value_high <= high


def _pair(value: Decimal | tuple) -> tuple[Decimal, Decimal]:
    return value if isinstance(value, tuple) else (value, value)


def said_of_something_else(claim: Figure, answer: str, supporting: Sequence[tuple[str, Figure]], sources: Sequence[str]) -> bool:
    """True where the passage gives the words before `claim` another figure, and the claimed figure other words.

    `supporting` are the (source, figure) pairs of running text that hold the claimed value.
    """
    floor = max((f.end for f in find_figures(answer) if f.end <= claim.start), default=0)
    label = _label(answer, claim, floor)
    if len(label) < 3 or re.match(r"\s?的", answer[claim.end :]):
        return False
    anchor = label[-6:]
    rival = max((_rival(source, claim, anchor, supporting) for source in sources), default=0)
    if rival < 3:
        return False
    return all(not _belongs(source, figure, anchor[-rival:]) for source, figure in supporting)


def _label(text: str, figure: Figure, floor: int) -> str:
    """The words right before a figure in its clause, without 为, 不超过 and the like."""
    start = max([floor, *(m.end() for m in re.compile(r"[，,；;。！？!?\n、|]").finditer(text, 0, figure.start))])
    return re.sub(r"[^一-鿿A-Za-z]", "", _LINKS.sub("", text[start : figure.start]))


def _rival(source: str, claim: Figure, anchor: str, supporting: Sequence[tuple[str, Figure]]) -> int:
    """The longest tail of `anchor` that stands right before a figure of the claim's kind with another value."""
    held = {(id(s), f.start) for s, f in supporting}
    best, floor = 0, 0
    for figure in find_figures(source):
        if figure.kind == claim.kind and alike(base_of(figure.unit)[0], base_of(claim.unit)[0]):
            if (id(source), figure.start) not in held:
                best = max(best, _common_tail(anchor, _label(source, figure, floor)))
            floor = figure.end
    return best


def _common_tail(one: str, other: str) -> int:
    length = 0
    while length < min(len(one), len(other)) and one[-1 - length] == other[-1 - length]:
        length += 1
    return length


def _belongs(source: str, figure: Figure, anchor: str) -> bool:
    """Whether `anchor` may be what `figure` is said of in `source`."""
    floor = max((f.end for f in find_figures(source) if f.end <= figure.start), default=0)
    own = _label(source, figure, floor)
    if _common_tail(own, anchor) >= 2 or anchor in own:
        return True
    paragraph = max(source.rfind("\n", 0, figure.start) + 1, figure.start - 120)
    before = source[paragraph : figure.start]
    if anchor not in before:
        return anchor in source[figure.end : _stretch(source, figure, _CLAUSE_END)[1]]
    between = source[paragraph + before.rfind(anchor) : figure.start]
    return len(own) < 2 or not find_figures(between)


_LIST_MARK = re.compile(r"(?:^|\n|[。;；:：])\s*[#>*+|-]*\s*(?:[(（]?(?P<number>\d{1,2})[)）.、\s]|(?P<circled>[①-⑳]))")
_CHINESE_MARK = re.compile(r"[(（]([一二三四五六七八九十]{1,3}|\d{1,2})[)）]|(?:^|\n)\s*([一二三四五六七八九十]{1,3})、")
_DOTTED = re.compile(r"(?<![\d.])\d{1,2}(?:\.\d{1,2}){1,3}(?![\d%‰]|\.\d)")


@lru_cache(maxsize=256)
def numbered(source: str) -> frozenset[str]:
    """Heading and clause numbers of a passage: "2.5" of "2.5 责任免除", "3" of "3. 理赔" or "（三）"."""
    folded = fold(source)
    found = {m["number"] or str(ord(m["circled"]) - ord("①") + 1) for m in _LIST_MARK.finditer(folded)}
    found |= {str(chinese_number(m[1] or m[2])) for m in _CHINESE_MARK.finditer(source)}
    spans = {f.start for f in find_figures(source) if f.unit}
    found |= {m.group() for m in _DOTTED.finditer(folded) if m.start() not in spans}
    return frozenset(found)
