"""Bands that texts state, and whether a quantity of the question lies in one."""

import math

import pytest

from rag.text.bands import bands, fit, holds_the_year, quantities, row_bands


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


def test_rows_say_their_age_and_year_by_the_name_of_the_column():
    row = row_bands("保单年度：11；年龄：46；现金价值（元）：1,048")
    assert fit(quantities("第11年末退保"), row) == 1 and fit(quantities("第10年末退保"), row) == -1
    assert fit(quantities("46岁的"), row) == 1
    assert fit(quantities("男46，20年交"), row) == 1 and fit(quantities("我今年46男"), row) == 1 and fit(quantities("男5年交"), row) != 1


def test_a_band_that_goes_on_to_its_upper_end_ends_there():
    assert fit(quantities("贷25年"), bands("5年以上至20年（含）")) == -1
    assert fit(quantities("贷25年"), bands("20年以上至30年（含）")) == 1
    assert fit(quantities("贷25年"), bands("2万元以上至5万元")) == 0


def test_a_quantity_that_is_passed_or_not_reached_falls_into_the_next_band():
    assert fit(quantities("花到5万以上那一段"), bands("2万元以上至5万元")) == -1
    assert fit(quantities("花到5万以上那一段"), bands("5万元以上")) == 1
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


def test_whose_row_it_is_the_first_column_with_a_span_tells():
    row = "累计缴费时间：满1年不足5年；领取期限最长：12个月；核定方法：满1年领3个月，此后每满4个月增加1个月"
    assert fit(quantities("缴了6年能领几个月"), row_bands(row)) == -1
    assert fit(quantities("缴了3年能领几个月"), row_bands(row)) == 1


def test_instalments_repaid_are_months():
    rows = ["已还期数：1至6期；违约金：1.0%", "已还期数：13期及以后；违约金：不收取"]
    assert [fit(quantities("借了5个月提前全还"), row_bands(row)) for row in rows] == [1, -1]


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


@pytest.mark.parametrize(("question", "fits"), [
    ("我48岁", [-1, 1, -1]), ("爸73了", [-1, -1, 1]), ("我爸今年46，能买吗", [-1, 1, -1]), ("等待期多久", [0, 0, 0]),
])
def test_a_cell_of_plain_numbers_is_a_band_of_its_columns_unit(question, fits):
    rows = ["年龄（周岁）：0-17；保费：680", "年龄（周岁）：46-50；保费：1,223", "年龄（周岁）：70及以上；保费：5,000"]
    assert [fit(quantities(question), row_bands(row)) for row in rows] == fits


def test_a_columns_name_does_not_say_which_row_it_is_where_a_cell_does():
    rows = ["资产规模：50万元以下；年利率 180天以内：6.80%", "资产规模：50万元（含）至200万元；年利率 180天以内：6.20%"]
    assert [fit(quantities("资产100万，180天内年利率多少"), row_bands(row)) for row in rows] == [-1, 1]


def test_the_highest_age_of_a_row_is_the_end_of_its_band():
    assert fit(quantities("我62岁能买吗"), row_bands("交费期间：3年交；最高投保年龄：70")) == 1
    assert fit(quantities("我62岁能买吗"), row_bands("交费期间：20年交；最高投保年龄：55")) == -1


def test_steps_and_calendar_years_are_bands():
    row = "缴费档次（元/年）：8,000；政府补贴：300"
    assert fit(quantities("交8000那一档"), row_bands(row)) == 1 and fit(quantities("交3000那档"), row_bands(row)) == -1
    assert fit(quantities("2030年权益占多少"), row_bands("年份：2029至2031年；中枢：47%")) == 1
