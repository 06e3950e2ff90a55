"""Ruled tables: from lines on paper to a grid of texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.documents.pdf_glyphs import Glyph, Rule
from rag.documents.pdf_lines import glyph_rows, paragraph_text

_SNAP = 3.0


@dataclass
class Grid:
    x0: float
    y0: float
    x1: float
    y1: float
    columns: list[float]  # x of the column borders
    rows: list[list[str]]  # merged cells repeated
    header: int | None = None  # rows of titles and header, where that is known better than the cells tell
    ruled: bool = True

    def holds(self, glyph: Glyph) -> bool:
        middle = (glyph.x0 + glyph.x1) / 2
        return self.x0 - 1 <= middle <= self.x1 + 1 and self.y0 - 0.5 <= glyph.y - glyph.size * 0.35 <= self.y1 + 0.5


def find_grids(rules: Sequence[Rule], glyphs: Sequence[Glyph]) -> list[Grid]:
    """Tables of at least two rows and two columns whose cells are parted by rules, from top to bottom.

    Missing outer verticals are supplied from the ends of the horizontal rules. Boxes around text are no tables.
    """
    flat = _merged([rule for rule in rules if rule.y0 == rule.y1], horizontal=True)
    upright = _merged([rule for rule in rules if rule.x0 == rule.x1], horizontal=False)
    if len(flat) < 2 or not upright:
        return []
    made = []
    for group_flat, group_upright in _groups(flat, upright):
        if len(group_flat) >= 2 and group_upright and (grid := _grid(group_flat, group_upright, glyphs)):
            made.append(grid)
    made.sort(key=lambda grid: grid.y0)
    # a table drawn inside a box of another one is read with the outer one
    return [
        grid
        for grid in made
        if not any(
            other is not grid
            and other.x0 - 2 <= grid.x0
            and grid.x1 <= other.x1 + 2
            and other.y0 - 2 <= grid.y0
            and grid.y1 <= other.y1 + 2
            for other in made
        )
    ]


def _merged(rules: list[Rule], horizontal: bool) -> list[Rule]:
    """Rules on one line, touching or overlapping, as one."""

    def across(rule: Rule) -> float:
        return rule.y0 if horizontal else rule.x0

    def ends(rule: Rule) -> tuple[float, float]:
        return (rule.x0, rule.x1) if horizontal else (rule.y0, rule.y1)

    lines: list[list[Rule]] = []
    for rule in sorted(rules, key=across):
        if lines and across(rule) - across(lines[-1][0]) <= 1.5:
            lines[-1].append(rule)
        else:
            lines.append([rule])
    made = []
    for line in lines:
        at = sum(map(across, line)) / len(line)
        spans: list[list[float]] = []
        for low, high in sorted(map(ends, line)):
            if spans and low <= spans[-1][1] + _SNAP:
                spans[-1][1] = max(spans[-1][1], high)
            else:
                spans.append([low, high])
        made += [Rule(low, at, high, at) if horizontal else Rule(at, low, at, high) for low, high in spans]
    return made


def _groups(flat: list[Rule], upright: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Sets of rules that touch each other."""
    parent = list(range(len(flat) + len(upright)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for i, h in enumerate(flat):
        for j, v in enumerate(upright):
            if h.x0 - _SNAP <= v.x0 <= h.x1 + _SNAP and v.y0 - _SNAP <= h.y0 <= v.y1 + _SNAP:
                parent[root(i)] = root(len(flat) + j)
    sets: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for i, h in enumerate(flat):
        sets.setdefault(root(i), ([], []))[0].append(h)
    for j, v in enumerate(upright):
        sets.setdefault(root(len(flat) + j), ([], []))[1].append(v)
    return list(sets.values())


def _positions(values: list[float]) -> list[float]:
    made: list[list[float]] = []
    for value in sorted(values):
        if made and value - made[-1][0] <= _SNAP:
            made[-1].append(value)
        else:
            made.append([value])
    return [sum(group) / len(group) for group in made]


def _grid(flat: list[Rule], upright: list[Rule], glyphs: Sequence[Glyph]) -> Grid | None:
    left, right = min(rule.x0 for rule in flat), max(rule.x1 for rule in flat)
    xs = _positions([rule.x0 for rule in upright])
    if left < xs[0] - 2 * _SNAP:
        xs.insert(0, left)
    if right > xs[-1] + 2 * _SNAP:
        xs.append(right)
    ys = _positions([rule.y0 for rule in flat])
    across, down = len(xs) - 1, len(ys) - 1
    if across < 2 or down < 2 or across * down > 20_000:
        return None
    parent = list(range(across * down))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    walls_v = [
        [
            _covered([(rule.y0, rule.y1) for rule in upright if abs(rule.x0 - x) <= _SNAP], ys[r], ys[r + 1])
            for r in range(down)
        ]
        for x in xs
    ]
    walls_h = [
        [
            _covered([(rule.x0, rule.x1) for rule in flat if abs(rule.y0 - y) <= _SNAP], xs[c], xs[c + 1])
            for c in range(across)
        ]
        for y in ys
    ]
    for r in range(down):
        for c in range(across):
            if c + 1 < across and not walls_v[c + 1][r]:
                parent[root(r * across + c + 1)] = root(r * across + c)
            if r + 1 < down and not walls_h[r + 1][c]:
                parent[root((r + 1) * across + c)] = root(r * across + c)
    roots = [[root(r * across + c) for c in range(across)] for r in range(down)]
    top, bottom, first, last = _without_frame(roots)
    if bottom - top < 2 or last - first < 2:
        return None
    roots = [row[first:last] for row in roots[top:bottom]]
    xs, ys = xs[first : last + 1], ys[top : bottom + 1]
    regions: dict[int, list[Glyph]] = {}
    grid = Grid(xs[0], ys[0], xs[-1], ys[-1], xs, [])
    for glyph in glyphs:
        if grid.holds(glyph):
            middle = (glyph.x0 + glyph.x1) / 2
            c = max(0, sum(middle >= x for x in xs[1:-1]))
            r = max(0, sum(glyph.y - glyph.size * 0.35 >= y for y in ys[1:-1]))
            regions.setdefault(roots[r][c], []).append(glyph)
    if len(regions) < 3:
        return None
    borders = {
        node: xs[max(c for row in roots for c, other in enumerate(row) if other == node) + 1] for node in regions
    }
    texts = {node: _cell(found, borders[node]) for node, found in regions.items()}
    grid.rows = [[texts.get(node, "") for node in row] for row in roots]
    if max(len(text) for text in texts.values()) > 1500:
        return None  # a page frame
    return grid


def _without_frame(roots: list[list[int]]) -> tuple[int, int, int, int]:
    """(first row, end, first column, end) of the table inside a frame: a cell that lies around others is no cell."""
    places: dict[int, list[tuple[int, int]]] = {}
    for r, row in enumerate(roots):
        for c, node in enumerate(row):
            places.setdefault(node, []).append((r, c))
    down, across = len(roots), len(roots[0])
    around = set()
    for node, found in places.items():
        rows, columns = [r for r, _ in found], [c for _, c in found]
        whole = (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)
        sides = (min(columns) == 0 and max(columns) == across - 1) + (min(rows) == 0) + (max(rows) == down - 1)
        if len(found) < whole and sides >= 2:
            around.add(node)
    inner = [(r, c) for r, row in enumerate(roots) for c, node in enumerate(row) if node not in around]
    if not around or not inner:
        return 0, down, 0, across
    rows, columns = [r for r, _ in inner], [c for _, c in inner]
    return min(rows), max(rows) + 1, min(columns), max(columns) + 1


def _covered(spans: list[tuple[float, float]], low: float, high: float) -> bool:
    length = sum(max(0.0, min(end, high) - max(start, low)) for start, end in spans)
    return length >= 0.6 * (high - low)


def _cell(glyphs: list[Glyph], border: float) -> str:
    """The cell's words in one line; a list in it, set flush left, keeps its items apart."""
    lines = glyph_rows(glyphs)
    size = max((line.size for line in lines), default=10.0)
    flush = len(lines) >= 3 and max(line.x0 for line in lines) - min(line.x0 for line in lines) < 0.3 * size
    short = sum(border - line.x1 > 3 * size for line in lines[:-1])
    if flush and short >= 0.5 * len(lines):
        return " ".join(paragraph_text(lines, None, border - 0.6 * size))
    return " ".join(paragraph_text(lines))
