from __future__ import annotations

from decimal import Decimal as D

import pytest

from rag.calculate.inputs import bounds, cell_rate, covers, matrix_rate, said_rate, take_apart, term_fits, within

TABLE = "| 期限 | 年利率 | 起存 |\n| --- | --- | --- |\n"


@pytest.mark.parametrize(("cell", "value", "unit", "fits"), [
    ("满6个月不满1年", 8, "月", True), ("满6个月不满1年", 12, "月", False), ("满1年不满2年", 12, "月", True), ("5年以上", 60, "月", False),
    ("5年以上", 61, "月", True), ("5年以内", 60, "月", True), ("三年", 36, "月", True), ("三年", 12, "月", False),
    ("M＜100万元", 1000000, "元", False), ("100万元≤M＜300万元", 1000000, "元", True), ("M≥500万元", 5000000, "元", True),
    ("7至29日", 7, "天", True), ("7至29日", 30, "天", False), ("不足7日", 7, "天", False), ("180日及以上", 180, "天", True),
    ("超过36,000元至144,000元", 36000, "元", False), ("活期", 12, "月", None), ("1.45%", 12, "月", None),
])
def test_a_range_holds_a_value_or_says_nothing_of_it(cell, value, unit, fits):
    assert within(cell, D(value), unit) is fits


def test_the_row_of_the_term_gives_the_rate_with_its_place():
    texts = take_apart(["存款\n" + TABLE + "| 一年 | 1.10% | 50元 |", "存款\n" + TABLE + "| 三年 | 1.45% | 50元 |"])
    found = cell_rate("存三年", texts, "年利率", [term_fits(36)], need=1)
    assert (found.value, found.raw, found.index) == (D("0.0145"), "1.45%", 1)
    assert cell_rate("存七年", texts, "年利率", [term_fits(84)], need=1) is None


def test_two_products_that_differ_are_decided_by_the_name_or_not_at_all():
    rows = [f"贷款\n| 产品 | 年利率 |\n| --- | --- |\n| {name} | {rate} |" for name, rate in (("青禾贷", "4.8%"), ("白云贷", "6.0%"))]
    assert cell_rate("白云贷年利率", take_apart(rows), "年利率").value == D("0.06")
    assert cell_rate("我要借钱", take_apart(rows), "年利率") is None


def test_an_example_a_range_and_a_superseded_document_give_no_ratio():
    said = "提前还款违约金为提前还款本金的1.5%，最低10元，最高500元。"
    assert said_rate("违约金多少", take_apart(["合同\n" + said]), "违约金").value == D("0.015")
    assert said_rate("违约金多少", take_apart(["合同\n示例：违约金＝1,000×1.5%＝15元。"]), "违约金") is None
    assert said_rate("违约金多少", take_apart(["合同\n违约金为本金的1%—2%。"]), "违约金") is None
    assert said_rate("违约金多少", take_apart(["合同（已废止）\n" + said]), "违约金") is None
    assert bounds(take_apart(["合同\n" + said])[0]) == (10, 500)


def test_terms_that_stand_in_the_header_are_found_by_column_and_the_sort_by_row():
    head = "青禾贷 四、利率表\n| 信用等级 | 6个月 | 12个月 |\n| --- | --- | --- |\n"
    texts = take_apart([head + "| A级 | 3.60% | 3.90% |", head + "| B级 | 4.50% | 4.80% |"])
    assert matrix_rate("青禾贷B级借一年", texts, 12, "利率").value == D("0.048")
    assert matrix_rate("青禾贷借一年", texts, 12, "利率") is None
    assert matrix_rate("青禾贷B级借两年", texts, 24, "利率") is None


def test_a_cell_with_an_alternative_in_brackets_gives_its_own_figure():
    head = "基金\n| 简称 | 赎回费率（7至29日） |\n| --- | --- |\n"
    assert cell_rate("赎回费", take_apart([head + "| 青松债券 | 0（机构1.00%） |"]), "赎回费", head=(D(10), "天")).value == 0
    assert cell_rate("赎回费", take_apart([head + "| 青松债券 | 0.5% |"]), "赎回费", head=(D(40), "天")) is None
    assert cell_rate("赎回费", take_apart([head + "| 青松债券 | 0.5%至1% |"]), "赎回费") is None


def test_a_rate_of_another_item_of_an_enumeration_is_not_taken():
    texts = take_apart(["手册\n卖出收取佣金、印花税（卖方0.05%）、过户费（0.001%）。"])
    assert said_rate("佣金多少", texts, "佣金") is None
    assert said_rate("印花税多少", texts, "印花税").value == D("0.0005")
    assert said_rate("过户费多少", texts, "过户费").value == D("0.00001")


@pytest.mark.parametrize(("question", "words", "speaks"), [
    ("申购优势成长混合A类5万元，申购费多少钱？", "优势成长混合A 申购费率", True),
    ("申购优势成长混合A类5万元，申购费多少钱？", "优选成长混合A 申购费率", False),
    ("公积金首套贷60万20年，每月还多少？", "公积金首套5年以上 年利率", True),
    ("公积金首套贷60万20年，每月还多少？", "公积金二套5年以上 年利率", False),
    ("房贷放款8个月，提前还30万，违约金多少？", "信用卡 分期逾期违约金", False),
    ("卖出8万块的股票，印花税交多少钱？", "证券交易印花税", True),
])
def test_a_text_is_read_only_where_it_speaks_of_what_the_question_names(question, words, speaks):
    assert covers(question, words) is speaks
