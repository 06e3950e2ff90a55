"""PDF files: text by pdfium, ruled tables from the page's own lines, layout put back into reading order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pypdfium2 as pdfium

from rag.documents.contents import CONTENTS_HEADING, kept_of_contents, running_lines
from rag.documents.document import Document, Page
from rag.documents.limits import Limits
from rag.documents.lines import close_up, ends_sentence, without_space
from rag.documents.pdf_glyphs import PagePrint, read_page
from rag.documents.pdf_lines import Line, Segment, glyph_rows, in_columns, paragraphs
from rag.documents.pdf_tables import Grid, find_grids
from rag.documents.tables import to_markdown
from rag.documents.title import find_title
from rag.errors import DocumentError

_NUMBER = re.compile(r"(?:\d+(?:\.\d+)*[.．、]?|第[一二三四五六七八九十百]+[条章节])(?=\s|$|[\u4e00-\u9fff【])")


@dataclass
class Sheet:
    """One page on its way to Markdown."""

    number: int
    width: float
    height: float
    lines: list[Line]
    grids: list[Grid] = field(default_factory=list)


def load_pdf(path: Path, source: str, limits: Limits, more_time: Callable[[int], None]) -> Document:
    """Pages keep the numbers of the file (1-based, first sheet is 1). Footnotes come last on their page, as `[^n]: …`.

    Pages without a text layer are read by OCR; a warning names them.
    """
    try:
        pdf = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise DocumentError(f"{source}：PDF 有打开密码，请去掉密码后再导入") from error
        raise DocumentError(f"{source}：PDF 已损坏或不完整，打不开，请重新下载或另存一份") from error
    try:
        if len(pdf) > limits.pages:
            raise DocumentError(f"{source}：有 {len(pdf)} 页，超过上限 {limits.pages} 页，请拆成几个文件再导入")
        sheets, warnings = _read(pdf, source, limits, more_time)
    finally:
        pdf.close()
    return document_of(sheets, source, warnings)


def document_of(sheets: list[Sheet], source: str, warnings: list[str]) -> Document:
    """Pages of Markdown from sheets that still have their heads and feet."""
    drops = running_lines([[line.text for line in sheet.lines] for sheet in sheets])
    for sheet, drop in zip(sheets, drops, strict=True):
        sheet.lines = [line for index, line in enumerate(sheet.lines) if index not in drop]
    title = _title(sheets, source)
    for sheet in sheets:
        _drop_contents(sheet)
    body = _body_size(sheets)
    margin = _margin(sheets)
    pages = []
    before: Grid | None = None
    for sheet in sheets:
        before = _carry_header(sheet, before)
        pages.append(Page("\n\n".join(_render(sheet, body, margin)), sheet.number))
    return Document(source, title, tuple(pages), None, tuple(warnings))


def sheet_of(number: int, printed: PagePrint) -> Sheet:
    """Tables apart from running text."""
    grids = find_grids(printed.rules, printed.glyphs)
    free = [glyph for glyph in printed.glyphs if not any(grid.holds(glyph) for grid in grids)]
    return Sheet(number, printed.width, printed.height, glyph_rows(free), grids)


def _read(
    pdf: pdfium.PdfDocument, source: str, limits: Limits, more_time: Callable[[int], None]
) -> tuple[list[Sheet], list[str]]:
    sheets, warnings, scanned = [], [], []
    for number in range(1, len(pdf) + 1):
        page = pdf[number - 1]
        try:
            printed = read_page(page)
        except pdfium.PdfiumError:
            warnings.append(f"第 {number} 页读不出，已跳过")
            printed = PagePrint(595, 842, [], [], 0)
        finally:
            page.close()
        if printed.without_words:
            scanned.append(number)
        sheets.append(sheet_of(number, printed))
    if not scanned:
        return sheets, warnings
    names = _listed(scanned)
    if not limits.ocr:
        if len(scanned) == len(sheets):
            raise DocumentError(
                f"{source}：PDF 全是图片（扫描件），没有文字层，文字识别（OCR）已关闭；请设 ODFIN_OCR=true 后再导入"
            )
        return sheets, [*warnings, f"第 {names} 页是图片，没有文字可读（OCR 已关闭）"]
    if len(scanned) > limits.ocr_pages:
        raise DocumentError(
            f"{source}：有 {len(scanned)} 页是扫描图片，超过文字识别（OCR）上限 {limits.ocr_pages} 页，请拆成几个文件再导入"
        )
    from rag.documents.ocr import DOTS_PER_POINT, read_picture

    more_time(len(scanned))
    for number in scanned:
        page = pdf[number - 1]
        scale = min(DOTS_PER_POINT, 4000 / max(page.get_size()))
        picture = page.render(scale=scale).to_numpy()
        page.close()
        sheets[number - 1] = sheet_of(number, read_picture(picture, scale, limits.threads))
    if not any(sheet.lines or sheet.grids for sheet in sheets):
        raise DocumentError(f"{source}：PDF 全是图片，文字识别（OCR）没有认出文字，请换一份更清楚的扫描件")
    warnings.append(f"第 {names} 页没有文字层，文字由 OCR 识别，可能有误，请核对要紧的数字")
    return sheets, warnings


def _listed(numbers: list[int]) -> str:
    """`1、3—7、9`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    shown = [str(low) if low == high else f"{low}—{high}" for low, high in runs[:10]]
    return "、".join(shown) + (" 等" if len(runs) > 10 else "")


