"""Which figures a unit states of what is asked, when two of them agree, and which product speaks."""

import pytest

from rag.answer.candidates import Scored
from rag.answer.products import Products
from rag.answer.stated import NOTHING, agree, asks_value, stated
from rag.index.hit import Hit
from rag.text.sentences import Unit

FAMILY = ("安平终身寿险", "福宁年金保险", "稳进90天持有期固定收益类理财产品（A款）", "稳进90天持有期固定收益类理财产品（C款）")


def sentence(text: str) -> Unit:
    return Unit(text, text)


def row(said: str) -> Unit:
    return Unit(said, said, "row")


def said(unit: Unit, question: str) -> list[str]:
    return [value if isinstance(value, str) else value.raw for value in stated(unit, question)]


@pytest.mark.parametrize(("unit", "question", "figures"), [
    (sentence("第三条　犹豫期　自签收次日起有15日的犹豫期。"), "犹豫期多少天", ["15日"]),
    (sentence("可申请保单贷款，上限为现金价值的80%，年利率4.5%，每次不超过6个月。"), "保单贷款年利率多少", ["4.5%"]),
    (row("项目：保单贷款；利率：4.7%；期限：6个月"), "保单贷款的利率多少", ["4.7%"]),
    (row("费用：管理费；标准：0.30%；优惠至：2026-05-31"), "管理费多少", ["0.30%"]),
    (sentence("退还全部保险费，不收取工本费。"), "工本费多少钱", [NOTHING]),
    (sentence("风险等级为R3，不保本。"), "风险等级是多少", ["R3"]),
    (sentence("本产品由银行代销。"), "管理费多少", []),
])
def test_figures_nearest_to_the_question(unit, question, figures):
    assert said(unit, question) == figures


@pytest.mark.parametrize(("question", "asks"), [
    ("犹豫期多少天？", True), ("利率是多少", True), ("最高能借多少钱", True), ("提前还款要收违约金吗", True),
    ("从哪天开始算？", False), ("客服电话多少？", False), ("怎么退保？", False), ("什么是犹豫期？", False),
])
def test_questions_that_ask_for_a_value(question, asks):
    assert asks_value(question) is asks


def test_the_same_in_other_words_agrees_and_another_figure_does_not():
    def values(text: str):
        return stated(sentence(text), "宽限期多少天")

    assert agree(values("宽限期为60日。"), values("自次日起六十日为宽限期。"))
    assert agree(values("宽限期为60日。"), stated(row("项目：宽限期（天）；规则：60"), "宽限期多少天"))
    assert not agree(values("宽限期为60日。"), values("宽限期为30日。"))
    assert not agree(stated(sentence("免收工本费。"), "工本费多少"), stated(sentence("工本费10元。"), "工本费多少"))


def hit(product: str) -> Hit:
    return Hit("a.md", "甲", None, (), "", "", 1.0, product=product)


def scored(unit: Unit) -> Scored:
    return Scored(unit, 0, 0, 0, 1.0)


def test_which_product_a_unit_speaks_for():
    products = Products(FAMILY)
    assert products.of(scored(sentence("犹豫期为15日。")), hit("安平终身寿险")) == "安平终身寿险"
    assert products.of(scored(sentence("福宁年金保险的犹豫期为20日。")), hit("安平终身寿险")) == ""
    assert products.of(scored(row("产品代码：A1；产品名称：稳进90天A款；起购：1")), hit("")) == FAMILY[2]
    assert products.of(scored(row("卡种：金卡；年费：200")), hit("")) == "金卡"
    assert products.of(scored(row("名称：还款日；规则：第25天")), hit("")) == ""
    assert products.of(scored(sentence("犹豫期为15日。")), hit("")) == ""


@pytest.mark.parametrize(("question", "named"), [
    ("犹豫期多少天", FAMILY), ("福宁的犹豫期", FAMILY[1:2]), ("终身寿险的犹豫期", FAMILY[:1]), ("稳进90天的管理费", FAMILY[2:]),
    ("稳进90天C款的管理费", FAMILY[3:]),
])
def test_which_products_a_question_names(question, named):
    assert tuple(Products(FAMILY).named(question, FAMILY)) == tuple(named)
