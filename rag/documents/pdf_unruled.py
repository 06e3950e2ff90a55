"""Tables without vertical rules: columns that stand one under the other, with or without rules above and below."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from statistics import mean, median

from rag.documents.contents import is_contents_line
from rag.documents.lines import ends_sentence, join, starts_item
from rag.documents.pdf_glyphs import Rule
from rag.documents.pdf_lines import NUMBERED_CELL, Line, Segment
from rag.documents.pdf_tables import Grid
from rag.documents.tables import is_figure

Span = tuple[float, float]


def find_unruled(lines: Sequence[Line], rules: Sequence[Rule]) -> list[tuple[Grid, list[Line]]]:
    """Tables among the lines that no ruled table holds, each with its lines.

    Between two long rules (a three-line table) short cells in steady columns are enough; without rules most cells
    beside the first column must be figures, so that prose in two columns and lists stay what they are.
    """
    found: list[tuple[Grid, list[Line]]] = []
    taken: set[int] = set()
    for top, bottom, count in _between_rules(rules, lines):
        inside = [line for line in lines if top.y0 < line.y - 0.35 * line.size < bottom.y0]
        if any(id(line) in taken for line in inside):
            continue
        partial = [rule for rule in rules if rule.y0 == rule.y1 and top.y0 < rule.y0 < bottom.y0]
        if (grid := _table(inside, partial, count >= 3)) is not None:
            grid.y0, grid.y1 = top.y0, bottom.y0
            found.append((grid, inside))
            taken |= {id(line) for line in inside}
    for run in _runs([line for line in lines if id(line) not in taken]):
        if (grid := _table(run, [], False)) is not None:
            found.append((grid, run))
    return sorted(found, key=lambda pair: pair[0].y0)


def _between_rules(rules: Sequence[Rule], lines: Sequence[Line]) -> list[tuple[Rule, Rule, int]]:
    """(top, bottom, number) of long rules of one extent with lines of several cells between them."""
    flat = sorted((rule for rule in rules if rule.y0 == rule.y1 and rule.x1 - rule.x0 > 120), key=lambda rule: rule.y0)
    groups: list[list[Rule]] = []
    for rule in flat:
        group = next(
            (
                g
                for g in groups
                if abs(g[0].x0 - rule.x0) < 6 and abs(g[0].x1 - rule.x1) < 6 and _tabular(g[-1], rule, lines)
            ),
            None,
        )
        if group is None:
            groups.append([rule])
        else:
            group.append(rule)
    return [(g[0], g[-1], len(g)) for g in groups if len(g) >= 2 and g[-1].y0 - g[0].y0 > 12]


def _tabular(above: Rule, below: Rule, lines: Sequence[Line]) -> bool:
    inside = [line for line in lines if above.y0 < line.y - 0.35 * line.size < below.y0]
    return bool(inside) and sum(len(line.segments) > 1 for line in inside) >= 0.5 * len(inside)


def _runs(lines: Sequence[Line]) -> list[list[Line]]:
    """Neighbouring lines of two segments or more; a caption or a line of one cell may stand between two of them."""
    made: list[list[Line]] = []
    for above, line in zip([None, *lines], lines, strict=False):
        several = len(line.segments) > 1 and not is_contents_line(line.text)
        near = above is not None and line.y - above.y < 3.2 * max(line.size, above.size)
        if several and near and made and made[-1]:
            made[-1].append(line)
        elif several:
            made.append([line])
        elif made:
            made.append([])
    return [run for run in made if len(run) >= 3]


def _table(lines: Sequence[Line], partial: Sequence[Rule], ruled: bool) -> Grid | None:
    columns = _columns(lines)
    if len(columns) < 2:
        return None
    size = median(line.size for line in lines)
    rows = _rows(lines, columns, partial)
    if rows is None or len(rows) < (2 if ruled else 3):
        return None
    clear = _short_cells(rows) if ruled else _figures_beside_labels(rows) or _words_in_step(lines, rows)
    if not (_steady(rows) and clear):
        return None
    borders = [columns[0][0], *((a[1] + b[0]) / 2 for a, b in itertools.pairwise(columns)), columns[-1][1]]
    return Grid(borders[0], lines[0].y - size, borders[-1], lines[-1].y + 0.2 * size, borders, rows, ruled=False)


def _columns(lines: Sequence[Line]) -> list[Span]:
    """Spans that the segments of the fullest lines leave free of each other."""
    most = max((len(line.segments) for line in lines), default=0)
    full = [line for line in lines if len(line.segments) >= max(2, 0.6 * most)]
    size = median(line.size for line in lines) if lines else 10.0
    spans: list[list[float]] = []
    for segment in sorted((part for line in full for part in line.segments), key=lambda part: part.x0):
        if spans and segment.x0 < spans[-1][1] + 0.5 * size:
            spans[-1][1] = max(spans[-1][1], segment.x1)
        else:
            spans.append([segment.x0, segment.x1])
    return [(low, high) for low, high in spans]


def _rows(lines: Sequence[Line], columns: Sequence[Span], partial: Sequence[Rule]) -> list[list[str]] | None:
    """Cell texts line by line; a line that has nothing in the first column goes on with the row above."""
    rows: list[list[str]] = []
    for index, line in enumerate(lines):
        cells = [""] * len(columns)
        for part in line.segments:
            at = _covered(part, columns, line, partial)
            if not at:
                return None
            for column in at:
                cells[column] = join(cells[column], part.text) if cells[column] else part.text
        filled = [cell for cell in cells if cell]
        wraps = (
            rows
            and index
            and not cells[0]
            and len(filled) < len(columns)
            and not any(map(is_figure, filled))
            and all(rows[-1][column] for column, cell in enumerate(cells) if cell)
            and line.y - lines[index - 1].y < 1.7 * line.size
            and any(rows[-1][0:1])
        )
        label_wraps = (
            rows and len(filled) == 1 and cells[0] and line.y - lines[index - 1].y < 1.5 * line.size and len(rows[-1][0]) >= 6
            and not ends_sentence(rows[-1][0]) and len(cells[0]) <= len(rows[-1][0])
        )  # fmt: skip
        if wraps or label_wraps:
            rows[-1] = [join(left, right) if right else left for left, right in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
    return rows


def _covered(part: Segment, columns: Sequence[Span], line: Line, partial: Sequence[Rule]) -> list[int]:
    """The columns a segment stands in: those it overlaps, or those that the rule right below it spans."""
    own = [index for index, (low, high) in enumerate(columns) if min(part.x1, high) - max(part.x0, low) > 0]
    middle = (part.x0 + part.x1) / 2
    below = next(
        (rule for rule in partial if 0 < rule.y0 - line.y < 1.2 * line.size and rule.x0 - 2 <= middle <= rule.x1 + 2),
        None,
    )
    if below is not None and below.x1 - below.x0 < 0.95 * (columns[-1][1] - columns[0][0]):
        spanned = [
            index for index, (low, high) in enumerate(columns) if below.x0 - 3 <= (low + high) / 2 <= below.x1 + 3
        ]
        if len(spanned) > 1:
            return spanned
    if own:
        return own
    nearest = min(range(len(columns)), key=lambda index: abs(sum(columns[index]) / 2 - middle))
    return [nearest]


def _steady(rows: Sequence[Sequence[str]]) -> bool:
    """Most rows fill most columns."""
    return mean(sum(map(bool, row)) / len(row) for row in rows) > 0.7


def _short_cells(rows: Sequence[Sequence[str]]) -> bool:
    cells = [cell for row in rows for cell in row if cell]
    if not all(rows[0][1:]) or sum(bool(NUMBERED_CELL.match(cell)) for cell in cells) > 0.3 * len(cells):
        return False  # a list in columns, or no header
    return mean(map(len, cells)) <= 16 and sum("。" in cell for cell in cells) <= 0.1 * len(cells)


def _words_in_step(lines: Sequence[Line], rows: Sequence[Sequence[str]]) -> bool:
    """Three columns of short words or more, every row of which is whole and whose cells begin, or are centred, at one
    place: a table though it holds no figures. Fewer columns may be a list or prose in columns."""
    count = len(lines[0].segments)
    if count < 3 or len(lines) < 4 or len(rows) != len(lines) or any(len(line.segments) != count for line in lines):
        return False
    cells = [cell for row in rows for cell in row]
    if not all(1 <= len(cell) <= 16 and not ends_sentence(cell) for cell in cells):
        return False
    if any(re.search(r"\d", cell) for cell in rows[0]):
        return False  # no header: s7, s730, s7302 …
    if sum(bool(_LABELLED.fullmatch(cell) or NUMBERED_CELL.match(cell) or starts_item(cell)) for cell in cells) > 0.1 * len(cells):
        return False
    near = 0.6 * median(line.size for line in lines)
    return all(
        any(max(places) - min(places) < near for places in (starts, [(a + b) / 2 for a, b in zip(starts, ends, strict=True)]))
        for starts, ends in (
            ([line.segments[c].x0 for line in lines], [line.segments[c].x1 for line in lines]) for c in range(count)
        )
    )


_LABELLED = re.compile(r".{1,12}[:：].{0,40}")


def _figures_beside_labels(rows: Sequence[Sequence[str]]) -> bool:
    beside = [cell for row in rows[1:] for cell in row[1:] if cell]
    labels = [row[0] for row in rows if row[0]]
    if (
        not beside
        or any(len(cell) > 20 for row in rows for cell in row[1:])
        or any(len(label) > 30 for label in labels)
    ):
        return False
    if sum(bool(_LABELLED.fullmatch(cell)) for cell in [*beside, *labels]) > 0.3 * len([*beside, *labels]):
        return False  # 姓名：…  电话：…
    return sum(map(is_figure, beside)) >= 0.7 * len(beside) and any(not is_figure(cell) for cell in rows[0])
