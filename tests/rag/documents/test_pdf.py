"""PDF pages as a person reads them. `python -m pytest tests/rag/documents/test_pdf.py`"""

from __future__ import annotations

import pytest
from pypdfium2 import PdfDocument

from rag.documents.load import load_document
from rag.errors import DocumentError
from tests.rag.documents.conftest import draw_table, write_lines

SENTENCE = (
    "本合同所称的意外伤害是指遭受外来的突发的非本意的和非疾病的客观事件直接致使身体受到的伤害并由此引起的一切后果。"
)


def wrapped(text: str, width: int = 42) -> list[str]:
    return [text[start : start + width] for start in range(0, len(text), width)]


def pages_under(head: str, count: int) -> list:
    """Pages with a running head and a number, each with an article of its own."""
    def page(number: int):
        def draw(canvas):
            canvas.drawString(72, 800, head)
            canvas.drawString(290, 30, f"第{number}页")
            write_lines(canvas, [f"第{'一二三四五'[number - 1]}条 本条说明第{number}件事情，内容各不相同。"])

        return draw

    return [page(number) for number in range(1, count + 1)]


def test_wrapped_lines_become_one_paragraph_without_spaces(make_pdf):
    path = make_pdf(lambda canvas: write_lines(canvas, wrapped(SENTENCE * 2)))
    assert load_document(path, "a.pdf").pages[0].text == SENTENCE * 2


def test_page_numbers_and_running_heads_go_and_page_numbers_are_kept_in_the_model(make_pdf):
    document = load_document(make_pdf(*pages_under("某某人寿保险股份有限公司 保险条款", 5)), "b.pdf")
    assert [page.number for page in document.pages] == [1, 2, 3, 4, 5]
    assert all("股份有限公司" not in page.text and "页" not in page.text for page in document.pages)
    assert "第三条 本条说明第3件事情" in document.pages[2].text


def test_a_title_that_every_page_says_again_is_still_the_title(make_pdf):
    path = make_pdf(*pages_under("江南先锋混合型证券投资基金招募说明书", 4))
    assert load_document(path, "05_摘要.pdf").title == "江南先锋混合型证券投资基金招募说明书"
    assert load_document(path, "先锋混合型证券投资基金招募说明书.pdf").title == "先锋混合型证券投资基金招募说明书"


def test_contents_page_is_dropped(make_pdf):
    contents = [
        "目 录",
        "第一章 总则................................3",
        "第二章 保险责任............................5",
        "第三章 释义 ………………………… 9",
    ]
    document = load_document(
        make_pdf(lambda c: write_lines(c, contents), lambda c: write_lines(c, ["第一章 总则", SENTENCE[:40] + "。"])),
        "c.pdf",
    )
    assert document.pages[0].text == ""
    assert "第一章 总则" in document.pages[1].text


def test_ruled_table_stands_in_its_place_once(make_pdf):
    def draw(canvas):
        write_lines(canvas, ["退保费用比例如下："], top=740)
        draw_table(canvas, [["保单年度", "比例", "备注"], ["第一年", "4%", "无"], ["第二年", "3%", "无"]], top=720)
        write_lines(canvas, ["表后的文字。"], top=620)

    text = load_document(make_pdf(draw), "d.pdf").pages[0].text
    assert text.count("第一年") == 1
    assert "| 保单年度 | 比例 | 备注 |\n| --- | --- | --- |\n| 第一年 | 4% | 无 |\n| 第二年 | 3% | 无 |" in text
    assert text.index("如下") < text.index("| 保单年度") < text.index("表后")


def test_merged_cells_are_repeated_and_header_rows_joined(make_pdf):
    rows = [["年龄", "男性", ""], ["", "3年交", "5年交"], ["30", "1,200", "800"], ["31", "1,250", "830"]]
    path = make_pdf(lambda canvas: draw_table(canvas, rows, spans=((0, 0, 2, 1), (0, 1, 1, 2))))
    text = load_document(path, "e.pdf").pages[0].text
    assert text.startswith("| 年龄 | 男性 3年交 | 男性 5年交 |")
    assert "| 31 | 1,250 | 830 |" in text


def test_merged_body_cell_is_repeated_under_every_row(make_pdf):
    rows = [["城市", "套数", "利率"], ["甲市", "首套", "3.05%"], ["", "二套", "3.25%"]]
    text = (
        load_document(make_pdf(lambda canvas: draw_table(canvas, rows, spans=((1, 0, 2, 1),))), "f.pdf").pages[0].text
    )
    assert "| 甲市 | 首套 | 3.05% |\n| 甲市 | 二套 | 3.25% |" in text


