from __future__ import annotations

from decimal import Decimal as D

import pytest

from rag.calculate.calculate import calculate
from rag.calculate.loans import annuity_interest, balance_after
from rag.calculate.result import Calculation, Missing

LOANS = ["房贷 利率表\n| 档 | 年限 | 年利率 |\n| --- | --- | --- |\n| 首套 | 10 | 2.60% |",
         "房贷 利率表\n| 档 | 年限 | 年利率 |\n| --- | --- | --- |\n| 首套 | 20 | 3.60% |",
         "房贷 利率表\n| 档 | 年限 | 年利率 |\n| --- | --- | --- |\n| 二套 | 20 | 4.10% |"]
SOCIAL = [f"社保基数\n| 参保类型 | 险种 | 单位比例 | 个人比例 | 缴费基数下限 | 缴费基数上限 |\n| - | - | - | - | - | - |\n| 企业职工 | {row} |"
          for row in ("基本养老保险 | 16% | 8% | 4500 | 22500", "基本医疗保险 | 8% | 2% | 4500 | 22500",
                      "失业保险 | 0.5% | 0.5% | 4500 | 22500", "住房公积金 | 5%至12% | 5%至12% | 2280 | 22500")]


@pytest.mark.parametrize(("question", "evidence", "figure"), [
    ("贷款30万，20年，年利率3.6%，每月还多少？", [], "1,755.33元"),
    ("房贷首套贷30万20年每月还多少", LOANS, "1,755.33元"),
    ("贷款12万，一年，年利率3.6%，等额本金首月还多少", [], "10,360元"),
    ("100万房贷30年3.1%，等额本息比等额本金总共多付多少利息？", [], "70,967"),
    ("12期每期手续费0.6%真实年化多少", [], "13.03%"),
    ("12000元分12期每期费率0.58%，每期还多少？", [], "1,069.60元"),
    ("存10万定期三年利率1.45%，到期能拿多少利息", [], "4,350元"),
    ("申购10万元，申购费率0.8%，申购费多少？", [], "793.65元"),
    ("8万份，今天万份收益0.35元，今天赚多少？", [], "2.80元"),
    ("30万提前还款违约金1%要付多少", [], "3,000元"),
    ("医药费5万免赔1万报销60%能赔多少", [], "24,000元"),
    ("全年应纳税所得额10万，个税要交多少？", [], "7,480元"),
    ("年终奖3万6单独计税要交多少税", [], "1,080元"),
    ("日利率万分之五，欠5000块10天利息多少", [], "25元"),
    ("每年交1万交5年，第10年退保拿6万2，IRR是多少", [], "2.72%"),
    ("月薪3万，养老保险个人每月交多少钱？", SOCIAL, "1,800元"),
    ("月薪2万，公积金按12%交，五险一金扣完税后多少", SOCIAL, "到手约15,185元"),
    ("年利率4.8%，本金1万元逾期30天，罚息加收50%，罚息多少", [], "60元"),
])
def test_a_sum_is_worked_out(question, evidence, figure):
    found = calculate(question, evidence)
    assert isinstance(found, Calculation), found
    assert figure in found.text
    assert len(found.text) <= 200
    assert all(i.where if isinstance(i.where, str) else evidence[i.where] for i in found.inputs)


@pytest.mark.parametrize(("question", "evidence", "ask"), [
    ("贷30万每月还多少", [], "期限"), ("贷30万分20年每月还多少", [], "利率"), ("贷30万分20年每月还多少", LOANS, "利率"),
    ("存10万三年到期能拿多少利息", [], "利率"), ("2万4分12期每期还多少", [], "费率"), ("医药费5万免赔1万能赔多少", [], "比例"),
    ("月薪2万五险一金扣完税后多少", SOCIAL, "公积金"), ("年薪30万一年要交多少税", [], "扣除"),
])
def test_what_is_stated_nowhere_is_asked_for(question, evidence, ask):
    found = calculate(question, evidence)
    assert isinstance(found, Missing)
    assert ask in found.ask
    assert found.ask.startswith("请问")


