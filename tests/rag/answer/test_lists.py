"""Which items of a list a question means. Run: pytest tests/rag/answer/test_lists.py"""

from rag.answer.lists import items_meant
from tests.rag.answer.test_evidence import flat

ITEMS = ["（一）虚假记载；", "（二）对业绩进行预测；", "（三）承诺投资本金不受损失或者承诺最低收益；", "（四）诋毁其他机构；", "（五）夸大过往排名；",
         "（六）泄露他人隐私；", "（七）登载他人推荐文字。"]


def test_the_item_that_is_asked_about_is_meant():
    assert items_meant("报告里可以承诺最低收益吗", flat)(ITEMS) == [ITEMS[2]]


def test_of_a_question_that_means_none_or_most_all_are_kept():
    assert items_meant("怎么转账", flat)(ITEMS) == ITEMS
    assert items_meant("怎么转账", flat)(ITEMS[:1]) == ITEMS[:1]
