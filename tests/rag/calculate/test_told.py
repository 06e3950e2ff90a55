"""What a customer reads of a sum: every input with its source, the formula always, a schedule that can be read."""

from __future__ import annotations

import pytest

from rag.calculate.again import again
from rag.calculate.calculate import calculate
from rag.calculate.for_schedules import told
from rag.calculate.result import Calculation, Input, Missing
from rag.calculate.stated import Figures

CASH = ["青松终身寿险 现金价值表\n每1,000元年交保险费对应的现金价值（元）\n| 保单年度末 | 现金价值 |\n| - | - |\n| 10 | 6,200 |"]


def test_inputs_are_told_with_question_document_law_and_custom():
    done = Calculation("得1元。", "1×1＝1元", (Input("本金", "30万", "question"), Input("期限", "20年", "question"),
                                          Input("年利率", "3.6%", 4), Input("减除费用", "6万", "《个人所得税法》第六条")))
    assert done.told({4: "利率表"}).endswith("输入：本金30万、期限20年（问题）；年利率3.6%（《利率表》[1]）；减除费用6万（《个人所得税法》第六条）")
    assert "年利率3.6%[1]" in done.text


def test_the_formula_and_warnings_stay_where_the_text_grows_long():
    done = Calculation("得1元。", "1×" * 120, (Input("本金", "1元", 0),), ("可省",), ("收益不确定。",))
    text = done.told({0: "很长的标题" * 9})
    assert "1×" * 120 in text and "[1]" in text and "收益不确定。" in text
    assert "很长的标题" not in text and "可省" not in text


@pytest.mark.parametrize(("question", "law"), [
    ("年终奖3万6个税多少", "财税〔2018〕164号"), ("月薪2万，社保公积金扣3000，全年个税多少", "《个人所得税法》"),
    ("年薪30万，没有专项扣除，一年要交多少税", "附税率表一"), ("月薪2万，社保公积金扣3000，每月个税多少", "公告2018年第61号"),
    ("劳务报酬4万个税扣多少", "预扣率表二"),
])
def test_a_tax_names_the_law_its_rate_stands_in(question, law):
    assert law in calculate(question, []).text


def test_formulas_are_worked_with_their_numbers():
    assert "×3%－0＝300元" in calculate("月薪2万，社保公积金扣3000，专项附加扣除2000，每月个税多少", []).formula
    spared = calculate("贷款100万30年，年利率3.6%，已经还了24个月，提前还20万能省多少利息？", [])
    assert spared.formula.count("元") >= 4 and "×336－本金" in spared.formula
    assert "＝" in calculate("100万房贷30年3.1%，等额本息比等额本金总共多付多少利息？", []).formula


@pytest.mark.parametrize(("question", "first", "last", "count"), [
    ("贷款30万20年3.6%等额本息还款计划表列一下", "第1期：还1,755.33元（本金855.33元，利息900元），剩299,144.67元", "第240期", "共240期，这里列出8期"),
    ("贷10万1年利率6%等额本金，每个月还款明细列一下", "第1期：还8,833.33元（本金8,333.33元，利息500元）", "第12期：还8,375元", "全部12期"),
])
def test_a_schedule_is_told_and_says_how_many_of_how_many(question, first, last, count):
    done = calculate(question, [])
    assert first in done.text and last in done.text and count in done.text
    assert len(done.text) < 1200
    assert len(done.rows) <= 13


@pytest.mark.parametrize("months", [1, 12, 13, 36, 61, 120, 240, 360])
def test_the_months_that_are_told_are_few_and_hold_the_first_and_the_last(months):
    shown = told(months)
    assert shown[0] == 1 and shown[-1] == months and len(shown) <= 12
    assert shown == sorted(set(shown))


@pytest.mark.parametrize("question", ["青松每年交1万，交5年，第10年退保，IRR是多少", "青松每年交1万，交5年，第10年退保，内部收益率多少",
                                      "青松交5年，第10年退保内部收益率是多少"])