def test_table_over_a_page_break_gets_its_header_again(make_pdf):
    first = [["年龄", "男", "女"], ["30", "11", "12"], ["31", "13", "14"]]
    second = [["32", "15", "16"], ["33", "17", "18"]]
    path = make_pdf(
        lambda canvas: draw_table(canvas, first, top=300), lambda canvas: draw_table(canvas, second, top=740)
    )
    assert (
        load_document(path, "g.pdf").pages[1].text
        == "| 年龄 | 男 | 女 |\n| --- | --- | --- |\n| 32 | 15 | 16 |\n| 33 | 17 | 18 |"
    )


def test_box_around_text_is_no_table(make_pdf):
    def draw(canvas):
        canvas.rect(60, 690, 470, 70)
        write_lines(canvas, wrapped(SENTENCE))

    assert load_document(make_pdf(draw), "h.pdf").pages[0].text == SENTENCE


def test_clause_titles_in_the_margin_become_headings_before_their_text(make_pdf):
    def draw(canvas):
        top = 760
        for number in range(1, 6):
            canvas.drawString(72, top, f"1.{number}")
            canvas.drawString(100, top, "养老保险金开")
            canvas.drawString(100, top - 16, f"始领取{'甲乙丙丁戊'[number - 1]}")
            write_lines(canvas, wrapped(f"第{number}项的正文" + SENTENCE, 30), x=190, top=top, pitch=16)
            top -= 90

    text = load_document(make_pdf(draw), "i.pdf").pages[0].text
    assert f"## 1.2 养老保险金开始领取乙\n\n第2项的正文{SENTENCE}" in text


def test_footnotes_come_last_and_raised_numbers_leave_the_words_alone(make_pdf):
    def draw(canvas):
        write_lines(canvas, wrapped(SENTENCE * 3))
        canvas.drawString(72, 600, "被保险人年满60周岁")
        canvas.setFont("STSong-Light", 6)
        canvas.drawString(72 + 9 * 10.5, 604, "2")
        canvas.setFont("STSong-Light", 10.5)
        canvas.drawString(72 + 9 * 10.5 + 4, 600, "后可以领取养老金。")
        canvas.setFont("STSong-Light", 5)
        canvas.drawString(72, 103, "2")
        canvas.setFont("STSong-Light", 8)
        canvas.drawString(80, 100, "周岁指按有效身份证件中记载的出生日期计算的年龄。")

    text = load_document(make_pdf(draw), "j.pdf").pages[0].text
    assert "被保险人年满60周岁后可以领取养老金。" in text
    assert text.endswith("[^2]: 周岁指按有效身份证件中记载的出生日期计算的年龄。")


def test_title_is_the_large_line_and_not_the_page_number(make_pdf):
    def draw(canvas):
        canvas.drawString(72, 800, "1")
        canvas.setFont("STSong-Light", 20)
        canvas.drawString(120, 760, "示例人寿福满两全保险条款")
        canvas.setFont("STSong-Light", 10.5)
        write_lines(canvas, wrapped(SENTENCE * 2), top=700)

    assert load_document(make_pdf(draw), "dir/x.pdf").title == "示例人寿福满两全保险条款"


def test_a_section_of_a_later_page_is_not_the_title(make_pdf):
    def page(size: float, head: str):
        def draw(canvas):
            canvas.setFont("STSong-Light", size)
            canvas.drawString(120, 760, head)
            canvas.setFont("STSong-Light", 10.5)
            write_lines(canvas, wrapped(SENTENCE * 2), top=700)

        return draw

    path = make_pdf(page(20, "“远行”境外旅行保险保障利益表"), page(14, "9 理赔指引"))
    assert load_document(path, "x.pdf").title == "“远行”境外旅行保险保障利益表"


def test_watermark_set_at_an_angle_is_left_out(make_pdf):
    def draw(canvas):
        write_lines(canvas, wrapped(SENTENCE))
        canvas.translate(200, 300)
        canvas.rotate(45)
        canvas.setFont("STSong-Light", 40)
        canvas.drawString(0, 0, "内部资料")

    assert "内部" not in load_document(make_pdf(draw), "k.pdf").pages[0].text


