"""Spreadsheets: every sheet a page, its values as a reader sees them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from rag.documents.document import Document, Page
from rag.documents.encoding import decode
from rag.documents.limits import MAX_ROWS
from rag.documents.lines import clean, close_up
from rag.documents.number_format import shown_number
from rag.documents.tables import to_markdown
from rag.documents.title import find_title, named_by_file
from rag.errors import DocumentError


def load_xlsx(path: Path, source: str) -> Document:
    """Page number = place of the sheet in the workbook; the sheet's name is its heading; hidden sheets are left out."""
    book = load_workbook(_without_empty_cells(path), data_only=True)
    pages, warnings = [], []
    for number, sheet in enumerate(book.worksheets, 1):
        if sheet.sheet_state != "visible":
            warnings.append(f"工作表“{sheet.title}”是隐藏的，没有导入")
            continue
        if (last := _last(sheet)[0]) > MAX_ROWS:
            raise DocumentError(
                f"{source}：工作表“{sheet.title}”有 {last} 行，超过上限 {MAX_ROWS} 行，请拆成几个文件再导入"
            )
        rows = _rows(sheet)
        body = _blocks(rows)
        if body:
            pages.append(Page(f"# {clean(sheet.title)}\n\n{body}", number))
    if empty := _uncounted(path):
        warnings.append(f"有 {empty} 个单元格是没有算出结果的公式，没有导入；请在 Excel 中打开并保存后再导入")
    if not pages:
        raise DocumentError(f"{source}：工作簿里没有可读的单元格，请确认内容不在隐藏工作表或图片中")
    titles = list(dict.fromkeys(filter(None, map(_title, pages))))
    named = named_by_file(source)
    title = named if len(titles) > 1 and _SAYS_WHAT.search(named) else titles[0] if titles else named
    return Document(source, title, tuple(pages), None, tuple(warnings))


_SAYS_WHAT = re.compile(r"[\u4e00-\u9fff]{4}")  # 产品费率与核保对照表, no Book1


def _title(page: Page) -> str:
    """What a sheet says above its table that it is; "" where it does not. Those of several differ: none is the book's."""
    lines = page.text.split("\n")[2:8]
    return find_title([line for line in lines if line and not line.startswith("|")], "")


_LARGE = 8 * 1024 * 1024  # bytes of one sheet; below that empty cells cost nothing worth saving
_EMPTY_CELL = re.compile(rb"<c\s[^<>]*\br=\"[^<>]*/>")
_EMPTY_ROW = re.compile(rb"<row\s(?![^<>]*\bhidden)[^<>]*\br=\"[^<>]*(?:/>|>\s*</row>)")


def _without_empty_cells(path: Path) -> Path | io.BytesIO:
    """The workbook less cells that have a format and no value: a sheet may be formatted down to row 1,048,576, and an
    object for each of its cells costs minutes and gigabytes."""
    with zipfile.ZipFile(path) as archive:
        large = {
            entry.filename
            for entry in archive.infolist()
            if entry.file_size > _LARGE and re.fullmatch(r"xl/worksheets/sheet\d+\.xml", entry.filename)
        }
        if not large:
            return path
        lean = io.BytesIO()
        with zipfile.ZipFile(lean, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
            for entry in archive.infolist():
                content = archive.read(entry)
                if entry.filename in large:
                    content = _EMPTY_ROW.sub(b"", _EMPTY_CELL.sub(b"", content))
                made.writestr(entry.filename, content)
    lean.seek(0)
    return lean


_FORMULA = re.compile(rb"<c\b[^>]*>\s*<f\b[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")


def _uncounted(path: Path) -> int:
    """Formulas that were never calculated (files written by programs): their cells have no value to read."""
    with zipfile.ZipFile(path) as archive:
        return sum(
            len(_FORMULA.findall(archive.read(name)))
            for name in archive.namelist()
            if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)
        )


