"""Which items of a list a question means. Run: pytest tests/rag/answer/test_lists.py"""

import pytest

from rag.answer.candidates import asks_items
from rag.answer.lists import items_meant
from tests.rag.answer.test_evidence import flat

ITEMS = ["（一）虚假记载；", "（二）对业绩进行预测；", "（三）承诺投资本金不受损失或者承诺最低收益；", "（四）诋毁其他机构；", "（五）夸大过往排名；",
         "（六）泄露他人隐私；", "（七）登载他人推荐文字。"]


def test_the_item_that_is_asked_about_is_meant():
    assert items_meant("报告里可以承诺最低收益吗", flat)(ITEMS) == [ITEMS[2]]


def test_of_a_question_that_means_none_or_most_all_are_kept():
    assert items_meant("怎么转账", flat)(ITEMS) == ITEMS
    assert items_meant("怎么转账", flat)(ITEMS[:1]) == ITEMS[:1]


@pytest.mark.parametrize("question", [
    "申请条件是什么", "除外责任是什么", "需要的材料是什么", "要先准备好什么", "都记了些什么", "还能拿来干啥", "什么事情要开大会", "一般是啥原因", "有哪些权利"])
def test_a_question_for_a_whole_list_is_told(question):
    assert asks_items(question)


@pytest.mark.parametrize("question", ["等待期是什么", "只能拿去干什么", "年费是多少", "什么原因没到账", "可以提前还款吗"])
def test_a_question_for_one_thing_is_none(question):
    assert not asks_items(question)
