"""Tables and columns of PDF pages. `python -m pytest tests/rag/documents/test_pdf_tables.py`"""

from __future__ import annotations

import pytest

from rag.documents.load import load_document
from rag.documents.split import split_document
from tests.rag.documents.conftest import draw_table, write_lines

PROSE = "保险人在收到被保险人的赔偿请求后应当及时就是否属于保险责任作出核定并将核定结果通知被保险人情形复杂的应当在三十日内作出核定"


def columns(canvas, rows, xs=(80, 260, 400), top=700.0, pitch=20.0):
    for number, row in enumerate(rows):
        for x, cell in zip(xs, row, strict=True):
            canvas.drawString(x, top - number * pitch, cell)


def texts(path) -> list[str]:
    return [page.text for page in load_document(path, "a.pdf").pages]


def test_three_line_table_without_uprights(make_pdf):
    def draw(canvas):
        write_lines(canvas, ["下表列出各档费率。"], top=750)
        columns(
            canvas, [["产品", "申购费率", "赎回费率"], ["稳健一号", "1.20%", "0.50%"], ["进取二号", "免收", "0.75%"]]
        )
        for y in (718, 694, 652):
            canvas.line(72, y, 500, y)
        write_lines(canvas, ["表后的文字。"], top=620)

    assert texts(make_pdf(draw))[0] == (
        "下表列出各档费率。\n\n| 产品 | 申购费率 | 赎回费率 |\n| --- | --- | --- |\n| 稳健一号 | 1.20% | 0.50% |\n"
        "| 进取二号 | 免收 | 0.75% |\n\n表后的文字。"
    )


def test_spanned_header_and_wrapped_cells_of_a_three_line_table(make_pdf):
    def draw(canvas):
        columns(canvas, [["", "费率", ""]], xs=(80, 330, 400), top=715)
        columns(
            canvas,
            [
                ["客户类别", "柜面", "网上"],
                ["普通客户及其", "1.20%", "0.12%"],
                ["直系亲属", "", ""],
                ["贵宾客户", "0.60%", "0.06%"],
            ],
            pitch=14,
        )
        for y in (728, 692, 640):
            canvas.line(72, y, 500, y)
        canvas.line(250, 711, 500, 711)

    assert texts(make_pdf(draw))[0] == (
        "| 客户类别 | 费率 柜面 | 费率 网上 |\n| --- | --- | --- |\n| 普通客户及其直系亲属 | 1.20% | 0.12% |\n| 贵宾客户 | 0.60% | 0.06% |"
    )


def test_columns_of_figures_without_any_rule_are_a_table(make_pdf):
    rows = [
        ["年龄", "男性", "女性"],
        ["30", "1,200.00", "1,050.00"],
        ["31", "1,260.00", "1,090.00"],
        ["32", "1,330.00", "1,140.00"],
    ]

    def draw(canvas):
        write_lines(canvas, ["年交保险费", "单位：元"], top=750)
        columns(canvas, rows)

    text = texts(make_pdf(draw))[0]
    assert "| 年龄 | 男性 | 女性 |\n| --- | --- | --- |\n| 30 | 1,200.00 | 1,050.00 |" in text
    table = split_document(load_document(make_pdf(draw), "a.pdf"))[-1]
    assert table.kind == "table" and table.text.startswith("年交保险费\n单位：元\n| 年龄 |")


@pytest.mark.parametrize(
    "rows",
    [
        [
            ["1. 保险合同", "2. 身份证件", "3. 银行账户"],
            ["4. 申请表", "5. 授权书", "6. 委托书"],
            ["7. 发票", "8. 收据", "9. 其他"],
        ],
        [
            ["甲方：某某公司", "乙方：某某人", ""],
            ["电话：123456", "电话：654321", ""],
            ["日期：2025年", "日期：2025年", ""],
        ],
        [
            ["第一条", "保险合同的构成以及双方的义务。", ""],
            ["第二条", "保险期间由双方约定并载明。", ""],
            ["第三条", "未尽事宜双方协商解决。", ""],
        ],
    ],
)
def test_lists_signatures_and_clauses_are_no_tables(make_pdf, rows):
    text = texts(make_pdf(lambda canvas: columns(canvas, rows)))[0]
    assert "|" not in text
    words = text.replace(" ", "")
    assert all(cell.replace(" ", "") in words for row in rows for cell in row)
    if rows[0][0].startswith("1."):
        order = [words.index(f"{number}.") for number in (1, 4, 7, 2, 5, 8, 3, 6, 9)]
        assert order == sorted(order)


def test_text_in_two_columns_is_read_one_column_after_the_other(make_pdf):
    left = ["甲" + PROSE[start : start + 19] for start in range(0, 38, 19)] * 6
    right = ["乙" + PROSE[start : start + 19] for start in range(0, 38, 19)] * 6

    def draw(canvas):
        write_lines(canvas, ["横贯全页的一行引言，" + PROSE[:30]], top=760)
        write_lines(canvas, left, x=72, top=720)
        write_lines(canvas, right, x=310, top=711)

    text = texts(make_pdf(draw))[0]
    assert "|" not in text
    assert text.index("引言") < text.rindex("甲") < text.index("乙")
    assert "".join(left) in text and "".join(right) in text


