"""The sample documents of knowledge/: enough of them, marked, and the same as their sources.

.venv/bin/python -m pytest tests/test_knowledge.py
"""

from __future__ import annotations

import csv
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pdfplumber
import pytest

from rag.documents.load import SUFFIXES, load_document
from tests.fixtures.knowledge.make import KNOWLEDGE, WRITERS, differing, words, write
from tests.fixtures.knowledge.office import cell_value
from tests.fixtures.knowledge.pdf import FontMissingError, register_fonts
from tests.fixtures.knowledge.source import MARK, Span, parse_blocks, parse_table, read_source, read_sources

TOPICS = {"保险", "理财", "基金", "股票", "贷款", "信用卡", "社保"}
FILES = sorted(path for path in KNOWLEDGE.rglob("*") if path.is_file())
SOURCES = read_sources()
# what the mark says, in whatever institution's name; words of the web site's frame around an HTML document, and of a PDF's footer
MARKED = ("【示例文件】", "虚构机构", "本文件仅供OD-FinLLM演示")
FRAME = ("window.pageConfig", "网站地图", "网上银行登录", "隐私政策", "console.log")


@pytest.fixture(scope="module")
def fonts() -> None:
    try:
        register_fonts()
    except FontMissingError as error:
        pytest.skip(str(error))


def test_enough_documents_in_every_topic_and_format() -> None:
    topics = Counter(path.relative_to(KNOWLEDGE).parts[0] for path in FILES)
    assert set(topics) == TOPICS
    assert min(topics.values()) >= 7
    assert len(FILES) >= 48
    assert {path.suffix for path in FILES} == {".md", *WRITERS} <= SUFFIXES


def test_knowledge_holds_small_documents_one_folder_deep_and_nothing_else() -> None:
    for path in FILES:
        assert len(path.relative_to(KNOWLEDGE).parts) == 2, path
        assert path.stat().st_size < 300_000, path
        assert path.stem.lower() != "readme", path


def test_every_file_says_that_it_is_a_sample() -> None:
    missing = [path.name for path in FILES if not all(word in words(path) for word in MARKED)]
    assert missing == []


def test_every_file_but_markdown_has_a_source_and_says_the_same(fonts: None) -> None:
    outputs = {source.output for source in SOURCES}
    assert outputs == {str(path.relative_to(KNOWLEDGE)) for path in FILES if path.suffix != ".md"}
    assert differing(SOURCES) == []


def test_two_runs_write_the_same_bytes(fonts: None, tmp_path: Path) -> None:
    for suffix in WRITERS:
        source = next(source for source in SOURCES if source.suffix == suffix)
        first, second = write(source, tmp_path / "1"), write(source, tmp_path / "2")
        assert first.read_bytes() == second.read_bytes(), suffix


def test_every_file_loads_whole_and_without_its_frame() -> None:
    for path in FILES:
        document = load_document(path, str(path.relative_to(KNOWLEDGE)))
        text = "\n".join(page.text for page in document.pages)
        assert MARKED[0] in text, path
        assert [word for word in FRAME if word in text] == [], path
        assert not document.title.startswith("【"), path


def test_the_list_of_documents_names_every_file() -> None:
    lists = sorted((KNOWLEDGE.parent / "docs").glob("knowledge*.md"))
    listed = "".join(path.read_text(encoding="utf-8") for path in lists)
    assert [path.name for path in FILES if f"{path.parent.name}/{path.name}" not in listed] == []


def test_merge_marks_become_spans() -> None:
    grid = parse_table(["| 年龄 | 男性 | < |", "| ^ | 20年 | 30年 |", "|---|---|---|", "| 30 | 1.5 | 2 |"])
    assert grid.header_rows == 2
    assert grid.spans == (Span(0, 0, 2, 1), Span(0, 1, 1, 2))
    assert grid.cells == (("年龄", "男性", ""), ("", "20年", "30年"), ("30", "1.5", "2"))
    assert grid.filled()[1] == ["年龄", "20年", "30年"]
    assert grid.filled()[0] == ["年龄", "男性", "男性"]


