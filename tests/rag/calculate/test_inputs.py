from __future__ import annotations

from decimal import Decimal as D

import pytest

from rag.calculate.inputs import bounds, cell_rate, said_rate, take_apart, term_fits, within

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
