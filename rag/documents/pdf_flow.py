"""The lines and tables of a PDF page to Markdown, in reading order."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from rag.documents.lines import close_up, without_space
from rag.documents.pdf_lines import Line, Segment, in_columns, paragraphs
from rag.documents.pdf_tables import Grid
from rag.documents.tables import to_markdown

_NUMBER = re.compile(r"(?:\d+(?:\.\d+)*[.．、]?|第[一二三四五六七八九十百]+[条條章节節])(?=\s|$|[\u4e00-\u9fff【])")


@dataclass
class Sheet:
    """One page on its way to Markdown."""

    number: int
    width: float
    height: float
    lines: list[Line]
    grids: list[Grid] = field(default_factory=list)
    edge: float | None = None  # where full lines end, as far as the file's other pages tell
    by_ocr: bool = False


def body_size(sheets: list[Sheet]) -> float:
    sizes = Counter()
    for sheet in sheets:
        for line in sheet.lines:
            sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.5


def set_edges(sheets: list[Sheet], body: float) -> None:
    """Find where full lines end on pages of one width: many lines do, a few outliers reach farther."""
    for width in {round(sheet.width) for sheet in sheets}:
        pages = [sheet for sheet in sheets if round(sheet.width) == width]
        ends = sorted((line.x1 for sheet in pages for line in sheet.lines), reverse=True)
        need = max(6, len(ends) // 8)
        for index, end in enumerate(ends[: max(3, len(ends) // 30)]):
            if index + need <= len(ends) and ends[index + need - 1] > end - 1.5 * body:
                for sheet in pages:
                    sheet.edge = end
                break


def title_margin(sheets: list[Sheet]) -> float | None:
    """Where the text column begins when clause numbers and titles stand in a column of their own to its left."""
    starts: Counter[int] = Counter()
    titled: Counter[int] = Counter()
    total = 0
    for sheet in sheets:
        for line in sheet.lines:
            total += 1
            for index, segment in enumerate(line.segments):
                if 0.15 * sheet.width < segment.x0 < 0.5 * sheet.width:
                    starts[round(segment.x0 / 3)] += 1
                    if index:
                        titled[round(segment.x0 / 3)] += 1

    def around(counter: Counter[int], at: int) -> int:
        return counter[at - 1] + counter[at] + counter[at + 1]

    for at, _ in starts.most_common(3):
        if around(starts, at) >= 0.3 * total and around(titled, at) >= 4:
            return at * 3 - 4.5
    return None


def render(sheet: Sheet, body: float, margin: float | None) -> list[str]:
    notes = footnotes(sheet, body)
    text_lines = [line for line in sheet.lines if not any(line is note for note in notes)]
    made: list[str] = []
    at = 0
    for grid in [*sheet.grids, None]:
        end = at
        while end < len(text_lines) and (grid is None or text_lines[end].y < (grid.y0 + grid.y1) / 2):
            end += 1
        made += _flow(text_lines[at:end], sheet, body, margin)
        if grid is not None:
            made.append(to_markdown(grid.rows, grid.header))
        at = end
    for text, lines in paragraphs(notes):
        made.append(f"[^{lines[0].marker}]: {text}" if lines[0].marker else f"[^]: {text}")
    return [part for part in made if part.strip()]


def footnotes(sheet: Sheet, body: float) -> list[Line]:
    """The small print at the foot of the page, from the first line with a raised number on."""
    small = len(sheet.lines)
    while small and sheet.lines[small - 1].size < 0.9 * body:
        small -= 1
    tail = sheet.lines[small:]
    first = next((index for index, line in enumerate(tail) if line.marker), None)
    return tail[first:] if first is not None else []


def _flow(lines: list[Line], sheet: Sheet, body: float, margin: float | None) -> list[str]:
    """Lines of a page, tables apart, as Markdown paragraphs."""
    if not lines:
        return []
    left = min((line.x0 for line in sheet.lines), default=0)
    right = _right_edge(sheet)
    if margin is not None and not _has_side(sheet, margin):
        margin = None
    made: list[str] = []
    column: list[Line] = []

    def flush() -> None:
        if column:
            edge = min(line.x0 for line in column) if margin is None else margin + 4.5
            for text, group in paragraphs(in_columns(column), edge if margin else left, right):
                made.append(_heading(text, group, body, left if margin is None else edge, right, margin is not None))
            column.clear()

    used: set[int] = set()
    for index, line in enumerate(lines):
        side, rest = _divide(line, margin)
        if side and index not in used:
            flush()
            title, group = [side], [index]
            for after in range(index + 1, min(index + 8, len(lines))):
                more, _ = _divide(lines[after], margin)
                if lines[after].y - lines[group[-1]].y > 2.0 * max(line.size, body):
                    break
                if more and (_NUMBER.match(more.text) or abs(more.size - side.size) > 0.15 * side.size):
                    break
                if more:
                    title.append(more)
                    group.append(after)
            used.update(group)
            made.append(_side_heading(title, body))
        if rest:
            column.append(rest)
    flush()
    return made


def _right_edge(sheet: Sheet) -> float:
    """Where full lines end: as in the whole file, else the farthest; a table tells how wide a page of few lines is set."""
    if sheet.edge is not None:
        return sheet.edge
    ends = [line.x1 for line in sheet.lines]
    return max((*ends, *(grid.x1 for grid in sheet.grids)), default=sheet.width)


def _has_side(sheet: Sheet, margin: float) -> bool:
    """Whether this page is set in the two columns of `_margin`."""
    at = sum(any(abs(part.x0 - margin - 4.5) < 6 for part in line.segments) for line in sheet.lines)
    return at >= 0.25 * len(sheet.lines)


def _divide(line: Line, margin: float | None) -> tuple[Line | None, Line | None]:
    """The part of a line in the title column and the part in the text column; a line across both is text."""
    if (
        margin is None
        or line.x0 >= margin
        or any(part.x0 < margin - 3 and part.x1 > margin + 8 for part in line.segments)
    ):
        return None, line
    side = [part for part in line.segments if part.x0 < margin]
    rest = [part for part in line.segments if part.x0 >= margin]
    if not rest and (line.text.endswith(("。", "；")) or line.x0 > 0.8 * margin):
        return None, line
    return (Line(line.y, line.size, side), Line(line.y, line.size, rest) if rest else None)


def _side_heading(lines: list[Line], body: float) -> str:
    number = ""
    parts: list[Segment] = [part for line in lines for part in line.segments]
    first = parts[0].text
    if _NUMBER.fullmatch(first):
        number, parts = first + " ", parts[1:]
    text = close_up(number + "".join(part.text for part in parts))
    level = 1 if lines[0].size > 1.12 * body and not number else 2 if _NUMBER.match(text) else 3
    return "#" * level + " " + text


def _heading(text: str, lines: list[Line], body: float, left: float, right: float, sided: bool) -> str:
    """Large or centred short lines are headings; numbered ones are left to the splitter, which knows their order."""
    if (
        len(lines) > 2
        or len(text) > 40
        or text.endswith(("。", "；", "，", "：", ":", "、", "！", "？", "."))
        or len(without_space(text)) < 2
    ):
        return text
    if not re.search(r"[\u4e00-\u9fffA-Za-z]", text) or re.search(r"^[（(].*[）)]$|[:：]|^续?表\s*\d", text):
        return text
    line = lines[0]
    centred = (
        abs((line.x0 + line.x1) / 2 - (left + right) / 2) < (24 if len(text) <= 12 else 12)
        and line.x0 - left > 6 * body
        and right - line.x1 > 6 * body
    )
    if line.size >= 1.3 * body:
        return "# " + text
    if re.match(r"[（(]?\d+[、.．)）]", text):
        return text
    if (len(line.segments) == 1 or len(text) <= 4) and (centred or line.size >= 1.12 * body) and len(text) <= 30:
        if sided and line.size < 1.12 * body:
            return "### " + text
        return ("# " if sided else "## ") + text
    return text
