"""Tables inside the cells of another table: each gets a line before it that says where it stood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.documents.blocks import family_of
from rag.documents.lines import close_up
from rag.documents.tables import cell_text, head_of, is_figure, to_markdown

_POINTER = "见下表"
_POINTS = re.compile(r".{0,4}见.{0,6}表")
_LONGEST = 20  # characters of a name; what is longer is text
_CAPTION = 30  # a longer line is taken for a caption only if it ends with a colon
_LABELS = 3  # 省, 市, 区


@dataclass(frozen=True)
class Inner:
    """A table in the cell at `row` and `column` of the outer grid; `words` stand straight before it in that cell."""

    row: int
    column: int
    words: str
    table: object


@dataclass(frozen=True)
class Placed:
    """`caption` is empty where nothing says what the table is about."""

    caption: str
    table: object


def with_places(
    rows: Sequence[Sequence[str]], inner: Sequence[Inner], header_rows: int | None = None, within: str = ""
) -> tuple[str, list[Placed]]:
    """The outer table as Markdown, and the inner ones in their order with a caption each (海青市　评估费).

    A cell that holds nothing but a table says 见下表 where the table has a caption. Merged cells of `rows` are repeated;
    `header_rows` are counted from the top; `within` is the caption of the outer table if that stood in a cell itself.
    """
    grid = [[cell_text(cell) for cell in row] for row in rows]
    empty = {(one.row, one.column) for one in inner if not grid[one.row][one.column]}
    for row, column in empty:
        grid[row][column] = _POINTER if len(grid[row]) > 1 else ""
    taken = {(one.row, one.column) for one in inner}
    titles, heads = head_of(grid) if grid else (0, 0)
    if header_rows:
        heads = max(header_rows - titles, 1)
    placed = []
    for one in inner:
        parts = [*_labels(grid, one, taken), _name(grid, one, titles, heads, taken), _plain(one.words)]
        caption = _joined([within, *parts])
        placed.append(Placed("" if caption == within else caption, one.table))
    for row, column in empty:
        if not any(there.caption for one, there in zip(inner, placed, strict=True) if (one.row, one.column) == (row, column)):
            grid[row][column] = ""
    return to_markdown(grid, header_rows), placed


def _labels(grid: list[list[str]], one: Inner, taken: set[tuple[int, int]]) -> list[str]:
    """What names the row: its first cell, and the next ones while other rows begin alike (省, 市).

    What stands behind the table names the row only where nothing does before it.
    """
    values = {column for _, column in taken}
    row = ["" if column in values else _plain(cell) for column, cell in enumerate(grid[one.row])]
    labels: list[str] = []
    alike = [other for index, other in enumerate(grid) if index != one.row]
    for column, cell in enumerate(row[: one.column]):
        if cell and cell not in labels:
            labels.append(cell)
            alike = [other for other in alike if other[column] == grid[one.row][column]]
            if not alike or len(labels) == _LABELS:
                break
    return labels or list(filter(None, row[one.column + 1 :]))[:1]


def _name(grid: list[list[str]], one: Inner, titles: int, heads: int, taken: set[tuple[int, int]]) -> str:
    """What names the column: its header, in a table of one column the row above, else the table's own title."""
    if len(grid[one.row]) == 1:
        above = (_plain(grid[row][0]) for row in range(one.row - 1, -1, -1) if (row, 0) not in taken)
        return next(above, "")
    header = range(titles, titles + heads) if one.row >= titles + heads else ()
    cells = [_plain(grid[row][one.column]) for row in header if (row, one.column) not in taken]
    title = next((_plain(cell) for row in grid[: min(titles, one.row)] for cell in row if cell), "")
    return close_up(" ".join(dict.fromkeys(filter(None, cells)))) or title


def _plain(cell: str) -> str:
    """A cell's words where they are a name, without a number before it: that would make the line a heading."""
    words = cell_text(cell)
    family, depth, label = family_of(words)
    if family == "dot" and depth == 1:  # 90 平方米: an amount more likely than a number
        words = words.replace(" ", "", 1)
    elif family in ("一", "（一）", "dot", "1", "(1)", "①"):
        words = words[len(label) :]
    words = words.strip(" 　：:，。；、,;?？！!#")
    if not words or len(words) > _LONGEST or is_figure(words) or _POINTS.fullmatch(words) or re.search("[。；，]", words):
        return ""
    return words


def _joined(parts: Sequence[str]) -> str:
    names = list(dict.fromkeys(word for part in parts for word in part.rstrip("：").split("　") if word))
    if len(names) > 1 and family_of(names[0])[0]:  # 第三条　费用 would be a heading
        names.append(names.pop(0))
    line = "　".join(names)
    return f"{line}：" if len(line) > _CAPTION else line
