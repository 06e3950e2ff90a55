"""What counts as said: right answers in other writing, and wrong ones that hold the same characters."""

from __future__ import annotations

import pytest

from rag.evaluate.required import has, has_all


@pytest.mark.parametrize(("item", "text", "found"), [
    ("50万元", "最高偿付限额为人民币500,000元。", True),
    ("５％", "按5%收取", True),
    ("5%", "按15%收取", False),
    ("5%", "按0.5%收取", False),
    ("90", "等待期90日", True),
    ("90", "等待期190日", False),
    ("1000", "手续费1,000元", True),
    ("等待期90天", "等待期为90日", True),
    ("等待期90天", "宽限期为90日", False),
    ("可以退保", "您 可以\n退保", True),
    ("不可以", "可以", False),
    ("18周岁", "须年满18周岁", True),
])
def test_required_strings(item, text, found):
    assert has(item, text) is found


def test_all_are_required_and_of_alternatives_one():
    assert has_all(("15日", ("无损", "全额退还")), "15日内退保，全额退还保费")
    assert not has_all(("15日", ("无损", "全额退还")), "15日内退保")
    assert has_all((), "")


@pytest.mark.parametrize(("item", "text"), [
    ("15日", "犹豫期为十五天"),
    ("30%", "按百分之三十收取"),
    ("30%", "按三成收取"),
    ("0.5‰", "费率为万分之五"),
    ("5,000", "起购金额0.5万元"),
    ("2,280", "年交保费2,280.00元"),
    ("2025-12-31", "截至2025年12月31日"),
    ("3月20日", "分红日：2026-03-20"),
    ("15:00", "下午3点前"),
    ("61岁11个月", "退休年龄：61周岁11个月"),
    ("24个月", "最长两年"),
    ("连续3期", "连续三期未还"),
    ("最高200万元", "限额（最高）：2,000,000元"),
    ("不能", "不能，逾期的不予受理"),
    ("10%", "费率为3%-10%"),
    ("50万元", "最高50万"),
    ("70,967", "多付利息70,967.37元"),
    ("3,208.7元", "每月约还3,208.73元"),
    ("指定交易", "账户未指定交易"),
    ("2,180", "10万元盈亏（元）：-2,180"),
])
def test_a_right_answer_in_other_writing(item: str, text: str) -> None:
    assert has(item, text)


@pytest.mark.parametrize(("item", "text"), [
    ("五年", "期限为十五年"),
    ("五年", "满二十五年的"),
    ("3个", "锁定3个月"),
    ("3个", "到期后3个工作日内"),
    ("可以退保", "犹豫期后不可以退保"),
    ("退还", "手续费不退还"),
    ("可能", "不可能亏损"),
    ("不能", "能不能退保，要看合同"),
    ("不会", "会不会影响征信？请看下文"),
    ("连续3期", "连续6期或者在两年之内总共累计达到了3期"),
    ("61岁11个月", "男性61岁退休；女性55岁，延迟11个月"),
    ("0.5", "费率0.5‰"),
    ("R2", "PR2级"),
    ("30日", "宽限期60日"),
    ("5‰", "按5%收取"),
    ("900", "每月900.40元"),
    ("3,208.7", "每月约还3,208.83元"),
])
def test_a_wrong_answer_that_holds_the_same_characters(item: str, text: str) -> None:
    assert not has(item, text)
