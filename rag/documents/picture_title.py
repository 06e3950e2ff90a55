"""The title of what is read by OCR: a picture may show any page, and most pages begin in the middle of a text."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import PurePosixPath

from rag.documents.lines import ends_sentence, starts_item
from rag.documents.pdf_flow import Sheet, body_size
from rag.documents.pdf_lines import Line
from rag.documents.title import find_title

_MOST = 8  # lines above the text: a company, a title in two lines, a date, a number
_CLAUSE = re.compile(r"[。；]|[，：:、,;]$")
_LONG = 20  # a line of more characters with a comma in it is a sentence; names in 《》 aside


def picture_title(sheets: list[Sheet], source: str) -> str:
    """The title that stands over the text of the first page, else the stem of `source`."""
    sheet = next((sheet for sheet in sheets if sheet.lines), None)
    stem = PurePosixPath(source).stem
    if sheet is None:
        return stem
    body = body_size([sheet])
    head = _head(sheet, body)
    large = [f"# {line.text}" for line in head if line.size >= 1.3 * body]
    title = (find_title(large, "") if large else "") or (find_title([line.text for line in head], "") if head else "")
    return stem if not title or _is_clause(title) else title


def _head(sheet: Sheet, body: float) -> list[Line]:
    """The lines before the text and the tables begin."""
    edge = _edge(sheet, body)
    head: list[Line] = []
    for line, below in zip(sheet.lines, [*sheet.lines[1:], None], strict=True):
        if len(head) == _MOST or any(grid.y0 < line.y for grid in sheet.grids):
            break
        small = line.size < 1.12 * body
        fills = small and edge is not None and line.x1 > edge - 1.5 * body and len(line.text) >= 12
        if _is_clause(line.text) or fills or (small and below is not None and _goes_on(line, below)):
            break
        head.append(line)
    return head


def _edge(sheet: Sheet, body: float) -> float | None:
    """Where full lines of running text end: two lines at least do."""
    ends = sorted((line.x1 for line in sheet.lines if len(line.text) >= 12 and line.size < 1.12 * body), reverse=True)
    return next((end for end, other in pairwise(ends) if end - other < 1.5 * body), None)


def _goes_on(line: Line, below: Line) -> bool:
    """Whether the line is cut in mid-sentence: the one below, no longer and not set in, ends its sentence."""
    return (
        below.x0 <= line.x0 + 0.5 * line.size
        and below.x1 <= line.x1 + line.size
        and ends_sentence(below.text)
        and not starts_item(below.text)
    )


def _is_clause(text: str) -> bool:
    return bool(_CLAUSE.search(text)) or (len(text) > _LONG and "，" in re.sub(r"《.*》", "", text))
