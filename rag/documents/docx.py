"""Word documents."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from docx import Document as open_docx
from docx.oxml.ns import qn
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from rag.documents.contents import strip_contents
from rag.documents.document import Document, Page
from rag.documents.lines import clean, close_up
from rag.documents.tables import to_markdown
from rag.documents.title import find_title
from rag.errors import DocumentError

_CHINESE = "〇一二三四五六七八九"


def load_docx(path: Path, source: str) -> Document:
    """One page of Markdown (Word files have no fixed pages): heading styles as `#`, automatic numbers written out,
    merged cells repeated, a table inside a cell after the outer one, text boxes in place; headers and footers left out."""
    word = open_docx(str(path))
    numbers = _Numbering(word)
    lines: list[str] = []
    named = ""
    for block in _blocks(word.element.body, word):
        if isinstance(block, Table):
            lines += ["", *_table(block), ""]
            continue
        text = close_up(clean(numbers.label(block) + _text(block)).replace("\n", " "))
        if not text:
            continue
        style = (block.style.name if block.style is not None else "") or ""
        if style.lower().startswith("toc") or style.startswith("目录"):
            continue
        level = _level(block, style)
        if style.lower() == "title" or style == "标题":
            named = named or text
            level = 1
        lines += ["", "#" * level + " " + text, ""] if level else [text, ""]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(strip_contents(lines))).strip()
    if not text:
        raise DocumentError(f"{source}：文档里没有文字（可能全是图片），请先做文字识别（OCR）再导入")
    title = named or find_title(text.split("\n"), source)
    return Document(source, title, (Page(text),))


def _blocks(parent, word):
    for child in parent.iterchildren():
        if child.tag == qn("w:p"):
            yield Paragraph(child, word)
            for box in child.iter(qn("w:txbxContent")):
                if not any(up.tag.endswith("}Fallback") for up in box.iterancestors()):
                    yield from _blocks(box, word)
        elif child.tag == qn("w:tbl"):
            yield Table(child, word)
        elif child.tag == qn("w:sdt"):
            content = child.find(qn("w:sdtContent"))
            gallery = child.find(f".//{qn('w:docPartGallery')}")
            if content is not None and (gallery is None or "Contents" not in (gallery.get(qn("w:val")) or "")):
                yield from _blocks(content, word)
        elif child.tag in (qn("w:ins"), qn("w:smartTag"), qn("w:customXml")):
            yield from _blocks(child, word)


def _text(paragraph: Paragraph) -> str:
    """The paragraph's words as accepted (insertions in, deletions out), links included, text boxes not."""
    parts = []
    for node in paragraph._p.iter():
        if node.tag == qn("w:t") and not _inside(node, paragraph._p, "txbxContent"):
            parts.append(node.text or "")
        elif node.tag == qn("w:tab"):
            if not _inside(node, paragraph._p, "tabs"):
                parts.append("\t")
        elif node.tag in (qn("w:br"), qn("w:cr")):
            parts.append("\n")
        elif node.tag == qn("w:noBreakHyphen"):
            parts.append("-")
    return "".join(parts)


def _inside(node, stop, name: str) -> bool:
    for up in node.iterancestors():
        if up is stop:
            return False
        if up.tag.endswith("}" + name):
            return True
    return False


def _level(paragraph: Paragraph, style: str) -> int:
    if match := re.fullmatch(r"(?:heading|标题)\s*([1-9])", style, re.IGNORECASE):
        return min(int(match[1]), 6)
    outline = paragraph._p.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
    if outline is None and paragraph.style is not None:
        outline = paragraph.style.element.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
    if outline is not None and (value := int(outline.get(qn("w:val")) or 9)) < 6:
        return value + 1
    return 0


