from __future__ import annotations

import pytest

from rag.calculate.again import again
from rag.calculate.calculate import calculate

LOAN = "商贷100万，30年，利率3.5%，等额本息每月还多少"


@pytest.mark.parametrize(("earlier", "message", "figure"), [
    ([LOAN], "那改成20年呢？", "5,799.60"), ([LOAN], "利率降到3.1%呢", "4,270.16"), ([LOAN], "那等额本金呢，总利息多少", "526,458.33"),
    ([LOAN, "那改成20年呢？"], "要是只贷80万呢", "4,639.68"),
    (["8万块申购一只股票基金，申购费率1.5%，净申购金额多少"], "那打一折呢", "79,880.18"),
    (["一次交10万的分红险，第10年末能拿12.8万，年复利多少"], "要是拖到第15年末再取，能拿14.6万呢", "2.56%"),
    (["月薪15000，每月五险一金2000，年终奖6万单独计税，一年个税一共多少"], "那要是并入综合所得呢", "14,280"),
    (["贷30万每月还多少", "20年"], "利率3.6%", "1,755.33"),
])
def test_a_sum_is_asked_again_with_what_the_message_changes(earlier, message, figure):
    assert figure in calculate(again(earlier, message), []).text


@pytest.mark.parametrize("message", [
    "那提前还款要违约金吗", "需要什么材料", "最多能贷30年吗", "怎么申请", "那逾期3天会怎样", "好的谢谢", "为什么是20年", "贷款最长多少年",
])
def test_a_message_that_asks_something_else_changes_no_sum(message):
    assert again([LOAN], message) == ""


def test_no_sum_was_asked_before():
    assert again([], "那20年呢") == ""
    assert again(["福满堂犹豫期多少天"], "那20年呢") == ""


def test_of_two_figures_that_may_be_meant_none_is_taken():
    assert again(["买了2000股，每股12元，后来每股13元卖了，佣金万3，净赚多少"], "15元呢") == ""
