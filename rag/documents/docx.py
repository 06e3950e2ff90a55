"""Word documents."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from docx import Document as open_docx
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from rag.documents.contents import strip_contents
from rag.documents.document import Document, Page
from rag.documents.docx_numbers import Numbering
from rag.documents.lines import clean, close_up
from rag.documents.nested import Inner, with_places
from rag.documents.title import find_title
from rag.errors import DocumentError


def load_docx(path: Path, source: str) -> Document:
    """One page of Markdown (Word files have no fixed pages): heading styles as `#`, automatic numbers written out,
    merged cells repeated, a table inside a cell after the outer one under a line that says where it stood, text boxes
    in place; headers and footers left out. Footnotes come last, as `[^n]: …`."""
    word = open_docx(str(path))
    numbers = Numbering(word)
    lines: list[str] = []
    named = ""
    for block in _blocks(word.element.body, word):
        if isinstance(block, Table):
            lines += ["", *_table(block), ""]
            continue
        words = _text(block)
        if not words.strip() and any(True for _ in block._p.iter(qn("w:t"), qn("w:delText"))):
            continue  # all of it is gone: its number is not counted
        text = close_up(clean(numbers.label(block) + words).replace("\n", " "))
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
    lines = [*strip_contents(lines), *_footnotes(word)]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
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
    """The paragraph's words as accepted (insertions in, deletions and what was moved away out), hidden ones left out, links
    included, text boxes not."""
    parts = []
    styles = paragraph.part.styles.element
    for node in paragraph._p.iter():
        if node.tag not in _WORDS or _left_out(node, paragraph._p, styles):
            continue
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


_WORDS = frozenset(map(qn, ("w:t", "w:tab", "w:br", "w:cr", "w:noBreakHyphen")))
_GONE = frozenset(map(qn, ("w:moveFrom", "w:del")))


def _left_out(node, paragraph, styles) -> bool:
    """Whether what stands here was deleted, moved to another place, or is hidden by its run or a style."""
    for up in node.iterancestors():
        if up is paragraph:
            break
        if up.tag in _GONE:
            return True
        if up.tag == qn("w:r"):
            own = up.find(qn("w:rPr"))
            named = own.find(qn("w:rStyle")) if own is not None else None
            hidden = _hides(own)
            if hidden is None and named is not None:
                hidden = _style_hides(named.get(qn("w:val")), styles)
            if hidden is not None:
                return hidden
    named = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return named is not None and bool(_style_hides(named.get(qn("w:val")), styles))


@lru_cache(maxsize=256)  # asked for every run, and each look-up goes through the whole list of styles
def _style_hides(name: str, styles) -> bool | None:
    for _ in range(10):  # based on one another, in a circle where the file is broken
        style = styles.get_by_id(name) if name else None
        if style is None:
            return None
        if (hidden := _hides(style.find(qn("w:rPr")))) is not None:
            return hidden
        name = based.get(qn("w:val")) if (based := style.find(qn("w:basedOn"))) is not None else ""
    return None


def _hides(properties) -> bool | None:
    vanish = properties.find(qn("w:vanish")) if properties is not None else None
    return None if vanish is None else (vanish.get(qn("w:val")) or "1") not in ("0", "false", "off")


def _footnotes(word) -> list[str]:
    """The notes the text refers to, in its order."""
    notes: dict[str, str] = {}
    for relation in word.part.rels.values():
        if relation.reltype.endswith(("/footnotes", "/endnotes")) and not relation.is_external:
            kind = "footnote" if relation.reltype.endswith("/footnotes") else "endnote"
            for note in parse_xml(relation.target_part.blob).iterchildren(qn(f"w:{kind}")):
                words = "".join(node.text or "" for node in note.iter(qn("w:t")) if not _left_out(node, note, word.styles.element))
                notes[f"{kind}{note.get(qn('w:id'))}"] = close_up(clean(words).replace("\n", " "))
    made = []
    for node in word.element.body.iter(qn("w:footnoteReference"), qn("w:endnoteReference")):
        kind = "footnote" if node.tag == qn("w:footnoteReference") else "endnote"
        if text := notes.pop(f"{kind}{node.get(qn('w:id'))}", ""):
            made += ["", f"[^{len(made) // 2 + 1}]: {text}"]
    return made


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


def _table(table: Table, within: str = "") -> list[str]:
    rows: list[list[str]] = []
    inner: list[Inner] = []
    seen: set = set()
    for row in table.rows:
        line: list[str] = [""] * (row.grid_cols_before or 0)
        for cell in row.cells:
            if cell._tc not in seen:
                seen.add(cell._tc)
                inner += [Inner(len(rows), len(line), words, table) for words, table in _tables_in(cell)]
            line.append(_cell(cell))
        rows.append(line)
    marked = sum(1 for row in table.rows if row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None)
    outer, placed = with_places(rows, inner, marked or None, within)
    lines = outer.split("\n")
    for one in placed:
        lines += ["", *([one.caption, ""] if one.caption else []), *_table(one.table, one.caption)]
    return lines


def _tables_in(cell: _Cell) -> list[tuple[str, Table]]:
    """The tables of a cell, each with the words straight before it."""
    found: list[tuple[str, Table]] = []
    words = ""
    for block in _blocks(cell._tc, cell):
        if isinstance(block, Table):
            found.append((words, block))
            words = ""
        else:
            words = _line(block) or words
    return found


def _cell(cell: _Cell) -> str:
    return " ".join(map(_line, cell.paragraphs)).strip()


def _line(paragraph: Paragraph) -> str:
    return close_up(clean(_text(paragraph)).replace("\n", " "))