def load_csv(path: Path, source: str) -> Document:
    """One table; encoding and delimiter found from the content."""
    text, encoding, warnings = decode(path.read_bytes(), source)
    text = clean(text.replace("\t", "\x1f")).replace("\x1f", "\t") if "\t" not in text else _clean_keeping_tabs(text)
    if stated := _STATED.match(text):
        text = text[stated.end() :]
    delimiter = (stated[1] or stated[2]) if stated else _delimiter("\n".join(text.split("\n")[:50]))
    rows = [[close_up(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    if not any(any(row) for row in rows):
        raise DocumentError(f"{source}：表格是空的，请核对文件内容")
    if len(rows) > MAX_ROWS:
        raise DocumentError(f"{source}：有 {len(rows)} 行，超过上限 {MAX_ROWS} 行，请拆成几个文件再导入")
    body = _blocks(rows)
    title = find_title([line for line in body.split("\n")[:4] if line and not line.startswith("|")], source)
    return Document(source, title, (Page(body),), encoding, warnings)


_STATED = re.compile(r'(?:sep=([,;|\t])|"sep=([,;|\t])")[,;\t]*(?:\n|$)', re.IGNORECASE)  # Excel's word for the delimiter


def _clean_keeping_tabs(text: str) -> str:
    return "\t".join(clean(part) for part in text.split("\t"))


def _delimiter(sample: str) -> str:
    """The candidate that cuts the lines into the steadiest number of columns, at least two."""

    def steadiness(delimiter: str) -> tuple[float, int]:
        counts = [len(row) for row in csv.reader(io.StringIO(sample), delimiter=delimiter) if row]
        common = max(set(counts), key=counts.count, default=1)
        return (counts.count(common) / len(counts) if common > 1 else 0.0, common)

    return max((",", "\t", ";", "|", "，"), key=steadiness)


def _last(sheet: Worksheet) -> tuple[int, int]:
    """The last row and column that hold a value: a sheet formatted down to row 1,048,576 may hold ten."""
    filled = [place for place, cell in sheet._cells.items() if cell.value is not None]
    return max((row for row, _ in filled), default=0), max((column for _, column in filled), default=0)


def _rows(sheet: Worksheet) -> list[list[str]]:
    """Displayed values with merged cells repeated, hidden rows and columns left out."""
    merged = {}
    bottom, right = _last(sheet)
    for area in sheet.merged_cells.ranges:
        if sheet.cell(area.min_row, area.min_col).value is not None:  # a merged cell reaches beyond its value
            bottom, right = max(bottom, min(area.max_row, MAX_ROWS)), max(right, min(area.max_col, right + 50))
    for area in sheet.merged_cells.ranges:
        if (area.max_row - area.min_row) * (area.max_col - area.min_col) > 100_000:
            continue
        for row in range(area.min_row, area.max_row + 1):
            for column in range(area.min_col, area.max_col + 1):
                merged[row, column] = (area.min_row, area.min_col)
    hidden = {index for index, size in sheet.row_dimensions.items() if size.hidden}
    aside = {  # equal neighbours share one entry
        column for size in sheet.column_dimensions.values() if size.hidden
        for column in range(size.min or 0, min(size.max or 0, right) + 1)}  # fmt: skip
    shown: dict[tuple[int, int], str] = {}
    made = []
    for row in sheet.iter_rows(max_row=bottom, max_col=right) if bottom else ():
        line = []
        for cell in row:
            if cell.value is not None:
                shown[cell.row, cell.column] = close_up(
                    clean(displayed(cell.value, cell.number_format)).replace("\n", " ")
                )
            at = merged.get((cell.row, cell.column), (cell.row, cell.column))
            if cell.column not in aside:
                line.append(shown.get(at, ""))
        if row and row[0].row not in hidden:
            made.append(line)
    while made and not any(made[-1]):
        made.pop()
    return made


def _blocks(rows: list[list[str]]) -> str:
    """Tables and remarks of one sheet: an empty row parts tables; a row with one filled cell is a line of text."""
    made: list[str] = []
    table: list[list[str]] = []

    def flush() -> None:
        if table:
            made.append(to_markdown(table))
            table.clear()

    for index, row in enumerate(rows):
        values = [cell for cell in row if cell]
        if not values:
            flush()
        elif len(set(values)) == 1 and (not table or not _more(rows[index + 1 :])) and len(row) > 1:
            flush()
            made.append(values[0])
        else:
            table.append(row)
    flush()
    return "\n\n".join(part for part in made if part)


def _more(rows: list[list[str]]) -> bool:
    """Whether the table goes on below: the next filled row has two values or more."""
    following = next((row for row in rows if any(row)), None)
    return following is not None and len({cell for cell in following if cell}) > 1


def displayed(value: object, code: str = "General") -> str:
    """A cell's value as Excel shows it; a format that is not understood shows it plainly."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.datetime):
        if (value.hour, value.minute, value.second) == (0, 0, 0):
            return _date(value, code)
        return (
            f"{_date(value, code)} {value:%H:%M}" if re.search(r"[yd年日]", code, re.IGNORECASE) else f"{value:%H:%M}"
        )
    if isinstance(value, dt.date):
        return _date(dt.datetime(value.year, value.month, value.day), code)
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    if isinstance(value, dt.timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{'-' if minutes < 0 else ''}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"
    if isinstance(value, (int, float)):
        return shown_number(value, code)
    return str(value)


def _date(value: dt.datetime, code: str) -> str:
    lower = code.lower()
    if "年" in code or "[$-804]" in lower or "[$-f800]" in lower or 'yyyy"年"' in lower:
        day = f"{value.day}日" if "d" in lower else ""
        return f"{value.year}年{value.month}月{day}"
    if "/" in code and "d" in lower:
        return f"{value.year}/{value.month}/{value.day}"
    if "y" in lower and "m" in lower and "d" not in lower:
        return f"{value.year}-{value.month:02d}"
    return f"{value:%Y-%m-%d}"
