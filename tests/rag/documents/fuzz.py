"""Damaged and hostile files: each may give a document or one line of reason, and nothing else.

`python -m tests.rag.documents.fuzz SEEDS [SECONDS]` reads SEEDS damaged copies of one file of every format, and the bombs,
each in the child process with its caps, and prints what came of them.
"""

from __future__ import annotations

import io
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

from docx import Document as WordDocument
from openpyxl import Workbook
from pptx import Presentation
from reportlab.pdfgen.canvas import Canvas

from rag.documents.limits import Limits
from rag.documents.reader import DocumentReader
from rag.errors import DocumentError

TEXT = "第一条 保险人按照本合同约定给付身故保险金，并退还保险单的现金价值。\n保单年度\t手续费\n第一年\t4%\n第二年\t3%\n"


def whole_files() -> dict[str, bytes]:
    """Suffix to a sound file of that format."""
    word = WordDocument()
    word.add_heading("条款", 1)
    word.add_paragraph(TEXT)
    table = word.add_table(3, 2)
    for number, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = f"格{number}"
    book = Workbook()
    for row in (["年龄", "男", "女"], [30, 1.2, 1.1], [31, 1.3, 1.2]):
        book.active.append(row)
    book.active.merge_cells("A5:C5")
    slides = Presentation()
    slides.slides.add_slide(slides.slide_layouts[1]).shapes.title.text = "手册"
    paper = io.BytesIO()
    canvas = Canvas(paper)
    for line, y in zip(("Clause 1.1 The insurer pays", "Year Fee", "1 4%", "2 3%"), range(700, 600, -20), strict=False):
        canvas.drawString(72, y, line)
        canvas.rect(70, y - 5, 200, 20)
    canvas.save()
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "费率", "a@example.org"
    mail.set_content(TEXT)
    mail.add_attachment(TEXT.encode(), maintype="text", subtype="plain", filename="附件.txt")
    html = f"<html><body><h1>条款</h1><p>{TEXT}</p><table><tr><td rowspan=2>a</td><td>b</td></tr><tr><td>c</td></tr></table>"
    return {
        ".docx": _saved(word), ".xlsx": _saved(book), ".pptx": _saved(slides), ".pdf": paper.getvalue(),
        ".eml": mail.as_bytes(), ".html": html.encode(), ".md": f"# 条款\n\n{TEXT}\n| a | b |\n| --- | --- |\n| 1 | 2 |".encode(),
        ".txt": TEXT.encode("gb18030"), ".csv": "年龄,男,女\n30,1.2,1.1\n".encode("utf-8-sig"),
    }  # fmt: skip