def test_a_table_over_three_pages_is_one_table_with_its_pages(make_pdf):
    head = ["年龄", "男", "女"]

    def page(rows, top, header, note=""):
        def draw(canvas):
            if note:
                write_lines(canvas, [note], top=top + 12)
            draw_table(canvas, [head, *rows] if header else rows, top=top)

        return draw

    def body(ages):
        return [[str(age), f"{age}.1", f"{age}.2"] for age in ages]

    path = make_pdf(
        page(body(range(20, 23)), 160, True, "附表一年交保险费"),
        page(body(range(23, 26)), 740, False),
        page(body(range(26, 29)), 740, True, "续附表一"),
    )
    chunks = split_document(load_document(path, "a.pdf"))
    assert len(chunks) == 1
    assert chunks[0].text == "附表一年交保险费\n| 年龄 | 男 | 女 |\n| --- | --- | --- |\n" + "\n".join(
        f"| {age} | {age}.1 | {age}.2 |" for age in range(20, 29)
    )
    assert (chunks[0].page, chunks[0].page_end) == (1, 3)
    parts = split_document(load_document(path, "a.pdf"), 80)
    assert parts[0].page == 1 and parts[-1].page_end == 3
    assert all(part.text.startswith("附表一年交保险费\n| 年龄 | 男 | 女 |") for part in parts)


def test_another_table_on_the_next_page_stays_another_table(make_pdf):
    first = [["年龄", "男", "女"], ["20", "1", "2"]]
    second = [["项目", "档次", "比例"], ["门诊", "80", "90"]]
    path = make_pdf(lambda c: draw_table(c, first, top=160), lambda c: draw_table(c, second, top=740))
    assert [chunk.text.split("\n")[0] for chunk in split_document(load_document(path, "a.pdf"))] == [
        "| 年龄 | 男 | 女 |",
        "| 项目 | 档次 | 比例 |",
    ]


def test_merged_cells_and_cut_rows_go_on_over_the_page_end(make_pdf):
    head = ["险种", "项目", "给付比例"]
    first = [head, ["甲类医疗保险", "门诊", "80%"], ["", "住院及其相关的各项", "90%"]]
    path = make_pdf(
        lambda c: draw_table(c, first, top=160, spans=((1, 0, 2, 1),)),
        lambda c: draw_table(
            c, [["", "费用", ""], ["", "护理", "70%"], ["乙类", "门诊", "60%"]], top=740, spans=((0, 0, 2, 1),)
        ),
    )
    assert split_document(load_document(path, "a.pdf"))[0].text == (
        "| 险种 | 项目 | 给付比例 |\n| --- | --- | --- |\n| 甲类医疗保险 | 门诊 | 80% |\n| 甲类医疗保险 | 住院及其相关的各项费用 | 90% |\n"
        "| 甲类医疗保险 | 护理 | 70% |\n| 乙类 | 门诊 | 60% |"
    )


def test_a_table_in_a_frame_of_text_is_read_apart_from_the_text(make_pdf):
    def draw(canvas):
        canvas.rect(60, 480, 480, 280)
        write_lines(canvas, [PROSE[:40], PROSE[20:60]], top=740)
        draw_table(
            canvas,
            [["分期", "甲", "乙"], ["一期", "1", "0"], ["二期", "2", "1"]],
            x=80,
            top=660,
            widths=(100, 100, 100),
        )
        canvas.line(60, 594, 540, 594)  # a rule of the frame meets the table
        write_lines(canvas, ["注：以上为示例。"], top=560)

    text = texts(make_pdf(draw))[0]
    assert text.count(PROSE[:20]) == 1
    assert "| 分期 | 甲 | 乙 |\n| --- | --- | --- |\n| 一期 | 1 | 0 |\n| 二期 | 2 | 1 |" in text
    assert text.count("注：以上为示例。") == 1


def test_rows_that_divide_a_table_stand_before_each_row_below_them(make_pdf):
    rows = [
        ["分期", "肿瘤", "淋巴"],
        ["五十五岁以下", "", ""],
        ["一期", "任何", "0"],
        ["五十五岁及以上", "", ""],
        ["一期", "1", "0"],
        ["", "2", "0"],
    ]
    path = make_pdf(lambda c: draw_table(c, rows, spans=((1, 0, 1, 3), (3, 0, 1, 3))))
    assert texts(path)[0] == (
        "|  | 分期 | 肿瘤 | 淋巴 |\n| --- | --- | --- | --- |\n| 五十五岁以下 | 一期 | 任何 | 0 |\n"
        "| 五十五岁及以上 | 一期 | 1 | 0 |\n| 五十五岁及以上 | 一期 | 2 | 0 |"
    )