@pytest.mark.parametrize(
    "lines",
    [
        ["| < | 甲 |", "|---|---|", "| 1 | 2 |"],
        ["| 甲 | 乙 |", "|---|---|", "| 1 |"],
        ["| 甲 | 乙 |", "| 1 | 2 |"],
    ],
    ids=["nothing to join", "short row", "no divider"],
)
def test_a_malformed_table_is_refused(lines: list[str]) -> None:
    with pytest.raises(ValueError, match=r"table|merge"):
        parse_blocks("\n".join(lines))


def test_a_source_without_title_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "无题.md"
    path.write_text("---\noutput: 保险/a.pdf\n---\n正文\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"无题\.md.*title"):
        read_source(path)


@pytest.mark.parametrize(
    ("text", "value", "form"),
    [
        ("0.30%", 0.003, "0.00%"),
        ("1,200,000", 1_200_000, "#,##0"),
        ("85", 85, "0"),
        ("0101001", "0101001", "General"),
        ("2026-01-05", date(2026, 1, 5), "yyyy-mm-dd"),
        ("T+2", "T+2", "General"),
    ],
)
def test_cells_hold_what_a_clerk_would_enter(text: str, value: object, form: str) -> None:
    assert cell_value(text) == (value, form)


def test_pdf_has_embedded_fonts_footers_contents_and_ruled_tables() -> None:
    path = KNOWLEDGE / "保险/澄湖福满堂终身寿险产品说明书.pdf"
    with pdfplumber.open(path) as pdf:
        assert "第 2 页 共 5 页" in pdf.pages[1].extract_text()
        assert "目" in pdf.pages[1].extract_text() and ". ." in pdf.pages[1].extract_text()
        table = pdf.pages[2].extract_tables()[0]
        assert table[0] == ["项目", "内容", None]
        fonts = {char["fontname"] for page in pdf.pages for char in page.chars}
    assert all("+" in name for name in fonts), f"not embedded as subsets: {fonts}"


def test_office_files_hold_real_merges_and_numbers() -> None:
    book = openpyxl.load_workbook(KNOWLEDGE / "理财/澄湖理财在售产品与费率一览（2026年1月）.xlsx")
    sheet = book["在售产品"]
    row = next(row for row in sheet.iter_rows() if row[0].value == "CHWY90A")
    assert (row[8].value, row[8].number_format) == (0.003, "0.00%")
    assert len(book.sheetnames) == 4 and sheet.merged_cells.ranges
    with zipfile.ZipFile(KNOWLEDGE / "保险/澄湖安心护重大疾病保险条款.docx") as archive:
        xml = archive.read("word/document.xml").decode()
    assert "w:vMerge" in xml and "w:gridSpan" in xml and "Heading1" in xml


def test_text_encodings_are_the_mixed_ones_of_real_life() -> None:
    with pytest.raises(UnicodeDecodeError):
        (KNOWLEDGE / "基金/澄湖基金旗下基金费率一览表.csv").read_text(encoding="utf-8")
    rows = list(csv.reader((KNOWLEDGE / "基金/澄湖基金旗下基金费率一览表.csv").open(encoding="gb18030", newline="")))
    assert rows[0] == [MARK] and rows[3][0] == "990101"
    assert (KNOWLEDGE / "保险/澄湖人寿意外险职业分类及费率表.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "犹豫期" in (KNOWLEDGE / "保险/澄湖人寿个人客户常见问题.txt").read_bytes().decode("gb18030")


def test_html_has_the_frame_a_reader_must_strip() -> None:
    page = (KNOWLEDGE / "保险/澄湖人寿理赔服务指南.html").read_text(encoding="utf-8")
    assert all(word in page for word in ("<nav", "<aside", "<footer", "<script", "rowspan"))


def test_writer_refuses_an_unknown_suffix(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no writer for \.rtf"):
        write(replace(SOURCES[0], output="保险/a.rtf"), tmp_path)