def test_locked_broken_and_scanned_files_say_what_to_do(make_pdf, tmp_path):
    from reportlab.lib.pdfencrypt import StandardEncryption

    locked = make_pdf(
        lambda canvas: write_lines(canvas, ["秘密"]), name="locked.pdf", encrypt=StandardEncryption("word", canPrint=0)
    )
    with pytest.raises(DocumentError, match=r"locked\.pdf：.*密码"):
        load_document(locked, "locked.pdf")
    whole = make_pdf(lambda canvas: write_lines(canvas, ["正文"] * 30), name="whole.pdf").read_bytes()
    (tmp_path / "cut.pdf").write_bytes(whole[: len(whole) // 3])
    with pytest.raises(DocumentError, match=r"cut\.pdf："):
        load_document(tmp_path / "cut.pdf", "cut.pdf")
    from PIL import Image

    Image.new("RGB", (200, 200), "gray").save(tmp_path / "scan.png")
    scan = make_pdf(lambda canvas: canvas.drawImage(str(tmp_path / "scan.png"), 50, 50, 400, 600), name="scan.pdf")
    with pytest.raises(DocumentError, match="OCR"):
        load_document(scan, "scan.pdf")


@pytest.mark.corpus
def test_real_clauses_keep_every_character_that_pdfium_sees(corpus):
    """What is dropped is heads, feet, contents and the odd label: at least nine tenths of the characters stay."""
    from rag.documents.lines import clean

    for path in sorted((corpus / "insurance_pdf").glob("*.pdf")):
        document = load_document(path, path.name)
        text = "".join(page.text for page in document.pages)
        with PdfDocument(path) as pdf:
            seen = "".join(clean(page.get_textpage().get_text_range()) for page in pdf)
        wanted = [char for char in seen if "\u4e00" <= char <= "\u9fff"]
        kept = sum("\u4e00" <= char <= "\u9fff" for char in text)
        assert kept >= 0.88 * len(wanted), path.name
        assert document.title.endswith(("条款", "）")) and len(document.title) > 8


def shown_turned(path, degrees: int):
    """The same file, its pages shown turned by `degrees` clockwise (/Rotate)."""
    with PdfDocument(path) as document:
        for page in document:
            page.set_rotation(degrees)
        document.save(path.with_name(f"shown{degrees}.pdf"))
    return path.with_name(f"shown{degrees}.pdf")


def set_turned(canvas, degrees: int) -> None:
    """What is drawn from here on is turned by `degrees` against the clock; the page keeps its shape."""
    width, height = canvas._pagesize
    canvas.translate(*{0: (0, 0), 90: (width, 0), 180: (width, height), 270: (0, height)}[degrees])
    canvas.rotate(degrees)


@pytest.mark.parametrize("shown", [0, 90, 180, 270])
@pytest.mark.parametrize("drawn", [0, 90, 180, 270])
def test_a_page_is_read_upright_whichever_way_it_was_drawn_and_is_shown(make_pdf, drawn, shown):
    def draw(canvas):
        set_turned(canvas, drawn)
        write_lines(canvas, ["第一条 保险人按照本合同约定给付身故保险金，", "并退还保险单的现金价值。"], top=500)
        rows = [["保单年度", "手续费", "备注"], ["第一年", "4%", "无"], ["第二年", "3%", "无"]]
        draw_table(canvas, rows, top=450, widths=(70, 70, 70))

    text = load_document(shown_turned(make_pdf(draw), shown), "a.pdf").pages[0].text
    assert text == (
        "第一条 保险人按照本合同约定给付身故保险金，并退还保险单的现金价值。\n\n"
        "| 保单年度 | 手续费 | 备注 |\n| --- | --- | --- |\n| 第一年 | 4% | 无 |\n| 第二年 | 3% | 无 |"
    )


def test_a_table_on_its_side_among_upright_text_is_read_after_it_and_a_note_in_the_margin_is_not(make_pdf):
    rows = [["保单年度", "现金价值（元）"], *([f"第{year}年末", f"{year}2,345.00"] for year in range(1, 6))]

    def table(canvas):
        write_lines(canvas, wrapped(SENTENCE * 3), top=780)
        set_turned(canvas, 90)
        draw_table(canvas, rows, x=100, top=300, widths=(120, 120))

    def note(canvas):
        write_lines(canvas, wrapped(SENTENCE * 3), top=780)
        set_turned(canvas, 90)
        canvas.drawString(300, 500, "某某人寿 内部编号 2026")

    pages = load_document(make_pdf(table, note), "b.pdf").pages
    assert [page.number for page in pages] == [1, 2]
    assert pages[0].text.startswith(f"{SENTENCE * 3}\n\n| 保单年度 | 现金价值（元） |\n| --- | --- |\n| 第1年末 | 12,345.00 |")
    assert pages[1].text == SENTENCE * 3
