"""Pages set in two columns of text: which lines belong to which column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from rag.documents.pdf_flow import Sheet
from rag.documents.pdf_lines import Line

_LEAST_LINES = 6


def parts_of(sheet: Sheet) -> list[Sheet]:
    """The page as parts to be read one after the other: a stretch across the page, a left column, a right column, …

    A page of one column is one part. Columns are told from tables and from titles in the margin by both being filled
    with running text.
    """
    gutter = _gutter(sheet)
    if gutter is None:
        return [sheet]
    made: list[Sheet] = []
    bands: list[tuple[bool, list[Line]]] = []
    for line in sheet.lines:
        crossing = any(part.x0 < gutter < part.x1 for part in line.segments)
        if bands and bands[-1][0] == crossing:
            bands[-1][1].append(line)
        else:
            bands.append((crossing, [line]))
    top = float("-inf")
    for index, (crossing, lines) in enumerate(bands):
        bottom = bands[index + 1][1][0].y - bands[index + 1][1][0].size if index + 1 < len(bands) else float("inf")
        grids = [grid for grid in sheet.grids if top <= (grid.y0 + grid.y1) / 2 < bottom]
        if crossing or not _both_filled(lines, gutter):
            made.append(replace(sheet, lines=lines, grids=grids))
        else:
            for right in (False, True):
                half = [part for line in lines if (part := _half(line, gutter, right)) is not None]
                tables = [grid for grid in grids if ((grid.x0 + grid.x1) / 2 > gutter) == right]
                made.append(replace(sheet, lines=half, grids=tables, edge=None))
        top = bottom
    return made


def _half(line: Line, gutter: float, right: bool) -> Line | None:
    parts = [part for part in line.segments if (part.x0 >= gutter) == right]
    return Line(line.y, line.size, parts, "" if right and line.x0 < gutter else line.marker) if parts else None


def _gutter(sheet: Sheet) -> float | None:
    """The x near the middle of the page that running text on both sides leaves free."""
    best, most = None, 0
    for step in range(36, 65):
        x = sheet.width * step / 100
        beside = [line for line in sheet.lines if not any(part.x0 < x < part.x1 for part in line.segments)]
        both = min(sum(line.x0 < x for line in beside), sum(line.x1 > x for line in beside))
        if both > most and _both_filled(beside, x):
            best, most = x, both
    return best


def _both_filled(lines: Sequence[Line], gutter: float) -> bool:
    for right in (False, True):
        half = [part for line in lines if (part := _half(line, gutter, right)) is not None]
        if len(half) < _LEAST_LINES:
            return False
        left, edge = min(line.x0 for line in half), max(line.x1 for line in half)
        size = median(line.size for line in half)
        filled = median(sum(part.x1 - part.x0 for part in line.segments) for line in half)
        if (
            edge - left < 10 * size
            or filled < 0.7 * (edge - left)
            or sum(len(line.segments) for line in half) > 1.6 * len(half)
        ):
            return False
        if (right and left < gutter + 0.3 * size) or (not right and edge > gutter - 0.3 * size):
            return False
    return True
