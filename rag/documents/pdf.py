"""PDF files: text by pdfium, ruled tables from the page's own lines, layout put back into reading order."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from statistics import median

import pypdfium2 as pdfium

from rag.documents.contents import CONTENTS_HEADING, PAGE_NUMBER, kept_of_contents, running_lines
from rag.documents.document import Document, Page
from rag.documents.limits import Limits
from rag.documents.lines import ends_sentence
from rag.documents.pdf_carry import carry_tables
from rag.documents.pdf_columns import parts_of
from rag.documents.pdf_flow import Sheet, body_size, render, set_edges, title_margin
from rag.documents.pdf_glyphs import PagePrint, read_page
from rag.documents.pdf_lines import glyph_rows
from rag.documents.pdf_tables import find_grids
from rag.documents.pdf_unruled import find_unruled
from rag.documents.picture_title import picture_title
from rag.documents.title import find_title, named_by_file
from rag.errors import DocumentError


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
    """Pages of Markdown from sheets that still have their heads and feet; sheets of one number are one page."""
    drops = running_lines([[line.text for line in sheet.lines] for sheet in sheets])
    heads = [line.text for sheet, drop in zip(sheets[:2], drops[:2], strict=True) for index, line in enumerate(sheet.lines) if index in drop]
    for sheet, drop in zip(sheets, drops, strict=True):
        sheet.lines = [line for index, line in enumerate(sheet.lines) if index not in drop]
        if sheet.grids and len(sheet.lines) == 1 and PAGE_NUMBER.fullmatch(sheet.lines[0].text):
            sheet.lines.clear()
    by_ocr = all(sheet.by_ocr for sheet in sheets)
    title = picture_title(sheets, source) if by_ocr else _title(sheets, source)
    if title == named_by_file(source) and heads and title not in (head := find_title(heads, source)):
        title = head  # the title, said again on every page; more than that where the file is called so
    for sheet in sheets:
        _drop_contents(sheet)
    body = body_size(sheets)
    margin = title_margin(sheets)
    set_edges(sheets, body)
    carry_tables(sheets, body)
    texts: dict[int, list[str]] = {}
    for sheet in sheets:
        texts.setdefault(sheet.number, []).extend(
            text for part in parts_of(sheet) for text in render(part, body, margin)
        )
    pages = tuple(Page("\n\n".join(parts), number) for number, parts in texts.items())
    return Document(source, title, pages, None, tuple(warnings))


def sheet_of(number: int, printed: PagePrint, by_ocr: bool = False) -> Sheet:
    """Tables apart from running text. `by_ocr`: `printed` was read from a picture."""
    grids = find_grids(printed.rules, printed.glyphs)
    free = [glyph for glyph in printed.glyphs if not any(grid.holds(glyph) for grid in grids)]
    lines = glyph_rows(free)
    rules = [
        rule for rule in printed.rules if not any(grid.y0 - 3 <= rule.y0 and rule.y1 <= grid.y1 + 3 for grid in grids)
    ]
    for grid, held in find_unruled(lines, rules):
        grids.append(grid)
        lines = [line for line in lines if not any(line is other for other in held)]
    grids.sort(key=lambda grid: grid.y0)
    return Sheet(number, printed.width, printed.height, lines, grids, by_ocr=by_ocr)


def _read(
    pdf: pdfium.PdfDocument, source: str, limits: Limits, more_time: Callable[[int], None]
) -> tuple[list[Sheet], list[str]]:
    sheets: dict[int, list[Sheet]] = {}
    warnings, scanned = [], []
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
        sheets[number] = [sheet_of(number, part) for part in (printed, *printed.beside)]
    if not scanned:
        return list(chain.from_iterable(sheets.values())), warnings
    names = _listed(scanned)
    if not limits.ocr:
        if len(scanned) == len(sheets):
            raise DocumentError(
                f"{source}：PDF 全是图片（扫描件），没有文字层，文字识别（OCR）已关闭；请设 ODFIN_OCR=true 后再导入"
            )
        left = list(chain.from_iterable(sheets.values()))
        return left, [*warnings, f"第 {names} 页是图片，没有文字可读（OCR 已关闭）"]
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
        sheets[number] = [sheet_of(number, read_picture(picture, scale, limits.threads), by_ocr=True)]
    made = list(chain.from_iterable(sheets.values()))
    if not any(sheet.lines or sheet.grids for sheet in made):
        raise DocumentError(f"{source}：PDF 全是图片，文字识别（OCR）没有认出文字，请换一份更清楚的扫描件")
    warnings.append(f"第 {names} 页没有文字层，文字由 OCR 识别，可能有误，请核对要紧的数字")
    return made, warnings


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
    candidates: list[tuple[str, float]] = []
    for sheet in sheets[:4]:
        top = [line for line in sheet.lines if line.y < 0.75 * sheet.height and len(line.text) >= 2]
        if not top:
            continue
        large = sorted({round(line.size, 1) for line in top}, reverse=True)
        body = median(line.size for line in top)
        heads = [line.text for line in top if line.size >= max(1.12 * body, 0.72 * large[0])]
        largest = [f"# {line.text}" for line in top if line.size >= max(1.3 * body, 0.9 * large[0])]
        title = (find_title(largest, "") if largest else "") or (find_title(heads, "") if heads else "")
        if title:
            candidates.append((title, large[0]))
    # what is printed smaller on a later page is a section's title
    named = [title for title, size in candidates if size >= 0.95 * candidates[0][1]]
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
