"""Word, Excel, CSV and PowerPoint files. `python -m pytest tests/rag/documents/test_office.py`"""

from __future__ import annotations

import datetime as dt
import zipfile

import pytest
from docx import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from openpyxl import Workbook
from pptx import Presentation
from pptx.util import Inches

from rag.documents.docx_numbers import chinese_number
from rag.documents.load import load_document
from rag.documents.sheets import displayed
from rag.documents.split import split_document
from rag.errors import DocumentError


def test_word_headings_text_and_tables_in_order(tmp_path):
    word = WordDocument()
    word.add_heading("个人贷款管理办法", 0)
    word.add_heading("第一章 总则", 1)
    word.add_paragraph("第一条 为规范个人贷款，制定本办法。")
    table = word.add_table(3, 3)
    for row, texts in enumerate((("期限", "利率", ""), ("", "首套", "二套"), ("5年", "3.05%", "3.25%"))):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    word.add_paragraph("第二条 本办法自印发之日起施行。")
    word.save(tmp_path / "a.docx")
    document = load_document(tmp_path / "a.docx", "a.docx")
    assert document.title == "个人贷款管理办法"
    assert document.pages[0].text == (
        "# 个人贷款管理办法\n\n# 第一章 总则\n\n第一条 为规范个人贷款，制定本办法。\n\n"
        "| 期限 | 利率 首套 | 利率 二套 |\n| --- | --- | --- |\n| 5年 | 3.05% | 3.25% |\n\n第二条 本办法自印发之日起施行。"
    )


def test_nested_table_comes_after_the_outer_one_and_deleted_words_are_gone(tmp_path):
    word = WordDocument()
    outer = word.add_table(2, 2)
    for cell, text in zip(outer._cells, ("项目", "说明", "费率", "见内表"), strict=True):
        cell.text = text
    inner = outer.cell(1, 1).add_table(2, 2)
    for cell, text in zip(inner._cells, ("年龄", "元", "30", "120"), strict=True):
        cell.text = text
    paragraph = word.add_paragraph("保留的文字")
    deleted = OxmlElement("w:del")
    run = OxmlElement("w:r")
    text = OxmlElement("w:delText")
    text.text = "删掉的文字"
    run.append(text)
    deleted.append(run)
    paragraph._p.append(deleted)
    word.save(tmp_path / "b.docx")
    body = load_document(tmp_path / "b.docx", "b.docx").pages[0].text
    assert body.index("| 费率 | 见内表 |") < body.index("| 30 | 120 |") < body.index("保留的文字")
    assert "删掉" not in body


def test_the_rows_of_a_nested_table_say_in_which_row_and_column_of_the_outer_one_they_stood(tmp_path):
    word = WordDocument()
    word.add_heading("安居贷产品管理办法", 0)
    outer = word.add_table(4, 3)
    for row, texts in enumerate((("序号", "城市", "评估费"), ("1", "海青市", ""), ("2", "岚山市", "每户350元"), ("3", "云台市", ""))):
        for column, text in enumerate(texts):
            outer.cell(row, column).text = text
    for row, fee in ((1, "660"), (3, "720")):
        inner = outer.cell(row, 2).add_table(2, 2)
        for cell, text in zip(inner._cells, ("房屋面积", "收费", "90平方米以上", f"每户{fee}元"), strict=True):
            cell.text = text
    word.save(tmp_path / "n.docx")
    pieces = [chunk.text for chunk in split_document(load_document(tmp_path / "n.docx", "n.docx")) if chunk.kind == "table"]
    head = "| 房屋面积 | 收费 |\n| --- | --- |\n"
    assert pieces == [
        "| 序号 | 城市 | 评估费 |\n| --- | --- | --- |\n| 1 | 海青市 | 见下表 |\n| 2 | 岚山市 | 每户350元 |\n| 3 | 云台市 | 见下表 |",
        f"海青市　评估费\n{head}| 90平方米以上 | 每户660元 |",
        f"云台市　评估费\n{head}| 90平方米以上 | 每户720元 |",
    ]