def test_the_surrender_value_of_a_policys_return_is_read_from_its_table(question):
    done = calculate(question, CASH)
    assert "2.72%" in done.result
    assert done.evidence == (0,) and "[1]" in done.text


def test_what_a_policys_return_still_needs_is_asked_for():
    assert calculate("青松每年交1万，交5年，第11年退保，IRR是多少", CASH).name == "领回金额"
    assert calculate("青松每年交1万，交5年，退保IRR是多少", CASH).name == "领取时点"


@pytest.mark.parametrize(("question", "name"), [
    ("福满堂年交1万，退保能拿多少", "保单年度"), ("房贷逾期12天，罚息按一天万分之五，罚多少", "逾期本金"), ("信用卡分期每期0.55%，真实年化是多少", "期数"),
    ("帮我算一下年终奖要交多少税", "年终奖"), ("卖出2000股，佣金万2.5，能到手多少", "每股价格"), ("赎回5000份，赎回费0.5%，能到账多少", "净值"),
])
def test_a_missing_figure_is_asked_for_though_others_are_stated(question, name):
    found = calculate(question, [])
    assert isinstance(found, Missing)
    assert found.name == name


def test_documents_are_asked_first_where_the_customers_own_figures_do_not_make_the_answer():
    assert not calculate("福满堂年交1万，退保能拿多少", []).alone
    assert calculate("贷款50万，利率3.5%，每个月还多少", []).alone
    assert calculate("信用卡分期每期0.55%，真实年化是多少", []).alone
    for question in ("赎回费收多少", "拿10天就卖，赎回费收多少？", "逾期3天罚息多少", "年终奖怎么算税", "退保能拿多少"):
        assert calculate(question, []) is None


@pytest.mark.parametrize(("question", "figure"), [
    ("10000元的3.5%是多少", "350元"), ("10万元的2.5%是多少", "2,500元"), ("涨了10%，10万赚多少", "10,000元"), ("20万跌了15%还剩多少", "170,000元"),
    ("8000的三成五是多少", "2,800元"), ("复利5%，10万存10年多少", "162,889.46元"), ("总价200万首付三成，要贷多少", "1,400,000元"),
    ("(3000+5000)×12等于多少", "96,000"), ("6000占工资24000的百分之几", "25.00%"),
])
def test_the_sum_a_stated_ratio_gives_whatever_it_is_of(question, figure):
    assert figure in calculate(question, []).result


@pytest.mark.parametrize(("question", "figure"), [
    ("1000美元按汇率7.2换多少人民币", "7,200元"), ("月息1分借10万半年利息多少", "6,000元"), ("每月存2000年利率3%存3年到期多少钱", "75,429.22元"),
    ("养老保险基数6000个人8%一个月多少", "480元"), ("100股1500元买入1600元卖出佣金万2.5净赚多少股票", "9,842.50元"),
])
def test_figures_run_together_are_read_apart(question, figure):
    assert figure in calculate(question, []).result


def test_two_rates_of_two_things_are_not_chained():
    assert calculate("甲基金赚了20%乙亏了10%，各投5万，一共赚多少", []) is None


def test_a_figure_that_went_into_nothing_is_told():
    done = calculate("基数8650，养老8个点，医疗2个点外加3块钱，失业千分之五，公积金五个点，我自己每月交多少？", [])
    assert "没有用到：3块钱" in done.text
    assert "没有用到" not in calculate("贷30万分20年利率3.1%每月还多少？", []).text


@pytest.mark.parametrize(("said", "value"), [("一万三千五百八", 13580), ("两万三千五", 23500), ("三千五", 3500), ("23块4毛8成交", 23.48),
                                             ("三千五百元", 3500), ("十二万五千", 125000)])
def test_spoken_sums_are_read_whole(said, value):
    assert [float(one.value) for one in Figures(f"我花了{said}").all if one.kind == "money"] == [value]


def test_a_sum_that_changes_by_so_much_is_not_put_in_the_place_of_another():
    assert again(["年终奖14万4，单独计税扣多少税"], "那要是多发一千呢，我到手多少？") == ""