def test_an_input_remembers_the_text_it_was_read_from():
    found = calculate("房贷首套贷30万20年每月还多少", LOANS)
    assert ("年利率", "3.60%", 1) in [tuple(i) for i in found.inputs]
    assert found.evidence == (1,)


def test_a_floor_and_a_cap_of_the_text_hold():
    said = ["合约\n违约金为最低还款额未还部分的5%，最低10元，最高500元。"]
    assert "75元" in calculate("最低还款额2000，我只还了500，违约金收多少？", said).result
    assert "为10元" in calculate("最低还款额100，我只还了50，违约金收多少？", said).result
    assert "为500元" in calculate("最低还款额20000，我只还了500，违约金收多少？", said).result


def test_a_rate_table_is_read_for_sex_age_and_term_and_only_of_the_named_product():
    rows = ["青松终身寿险费率表 20年交\n单位：元／每10万元基本保险金额年交保险费\n| 投保年龄 | 男性 | 女性 |\n| - | - | - |\n| 30 | 2,000 | 1,800 |"]
    longer = rows[0].replace("20年交", "30年交").replace("1,800", "1,500")
    assert "5,400元" in calculate("30岁女，青松保额30万，20年交，每年保费多少？", [*rows, longer]).text
    assert calculate("30岁女，白鹤保额30万，20年交，每年保费多少？", rows) is None
    assert calculate("30岁女，青松保额30万，10年交，每年保费多少？", rows) is None
    assert calculate("31岁女，青松保额30万，20年交，每年保费多少？", rows) is None


def test_a_surrender_value_is_read_for_the_year_and_scaled_to_the_premium():
    head = "青松终身寿险 现金价值表\n每1,000元年交保险费对应的现金价值（元）\n| 保单年度末 | 现金价值 |\n| - | - |\n"
    rows = [head + "| 9 | 8,100 |", head + "| 10 | 9,200.5 |"]
    assert "92,005元" in calculate("青松年交1万，第10年退保能拿多少？", rows).text
    assert calculate("青松年交1万，第11年退保能拿多少？", rows) is None
    assert calculate("白鹤年交1万，第10年退保能拿多少？", rows) is None
    other = [row.replace("现金价值表", "现金价值表（女，40周岁）") for row in rows]
    assert calculate("青松年交1万，第10年退保能拿多少？", other) is None


def test_a_structured_deposit_takes_rate_and_days_of_its_own_issue():
    texts = ["青松第5期结构性存款 收益\n落在高档，年化2.15%；落在低档，年化0.65%。", "青松第5期结构性存款 要素\n利息＝本金×年化收益率×182÷365。",
             "青松第5期结构性存款 历史\n| 期次 | 兑付年化收益率 |\n| - | - |\n| 第2期 | 2.40%（高档） |"]
    assert "2,144.11元" in calculate("青松第5期我存20万，落在高档，到期利息有多少？", texts).text
    assert calculate("青松第5期我存20万，落在高档，到期利息有多少？", texts[1:]).name == "年化收益率"


def test_prepaying_spares_the_interest_of_the_schedule():
    found = calculate("贷款100万30年，年利率3.6%，已经还了24个月，提前还20万能省多少利息？", [])
    left = balance_after(D(10**6), D("0.003"), 360, 24)
    spared = annuity_interest(left, D("0.003"), 336) - annuity_interest(left - 200000, D("0.003"), 336)
    assert f"{spared:,.2f}元" in found.result


def test_a_formula_of_a_document_is_worked_where_every_operand_is_known():
    rule = ["指南\n公式：生育津贴＝单位上年度职工月平均工资÷30×产假天数。"]
    assert "44,240元" in calculate("单位上年度月平均工资8400，产假158天，生育津贴能拿多少？", rule).text
    assert calculate("单位上年度月平均工资8400，生育津贴能拿多少？", rule).name == "产假天数"
    assert calculate("生育津贴能拿多少？", rule) is None


@pytest.mark.parametrize("question", ["年费多少", "利率是多少", "你好", "", "贷款0万0年每月还多少利率0%"])
def test_where_no_sum_is_asked_nothing_is_said(question):
    assert not isinstance(calculate(question, []), Calculation)


