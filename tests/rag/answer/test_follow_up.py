"""A follow-up takes its subject from the question before."""

import pytest

from rag.answer.follow_up import readings, standalone
from rag.answer.result import Turn


def asked(*questions: str) -> list[Turn]:
    return [turn for q in questions for turn in (Turn("user", q), Turn("assistant", "……"))]


@pytest.mark.parametrize(("before", "question", "words"), [
    (["安居贷的利率是多少"], "那提前还款呢？", ["安居贷", "提前还款"]),
    (["澄安重疾险等待期多久"], "宽限期呢？", ["澄安重疾险", "宽限期"]),
    (["金卡年费多少", "那白金卡呢？"], "它的取现手续费是多少", ["白金卡", "取现手续费"]),
])
def test_what_is_left_out_is_taken_over(before, question, words):
    alone = standalone(question, asked(*before))
    assert all(word in alone for word in words)


def test_another_matter_of_the_same_product_leaves_the_old_matter_behind():
    alone = standalone("那逾期呢？", asked("安居贷提前还款要收违约金吗？"), lambda text: "安居贷" if "安居贷" in text else "")
    assert alone == "安居贷，逾期呢？"


def test_another_case_of_the_same_matter_keeps_it():
    alone = standalone("第三年呢？", asked("福满堂第二年退保扣多少"), lambda text: "福满堂" if "福满堂" in text else "")
    assert "退保" in alone and "第三年" in alone and "福满堂" in alone


@pytest.mark.parametrize("question", ["住房公积金贷款的首套利率是多少", "职工医保在三级医院住院的起付线是多少钱"])
def test_a_question_of_its_own_stays_as_it_is(question):
    assert standalone(question, asked("安居贷的利率是多少")) == question


def test_without_history_nothing_is_added():
    assert standalone("那退保呢？", []) == "那退保呢？"


def test_a_question_that_leans_on_nothing_may_still_go_on():
    before = asked("存款保险怎么赔")
    assert readings("多久能拿到这笔钱？", before) == ["多久能拿到这笔钱？", "存款保险怎么赔，多久能拿到这笔钱？"]
    assert readings("安居贷多久放款？", before, lambda text: "安居贷" if "安居贷" in text else "") == ["安居贷多久放款？"]
