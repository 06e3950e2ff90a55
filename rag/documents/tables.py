"""A grid of cell texts to a Markdown pipe table that can be read without its neighbours."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from rag.documents.contents import is_contents_grid
from rag.documents.lines import close_up, without_space
from rag.documents.table_groups import Groups, first_groups
from rag.text.normalise import simplified

Row = Sequence[str]


def cell_text(text: object) -> str:
    """One line, no pipes."""
    return re.sub(r"\s+", " ", str(text or "")).strip().replace("|", "／")


def to_markdown(rows: Sequence[Row], header_rows: int | None = None) -> str:
    """Rows (merged cells already repeated) to Markdown.

    Rows that are one value all across at the top become caption lines before the table; several header rows become
    one (`男性 3年交`); side-by-side repetitions of one header are stacked; empty rows and columns go. A grid that is
    no table (one column, or one row) comes back as plain lines. `header_rows` is counted after captions; None: found
    from the cells.
    """
    grid = [[cell_text(cell) for cell in row] for row in rows]
    columns = max((len(row) for row in grid), default=0)
    grid = [row + [""] * (columns - len(row)) for row in grid]
    grid = [row for row in grid if any(row)]
    keep = [index for index in range(columns) if any(row[index] for row in grid)]
    grid = [[row[index] for index in keep] for row in grid]
    grid = _drop_twins(grid)
    captions: list[str] = []
    while grid and len(grid) > 1 and _one_value(grid[0]):
        captions.append(close_up(next(cell for cell in grid[0] if cell)))
        grid = grid[1:]
        header_rows = None if header_rows is None else max(header_rows - 1, 1)
    notes: list[str] = []
    while len(grid) > 2 and _one_value(grid[-1]) and _NOTE.match(simplified(next(cell for cell in grid[-1] if cell))):
        notes.insert(0, next(cell for cell in grid.pop() if cell))
    if notes:
        return "\n\n".join(
            [to_markdown([*([caption] * len(grid[0]) for caption in captions), *grid], header_rows), *notes]
        )
    if not grid or is_contents_grid(grid):
        return "\n\n".join(captions)
    if _is_definitions(grid):
        return "\n\n".join([*captions, *(" ".join(_distinct(row)) for row in grid)])
    if _is_clauses(grid):
        return "\n\n".join([*captions, *_clauses(grid)])
    if len(grid[0]) == 1 or len(grid) == 1:
        return "\n\n".join(captions + [" ".join(_distinct(row)) for row in grid])
    count = header_rows or _header_rows(grid)
    header = [" ".join(_distinct(row[index] for row in grid[:count])) for index in range(len(grid[0]))]
    header, body = _stack(header, grid[count:])
    header, body = _grouped(header, _labelled(body), captions)
    lines = [_line(header), "|" + " --- |" * len(header), *(_line(row) for row in body)]
    return "\n\n".join([*captions, "\n".join(lines)])


def _is_definitions(grid: list[list[str]]) -> bool:
    """Terms and their words with 指 between them: a row is a sentence, and none is a header."""
    return len(grid[0]) == 3 and len(grid) > 1 and all(row[1] in ("指", "：", ":", "") or not row[2] for row in grid) and (
        sum(row[1] == "指" for row in grid) >= 0.6 * len(grid)
    )


_CLAUSE_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2})*\.?|第[一二三四五六七八九十百]+[条條章]|[一二三四五六七八九十]+、?")


def _is_clauses(grid: list[list[str]]) -> bool:
    """Clauses set as a table: a number or nothing, a short title or nothing, and running text."""
    if not 2 <= len(grid[0]) <= 4 or sum(bool(_CLAUSE_NUMBER.fullmatch(row[0])) for row in grid) < 1:
        return False
    if not all(not row[0] or _CLAUSE_NUMBER.fullmatch(row[0]) for row in grid):
        return False
    texts = [row[-1] for row in grid if row[-1]]
    dotted = any("." in row[0].rstrip(".") or row[0].startswith("第") for row in grid)
    return dotted and sum(len(text) for text in texts) / max(len(texts), 1) > 16 and any("。" in text for text in texts)


def _clauses(grid: list[list[str]]) -> list[str]:
    made: list[str] = []
    for row in grid:
        number, titles, text = row[0], _distinct(row[1:-1]), row[-1]
        title = " ".join(titles)
        if text in titles:
            text = ""
        if not title and len(row) == 2 and number:
            made.append(f"{number} {text}")
            continue
        if number or title:
            made.append(f"{'##' if number else '###'} {f'{number} {title}'.strip()}")
        if text:
            made.append(text)
    return made


def _line(row: Row) -> str:
    return "| " + " | ".join(row) + " |"


def _distinct(cells) -> list[str]:
    found: list[str] = []
    for cell in cells:
        if cell and cell not in found:
            found.append(cell)
    return found


def _one_value(row: Row) -> bool:
    values = {cell for cell in row if cell}
    if len(values) != 1:
        return False
    filled = sum(bool(cell) for cell in row)
    return (filled == len(row) and len(row) > 1) or (filled == 1 and bool(row[0]))


def _drop_twins(grid: list[list[str]]) -> list[list[str]]:
    """A column equal to its left neighbour in every row comes from a merged cell split by a stray rule."""
    if not grid or len(grid) < 3:
        return grid
    keep = [index for index in range(len(grid[0])) if index == 0 or any(row[index] != row[index - 1] for row in grid)]
    return [[row[index] for index in keep] for row in grid]


_NOTE = re.compile(r"(?:备?注|说明|附注|提示)\s*\d*\s*[:：]|[※*＊]")


def _labelled(body: list[list[str]]) -> list[list[str]]:
    """A first cell left empty below a label means the same label again; a row of sums has none."""
    label = ""
    made = []
    for row in body:
        rest = [cell for cell in row[1:] if cell]
        if row[0] or not rest or is_figure(label) or _SUM.search(simplified(rest[0])) or (len(rest) < 2 and len(row) > 2):
            label = row[0]
            made.append(row)
        else:
            made.append([label, *row[1:]])
    return made


_SUM = re.compile(r"合\s*计|小\s*计|总\s*计|^注[:：]")


def _grouped(header: list[str], body: list[list[str]], captions: list[str]) -> tuple[list[str], list[list[str]]]:
    """Rows that are one merged cell all across divide a table: what they say stands before each row below them."""
    dividers = [is_divider(row) for row in body]
    if not any(dividers) or all(dividers) or (dividers[-1] and sum(dividers) == 1):
        return header, body
    words = [row[0] for row, divides in zip(body, dividers, strict=True) if divides]
    count, top, group = first_groups(captions, words, dividers[0])
    del captions[len(captions) - count :]
    groups = Groups(top, group)
    end = len(dividers) - dividers[::-1].index(False)  # what divides nothing is a remark
    made = []
    for row, divides in zip(body[:end], dividers, strict=False):
        if divides:
            groups.divide(row[0])
        else:
            groups.filled()
            made.append([groups.label, *row])
    return ["", *header], [*made, *(["", *row] for row in body[end:])]


_FIGURE = re.compile(r"[-+±]?[￥¥$]?[\d,]+(?:\.\d+)?\s*(?:[%％‰]|[万亿千百]?元|天|日|年|岁|周岁|级)?|[-—/]+|")


def is_divider(row: Row) -> bool:
    """One merged cell of words all across."""
    return len(row) > 1 and len(set(row)) == 1 and not is_figure(row[0])


def head_of(rows: Sequence[Row]) -> tuple[int, int]:
    """(title rows, header rows) at the top of a grid whose merged cells are repeated."""
    grid = [[cell_text(cell) for cell in row] for row in rows]
    titles = 0
    while titles < len(grid) - 1 and _one_value(grid[titles]):
        titles += 1
    return titles, _header_rows(grid[titles:])


def is_figure(cell: str) -> bool:
    return bool(_FIGURE.fullmatch(simplified(cell)))


def _header_rows(grid: list[list[str]]) -> int:
    """One, and one more for every row that only divides the merged cells of the one above."""
    count = 1
    while count < min(4, len(grid) - 1):
        above, row = grid[count - 1], grid[count]
        if row[0] and row[0] == above[0] and row != above and not any(map(is_figure, filter(None, row))):
            count += 1  # 距离分区 | 同城 | 同省 over 距离分区 | A区 | B区
            continue
        spread = any(a and a == b for a, b in itertools.pairwise(above))
        repeats_down = any(cell and cell == up for cell, up in zip(row, above, strict=True))
        if not (spread and (repeats_down or not row[0] or not any(map(is_figure, filter(None, row[1:]))))):
            break
        if all(cell == up for cell, up in zip(row, above, strict=True)):
            break
        below = grid[count + 1]
        # the columns that a merged cell spans must be told apart here, otherwise this is a body row
        told = [a != b for a, b, up, right in zip(row, row[1:], above, above[1:], strict=False) if up and up == right]
        down = bool(row[0]) and row[0] == above[0] and not is_figure(row[0])
        if not any(told) and not (down and any(cell != up for cell, up in zip(row, above, strict=True))):
            break
        if is_figure(row[0]) and not repeats_down and is_figure(below[0]):
            break
        count += 1
    return count


def _stack(header: list[str], body: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """`年龄 男 女 年龄 男 女` is one table printed in two columns: put the right half under the left one."""
    size = len(header)
    for group in range(2, size // 2 + 1):
        if size % group:
            continue
        groups = [header[start : start + group] for start in range(0, size, group)]
        if len(set(groups[0])) == group and all(
            [without_space(cell) for cell in other] == [without_space(cell) for cell in groups[0]] for other in groups
        ):
            stacked = [row[start : start + group] for start in range(0, size, group) for row in body]
            return groups[0], [row for row in stacked if any(row)]
    return header, body
