"""Which bands say whose row of a table it is. Run: pytest tests/rag/text/test_row_bands.py"""

import pytest

from rag.text.bands import fit, quantities
from rag.text.row_bands import row_bands


def test_rows_say_their_age_and_year_by_the_name_of_the_column():
    row = row_bands("保单年度：11；年龄：46；现金价值（元）：1,048")
    assert fit(quantities("第11年末退保"), row) == 1 and fit(quantities("第10年末退保"), row) == -1
    assert fit(quantities("46岁的"), row) == 1
    assert fit(quantities("男46，20年交"), row) == 1 and fit(quantities("我今年46男"), row) == 1 and fit(quantities("男5年交"), row) != 1


def test_whose_row_it_is_the_first_column_with_a_span_tells():
    row = "累计缴费时间：满1年不足5年；领取期限最长：12个月；核定方法：满1年领3个月，此后每满4个月增加1个月"
    assert fit(quantities("缴了6年能领几个月"), row_bands(row)) == -1
    assert fit(quantities("缴了3年能领几个月"), row_bands(row)) == 1


def test_instalments_repaid_are_months():
    rows = ["已还期数：1至6期；违约金：1.0%", "已还期数：13期及以后；违约金：不收取"]
    assert [fit(quantities("借了5个月提前全还"), row_bands(row)) for row in rows] == [1, -1]


@pytest.mark.parametrize(("question", "fits"), [
    ("我48岁", [-1, 1, -1]), ("爸73了", [-1, -1, 1]), ("我爸今年46，能买吗", [-1, 1, -1]), ("等待期多久", [0, 0, 0]),
])
def test_a_cell_of_plain_numbers_is_a_band_of_its_columns_unit(question, fits):
    rows = ["年龄（周岁）：0-17；保费：680", "年龄（周岁）：46-50；保费：1,223", "年龄（周岁）：70及以上；保费：5,000"]
    assert [fit(quantities(question), row_bands(row)) for row in rows] == fits


@pytest.mark.parametrize(("question", "row", "fits"), [
    ("我75岁续保", "年龄：61—70（限续保）；保费：2,790", -1), ("我66岁续保", "年龄：61—70（限续保）；保费：2,790", 1),
    ("贷4年利率多少", "期限(月)：48；利率：5.49%", 1), ("贷3年利率多少", "期限(月)：48；利率：5.49%", -1),
    ("考了50分", "得分区间：45分（含）—65分；类型：C3", 1), ("考了65分", "得分区间：45分（含）—65分；类型：C3", -1),
    ("提20克的金条工费多少", "规格（成色Au99.99）：10克；工费（元/克）：20", -1), ("提10克的金条", "规格：10克；工费：20", 1),
    ("拿25万美元存", "金额(美元)：200,000(含)以上；3个月：3.10", 1), ("拿25万美元存", "金额(美元)：20,000(含)至200,000(不含)；3个月：2.90", -1),
    ("认购80万", "认购金额（万元）：50至100；费率：1%", 1),
    ("拿30万美元买", "金额：300万元≤M＜500万元；费率：0.50%；美元金额：60万美元≤M＜100万美元；费率：0.50%", -1),
    ("考了90分", "得分区间：85分（含）以上；类型：C5", 1), ("63天的手续费", "品种期限：182天；佣金：0.030%", -1),
])
def test_remarks_bracketed_units_and_scores_are_read(question, row, fits):
    assert fit(quantities(question), row_bands(row)) == fits


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
