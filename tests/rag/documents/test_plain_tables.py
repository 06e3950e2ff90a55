"""Tables in plain text. `python -m pytest tests/rag/documents/test_plain_tables.py`"""

from __future__ import annotations

import re
from collections import Counter

import pytest

from rag.documents.blocks import blocks_of
from rag.documents.lines import without_space
from rag.documents.load import load_document
from rag.documents.plain_tables import CellTables, separate_tables
from rag.documents.split import split_document

PROSE = "发行人主要财务数据如下，投资者应当结合审计报告全文阅读，不应仅依赖本节摘录的数据作出判断。"


def rebuilt(text: str) -> str:
    return "\n".join(line for line in CellTables().rebuild(text.split("\n")) if line)


def test_cells_one_to_a_line_under_a_header_of_as_many_names():
    text = "主要数据如下。\n单位：万元\n项目\n2024 年末\n2023 年末\n总资产\n1,200.50\n1,100.00\n总负债\n600.00\n-\n以上数据经审计。"
    assert rebuilt(text) == (
        "主要数据如下。\n单位：万元\n| 项目 | 2024 年末 | 2023 年末 |\n| --- | --- | --- |\n| 总资产 | 1,200.50 | 1,100.00 |\n"
        "| 总负债 | 600.00 | - |\n以上数据经审计。"
    )


def test_two_rows_of_names_and_labels_that_wrap():
    text = (
        "项目\n2024年末\n2023年末\n金额\n占比\n金额\n占比\n投资收益及公允价\n值变动\n1.00\n10%\n2.00\n20%\n"
        "利息收入\n3.00\n30%\n4.00\n40%\n资产处置收益和其\n他收益\n5.00\n50%\n6.00\n60%"
    )
    assert rebuilt(text).split("\n") == [
        "| 项目 | 2024年末 金额 | 2024年末 占比 | 2023年末 金额 | 2023年末 占比 |",
        "| --- | --- | --- | --- | --- |",
        "| 投资收益及公允价值变动 | 1.00 | 10% | 2.00 | 20% |",
        "| 利息收入 | 3.00 | 30% | 4.00 | 40% |",
        "| 资产处置收益和其他收益 | 5.00 | 50% | 6.00 | 60% |",
    ]


def test_names_cut_at_a_slash_or_a_bracket_are_whole():
    text = "项目\n2025 年1-9 月\n/2025 年9 月末\n2024 年\n/2024 年末\n增幅\n（%）\n营业收入\n1.0\n2.0\n3.0\n营业成本\n1.5\n2.5\n3.5"
    assert rebuilt(text).startswith("| 项目 | 2025 年1-9 月/2025 年9 月末 | 2024 年/2024 年末 | 增幅（%） |")


def test_what_is_not_clear_stays_as_it_is():
    for text in (
        "债务人\n债权人\n余额\n某集团\n某银行\n3.00\n某集团\n另一银行\n7.00",  # words in two columns
        "项目\n本期\n上期\n收入\n1.0\n2.0\n成本\n3.0\n利润\n4.0\n5.0",  # a cell left out
        "序号\n名称\n原因\n1\n甲公司\n新设\n2\n乙公司\n收购\n3\n丙公司\n注销",  # a numbered list
        "2022年\n/2022年末\n收入\n1.0\n2.0\n成本\n3.0\n4.0",  # no name for the last column
    ):
        assert rebuilt(text) == text


def test_a_table_goes_on_on_the_next_page(tmp_path):
    pages = [
        f"[P1]\n{PROSE}\n单位：万元\n项目\n2024年\n2023年\n收入\n1.00\n2.00\n成本\n3.00\n4.00",
        f"[P2]\n利润\n5.00\n6.00\n税金\n7.00\n8.00\n{PROSE}",
    ]
    (tmp_path / "a.txt").write_text("\n".join(pages), encoding="utf-8")
    table = next(chunk for chunk in split_document(load_document(tmp_path / "a.txt", "a.txt")) if chunk.kind == "table")
    assert table.text == (
        "单位：万元\n| 项目 | 2024年 | 2023年 |\n| --- | --- | --- |\n| 收入 | 1.00 | 2.00 |\n| 成本 | 3.00 | 4.00 |\n"
        "| 利润 | 5.00 | 6.00 |\n| 税金 | 7.00 | 8.00 |"
    )
    assert (table.page, table.page_end) == (1, 2)


