"""Whether a figure that does stand in a passage stands there for the same thing.

Two judges, both silent unless the case is plain. In a table, the words around the figure name a row or column, and
the figure stands in another. In running text, the words before the figure (犹豫期为) stand before a different
figure of the same kind, and the claimed one belongs to other words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from rag.text.chinese_numbers import chinese_number
from rag.text.figure_bands import FROM, UP_TO, Span, interval, spans
from rag.text.figure_finder import Figure, find_figures
from rag.text.figure_patterns import fold
from rag.text.figure_units import alike, base_of
from rag.text.table_cells import Cell, Table

_CLAUSE_END = re.compile(r"[，,；;。！？!?\n、]")
_SENTENCE_END = re.compile(r"[。！？!?；;\n]")
_NAMED, _AHEAD = 0.6, 0.25
_LABEL_HEADER = re.compile(r"年龄|性别|期限|期间|档|等级|级别|类型|类别|方式|年度|项目|名称|产品|计划|险种|币种|渠道|地区|级数|区间|范围|对象")
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
    lonely = words(max([sentence[0], *ends]), min([clause[1], *starts]))
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
    first = [row[0].text for row in grid.values() if 0 in row]
    # the first column tells the rows apart by itself, and does not merely count them
    enough = all(first) and len(set(first)) == len(first) and not all(text.isdigit() for text in first)
    for column in range(1, len(table.header) - 1):
        cells = [row[column] for row in grid.values() if column in row and row[column].text]
        wordy = sum(not cell.bare and not cell.figures for cell in cells)
        wordy += sum(not enough and len(cell.figures) == 1 and _brackets(cell) for cell in cells)
        called = not enough and _LABEL_HEADER.search(table.header[column])
        if cells and (wordy * 2 > len(cells) or called) and column - 1 in labels:
            labels.add(column)
    for column in labels:
        last = None
        for row in sorted(grid):
            if column in grid[row] and grid[row][column].text.strip("-—"):
                last = grid[row][column]
            elif last is not None:
                grid[row][column] = last
    return frozenset(labels), grid


def _brackets(cell: Cell) -> bool:
    return cell.figures[0].kind == "range" or bool(UP_TO.search(cell.text) or FROM.search(cell.text))


@lru_cache(maxsize=1024)
def _as_cell(table: Table, column: int) -> Cell:
    text = re.sub(r"[(（\[【][^)）\]】]*[)）\]】]", "", table.header[column]) or table.header[column]
    found = tuple(f for f in find_figures("|" + text) if f.unit)
    if not found and re.fullmatch(r"\s*\d+\s*", text) and re.search(r"年度|年末|年", table.header[0]):
        found = (Figure(text, 0, 0, Decimal(text.strip()), "第年", "ordinal"),)
    return Cell(-1, column, text, found)


def _named(marks: dict[int, Cell], stretches: Sequence[str]) -> dict[int, float]:
    """How well each mark is named in the narrowest stretch that names any of them; 0 for all where none does."""
    for words in stretches:
        stated, content = spans(words), _content(words)
        own = _own_pairs(tuple(_content(marks[key].text) for key in marks))
        scores: dict[int, float] = {}
        for key in sorted(marks, key=lambda k: -len(_content(marks[k].text))):
            text = _content(marks[key].text)
            scores[key] = _covers(marks[key], stated)
            if _wordy(marks[key], text):
                hinted = _NAMED if any(pair in content for pair in own[text]) else 0.0
                scores[key] = max(scores[key], _share(text, content), hinted)
            if len(text) > 1 and text in content and not any(_content(m.text) == text for k, m in marks.items() if k != key):
                content = content.replace(text, "\n")  # 白金卡 does not name 金卡 as well
        if max(scores.values(), default=0) >= _NAMED:
            return scores
    return dict.fromkeys(marks, 0.0)


@lru_cache(maxsize=256)
def _own_pairs(texts: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """For each label the character pairs that no other label has: 短信 is enough to name 短信通知."""
    pairs = {text: frozenset(text[i : i + 2] for i in range(len(text) - 1)) for text in texts}
    counts = Counter(pair for held in pairs.values() for pair in held)
    return {text: frozenset(pair for pair in held if counts[pair] == 1) for text, held in pairs.items()}


def _wordy(cell: Cell, text: str) -> bool:
    return bool(text) and not text.isdigit() and not (cell.figures and interval(cell.text, cell.figures))


def _share(text: str, words: str) -> float:
    """How much of `text` stands in `words`, counted in character pairs."""
    if text in words:
        return 1.0
    pairs = [text[i : i + 2] for i in range(len(text) - 1)]
    return sum(pair in words for pair in pairs) / len(pairs) if pairs else 0.0


def _content(text: str) -> str:
    return re.sub(r"[^\w一-鿿]|_", "", fold(text)).lower()


def _covers(cell: Cell, named: Sequence[Span | Figure]) -> float:
    """1 where a label (30, 18-30周岁, 5万元以上) is what is named, a little less where it takes it in."""
    mark = interval(cell.text, cell.figures)
    best = 0.0
    for span in named:
        if isinstance(span, Figure):
            if any(f.kind == span.kind and f.value == span.value for f in cell.figures):
                return 1.0
            continue
        if mark is None or not (alike(mark[2], span[2]) or {mark[2], span[2]} == {"第年", "月"}):
            continue
        low, high = (v / 12 if span[2] == "月" and mark[2] == "第年" else v for v in span[:2])
        if (low, high) == mark[:2]:
            return 1.0
        if mark[0] <= low and high <= mark[1] and (low == high or mark[0] == mark[1]):
            best = max(best, 0.9)
    return best


def said_of_something_else(claim: Figure, answer: str, supporting: Sequence[tuple[str, Figure]], sources: Sequence[str]) -> bool:
    """True where the passage gives the words before `claim` another figure, and the claimed figure other words.

    `supporting` are the (source, figure) pairs of running text that hold the claimed value.
    """
    floor = max((f.end for f in find_figures(answer) if f.end <= claim.start), default=0)
    label = _label(answer, claim, floor)
    if len(label) < 3 or re.match(r"\s?的", answer[claim.end :]):
        return False
    anchor = label[-12:]
    rival = max((_rival(source, claim, anchor, supporting) for source in sources), default=0)
    if rival < 3:
        return False
    return all(not _belongs(source, figure, anchor[-rival:], rival == len(anchor)) for source, figure in supporting)


def _label(text: str, figure: Figure, floor: int) -> str:
    """The words right before a figure in its clause, without 为, 不超过 and the like."""
    start = max([floor, *(m.end() for m in re.compile(r"[，,；;。！？!?\n、|]").finditer(text, 0, figure.start))])
    return re.sub(r"[^一-鿿A-Za-z]", "", _LINKS.sub("", text[start : figure.start]))


def _key(text: str, figure: Figure, floor: int) -> str:
    """What a line of the form 犹豫期：自签收之日起15日 is about, for its first figure."""
    start = max(floor, text.rfind("\n", 0, figure.start) + 1, text.rfind("。", 0, figure.start) + 1)
    keys = re.findall(r"([一-鿿A-Za-z]{2,12})[:：]", text[start : figure.start])
    return keys[-1] if keys else ""


def _rival(source: str, claim: Figure, anchor: str, supporting: Sequence[tuple[str, Figure]]) -> int:
    """The longest tail of `anchor` that stands right before a figure of the claim's kind with another value."""
    held = {(id(s), f.start) for s, f in supporting}
    best, floor = 0, 0
    for figure in find_figures(source):
        same_unit = alike(base_of(figure.unit)[0], base_of(claim.unit)[0])
        if figure.kind == claim.kind and (same_unit or claim.kind == "duration"):
            if (id(source), figure.start) not in held:
                tail = max(_common_tail(anchor, said) for said in (_label(source, figure, floor), _key(source, figure, floor)))
                if same_unit or tail > 5:  # 60日 and 60个月 after the same long words
                    best = max(best, tail)
            floor = figure.end
    return best


def _common_tail(one: str, other: str) -> int:
    length = 0
    while length < min(len(one), len(other)) and one[-1 - length] == other[-1 - length]:
        length += 1
    return length


def _belongs(source: str, figure: Figure, anchor: str, whole: bool) -> bool:
    """Whether `anchor` may be what `figure` is said of in `source`; `whole` where the passage has all of it elsewhere."""
    floor = max((f.end for f in find_figures(source) if f.end <= figure.start), default=0)
    own = _label(source, figure, floor)
    shared = _common_tail(own, anchor)
    if whole and shared < min(len(own), len(anchor)) and len(own) > 3:
        return False  # 托管费年费率 is not 管理费年费率
    if shared >= 2 or anchor in own:
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
