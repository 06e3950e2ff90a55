"""Every sentence that claims something carries the number of what it stands on, and none that claims nothing."""

import pytest

from rag.answer.marks import claims, marked, unmarked
from rag.answer.result import Citation

FEE = Citation(1, "a.md", "收费标准", "普卡年费200元，刷卡满6次免次年年费。")
CASH = Citation(2, "b.md", "取现规则", "境内取现手续费为取现金额的1%，最低10元。")


@pytest.mark.parametrize(("words", "told"), [
    ("年费200元。", "年费200元[1]。"),
    ("年费200元", "年费200元[1]"),
    ("是的。年费200元。", "是的。年费200元[1]。"),
    ("不可以。普卡不免首年年费，刷卡满6次才免。具体请咨询人工客服。", "不可以。普卡不免首年年费，刷卡满6次才免[1]。具体请咨询人工客服。"),
    ("年费如下：\n普卡200元；\n刷卡满6次免年费。", "年费如下：\n普卡200元[1]；\n刷卡满6次免年费[1]。"),
    ("", ""),
])
def test_what_claims_carries_its_mark(words, told):
    assert marked(words, [FEE], [1], "") == told and unmarked(told) == words


def test_each_sentence_carries_the_number_of_what_it_stands_on():
    words = "年费200元。取现手续费1%，最低10元。"
    assert marked(words, [FEE, CASH], [1, 2], "") == "年费200元[1]。取现手续费1%，最低10元[2]。"


def test_another_citation_only_where_none_of_the_checked_ones_holds_the_figures():
    assert marked("取现手续费最低10元。", [FEE, CASH], [1], "") == "取现手续费最低10元[2]。"
    assert marked("取现和年费都要收。", [FEE, CASH], [1], "") == "取现和年费都要收[1]。"


def test_a_mark_that_is_there_stays_the_only_one():
    assert marked("年费200元[1]。", [FEE, CASH], [2], "") == "年费200元[1]。"


@pytest.mark.parametrize("words", ["是的。", "可以。", "不需要", "没有。", "建议咨询当地网点。", "请联系人工客服。", "具体以合同为准。", "您问的是哪张卡？", "条件如下：", "”"])
def test_no_claims(words):
    assert not claims(words)


@pytest.mark.parametrize("words", ["免费。", "不可以取现。", "请在30日内咨询网点。", "要交200元。"])
def test_claims(words):
    assert claims(words)