def test_one_row_before_the_page_end_and_a_section_before_the_first_row():
    tables = CellTables()
    first = tables.rebuild("单位：亿元\n项目\n2024年\n2023年\n一、经营活动：\n\n现金流入\n1.0\n2.0".split("\n"))
    second = tables.rebuild("现金流出\n3.0\n4.0\n以上为合并口径。".split("\n"))
    assert [line for line in first if line][-1] == "| 一、经营活动： 现金流入 | 1.0 | 2.0 |"
    assert [line for line in second if line] == [
        "| 项目 | 2024年 | 2023年 |",
        "| --- | --- | --- |",
        "| 现金流出 | 3.0 | 4.0 |",
        "以上为合并口径。",
    ]


def test_columns_set_apart_by_blanks_or_tabs():
    lines = ["期限      年利率    起存金额", "三个月    0.95%     50元", "一年      1.15%     50元"]
    table = [
        "",
        "| 期限 | 年利率 | 起存金额 |",
        "| --- | --- | --- |",
        "| 三个月 | 0.95% | 50元 |",
        "| 一年 | 1.15% | 50元 |",
        "",
    ]
    assert separate_tables(lines) == table
    assert separate_tables(["\t".join(line.split()) for line in lines]) == table
    rule = "-" * 40
    assert separate_tables([rule, lines[0], rule, *lines[1:], rule]) == [rule, *table]
    boxed = ["┌──┬──┬──┐", *("│" + "│".join(line.split()) + "│" for line in lines), "└──┴──┴──┘"]
    assert [line for line in separate_tables(boxed) if line.startswith("|")] == table[1:-1]
    prose = ["甲方（盖章）：      乙方（盖章）：", "年  月  日", "第一条    总则", "第二条    定义及解释规则如下。"]
    assert separate_tables(prose) == prose


def number(cell: str) -> float | None:
    text = re.sub(r"[,%％\s]", "", cell)
    return 0.0 if re.fullmatch(r"[-—–/]*", text) else float(text) if re.fullmatch(r"-?\d+(?:\.\d+)?", text) else None


@pytest.mark.corpus
def test_columns_of_real_tables_add_up_to_their_sums(corpus):
    """Figures that landed in a wrong column or row would not: 344 of 354 columns do, the others subtract a row."""
    right = wrong = 0
    for path in sorted((corpus / "financial_contracts").glob("*.txt")):
        for block in blocks_of(load_document(path, path.name)):
            if block.kind != "table":
                continue
            rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in block.text.split("\n")[2:]]
            parts = [row[0] for row in rows[:-1]]
            numbered = without_space(block.text.split("|")[1]) == "序号"
            if (
                len(rows) < 3
                or (numbered and parts[0] != "1")  # the end of a table that has a row no rule could cut
                or not re.fullmatch(r"[合总]\s*计", rows[-1][0])
                or re.search("小计|其中|合计|总计", "".join(parts))
            ):
                continue
            for column in zip(*[row[1:] for row in rows], strict=True):
                values = [number(cell) for cell in column]
                if None not in values:
                    fits = abs(sum(values[:-1]) - values[-1]) <= max(0.06, 0.002 * abs(values[-1]))
                    right, wrong = right + fits, wrong + (not fits)
    assert right >= 300 and wrong <= 0.04 * right


@pytest.mark.corpus
def test_no_character_of_a_real_page_is_lost_in_a_table(corpus):
    for path in sorted((corpus / "financial_contracts").glob("*.txt")):
        tables = CellTables()
        for page in re.split(r"\[P\d+\]\n", path.read_text(encoding="utf-8")):
            lines = [line.strip() for line in page.split("\n")]
            lost = Counter(re.sub(r"[\s|]", "", "".join(lines)))
            lost.subtract(re.sub(r"[\s|]", "", "".join(tables.rebuild(lines))))
            assert not {char: count for char, count in lost.items() if count > 0}, (path.name, page[:40])
