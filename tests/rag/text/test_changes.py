"""Statements by which a notice changes a figure."""

from datetime import date

import pytest

from rag.text.changes import find_changes, tells_old


@pytest.mark.parametrize(("text", "changes"), [
    ("自2026年9月15日起，普通客户赎回手续费由0.50%调整为0.45%；金卡由0.40%调整为0.35%；黑金卡维持0.30%不变。",
     [("自2026年9月15日起，普通客户赎回手续费", "0.50%", "0.45%", date(2026, 9, 15)), ("金卡", "0.40%", "0.35%", date(2026, 9, 15))]),
    ("单笔限额由2万元调整为1万元,单日累计限额由5,000元提高至8,000元。",
     [("单笔限额", "2万元", "1万元", None), ("单日累计限额", "5,000元", "8,000元", None)]),
    ("C类份额的销售服务费年费率由0.25%调低至0.20%。", [("C类份额的销售服务费年费率", "0.25%", "0.20%", None)]),
    ("到账时间由T＋2日缩短为T＋1日。", [("到账时间", "T＋2日", "T＋1日", None)]),
    ("第二条所载“执行年利率1.80%”应为“1.85%”。", [("第二条所载执行年利率1.80%", "执行年利率1.80%", "1.85%", None)]),
    ("| 项目 | 调整前 | 调整后 |\n| --- | --- | --- |\n| 短信费 | 3元/月 | 2元/月 |\n| 挂失费 | 20元 | 20元 |",
     [("短信费", "3元/月", "2元/月", None)]),
    ("| 类别 | 调整前限额 | 调整前算法 | 调整后限额 | 调整后算法 |\n| --- | --- | --- | --- | --- |\n| 美元 | 500美元 | 单独 | 100美元 | 单独 |",
     [("美元　限额", "500美元", "100美元", None)]),
    ("保险金额由投保人确定，手机号可在柜面变更为新号。由我行负责。", []),
])
def test_what_was_and_what_is_now(text, changes):
    assert [(c.subject, c.old, c.new, c.begins) for c in find_changes(text)] == changes


def test_a_day_holds_for_the_statements_that_follow():
    text = "一、自2026年5月1日起，年费由100元调整为80元。\n二、白金卡年费由600元调整为480元。"
    assert [c.begins for c in find_changes(text)] == [date(2026, 5, 1)] * 2


def test_a_sentence_that_tells_the_old_figure_is_told_from_one_with_the_new():
    notice = ["每期最低金额由500元降至200元。"]
    assert tells_old("每期最低500元。", notice)
    assert not tells_old("每期最低200元。", notice) and not tells_old("每期由500元降至200元。", notice)
    assert not tells_old("手续费30元。", notice)
