"""Presentations: every slide a page."""

from __future__ import annotations

import re
from pathlib import Path

from pptx import Presentation
from pptx.util import Emu

from rag.documents.document import Document, Page
from rag.documents.lines import clean, close_up
from rag.documents.tables import to_markdown
from rag.documents.title import find_title
from rag.errors import DocumentError


def load_pptx(path: Path, source: str) -> Document:
    """Title as heading, then text and tables from top to bottom. What an audience does not see is left out: hidden slides
    (a warning names them), hidden shapes, and the speaker's notes."""
    pages, warnings, titled = [], [], False
    for number, slide in enumerate(Presentation(str(path)).slides, 1):
        if slide._element.get("show") == "0":
            warnings.append(f"第 {number} 张幻灯片是隐藏的，没有导入")
            continue
        title = slide.shapes.title
        head = _line(title.text_frame.text) if title is not None and title.has_text_frame else ""
        parts = []
        for shape in _in_order(slide.shapes):
            if title is not None and shape.shape_id == title.shape_id:
                continue
            parts += _shape(shape)
        if head:
            parts.insert(0, f"# {head}")
        elif parts and titled:  # otherwise it would stand under the slide before
            parts = _headed(parts, number)
        titled = titled or bool(head)
        if parts:
            pages.append(Page("\n\n".join(parts), number))
    if not pages:
        raise DocumentError(f"{source}：演示文稿里没有文字（可能全是图片），请先做文字识别（OCR）再导入")
    return Document(
        source,
        find_title([line for page in pages[:2] for line in page.text.split("\n")], source),
        tuple(pages),
        None,
        tuple(warnings),
    )


def _headed(parts: list[str], number: int) -> list[str]:
    """A slide without a title under its first line, where that is a name, else under its number."""
    first = parts[0]
    named = re.fullmatch(r"[^，。；：:、？！|#\n]{2,24}", first) and re.search(r"[\u4e00-\u9fffA-Za-z]{2}", first)
    return [f"# {first}", *parts[1:]] if named and len(parts) > 1 else [f"# 第 {number} 张幻灯片", *parts]


def _in_order(shapes):
    return sorted(shapes, key=lambda shape: (Emu(shape.top or 0), Emu(shape.left or 0)))


def _line(text: str) -> str:
    return close_up(clean(text).replace("\n", " "))


def _shape(shape) -> list[str]:
    if shape._element.xpath("./*/p:cNvPr[@hidden='1' or @hidden='true']"):
        return []
    if shape.shape_type == 6:  # group
        return [part for inner in _in_order(shape.shapes) for part in _shape(inner)]
    if getattr(shape, "has_table", False) and shape.has_table:
        return [_table(shape.table)]
    if getattr(shape, "has_chart", False) and shape.has_chart:
        return _chart(shape.chart)
    if not shape.has_text_frame:
        return []
    if shape.is_placeholder and shape.placeholder_format.type in (13, 15, 16):  # slide number, footer, date
        return []
    lines = [_line(paragraph.text) for paragraph in shape.text_frame.paragraphs]
    return ["\n".join(line for line in lines if line)] if any(lines) else []


def _table(table) -> str:
    rows = []
    cells = [list(row.cells) for row in table.rows]
    values = [[_line(cell.text) for cell in row] for row in cells]
    for r, row in enumerate(cells):
        for c, cell in enumerate(row):
            if cell.is_merge_origin:
                for dr in range(cell.span_height):
                    for dc in range(cell.span_width):
                        values[r + dr][c + dc] = values[r][c]
    rows.extend(values)
    return to_markdown(rows)


def _chart(chart) -> list[str]:
    try:
        plot = chart.plots[0]
        series = list(plot.series)
        rows = [["", *(one.name for one in series)]]
        rows += [[str(name), *(str(one.values[index]) for one in series)] for index, name in enumerate(plot.categories)]
    except (IndexError, ValueError, KeyError, AttributeError, TypeError):
        return []
    return [to_markdown(rows, 1)]