def test_what_was_moved_away_or_hidden_is_not_read(tmp_path):
    word = WordDocument()
    word.styles.add_style("内部", WD_STYLE_TYPE.CHARACTER).font.hidden = True
    word.styles.add_style("批语", WD_STYLE_TYPE.PARAGRAPH).font.hidden = True
    paragraph = word.add_paragraph("犹豫期为15日。")
    paragraph.add_run("内部底价三折。").font.hidden = True
    paragraph.add_run("佣金四成。", style="内部")
    shown = paragraph.add_run("照样看得见。", style="内部")
    shown.font.hidden = False
    word.add_paragraph("只给审核看的批语。", style="批语")
    for tag, text in (("w:moveFrom", "旧位置的话。"), ("w:moveTo", "新位置的话。")):
        moved = OxmlElement(tag)
        moved.append(word.add_paragraph().add_run(text)._r)
        word.paragraphs[-1]._p.append(moved)
    note = word.add_table(1, 2).rows[0].cells[1].paragraphs[0].add_run("藏在表里")
    note.font.hidden = True
    word.tables[0].cell(0, 0).text = "表格"
    word.save(tmp_path / "h.docx")
    text = load_document(tmp_path / "h.docx", "h.docx").pages[0].text
    assert text == "犹豫期为15日。照样看得见。\n\n新位置的话。\n\n表格"


def test_a_number_of_a_deleted_paragraph_is_not_counted(tmp_path):
    word = WordDocument()
    for text in ("第一项", "第二项", "第三项"):
        word.add_paragraph(text, style="List Number")
    gone = OxmlElement("w:moveFrom")
    gone.append(word.paragraphs[1].runs[0]._r)
    word.paragraphs[1]._p.append(gone)
    word.save(tmp_path / "n.docx")
    assert load_document(tmp_path / "n.docx", "n.docx").pages[0].text.split() == ["1.第一项", "2.第三项"]


def test_automatic_numbers_of_word_are_written_out(tmp_path):
    word = WordDocument()
    numbering = word.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "77")
    level = OxmlElement("w:lvl")
    level.set(qn("w:ilvl"), "0")
    for name, value in (("w:start", "1"), ("w:numFmt", "chineseCounting"), ("w:lvlText", "第%1条")):
        child = OxmlElement(name)
        child.set(qn("w:val"), value)
        level.append(child)
    abstract.append(level)
    numbering.insert(0, abstract)
    number = OxmlElement("w:num")
    number.set(qn("w:numId"), "77")
    reference = OxmlElement("w:abstractNumId")
    reference.set(qn("w:val"), "77")
    number.append(reference)
    numbering.append(number)
    for text in ("投保人应当如实告知。", "保险人应当及时核定。"):
        properties = word.add_paragraph(text)._p.get_or_add_pPr()
        numbered = properties.get_or_add_numPr()
        numbered.get_or_add_ilvl().val = 0
        numbered.get_or_add_numId().val = 77
    word.save(tmp_path / "c.docx")
    assert (
        load_document(tmp_path / "c.docx", "c.docx").pages[0].text
        == "第一条 投保人应当如实告知。\n\n第二条 保险人应当及时核定。"
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (35, "三十五"),
        (100, "一百"),
        (101, "一百零一"),
        (110, "一百一十"),
        (115, "一百一十五"),
        (185, "一百八十五"),
    ],
)
def test_chinese_numbers(value, written):
    assert chinese_number(value) == written


def test_every_visible_sheet_is_a_page_with_displayed_values(tmp_path):
    book = Workbook()
    first = book.active
    first.title = "存款利率"
    first.append(["个人存款利率表", None, None])
    first.merge_cells("A1:C1")
    first.append(["期限", "利率", "生效日"])
    first.append(["一年", 0.0155, dt.date(2025, 5, 20)])
    first["B3"].number_format = "0.00%"
    first["C3"].number_format = 'yyyy"年"m"月"d"日"'
    second = book.create_sheet("费用")
    second.append(["项目", "金额（元）"])
    second.append(["工本费", 1234567.5])
    second["B2"].number_format = "#,##0.00"
    book.create_sheet("草稿").append(["不要导入"])
    book["草稿"].sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    document = load_document(tmp_path / "a.xlsx", "a.xlsx")
    assert document.title == "个人存款利率表"
    assert [page.number for page in document.pages] == [1, 2]
    assert document.pages[0].text == (
        "# 存款利率\n\n个人存款利率表\n\n| 期限 | 利率 | 生效日 |\n| --- | --- | --- |\n| 一年 | 1.55% | 2025年5月20日 |"
    )
    assert "| 工本费 | 1,234,567.50 |" in document.pages[1].text
    assert any("草稿" in warning for warning in document.warnings)