RATES = ["问答 挂牌利率\n| 期限 | 整存整取年利率 |\n| - | - |\n| 活期 | 0.05% |\n| 六个月 | 0.95% |"]
COSTS = ["手册 交易税费\n| 项目 | 标准 |\n| - | - |\n| 过户费 | 成交金额的0.001% |",
         "手册 交易税费\n| 项目 | 标准 |\n| - | - |\n| 证券交易印花税 | 成交金额的0.05% |",
         "手册 交易税费\n| 项目 | 标准 |\n| - | - |\n| 佣金 | 与客户约定，每笔最低5元 |"]


@pytest.mark.parametrize(("question", "evidence", "figure"), [
    ("每年存1万，年利率2.5%复利，10年后有多少", [], "114,834.66元"),
    ("每月定投1000，年化6%，20年后有多少钱", [], "464,351.10元"),
    ("5万按3%复利10年后是多少钱", [], "67,195.82元"),
    ("存5万活期半年利息", RATES, "12.50元"),
    ("利率3.5%贷款100万还了5年，剩多少本金，期限30年", [], "896,970.73元"),
    ("100万30年3.5%等额本金，贷款已还了5年，还欠多少", [], "833,333.33元"),
    ("一个月工资2万，社保公积金扣3000，专项附加2000，全年个税多少", [], "9,480元"),
    ("月薪2万，社保公积金扣3000，专项附加扣除2000，每月个税多少", [], "个税约300元"),
    ("年终奖3万6个税多少", [], "1,080元"),
    ("买1000股1500元一股的股票佣金万2.5，手续费一共多少", COSTS, "390元"),
    ("贷款60万25年3.1%等额本金总利息", [], "233,275元"),
    ("贷款50万20年，利率3.2%", [], "2,823.31元"),
    ("贷款50万20年，利率3.2%，等额本金呢", [], "首月还3,416.67元"),
    ("30万买理财，年化2.5%，90天收益多少", [], "1,849.32元"),
    ("卖500股，每股25元，佣金万2，费用多少", COSTS, "11.38元"),
])
def test_a_sum_that_customers_ask_for_in_their_words(question, evidence, figure):
    assert figure in calculate(question, evidence).text


@pytest.mark.parametrize(("question", "name"), [
    ("算一下我的月供", "贷款本金"), ("买100股10元的股票手续费多少", "佣金率"), ("月薪2万全年交多少个税", "三险一金"),
    ("每月定投1000，20年后有多少钱", "年利率"), ("贷款100万利率3.5%，还了5年，还剩多少本金", "贷款期限"),
])
def test_what_such_a_sum_still_needs_is_asked_for(question, name):
    assert calculate(question, evidence=[]).name == name


@pytest.mark.parametrize("question", ["等额本息怎么算", "每月定投500合适吗", "复利怎么算", "存款利息要交税吗", "定投起点多少钱"])
def test_a_question_about_a_sum_is_none(question):
    assert not isinstance(calculate(question, []), Calculation)


def test_a_table_worked_for_one_premium_is_scaled_from_it():
    rows = ["青松终身寿险说明书\n以下为35周岁女性投保、5年交、年交保险费100,000元时的保单利益。\n| 保单年度 | 现金价值 |\n| - | - |\n| 10 | 520,300 |"]
    assert "260,150元" in calculate("青松35岁女5年交，年交5万，第10年退保拿多少", rows).text
    assert calculate("青松40岁女5年交，年交5万，第10年退保拿多少", rows) is None


def test_the_share_of_wages_that_customers_do_not_know_is_asked_for_as_a_sum():
    assert calculate("月薪8000到手多少", []).name == "三险一金"


def test_how_long_is_paid_is_not_how_long_is_covered():
    rows = ["爱家定期寿险费率表\n（每10000元基本保险金额）\n| 年龄 | 20年 男性 5年交 | 20年 男性 20年交 |\n| - | - | - |\n| 20 | 27.56 | 7.95 |"]
    assert "1,378元" in calculate("爱家定期寿险，保20年，20岁男5年交，保额50万每年多少钱", rows).text
    assert "397.50元" in calculate("爱家定期寿险，保20年，20岁男20年交，保额50万每年多少钱", rows).text
