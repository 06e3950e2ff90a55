"""Units of evidence are exact words of the passage."""

import pytest

from rag.text.sentences import sentences, split_units

TABLE = "表1 年利率（单位：%）\n| 期限 | 首套 |\n| --- | --- |\n| 5年以内 | 3.05 |\n| 5年以上 | 3.25 |"


def test_sentences_keep_their_marks_and_decimals_whole():
    assert sentences("利率为3.25%。满1年后，不收违约金！\n请咨询。") == ["利率为3.25%。", "满1年后，不收违约金！", "请咨询。"]


def test_a_row_carries_caption_and_header_and_reads_as_a_sentence():
    units = split_units(f"说明如下。\n\n{TABLE}")
    row = units[-1]
    assert row.kind == "row" and row.context == "表1 年利率（单位：%）"
    assert row.plain == "期限：5年以上；首套：3.25"
    assert row.text == "表1 年利率（单位：%）\n| 期限 | 首套 |\n| --- | --- |\n| 5年以上 | 3.25 |"


def test_a_title_that_runs_in_stays_with_its_sentence():
    units = [unit.text for unit in split_units("第四条 交易时间。交易日9:10至22:30；周六不办理。\n第五条 费用。\n5.1 本合同自签字之日起生效。")]
    assert units == ["第四条 交易时间。交易日9:10至22:30；", "周六不办理。", "第五条 费用。", "5.1 本合同自签字之日起生效。"]


def test_a_rule_said_twice_is_no_row():
    units = split_units("| 项目 | 方案A |\n| --- | --- |\n|---|---|\n| 限额 | 30万元 |")
    assert [unit.plain for unit in units] == ["项目：限额；方案A：30万元"]


@pytest.mark.parametrize("dash", ["-", "—"])
def test_a_row_of_dashes_opens_no_table(dash):
    table = f"| 工种 | 方案A | 方案B |\n| --- | --- | --- |\n| {dash} | {dash} | {dash} |\n| 5类 | 536 | 812 |\n| - | - | - |\n| 6类 | 拒保 | 另议 |"
    assert "工种：5类；方案A：536；方案B：812" in [unit.plain for unit in split_units(table)]
    assert [unit.kind for unit in split_units(table)] == ["row"] * 4


def test_a_list_stays_with_its_lead_in():
    text = "因下列情形之一的，我们不承担责任：\n（一）故意犯罪；\n（二）酒后驾驶。\n另有约定的除外。"
    units = split_units(text)
    assert [u.kind for u in units] == ["list", "sentence"]
    assert units[0].text.endswith("（二）酒后驾驶。")


def test_a_long_list_is_cut_by_items_that_keep_the_lead_in():
    items = "\n".join(f"（{i}）{'情形' * 30}；" for i in range(1, 10))
    units = split_units(f"下列情形除外：\n{items}")
    assert len(units) == 9 and all(u.plain.startswith("下列情形除外：（") for u in units)


def test_every_unit_stands_in_the_passage():
    text = f"第一句。第二句；\n{TABLE}\n最后一句"
    for unit in split_units(text):
        assert all(line in text for line in unit.text.split("\n"))


def test_a_table_on_its_side_is_read_column_by_column():
    units = split_units("短期费率表\n| 已经过月数 | 1 | 2 | 9 |\n| --- | --- | --- | --- |\n| 年费率的比例 | 10% | 20% | 85% |")
    rows = [u for u in units if u.kind == "row"]
    assert [u.plain for u in rows] == [f"已经过月数：{n}；年费率的比例：{p}" for n, p in ((1, "10%"), (2, "20%"), (9, "85%"))]
    assert all(u.text.endswith("| 年费率的比例 | 10% | 20% | 85% |") for u in rows)
    plain = split_units("| 卡种 | 年费 | 额度 |\n| --- | --- | --- |\n| 金卡 | 200元 | 5万元 |")
    assert [u.plain for u in plain] == ["卡种：金卡；年费：200元；额度：5万元"]


def test_a_bare_yes_keeps_its_reason():
    units = split_units("问：还能申购吗？\n答：可以。额度看日均市值。\n满1年后免收。")
    assert [u.plain for u in units] == ["问：还能申购吗？", "答：可以。额度看日均市值。", "满1年后免收。"]


def test_a_table_of_names_and_values_side_by_side_is_read_pair_by_pair():
    text = """表1 产品概况
| 基金简称 | 优选成长混合 | 基金代码 | 990101 |
| --- | --- | --- | --- |
| 基金管理人 | 某基金公司 | 基金托管人 | 某银行 |
| 基金经理 | 林某 | 证券从业日期 | 2012-07-01 |"""
    units = split_units(text)
    assert [u.plain for u in units if u.context] == ["基金简称：优选成长混合", "基金代码：990101", "基金管理人：某基金公司", "基金托管人：某银行",
                                                     "基金经理：林某", "证券从业日期：2012-07-01"]
    assert all(u.text in text for u in units)
    usual = split_units("| 卡种 | 年费金额 | 还款方式 | 开卡日期 |\n| --- | --- | --- | --- |\n| 金卡 | 200元 | 等额 | 5月 |")
    assert [u.kind for u in usual] == ["row"]


def test_a_caption_is_the_short_lines_before_a_table_up_to_its_title():
    text = "第七条 保险费按下表收取。\n附表：年保险费\n性别：男性\n单位：元\n| 年龄 | 保险费 |\n| --- | --- |\n| 30 | 120 |"
    (row,) = [unit for unit in split_units(text) if unit.kind == "row"]
    assert row.context == "附表：年保险费\n性别：男性\n单位：元" and row.text.startswith(row.context) and row.text in text
    (row,) = [unit for unit in split_units("前文一句。\n年利率\n| 期限 | 利率 |\n| --- | --- |\n| 1年 | 3% |") if unit.kind == "row"]
    assert row.context == "年利率"


def test_a_header_that_begins_anew_is_another_table_without_the_caption_of_the_first():
    text = "表1 甲的演示\n| 年度 | 价值 |\n| --- | --- |\n| 1 | 5 |\n| 年度 | 价值 |\n| --- | --- |\n| 1 | 7 |"
    first, other = (unit for unit in split_units(text) if unit.kind == "row")
    assert (first.plain, first.context) == ("年度：1；价值：5", "表1 甲的演示") and (other.plain, other.context) == ("年度：1；价值：7", "")