def _table(table: Table) -> list[str]:
    rows: list[list[str]] = []
    after: list[str] = []
    seen: set = set()
    for row in table.rows:
        line: list[str] = [""] * (row.grid_cols_before or 0)
        for cell in row.cells:
            line.append(_cell(cell))
            if cell._tc not in seen:
                seen.add(cell._tc)
                for inner in cell.tables:
                    after += ["", *_table(inner)]
        rows.append(line)
    marked = sum(1 for row in table.rows if row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None)
    return to_markdown(rows, marked or None).split("\n") + after


def _cell(cell: _Cell) -> str:
    return " ".join(close_up(clean(_text(paragraph)).replace("\n", " ")) for paragraph in cell.paragraphs).strip()


class _Numbering:
    """Word's automatic numbers (第一条, 1.1, （一）), which are not in the text of the paragraph."""

    def __init__(self, word) -> None:
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        self._levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        self._abstract: dict[str, str] = {}
        try:
            root = word.part.numbering_part.element
        except (KeyError, NotImplementedError, AttributeError):
            return
        abstract = {}
        for item in root.iterchildren(qn("w:abstractNum")):
            levels = {}
            for level in item.iterchildren(qn("w:lvl")):

                def value(name: str, default: str, level=level) -> str:
                    found = level.find(qn(name))
                    return default if found is None else found.get(qn("w:val")) or default

                levels[int(level.get(qn("w:ilvl")))] = (
                    value("w:numFmt", "decimal"),
                    value("w:lvlText", ""),
                    int(value("w:start", "1")),
                )
            abstract[item.get(qn("w:abstractNumId"))] = levels
        for item in root.iterchildren(qn("w:num")):
            name = item.get(qn("w:numId"))
            reference = item.find(qn("w:abstractNumId")).get(qn("w:val"))
            self._abstract[name] = reference
            self._levels[name] = abstract.get(reference, {})

    def label(self, paragraph: Paragraph) -> str:
        """The number Word would print before this paragraph, or nothing. Counts as it goes: ask once, in order."""
        found = paragraph._p.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        if found is None and paragraph.style is not None:
            found = paragraph.style.element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        if found is None or found.find(qn("w:numId")) is None:
            return ""
        name = found.find(qn("w:numId")).get(qn("w:val"))
        at = found.find(qn("w:ilvl"))
        level = int(at.get(qn("w:val"))) if at is not None else 0
        levels = self._levels.get(name, {})
        if level not in levels:
            return ""
        counts = self._counts[self._abstract[name]]
        counts[level] = counts.get(level, levels[level][2] - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        kind, pattern, _ = levels[level]
        if kind == "bullet":
            return "- "
        if kind == "none":
            return ""

        def number(match: re.Match[str]) -> str:
            other = int(match[1]) - 1
            form, _, start = levels.get(other, ("decimal", "", 1))
            return _count(counts.get(other, start), form)

        text = re.sub(r"%(\d)", number, pattern)
        return text if not text or text[-1] in "、.）)：" else text + " "


def _count(value: int, form: str) -> str:
    if form.startswith(("chinese", "japanese", "ideograph", "taiwanese")):
        return chinese_number(value)
    if form in ("lowerLetter", "upperLetter") and 1 <= value <= 26:
        return chr((96 if form == "lowerLetter" else 64) + value)
    if form in ("lowerRoman", "upperRoman"):
        roman = ""
        for size, mark in ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
            while value >= size:
                roman, value = roman + mark, value - size
        return roman if form == "lowerRoman" else roman.upper()
    if form.startswith("decimalEnclosedCircle") and 1 <= value <= 20:
        return chr(0x245F + value)
    return str(value)


def chinese_number(value: int) -> str:
    """1…999 as in 第一百二十三条."""
    if value < 10:
        return _CHINESE[value]
    if value < 100:
        tens, ones = divmod(value, 10)
        return ("" if tens == 1 else _CHINESE[tens]) + "十" + (_CHINESE[ones] if ones else "")
    hundreds, rest = divmod(value, 100)
    tail = (
        "" if not rest else ("零" + _CHINESE[rest] if rest < 10 else ("一" if rest < 20 else "") + chinese_number(rest))
    )
    return _CHINESE[hundreds] + "百" + tail