def test_a_workbook_whose_sheets_say_different_titles_goes_by_its_own_name(tmp_path):
    book = Workbook()
    for sheet, title in ((book.active, "安心行医疗保险费率表"), (book.create_sheet("乐享行"), "乐享行医疗保险费率表")):
        sheet.append([title, None])
        sheet.merge_cells("A1:B1")
        sheet.append(["年龄", "保费"])
        sheet.append(["0—4", 768])
    for name, title in (("各产品费率一览.xlsx", "各产品费率一览"), ("book1.xlsx", "安心行医疗保险费率表")):
        book.save(tmp_path / name)
        assert load_document(tmp_path / name, name).title == title


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (0.035, "0.00%", "3.50%"),
        (0.5, "0%", "50%"),
        (1234.5, "#,##0.00", "1,234.50"),
        (12, "General", "12"),
        (0.1 + 0.2, "General", "0.3"),
        (7, "000", "007"),
        (5000, '#,##0"元"', "5,000元"),
        (-3.5, "0.0;-0.0", "-3.5"),
        (True, "General", "是"),
        (dt.datetime(2025, 1, 2), "yyyy/m/d", "2025/1/2"),
        (dt.datetime(2025, 1, 2), "yyyy-mm-dd", "2025-01-02"),
        (dt.time(9, 30), "h:mm", "09:30"),
    ],
)
def test_cells_are_written_as_excel_shows_them(value, code, shown):
    assert displayed(value, code) == shown


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_of_any_encoding_and_delimiter(tmp_path, encoding, delimiter):
    rows = [
        ["产品", "费率", "说明"],
        ["稳健一号", "0.50%", '含"优惠"'],
        ["进取二号", "1.20%", "无"],
        ["平衡三号", "0.80%", "无"],
    ]
    path = tmp_path / "a.csv"
    quoted = [['"' + cell.replace('"', '""') + '"' if '"' in cell else cell for cell in row] for row in rows]
    path.write_bytes("\r\n".join(delimiter.join(row) for row in quoted).encode(encoding))
    document = load_document(path, "a.csv")
    assert document.pages[0].text.startswith(
        '| 产品 | 费率 | 说明 |\n| --- | --- | --- |\n| 稳健一号 | 0.50% | 含"优惠" |'
    )
    assert document.encoding


def test_slides_have_title_text_and_table_and_what_the_audience_does_not_see_is_left_out(tmp_path):
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "基金定投入门"
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(3), Inches(4), Inches(1)).table
    for place, text in (((0, 0), "期限"), ((0, 1), "费率"), ((1, 0), "一年"), ((1, 1), "0.15%")):
        table.cell(*place).text = text
    box = slide.shapes.add_textbox(Inches(1), Inches(2), Inches(4), Inches(1))
    box.text_frame.text = "每月固定日期扣款。"
    slide.notes_slide.notes_text_frame.text = "附属卡年费可以私下减免。"
    hidden = slide.shapes.add_textbox(Inches(1), Inches(5), Inches(4), Inches(1))
    hidden.text_frame.text = "内部底价三折。"
    hidden._element.nvSpPr.cNvPr.set("hidden", "1")
    second = deck.slides.add_slide(deck.slide_layouts[5])
    second.shapes.title.text = "第二张"
    third = deck.slides.add_slide(deck.slide_layouts[5])
    third.shapes.title.text = "还没有批准的产品"
    third._element.set("show", "0")
    deck.save(tmp_path / "a.pptx")
    document = load_document(tmp_path / "a.pptx", "a.pptx")
    assert [page.number for page in document.pages] == [1, 2]
    assert document.pages[0].text == "# 基金定投入门\n\n每月固定日期扣款。\n\n| 期限 | 费率 |\n| --- | --- |\n| 一年 | 0.15% |"
    assert len(document.warnings) == 1 and "第 3 张" in document.warnings[0]


def test_a_slide_without_a_title_does_not_stand_under_the_slide_before(tmp_path):
    deck = Presentation()
    deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = "部分领取手续费"
    for texts in (("自您签收本合同之日起，有15日的犹豫期。",), ("退保费用", "第一年退保费用为百分之五。")):
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        for top, text in enumerate(texts, 1):
            slide.shapes.add_textbox(Inches(1), Inches(top), Inches(4), Inches(1)).text_frame.text = text
    deck.save(tmp_path / "a.pptx")
    document = load_document(tmp_path / "a.pptx", "a.pptx")
    paths = [chunk.headings for chunk in split_document(document)]
    assert [path[-1] for path in paths[-2:]] == ["第 2 张幻灯片", "退保费用"]


