"""What speaks against a unit by its words. Run: sh run.sh test tests/rag/answer/test_opposites.py"""

import pytest

from rag.answer.opposites import by_side
from rag.text.sentences import Unit, split_units


@pytest.mark.parametrize(("question", "right", "wrong"), [
    ("保险公司可以单方解除合同吗", "保险人有权解除合同。", "投保人可以解除合同。"),
    ("我可以随时解除合同吗", "投保人可以解除合同。", "保险人有权解除合同。"),
    ("等待期多少天", "等待期为90日。", "犹豫期为15日。"),
    ("最低额度是多少", "最低额度为1,000元。", "最高额度为5,000元。"),
    ("犹豫期内退保退多少", "犹豫期内退还全部保险费。", "犹豫期后退还现金价值。"),
])
def test_what_is_said_of_the_other_side_loses(question, right, wrong):
    against = by_side(question, [Unit(right, right), Unit(wrong, wrong)])
    assert against[0] == 0 and against[1] == 1


def test_words_that_only_end_alike_are_no_other_attribute():
    said = "经营者欺诈的，按消费者的要求赔偿三倍。"
    assert by_side("商家欺诈消费者要赔几倍", [Unit(said, said)])[0] == 0
    assert by_side("每年交保费多少", [Unit("年保费：442", "年保费：442")])[0] == 0


def test_the_example_of_somebody_else_goes_behind():
    tables = [f"示例：{name}女士购买了本产品，利益演示如下\n| 保单年度 | 现金价值 |\n| --- | --- |\n| 20 | {value} |"
              for name, value in (("利", 846437), ("安", 262086))]
    units = [unit for table in tables for unit in split_units(table) if unit.kind == "row"]
    assert by_side("安女士第20年末现金价值多少", units).tolist() == [2, 0]
    assert by_side("第20年末现金价值多少", units).tolist() == [0, 0]


@pytest.mark.parametrize(("question", "right", "wrong"), [
    ("四级伤残每月领多少", "四级伤残为本人工资的75%", "五级伤残为本人工资的70%"),
    ("四级伤残怎么算", "一级至四级伤残的，保留劳动关系", "五级、六级伤残的，由用人单位安排工作"),
    ("十一级怎么赔", "第十一级给付10%", "第一级给付100%"),
    ("犹豫期退保退多少", "您可以在犹豫期内解除合同，退还全部保险费", "您在犹豫期后解除合同的，退还现金价值"),
    ("低于均线一成扣几成", "低于均线5%至10%的扣160%", "高于均线15%以内的扣90%"),
    ("拖了一个月没还，保单会怎样", "逾期超过25日的，有权向保险公司申请退保", "贷款提前结清的，保障同时终止"),
    ("最少要买多少钱", "首次购买起点1,000元", "产品规模下限为5,000万元"),
    ("2025版的打几折", "2025版条款打五折", "适用2023版条款的客户打七折"),
    ("保到多少岁", "保险期间至被保险人年满85周岁", "投保年龄为出生满28天至64周岁"),
])
def test_another_grade_and_the_age_to_enter_go_behind(question, right, wrong):
    against = by_side(question, [Unit(right, right), Unit(wrong, wrong)])
    assert against[0] == 0 < against[1]
