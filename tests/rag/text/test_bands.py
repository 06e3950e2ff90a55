"""Bands that texts state, and whether a quantity of the question lies in one."""

import math

import pytest

from rag.text.bands import bands, fit, holds_the_year, quantities


@pytest.mark.parametrize(("text", "low", "high", "unit"), [
    ("累计缴费满一年不足五年的", 12, 60, "月"),
    ("满5年不足10年", 60, 120, "月"),
    ("累计缴费十年以上的", 120, math.inf, "月"),
    ("投保年龄18至59周岁", 18, 59, "岁"),
    ("100万元≤M＜500万元", 1e6, 5e6, "元"),
    ("M≥500万元", 5e6, math.inf, "元"),
    ("超过36,000元至144,000元的部分", 36000, 144000, "元"),
    ("7日≤T＜30日", 7, 30, "天"),
    ("N＜7日", 0, 7, "天"),
    ("持有不满90天赎回的", 0, 90, "天"),
    ("5年以内（含）", 0, 60, "月"),
    ("3年以上5年以下", 36, 60, "月"),
    ("年满18周岁不满60周岁", 18, 60, "岁"),
    ("50万元（含）以上", 5e5, math.inf, "元"),
    ("第6个保单年度至第10个保单年度", 72, 120, "月"),
    ("自第11个保单年度及以后", 132, math.inf, "月"),
    ("第二个保单年度", 24, 24, "月"),
    ("第三年起", 36, math.inf, "月"),
    ("50万元（含）至200万元", 5e5, 2e6, "元"),
    ("180日≤N＜1年", 180, 365, "天"),
    ("180天（含）至1年", 180, 365, "天"),
])
def test_a_band_is_read(text, low, high, unit):
    (band,) = bands(text)
    assert (band.low, band.unit) == (low, unit) and band.high == pytest.approx(high)


@pytest.mark.parametrize("text", ["宽限期为60日。", "最高偿付限额不超过50万元", "年费200元"])
def test_a_plain_figure_is_no_band(text):
    assert bands(text) == []


@pytest.mark.parametrize(("question", "text", "expected"), [
    ("失业金交了7年能领几个月", "满五年不足十年的，最长为十八个月", 1),
    ("失业金交了7年能领几个月", "满一年不足五年的，最长为十二个月", -1),
    ("买600万手续费多少", "M≥500万元：1,000元／笔", 1),
    ("交满12年呢", "累计缴费时间10年以上的", 1),
    ("等待期多少天", "满5年不足10年", 0),
    ("满5年的怎么算", "满5年不足10年", 1),
    ("满10年的怎么算", "满5年不足10年", -1),
    ("我1972年6月生的男职工", "出生时间：1972年5月至1972年8月；延迟月数：23", 1),
    ("我1972年6月生的男职工", "出生时间：1972年9月至1972年12月；延迟月数：24", -1),
    ("拿了两个月想卖", "30天(含)至180天", 1),
    ("拿了两个月想卖", "7天(含)至30天", -1),
    ("净资产200万", "50万元（含）至200万元", -1),
    ("我测评63分", "得分：56至70分；等级：C3平衡型", 1),
    ("我测评63分", "得分：71至85分；等级：C4进取型", -1),
])
def test_a_quantity_lies_in_a_band_or_not(question, text, expected):
    assert fit(quantities(question), bands(text)) == expected


def test_a_band_that_goes_on_to_its_upper_end_ends_there():
    assert fit(quantities("贷25年"), bands("5年以上至20年（含）")) == -1
    assert fit(quantities("贷25年"), bands("20年以上至30年（含）")) == 1
    assert fit(quantities("贷25年"), bands("2万元以上至5万元")) == 0


def test_a_quantity_that_is_passed_or_not_reached_falls_into_the_next_band():
    assert fit(quantities("花到5万以上那一段"), bands("2万元以上至5万元")) == -1
    assert fit(quantities("花到5万以上那一段"), bands("5万元以上")) == 1
    assert fit(quantities("官方价7千多"), bands("6,000—8,999元")) == 1 and fit(quantities("三千的手机"), bands("2,000—3,999元")) == 1
    assert fit(quantities("保费8000分10期"), bands("5,001—20,000元")) == 1 and not quantities("保费2025年的")[1:]
    assert quantities("逾期20天，一天最多打几个电话") == [(20.0, "天")] and quantities("存一天能取多少")[0] == (1.0, "天")
    assert fit(quantities("不到5年"), bands("满5年不足10年")) == -1
    assert fit(quantities("5年"), bands("满5年不足10年")) == 1


@pytest.mark.parametrize("question,text,held", [
    ("第8年退保能拿多少", "您在第6个保单年度至第10个保单年度解除本合同的", True),
    ("第8年退保能拿多少", "您在第11个保单年度及以后解除本合同的", False),
    ("第12年退保能拿多少", "您在第11个保单年度及以后解除本合同的", True),
    ("第8年退保能拿多少", "自本合同成立之日起超过2年的，我们不得解除合同", False),
    ("退保能拿多少", "您在第6个保单年度至第10个保单年度解除本合同的", False),
])
def test_a_text_about_numbered_years_holds_the_year_asked_about(question, text, held):
    assert holds_the_year(question, text) is held


def test_before_a_span_is_full_is_under_it():
    assert fit(quantities("没满90天能赎回吗"), bands("持有满90天前提前赎回")) == 1
    assert fit(quantities("持有100天能赎回吗"), bands("持有满90天前提前赎回")) == -1


@pytest.mark.parametrize(("text", "fits"), [
    ("年满18周岁后的首个合同生效日对应日（含当日）起至年满41周岁后的首个合同生效日对应日前身故", -1),
    ("年满41周岁后的首个合同生效日对应日（含当日）起至年满61周岁后的首个合同生效日对应日前身故", 1),
    ("年满61周岁后的首个合同生效日对应日（含当日）起身故", -1),
    ("年满18周岁后的首个合同生效日对应日前身故", -1),
])
def test_a_band_runs_from_one_anniversary_to_another(text, fits):
    assert fit(quantities("我45岁身故按多少赔"), bands(text)) == fits
