"""Tables that run over a page end: what the next page leaves out is put there again."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from rag.documents.blocks import CONTINUED
from rag.documents.lines import ends_sentence, starts_item, without_space
from rag.documents.pdf_flow import Sheet, footnotes
from rag.documents.pdf_tables import Grid
from rag.documents.table_groups import Groups, first_groups
from rag.documents.tables import head_of, is_divider, is_figure


def carry_tables(sheets: Sequence[Sheet], body: float) -> None:
    """Header rows, the values of merged cells and the ends of sentences cut by the page end, in place.

    The splitter joins the parts again: it knows them by their equal headers.
    """
    for above, below in itertools.pairwise(sheets):
        before, after = _at_foot(above, body), _at_head(below)
        if before is None or after is None or below.number != above.number + 1 or not _same_columns(before, after):
            continue
        captions, header = head_of(before.rows)
        head = before.rows[captions : captions + header]
        own, own_header = head_of(after.rows)
        if not _equal(after.rows[own : own + header], head):
            if own_header and own == 0 and _is_new_table(after.rows, head):
                continue
            own = 0
            after.rows[:0] = [list(row) for row in head]
        else:
            del after.rows[:own]  # the title again
        before.header = captions + header
        after.header = header
        if any(map(is_divider, before.rows[captions + header :])) or any(map(is_divider, after.rows[header:])):
            _name_groups(before, after, captions, header)
        else:
            _mend_first_row(before.rows, after.rows, header)


def _at_foot(sheet: Sheet, body: float) -> Grid | None:
    """The page's last table, where nothing but footnotes comes after it."""
    if not sheet.grids:
        return None
    last = sheet.grids[-1]
    notes = footnotes(sheet, body)
    return (
        None if any(line.y > last.y1 + 2 and not any(line is note for note in notes) for line in sheet.lines) else last
    )


def _at_head(sheet: Sheet) -> Grid | None:
    """The page's first table, where nothing but 续表 or a unit comes before it."""
    if not sheet.grids:
        return None
    first = sheet.grids[0]
    over = [line.text for line in sheet.lines if line.y < first.y0]
    return first if all(CONTINUED.fullmatch(text) or re.match(r"[（(]?(?:单位|币种)", text) for text in over) else None


def _same_columns(before: Grid, after: Grid) -> bool:
    near = 8 if before.ruled and after.ruled else 25
    return len(before.columns) == len(after.columns) and all(
        abs(a - b) < near for a, b in zip(before.columns, after.columns, strict=True)
    )


def _equal(rows: Sequence[Sequence[str]], others: Sequence[Sequence[str]]) -> bool:
    return [[without_space(cell) for cell in row] for row in rows] == [
        [without_space(cell) for cell in row] for row in others
    ]


def _is_new_table(rows: Sequence[Sequence[str]], head: Sequence[Sequence[str]]) -> bool:
    """A table with a header of its own: words over columns of figures where the one before has figures or other words."""
    first = [cell for cell in rows[0] if cell]
    if len(rows) < 2 or len(first) < len(rows[0]) or any(is_figure(cell) or len(cell) > 12 for cell in first):
        return False
    below = rows[1]
    return sum(is_figure(cell) and bool(cell) for cell in below) >= max(1, len(below) // 2)


def _name_groups(before: Grid, after: Grid, captions: int, header: int) -> None:
    """The row that names a group of rows stands above those on the next page, too, with the name of the group above it."""
    body, below = before.rows[captions + header :], after.rows[header:]
    dividers = [row[0] for row in (*body, *below) if is_divider(row)]
    over = [next(cell for cell in row if cell) for row in before.rows[:captions]]
    used, top, group = first_groups(over, dividers, is_divider((body or below)[0]))
    groups, named, width = Groups(top, group), "", len(before.rows[captions])
    for grid, rows, head in ((before, body, before.rows[: captions - used] + before.rows[captions : captions + header]),
                             (after, below, after.rows[:header])):  # fmt: skip
        made, named = [], ""
        for row in rows:
            if is_divider(row):
                groups.divide(row[0])
                continue
            groups.filled()
            if groups.label != named:
                made.append([groups.label] * width)
                named = groups.label
            made.append(row)
        grid.rows[:] = head + made
    before.header = captions - used + header
    if is_divider((below or body)[-1]):
        (after if below else before).rows.append(list((below or body)[-1]))  # what it names is on the page after


def _mend_first_row(before: list[list[str]], after: list[list[str]], header: int) -> None:
    if len(after) <= header or not before:
        return
    last, first = before[-1], after[header]
    filled = [index for index, cell in enumerate(first) if cell]
    if filled and not first[0] and all(_goes_on(last[index], first[index]) for index in filled):
        # a row cut in two: its words go back to their beginning
        before[-1] = [left + right if right else left for left, right in zip(last, first, strict=True)]
        del after[header]
        if len(after) <= header:
            return
        first = after[header]
    for column in range(len(first) - 1):
        if first[column]:
            break
        for row in after[header:]:  # a merged cell whose words were printed on the page before
            if row[column]:
                break
            row[column] = last[column]


def _goes_on(left: str, right: str) -> bool:
    return (
        len(left) >= 6
        and not is_figure(left)
        and not is_figure(right)
        and not ends_sentence(left)
        and not starts_item(right)
    )