def test_the_first_group_of_a_table_over_two_pages_names_its_own_rows_and_no_others(make_pdf):
    first = [
        ["乳头状癌（分化型）", "", ""],
        ["年龄＜55岁", "", ""],
        ["分期", "T", "N"],
        ["Ⅰ期", "任何", "任何"],
        ["年龄≥55岁", "", ""],
        ["Ⅰ期", "1", "0/x"],
    ]
    second = [["Ⅱ期", "2", "0/x"], ["髓样癌（所有年龄组）", "", ""], ["Ⅰ期", "1", "0"], ["Ⅲ期", "1～3", "1a"]]
    across = [(0, 0, 1, 3), (1, 0, 1, 3), (4, 0, 1, 3)]
    path = make_pdf(
        lambda c: draw_table(c, first, top=200, spans=tuple(across)),
        lambda c: draw_table(c, second, top=780, spans=((1, 0, 1, 3),)),
    )
    (piece,) = split_document(load_document(path, "sample.pdf"))
    assert piece.text == (
        "|  | 分期 | T | N |\n| --- | --- | --- | --- |\n| 乳头状癌（分化型） 年龄＜55岁 | Ⅰ期 | 任何 | 任何 |\n"
        "| 乳头状癌（分化型） 年龄≥55岁 | Ⅰ期 | 1 | 0/x |\n| 乳头状癌（分化型） 年龄≥55岁 | Ⅱ期 | 2 | 0/x |\n"
        "| 髓样癌（所有年龄组） | Ⅰ期 | 1 | 0 |\n| 髓样癌（所有年龄组） | Ⅲ期 | 1～3 | 1a |"
    )


def test_a_page_number_under_a_table_is_no_text(make_pdf):
    def page(number):
        def draw(canvas):
            draw_table(canvas, [["项目", "数"], [f"第{number}项", str(number)]], top=740, widths=(150, 150))
            canvas.drawString(290, 30, str(15 + number))

        return draw

    assert all(text.endswith("|") for text in texts(make_pdf(page(1), page(2))))


def words_in_columns(rows: list[list[str]], lefts: tuple[float, ...] = (72, 220, 370)):
    def draw(canvas):
        canvas.drawString(72, 760, "各网点办理的业务如下。")
        for number, row in enumerate(rows):
            for left, cell in zip(lefts, row, strict=True):
                canvas.drawString(left, 735 - 18 * number, cell)

    return draw


def test_words_that_stand_in_step_in_three_columns_are_a_table_and_labels_or_two_columns_are_not(make_pdf):
    rows = [["网点", "业务种类", "负责部门"], ["东湖支行", "个人贷款", "零售部"], ["西城支行", "对公存款", "公司部"], ["南门支行", "外汇兑换", "国际部"]]
    text = load_document(make_pdf(words_in_columns(rows)), "a.pdf").pages[0].text
    assert "| 网点 | 业务种类 | 负责部门 |\n| --- | --- | --- |\n| 东湖支行 | 个人贷款 | 零售部 |" in text
    signed = [["甲方：某银行", "乙方：某人", "见证：某人"], ["代表：张三", "签名：李四", "签名：王五"], ["日期：一月", "日期：一月", "日期：一月"], ["地址：某地", "地址：某地", "地址：某地"]]
    for other in (signed, [[*row[:1], "", row[2]] for row in rows]):
        assert "|" not in load_document(make_pdf(words_in_columns(other)), "b.pdf").pages[0].text


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "row", "column", "value"),
    [
        ("2.pdf", "第三年", "手续费比例", "2%"),
        ("2.pdf", "第一年", "退保费用比例", "4%"),
        ("2.pdf", "60", "女性", "4.41"),
        ("2.pdf", "83及以上", "男性", "109.75"),
        ("7.pdf", "三级戊等", "给付比例", "10%"),
        ("8.pdf", "双眼盲目大于等于4级", "等级", "3级"),
        ("8.pdf", "腹部损伤导致一侧肾切除", "等级", "8级"),
    ],
)
def test_real_tables_can_be_asked_by_row_and_column(corpus, name, row, column, value):
    """In one piece: the row, under its header, with its value in the right column."""
    for chunk in split_document(load_document(corpus / "insurance_pdf" / name, name)):
        lines = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in chunk.text.split("\n")
            if line.startswith("|")
        ]
        if chunk.kind == "table" and lines and column in lines[0]:
            at = lines[0].index(column)
            if any(line[0] == row and line[at] == value for line in lines[2:]):
                return
    pytest.fail(f"{name}: {row} / {column} is not {value} in any piece")


@pytest.mark.corpus
def test_real_tables_over_a_page_end_are_one_table(corpus):
    """8.pdf continues tables at eleven page ends; each is joined, and no 续表 is left as text."""
    document = load_document(corpus / "insurance_pdf" / "8.pdf", "8.pdf")
    from rag.documents.blocks import blocks_of

    blocks = blocks_of(document)
    assert sum(block.page_end - block.page for block in blocks if block.kind == "table") == 11
    assert not [block for block in blocks if block.text.startswith("续表")]
