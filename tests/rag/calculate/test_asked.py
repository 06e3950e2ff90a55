from __future__ import annotations

import pytest

from rag.calculate.asked import asked


@pytest.mark.parametrize(("question", "kind", "target"), [
    ("贷30万分20年每月还多少", "loan", "payment"),
    ("贷款30万两年半，等额本金首月还多少", "loan", "first"),
    ("100万房贷30年3.1%，等额本息比等额本金多付多少利息", "loan", "compare"),
    ("存10万三年到期能拿多少利息", "deposit", "interest"),
    ("12期每期手续费0.6%真实年化多少", "instalment", "rate"),
    ("2万4的账单分12期，每期一共还多少？", "instalment", "payment"),
    ("30万提前还款违约金1%要付多少", "part", ""),
    ("医药费5万免赔1万报销60%能赔多少", "reimburse", "paid"),
    ("月薪2万五险一金扣完税后多少", "net_wage", ""),
    ("年终奖3万6单独计税要交多少税", "bonus", ""),
    ("日利率万分之五，欠5000块10天利息多少", "days_interest", ""),
    ("每年交一万交五年第十年退保拿6万2，IRR多少", "policy_rate", ""),
    ("买5万基金申购费率1.5%打1折，申购费多少", "subscription", "fee"),
])
def test_the_sum_a_question_asks_for_is_known(question, kind, target):
    found = asked(question)
    assert found is not None
    assert (found.kind, found.target) == (kind, target)


@pytest.mark.parametrize("question", [
    "年费多少", "利率是多少", "金卡年费多少钱", "买5万块基金的申购费率多少？", "5万元以上的报销比例是多少？", "贷款最长多少年？",
    "信用卡装修分期36期，折成年化利率是多少？", "房贷逾期3天会怎样？", "县城的房子，二套，贷25年，利率多少？", "存款保险最多赔多少？",
    "逾期90天算几级？", "沪深300指数增强C的销售服务费是多少？", "养老2045的Y类一年管理费多少？", "你好",
])
def test_a_stated_figure_is_no_sum(question):
    assert asked(question) is None