def _title(sheets: list[Sheet], source: str) -> str:
    """The largest lines of the first pages say the title; else the first meaningful line."""
    candidates = []
    for sheet in sheets[:4]:
        top = [line for line in sheet.lines if line.y < 0.75 * sheet.height and len(line.text) >= 2]
        if not top:
            continue
        large = sorted({round(line.size, 1) for line in top}, reverse=True)
        body = median(line.size for line in top)
        heads = [line.text for line in top if line.size >= max(1.12 * body, 0.72 * large[0])]
        largest = [f"# {line.text}" for line in top if line.size >= max(1.3 * body, 0.9 * large[0])]
        candidates.append((find_title(largest, "") if largest else "") or (find_title(heads, "") if heads else ""))
    named = [title for title in candidates if title]
    best = next(
        (title for title in named if re.search(r"条款|说明书|办法|合同|规[定则]|指引|手册|公告", title)), None
    ) or (named[0] if named else "")
    return best or find_title([line.text for sheet in sheets[:2] for line in sheet.lines], source)


def _drop_contents(sheet: Sheet) -> None:
    kept = set(kept_of_contents([line.text for line in sheet.lines]))
    heads = [
        line
        for index, line in enumerate(sheet.lines)
        if index not in kept and CONTENTS_HEADING.fullmatch(line.text.strip("☞ "))
    ]
    for head in heads:
        sheet.grids = [
            grid
            for grid in sheet.grids
            if not (
                0 < grid.y0 - head.y < 60 and not any(ends_sentence(cell) for row in grid.rows for cell in row if cell)
            )
        ]
    sheet.lines = [line for index, line in enumerate(sheet.lines) if index in kept]


def _body_size(sheets: list[Sheet]) -> float:
    sizes = Counter()
    for sheet in sheets:
        for line in sheet.lines:
            sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.5


def _margin(sheets: list[Sheet]) -> float | None:
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


def _carry_header(sheet: Sheet, before: Grid | None) -> Grid | None:
    """A table that goes on from the page before gets that table's header row again."""
    first = sheet.grids[0] if sheet.grids else None
    if (
        first
        and before
        and len(first.columns) == len(before.columns)
        and all(abs(a - b) < 8 for a, b in zip(first.columns, before.columns, strict=True))
        and not any(line.y < first.y0 and not re.match(r"续?\s*表", line.text) for line in sheet.lines)
        and [without_space(cell) for cell in first.rows[0]] != [without_space(cell) for cell in before.rows[0]]
    ):
        first.rows.insert(0, list(before.rows[0]))
    last = sheet.grids[-1] if sheet.grids else None
    return last if last and not any(line.y > last.y1 + 2 for line in sheet.lines) else None


def _render(sheet: Sheet, body: float, margin: float | None) -> list[str]:
    notes = _footnotes(sheet, body)
    text_lines = [line for line in sheet.lines if not any(line is note for note in notes)]
    made: list[str] = []
    at = 0
    for grid in [*sheet.grids, None]:
        end = at
        while end < len(text_lines) and (grid is None or text_lines[end].y < (grid.y0 + grid.y1) / 2):
            end += 1
        made += _flow(text_lines[at:end], sheet, body, margin)
        if grid is not None:
            made.append(to_markdown(grid.rows))
        at = end
    for text, lines in paragraphs(notes):
        made.append(f"[^{lines[0].marker}]: {text}" if lines[0].marker else f"[^]: {text}")
    return [part for part in made if part.strip()]


def _footnotes(sheet: Sheet, body: float) -> list[Line]:
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
    right = max((line.x1 for line in sheet.lines), default=sheet.width)
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
        return ("# " if sided else "## ") + text
    return text
