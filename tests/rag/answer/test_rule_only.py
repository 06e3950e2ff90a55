"""Where the documents only say how a value is set, that is said and quoted, and does not pass for the value."""

from dataclasses import replace

import pytest

from rag.answer.compose import Found, refused
from rag.answer.doubts import doubts
from rag.answer.evidence import select
from rag.answer.rule_only import asked_value, rule, says_only_rule
from tests.rag.answer.test_evidence import flat, hit, judge

LOAN = "贷款金额不得超过现金价值的80%，每次贷款期限最长不超过6个月，贷款利率按您与我们签订的协议中约定的利率执行。"
PRICE = "初始转股价格不低于前二十个交易日均价，具体由股东大会授权董事会与保荐机构协商确定。"


@pytest.mark.parametrize(("question", "value"), [
    ("实际结算利率到底是多少？", "结算利率"), ("初始转股价最后定了多少钱一股？", "转股价格"), ("每次事故免赔额是多少元？", "免赔额"),
    ("拿保单去贷款，利息按多少算？", "利率"), ("结算利率怎么算出来的？", ""), ("费率标准由谁制定？", ""), ("最多赔到每次事故限额的百分之几？", ""), ("扣掉免赔额后按多少比例赔？", ""), ("宽限期几天？", ""),
])
def test_a_value_is_asked_or_how_it_is_set(question, value):
    assert asked_value(question)[1] == value


@pytest.mark.parametrize(("question", "words", "only"), [
    ("拿保单去贷款，利率是几个点？", LOAN, True), ("转股价是多少钱一股？", PRICE, True),
    ("结算利率是多少？", "结算利率：我们根据上一个月的投资状况，确定结算利率，并在6个工作日内公布。", True),
    ("费率是多少？", "费率由董事会确定，为年费率0.5%。", False), ("贷款利率是多少？", "贷款利率为年利率3.10%，按约定执行。", False),
    ("活期利率是百分之几？", "逾期支取的，按支取日挂牌公告的活期利率计付利息。", False), ("保费多少钱？", "按已交保费与现金价值较大者给付。", False),
    ("利率怎么定？", LOAN, False),
])
def test_words_say_only_how_a_value_is_set(question, words, only):
    assert says_only_rule(question, words) is only


@pytest.mark.parametrize(("question", "word", "texts", "doubted"), [
    ("保单贷款利率是几个点？", "贷款利率", (LOAN,), 1.0),
    ("初始转股价是多少钱？", "面值", ("债券面值为人民币100元。", PRICE), 1.0),
    ("实际结算利率是多少？", "保证利率", ("保证利率为年利率1.5%。", "我们在每年1月确定并公布上一年度的结算利率。"), 1.0),
    ("保证利率是多少？", "保证利率", ("保证利率为年利率1.5%。", "我们在每年1月确定并公布上一年度的结算利率。"), 0.0),
    ("面值是多少？", "面值", ("债券面值为人民币100元。", PRICE), 0.0),
])
def test_the_rule_does_not_pass_for_the_value(question, word, texts, doubted):
    hits = [hit(text) for text in texts]
    evidence = select(question, hits, flat, judge(word))
    assert doubts(question, evidence, hits)["rule"] == doubted


def test_a_refusal_quotes_the_rule_with_its_source():
    question = "保单贷款利率是几个点？"
    hits = (hit(LOAN, title="传家条款"), hit("每次事故免赔额由双方协商确定。", title="家财险条款"))
    words = refused(Found(question, hits, select(question, hits, flat, judge("贷款")), 0.1), "依据不足")
    assert words.refused and words.text.startswith("现有资料没有回答这个问题。没有写明具体的值，只写了怎样确定：\n《传家条款》 二、利率 第3页：贷款金额")
    assert [c.title for c in words.citations] == ["传家条款"] and LOAN in words.citations[0].text


def test_the_rule_comes_from_the_document_that_is_meant():
    said = "每次事故免赔额由投保人与保险人协商确定。"
    both = hit(said, title="平安食品安全责任保险条款"), hit(said, title="平安家庭财产保险条款")
    assert rule("平安家财险每次事故免赔额是多少？", both, both[1].source).title == both[1].title
    named = replace(both[0], parts={"title": 1.0})
    assert rule("食品安全责任保险每次事故免赔额是多少？", (named, both[1]), both[1].source).title == named.title


def test_no_rule_is_shown_where_the_document_states_the_value_or_speaks_of_another():
    stated = hit("贷款利率按约定执行。\n\n本期贷款利率为年利率3.10%。")
    assert rule("贷款利率是多少？", (stated,), stated.source) is None
    other = hit("储蓄存款利率由中国人民银行拟订并公布。")
    assert rule("国债利率是多少？", (other,), other.source) is None
