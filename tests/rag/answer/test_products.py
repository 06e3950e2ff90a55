"""Which units may answer a question that names a product. Run: pytest tests/rag/answer/test_products.py"""

from dataclasses import replace

from rag.answer.candidates import candidates
from rag.answer.products import of_the_named
from rag.index.product_names import ProductNames
from tests.rag.answer.test_evidence import flat, hit

CALLED = ProductNames({"a": ("澄薪贷个人信用消费贷款", "江海银行"), "b": ("快融贷个人信用消费贷款", "江海银行")})
TEXT = "快融贷面向新客户。澄薪贷只面向代发工资客户，额度最高50万元。额度最高20万元。快融贷与澄薪贷不能同时申请。已经办理过澄薪贷的不能申请。"


def left(question: str) -> list[str]:
    hits = [hit(TEXT, title="快融贷说明")]
    may = of_the_named(question, CALLED.said(question), CALLED, hits)
    return [] if may is None else sorted(one.unit.text for one in candidates(question, hits, flat) if may(one))


def test_what_speaks_of_another_product_alone_answers_nothing():
    assert left("快融贷最高能借多少") == sorted(["快融贷面向新客户。", "额度最高20万元。", "快融贷与澄薪贷不能同时申请。", "已经办理过澄薪贷的不能申请。"])
    assert "额度最高20万元。" in left("澄薪贷最高能借多少") and "快融贷面向新客户。" not in left("澄薪贷最高能借多少")


def test_a_row_of_another_product_answers_nothing():
    hits = [hit("| 产品 | 最高额度 |\n| --- | --- |\n| 澄薪贷 | 50万元 |\n| 快融贷 | 20万元 |")]
    may = of_the_named("快融贷最高借多少", CALLED.said("快融贷最高借多少"), CALLED, hits)
    assert [one.unit.plain for one in candidates("快融贷最高借多少", hits, flat) if may(one)] == ["产品：快融贷；最高额度：20万元"]


def test_where_no_product_is_named_all_may():
    assert of_the_named("最高能借多少", CALLED.said("最高能借多少"), CALLED, [hit(TEXT)]) is None


def test_what_stands_in_another_products_document_answers_nothing_unless_it_says_the_one_asked_about():
    hits = [replace(hit("年利率7.20%。澄薪贷没有D级。", title="快融贷说明"), product="快融贷个人信用消费贷款")]
    may = of_the_named("澄薪贷D级利率", CALLED.said("澄薪贷D级利率"), CALLED, hits)
    assert [one.unit.text for one in candidates("澄薪贷D级利率", hits, flat) if may(one)] == ["澄薪贷没有D级。"]


def test_of_products_told_apart_by_a_letter_the_other_ones_document_answers_nothing():
    names = {key: (f"澄湖稳盈90天持有期固定收益类理财产品（{key}款）", "澄湖理财") for key in "AC"}
    called, text = ProductNames(names), "满90天可以赎回。"
    hits = [replace(hit(text, title=f"稳盈{key}款"), product=names[key][0]) for key in "AC"]
    may = of_the_named("稳盈A款能赎回吗", called.said("稳盈A款能赎回吗"), called, hits)
    assert [one.hit for one in candidates("稳盈A款能赎回吗", hits, flat) if may(one)] == [0]