def _saved(made) -> bytes:
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Cut off, bytes turned, a stretch left out, doubled, or filled with zeros. Zip archives are also damaged inside."""
    if data.startswith(b"PK") and chance.random() < 0.5:
        return _damaged_inside(data, chance)
    at, length = chance.randrange(len(data)), chance.randrange(1, max(2, len(data) // 4))
    match chance.randrange(5):
        case 0:
            return data[:at]
        case 1:
            changed = bytearray(data)
            for _ in range(chance.randrange(1, 50)):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            return bytes(changed)
        case 2:
            return data[:at] + data[at + length :]
        case 3:
            return data[: at + length] + data[at:]
        case _:
            return data[:at] + bytes(length) + data[at + length :]


def _damaged_inside(data: bytes, chance: random.Random) -> bytes:
    """One entry of the archive damaged, the archive itself sound."""
    source, target = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    victim = chance.choice(source.namelist())
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            content = source.read(name)
            archive.writestr(name, damaged(content or b"x", chance) if name == victim else content)
    return target.getvalue()


def bombs(folder: Path) -> Iterator[Path]:
    """Files that are small, or sound, and cost much to read."""
    with (
        zipfile.ZipFile(folder / "解压炸弹.docx", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/document.xml", "w", force_zip64=True) as entry,
    ):
        for _ in range(1100):
            entry.write(bytes(1024 * 1024))
    yield folder / "解压炸弹.docx"
    lol = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    word = io.BytesIO(whole_files()[".docx"])
    with zipfile.ZipFile(word) as sound, zipfile.ZipFile(folder / "实体炸弹.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sound.namelist():
            body = sound.read(name)
            archive.writestr(name, f"{lol}]><d>&i;</d>" if name == "word/document.xml" else body)
    yield folder / "实体炸弹.docx"
    canvas = Canvas(str(folder / "一万空页.pdf"))
    for _ in range(10_000):
        canvas.showPage()
    canvas.save()
    yield folder / "一万空页.pdf"
    yield formatted_rows(folder / "一百万空行.xlsx", 1_000_000)
    nested = "<div>" * 10_000 + "深处的文字" + "</div>" * 10_000
    (folder / "一万层.html").write_text(f"<html><body>{nested}</body></html>", encoding="utf-8")
    yield folder / "一万层.html"
    (folder / "一万层.md").write_text("<table><tr><td>" * 5_000 + "深处的文字", encoding="utf-8")
    yield folder / "一万层.md"
    with (folder / "两GB零.txt").open("wb") as file:
        file.truncate(2 * 1024**3)
    yield folder / "两GB零.txt"
    (folder / "一行.txt").write_text("保险" * 4_000_000, encoding="utf-8")
    yield folder / "一行.txt"
    (folder / "标记.md").write_text("|" * 200_000 + "\n" + "*" * 200_000 + "\n" + "[" * 100_000, encoding="utf-8")
    yield folder / "标记.md"


def formatted_rows(path: Path, rows: int) -> Path:
    """A workbook with one value and so many rows that are formatted and empty."""
    sound = io.BytesIO(whole_files()[".xlsx"])
    with zipfile.ZipFile(sound) as book, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in book.namelist():
            if name != "xl/worksheets/sheet1.xml":
                archive.writestr(name, book.read(name))
                continue
            with archive.open(name, "w", force_zip64=True) as sheet:
                sheet.write(b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>')
                sheet.write(b'<row r="1"><c r="A1" t="inlineStr"><is><t>fee</t></is></c><c r="B1"><v>4</v></c></row>')
                for start in range(2, rows, 10_000):
                    sheet.write(b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (r, r) for r in range(start, start + 10_000)))
                sheet.write(b"</sheetData></worksheet>")
    return path


ODD_NAMES = ("费率 表（2026版）.txt", "a'b\"c&d;e.txt", "换\n行.txt", "％％%s.txt", "-rf.txt", "🏦.txt", "x" * 200 + ".txt")


def outcome(reader: DocumentReader, path: Path, name: str) -> str:
    """读出 or 拒绝. Raises AssertionError where the reason is not one line that names the file."""
    try:
        document = reader.read(path, name)
    except DocumentError as error:
        reason = str(error)
        if not reason.startswith(f"{name}：") or "\n" in reason.removeprefix(name) or len(reason) > len(name) + 300:
            raise AssertionError(f"{name!r} is refused by {reason!r}") from error
        return "拒绝"
    assert any(page.text.strip() for page in document.pages)
    return "读出"


def main() -> None:
    seeds = int(sys.argv[1])
    limits = Limits(seconds=float(sys.argv[2]) if len(sys.argv) > 2 else 120.0, ocr=False)
    with tempfile.TemporaryDirectory() as name, DocumentReader(limits) as reader:
        folder = Path(name)
        for suffix, data in whole_files().items():
            counts: Counter[str] = Counter()
            started = time.monotonic()
            for seed in range(seeds):
                path = folder / f"{seed}{suffix}"
                path.write_bytes(damaged(data, random.Random(f"{suffix}{seed}")) or b"x")
                counts[outcome(reader, path, path.name)] += 1
                path.unlink()
            print(f"{suffix}: {dict(counts)} {time.monotonic() - started:.1f} s", flush=True)
        for path in bombs(folder):
            started = time.monotonic()
            try:
                reason = f"读出 {sum(len(page.text) for page in reader.read(path, path.name).pages)} 字"
            except DocumentError as error:
                reason = str(error)
            print(f"{path.name} ({path.stat().st_size / 1e6:.1f} MB): {time.monotonic() - started:.1f} s，{reason}", flush=True)
            path.unlink()


if __name__ == "__main__":
    main()
