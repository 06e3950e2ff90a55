"""Pieces that can be quoted. `python -m pytest tests/rag/documents/test_split.py`"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rag.documents.document import Document, Page
from rag.documents.load import SUFFIXES, load_document
from rag.documents.split import split_document
from tests.rag.documents.coverage import covered

KNOWLEDGE = Path(__file__).resolve().parents[3] / "knowledge"


def split(text: str, limit: int = 360, title: str = "示例条款"):
    return split_document(Document("a.md", title, (Page(text),)), limit)


def test_each_article_is_one_piece_under_its_chapter():
    chunks = split(
        "# 示例条款\n\n## 第一章 总则\n\n第一条 为了规范活动，制定本办法。\n\n第二条 本办法所称保险，是指商业保险。\n\n## 第二章 附则\n\n第三条 自公布之日起施行。"
    )
    assert [chunk.text for chunk in chunks] == [
        "第一条 为了规范活动，制定本办法。",
        "第二条 本办法所称保险，是指商业保险。",
        "第三条 自公布之日起施行。",
    ]
    assert chunks[1].headings == ("第一章 总则", "第二条")
    assert chunks[2].headings == ("第二章 附则", "第三条")
    assert [chunk.position for chunk in chunks] == [0, 1, 2]


def test_headings_that_begin_before_any_article_stand_over_the_articles():
    chunks = split("一、附加险一览\n\n共三种附加险，可分别投保。\n\n二、车身划痕损失险\n\n第一条 发生划痕损失的，负责赔偿。\n\n第二条 故意造成的不赔。\n\n"
                   "三、车轮单独损失险\n\n第三条 车轮单独损失的，负责赔偿。")
    assert [chunk.headings for chunk in chunks[1:]] == [
        ("二、车身划痕损失险", "第一条"), ("二、车身划痕损失险", "第二条"), ("三、车轮单独损失险", "第三条")]


def test_long_article_is_cut_between_items_and_repeats_its_opening():
    items = [
        f"（{number}）因第{number}种情形造成的损失以及由此产生的一切费用和责任；" for number in "一二三四五六七八九十"
    ]
    chunks = split("第七条 有下列情形之一的，保险人不承担责任：\n\n" + "\n\n".join(items), 120)
    assert len(chunks) > 2
    assert all(chunk.text.startswith("第七条 有下列情形之一的，保险人不承担责任：\n（") for chunk in chunks)
    assert all(len(chunk.text) <= 130 for chunk in chunks)
    assert [item for chunk in chunks for item in chunk.text.split("\n")[1:]] == items


def test_sentences_and_figures_stay_whole():
    text = "".join(
        f"第{number}年的年利率为{number}.{number}5%，每笔金额不超过1,234,567.89元，期限为{number}年。"
        for number in range(1, 20)
    )
    chunks = split(text, 100)
    assert "".join(chunk.text for chunk in chunks) == text
    assert all(chunk.text.endswith("。") and len(chunk.text) <= 100 for chunk in chunks)


def test_a_sentence_over_the_limit_is_never_cut_inside_a_figure():
    chunks = split("费率" + "依次为1.25%和12,345.67元以及" * 40, 90)
    for chunk in chunks:
        assert not re.search(r"\d[.,]?$", chunk.text)
        assert not re.match(r"[.,]?\d*%|[.,]\d", chunk.text)


def test_question_and_answer_are_one_piece_and_never_two_of_them():
    chunks = split(
        "# 常见问题\n\n问：犹豫期多久？\n答：十五天。\n\n问：怎么退保？\n答：请到柜面办理。\n携带身份证件。",
        title="常见问题",
    )
    assert [chunk.text for chunk in chunks] == [
        "问：犹豫期多久？\n答：十五天。",
        "问：怎么退保？\n答：请到柜面办理。\n携带身份证件。",
    ]
    assert chunks[1].headings[-1] == "问：怎么退保？"


def test_question_as_heading_stands_in_its_piece():
    chunks = split("# 问答\n\n## 1. 怎样挂失？\n\n拨打热线。\n\n## 2. 挂失收费吗？\n\n不收费。", title="问答")
    assert [chunk.text for chunk in chunks] == ["1. 怎样挂失？\n拨打热线。", "2. 挂失收费吗？\n不收费。"]
    assert chunks[0].headings == ("1. 怎样挂失？",)


def test_table_keeps_caption_unit_and_header_on_every_part():
    rows = "\n".join(f"| {age} | {age * 3.5:.2f} | {age * 3.1:.2f} |" for age in range(18, 60))
    chunks = split(
        f"## 费率\n\n表1 年交保险费\n\n单位：元\n\n| 年龄 | 男性 | 女性 |\n| --- | --- | --- |\n{rows}\n\n说明：以上为标准体。"
    )
    tables = [chunk for chunk in chunks if chunk.kind == "table"]
    assert len(tables) > 2
    for table in tables:
        assert table.text.startswith("表1 年交保险费\n单位：元\n| 年龄 | 男性 | 女性 |\n| --- | --- | --- |\n| ")
        assert len(table.text) <= 1.5 * 360
        assert table.headings == ("费率",)
    assert [line for table in tables for line in table.text.split("\n")[4:]] == rows.split("\n")


def test_small_table_stays_whole_with_the_words_that_introduce_it():
    chunks = split("退保费用比例如下表：\n\n| 年度 | 比例 |\n| --- | --- |\n| 第一年 | 4% |\n| 第二年 | 3% |")
    assert chunks[-1].kind == "table"
    assert chunks[-1].text.startswith("退保费用比例如下表：\n| 年度 |")


def test_sentence_over_a_page_end_is_joined_and_both_pages_are_named():
    pages = (
        Page("第九条 我们按被保险人当时的账户价值一次性给付失能护理保\n\n[^1]: 周岁指足岁。", 4),
        Page("险金，本合同终止。\n\n第十条 另有约定的除外。", 5),
    )
    chunks = split_document(Document("a.pdf", "x", pages), 360)
    joined = next(chunk for chunk in chunks if "失能" in chunk.text)
    assert joined.text == "第九条 我们按被保险人当时的账户价值一次性给付失能护理保险金，本合同终止。"
    assert (joined.page, joined.page_end) == (4, 5)
    assert next(chunk for chunk in chunks if "足岁" in chunk.text).text == "周岁指足岁。"
    assert next(chunk for chunk in chunks if "除外" in chunk.text).page == 5


def test_numbered_paths_follow_the_numbers_even_where_every_heading_has_one_mark():
    chunks = split(
        "# 2. 我们的保障\n\n# 2.3 保险责任\n\n我们承担下列责任。本条约定的责任以保险单载明的为准，未载明的不承担保险责任。\n\n# 身故保险金\n\n按保额给付。\n\n# 2.4 责任免除\n\n战争除外。\n\n# 3. 如何申请\n\n# 3.1 受益人\n\n可以指定。"
    )
    assert [chunk.headings for chunk in chunks] == [
        ("2. 我们的保障", "2.3 保险责任"),
        ("2. 我们的保障", "2.3 保险责任", "身故保险金"),
        ("2. 我们的保障", "2.4 责任免除"),
        ("3. 如何申请", "3.1 受益人"),
    ]


def test_short_numbered_lines_in_a_row_are_a_list_and_not_headings():
    chunks = split("申请时请提交下列资料\n\n1. 保险合同\n\n2. 身份证件\n\n3. 银行账户")
    assert len(chunks) == 1
    assert chunks[0].text.endswith("1. 保险合同\n2. 身份证件\n3. 银行账户")


def test_no_piece_is_only_a_heading():
    chunks = split(
        "# 手册\n\n## 第一章 概述\n\n### 一、背景\n\n背景文字。\n\n## 第二章 空章\n\n## 第三章 其他\n\n其他文字。",
        title="手册",
    )
    assert [chunk.text for chunk in chunks if chunk.text in ("第一章 概述", "一、背景", "第三章 其他")] == []
    assert any(chunk.headings == ("第一章 概述", "一、背景") for chunk in chunks)


def files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES]


def check(path: Path) -> None:
    document = load_document(path, path.name)
    chunks = split_document(document)
    assert chunks, path.name
    assert covered(document, chunks) >= 0.99, path.name
    numbers = {page.number for page in document.pages}
    for position, chunk in enumerate(chunks):
        assert chunk.position == position
        assert chunk.text.strip() and chunk.text not in chunk.headings[:-1]
        assert chunk.page in numbers and chunk.page_end in numbers
        assert len(chunk.text) <= (1100 if chunk.kind == "table" else 440), (path.name, chunk.text[:80])


@pytest.mark.parametrize("path", files(KNOWLEDGE), ids=lambda path: path.name)
def test_every_word_of_the_sample_documents_is_in_a_piece(path):
    check(path)


@pytest.mark.corpus
@pytest.mark.parametrize("folder", ["insurance_pdf", "insurance_clauses", "laws", "regulatory", "financial_contracts"])
def test_every_word_of_the_real_documents_is_in_a_piece(corpus, folder):
    for path in files(corpus / folder):
        check(path)


@pytest.mark.corpus
def test_articles_of_a_law_are_found_by_their_number(corpus):
    path = corpus / "laws" / "保险法(2015-04-24).md"
    chunks = split_document(load_document(path, path.name))
    numbers = [chunk.headings[-1] for chunk in chunks if chunk.headings and chunk.headings[-1].startswith("第")]
    assert len(dict.fromkeys(numbers)) == 185
    article = next(chunk for chunk in chunks if chunk.text.startswith("第十六条"))
    assert article.headings == ("第二章 保险合同", "第一节 一般规定", "第十六条")


@pytest.mark.corpus
def test_a_megabyte_prospectus_is_split_whole(corpus):
    path = max((corpus / "financial_contracts").glob("*.txt"), key=lambda path: path.stat().st_size)
    assert len(split_document(load_document(path, path.name))) > 500


def test_the_title_of_a_table_set_in_two_lines_and_what_the_figures_are_per_stand_over_every_table_of_a_product():
    rows = "\n".join(f"| {age} | {age}.10 | {age}.20 |" for age in range(18, 22))
    table = f"| 年龄 | 男性 3年交 | 女性 3年交 |\n| --- | --- | --- |\n{rows}"
    text = f"# 某某人寿\n\n# 长青终身寿险\n\n# 费率表\n\n（每1000元保险费）\n\n单位：元\n\n{table}\n\n方案二\n\n{table.replace('3年', '5年')}"
    chunks = [c for c in split_document(Document("a.md", "长青终身寿险费率表", (Page(text),))) if c.kind == "table"]
    assert all(chunk.headings[-1] == "长青终身寿险费率表" for chunk in chunks)
    tables = [chunk.text for chunk in chunks]
    assert tables[0].startswith("（每1000元保险费）\n单位：元\n| 年龄")
    assert tables[1].startswith("（每1000元保险费）\n单位：元\n方案二\n| 年龄 | 男性 5年交")


def test_a_unit_is_not_carried_over_text_to_another_table():
    table = "| 项目 | 金额 |\n| --- | --- |\n| 甲 | 1 |"
    text = f"单位：万元\n\n{table}\n\n以上为第一张表的说明。\n\n{table.replace('甲', '乙')}"
    tables = [c.text for c in split_document(Document("a.md", "表", (Page(text),))) if c.kind == "table"]
    assert tables[0].startswith("单位：万元") and "万元" not in tables[1]