@pytest.mark.parametrize(("line", "cut"), [("sep=;", ";"), ('"sep=|"', "|"), ("SEP=\t", "\t")])
def test_the_line_that_names_the_delimiter_is_no_text(tmp_path, line, cut):
    rows = [["产品", "费率, 说明"], ["甲", "0,87"], ["乙", "0,62"]]
    (tmp_path / "a.csv").write_text("\n".join([line, *(cut.join(row) for row in rows)]), "utf-8")
    text = load_document(tmp_path / "a.csv", "a.csv").pages[0].text
    assert text == "| 产品 | 费率, 说明 |\n| --- | --- |\n| 甲 | 0,87 |\n| 乙 | 0,62 |"


def test_what_a_parser_says_in_english_is_not_told(tmp_path):
    WordDocument().save(tmp_path / "a.docx")
    with zipfile.ZipFile(tmp_path / "a.docx") as whole, zipfile.ZipFile(tmp_path / "b.docx", "w") as broken:
        for entry in whole.infolist():
            content = whole.read(entry)
            broken.writestr(entry, content[:-30] + b"\x00" if entry.filename == "word/document.xml" else content)
    with pytest.raises(DocumentError, match=r"^b\.docx：[^A-Za-z]+$"):
        load_document(tmp_path / "b.docx", "b.docx")


def test_empty_workbook_says_so(tmp_path):
    Workbook().save(tmp_path / "e.xlsx")
    with pytest.raises(DocumentError, match=r"^e\.xlsx："):
        load_document(tmp_path / "e.xlsx", "e.xlsx")


def test_formulas_without_a_result_are_counted_in_a_warning(tmp_path):
    book = Workbook()
    book.active.append(["项目", "金额"])
    book.active.append(["合计", "=1+2"])
    book.active.append(["小计", 3])
    book.save(tmp_path / "f.xlsx")
    document = load_document(tmp_path / "f.xlsx", "f.xlsx")
    assert any("1 个单元格" in warning and "公式" in warning for warning in document.warnings)
    assert "| 小计 | 3 |" in document.pages[0].text


def test_a_sheet_formatted_to_its_last_row_is_read_at_once_and_a_merged_value_stands_everywhere(tmp_path):
    book = Workbook()
    sheet = book.active
    for row in (["险种", "项目", "比例"], ["医疗", "门诊", "80%"], [None, "住院", "90%"]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    sheet.cell(1_048_576, 300).number_format = "0.00"
    book.save(tmp_path / "g.xlsx")
    text = load_document(tmp_path / "g.xlsx", "g.xlsx").pages[0].text
    assert text.endswith("| 险种 | 项目 | 比例 |\n| --- | --- | --- |\n| 医疗 | 门诊 | 80% |\n| 医疗 | 住院 | 90% |")


def test_hidden_rows_and_columns_are_left_out_and_a_value_merged_over_one_stays(tmp_path):
    book = Workbook()
    sheet = book.active
    for row in (("佣金表", None, None, None, "备注"), ("产品", "保费", "佣金率", "内部价", "期限"), ("甲", 100, 0.4, 7, "一年"),
                ("乙", 200, 0.5, 8, "两年"), ("丙", 300, 0.6, 9, "三年")):  # fmt: skip
        sheet.append(row)
    sheet.merge_cells("A1:D1")
    sheet.column_dimensions.group("C", "D", hidden=True)
    sheet.row_dimensions[4].hidden = True
    book.save(tmp_path / "h.xlsx")
    text = load_document(tmp_path / "h.xlsx", "h.xlsx").pages[0].text
    assert text.endswith("| 甲 | 100 | 一年 |\n| 丙 | 300 | 三年 |") and "佣金率" not in text and "内部价" not in text
    sheet.column_dimensions["A"].hidden = True
    book.save(tmp_path / "h.xlsx")
    text = load_document(tmp_path / "h.xlsx", "h.xlsx").pages[0].text
    assert "佣金表" in text and "| 100 | 一年 |" in text and "甲" not in text


def test_more_rows_than_allowed_are_refused_and_not_cut(tmp_path, monkeypatch):
    from rag.documents import sheets

    monkeypatch.setattr(sheets, "MAX_ROWS", 3)
    (tmp_path / "a.csv").write_text("甲,乙\n1,2\n3,4\n5,6\n", encoding="utf-8")
    with pytest.raises(DocumentError, match="上限 3 行"):
        load_document(tmp_path / "a.csv", "a.csv")
