"""A name that no document knows is told from what documents call otherwise. Run: pytest tests/rag/answer/test_unknown_name.py"""

import pytest

from rag.answer.unknown_name import (
    named_elsewhere,
    unknown_edition,
    unknown_law,
    unknown_name,
    unknown_number,
    unknown_of_house,
    unknown_year,
)
from rag.text.tokens import bigrams

TITLES = ("平安产险家庭财产保险（家庭版）", "澄湖安心护重大疾病保险条款")
INDEX = "澄湖安心护重大疾病保险条款 个人信用贷款 家庭财产保险 住房公积金贷款 信用卡 货币基金 私募基金 银行"


def frequency(tokens):
    return {token: int(token in bigrams(INDEX)) for token in tokens}


@pytest.mark.parametrize(("question", "name"), [
    ("安康重疾险的等待期多久？", "安康重疾险"), ("给猫买宠物医疗险，等待期多久", "宠物医疗险"), ("微粒贷日利率多少", "微粒贷"), ("国寿福重疾险等待期多久", "国寿福重疾险"),
    ("安心护重疾险的等待期多久", ""), ("家财险管水管爆裂吗", ""), ("信用卡年费多少", ""), ("重疾险等待期多久", ""),
    ("想买基金怎么开户", ""), ("私募基金起点多少", ""), ("公积金贷款最高多少", ""), ("健身房办卡能刷医保吗", ""), ("买50万卓尔定期寿险多少钱", ""), ("你好", ""),
])
def test_a_name_that_no_document_knows(question, name):
    assert unknown_name(question, frequency, TITLES) == name


@pytest.mark.parametrize(("question", "name"), [
    ("安心护青春版赔几次", "安心护青春版"), ("安心护重疾险尊享版赔几次", "安心护重疾险尊享版"),
    ("安心护旧版赔几次", ""), ("安心护悦享版赔几次", ""), ("安心护赔几次", ""), ("安心护家庭版赔几次", ""),
])
def test_an_edition_that_no_document_speaks_of_is_another_product(question, name):
    def heard(tokens):
        return {token: int(token in ("家庭", "庭版")) for token in tokens}

    assert unknown_edition(question, heard, ["安心护"], ["安心护（悦享版）条款"]) == name


@pytest.mark.parametrize(("question", "name", "unknown"), [
    ("月添利45天那款的业绩基准是多少", "月添利", "月添利45天"), ("月添利30天的业绩基准是多少", "月添利", ""), ("月添利60天那款呢", "月添利", ""),
    ("安鑫30天的基准多少", "安鑫", "安鑫30天"), ("安鑫封闭90天的基准", "安鑫", ""), ("安鑫买了30天能取吗", "安鑫", ""), ("月添利45岁能买吗", "月添利", ""),
    ("45天的那款呢", "", ""), ("2025年以后寄一份多少钱", "20", ""),
])
def test_a_number_that_no_product_of_the_name_has(question, name, unknown):
    found = [("澄心·月添利30天最短持有期理财产品", "第一条"), ("沧澜理财安鑫封闭90天固定收益类产品", "封闭"), ("安鑫封闭180天产品", ""),
             ("费率一览", "月添利60天 0.2%")]
    assert unknown_number(question, name, found) == unknown


def test_a_deed_is_no_name():
    assert unknown_name("能给他办张信用卡吗", frequency, TITLES) == ""


def test_the_main_insurance_is_no_name():
    assert unknown_name("投保人豁免收主险保费百分之几", frequency, TITLES) == ""


def test_words_inside_a_known_name_are_its_own():
    assert unknown_name("三十万守家定期寿险多少钱", frequency, TITLES, ["守家"]) == ""


def test_people_are_no_name():
    assert unknown_name("低保户医疗保险从多少钱开始报", frequency, TITLES) == ""


def test_an_edition_is_no_name():
    assert unknown_name("旧版信用卡收费标准挂失要钱吗", frequency, TITLES) == ""


@pytest.mark.parametrize(("question", "name"), [
    ("澄湖安心护重疾险和传家尊终身寿险", "传家尊终身寿险"), ("传家的终身寿险多少钱", ""), ("传家买终身寿险行吗", ""),
])
def test_what_begins_as_a_product_and_goes_on_as_none_is_another(question, name):
    def heard(tokens):
        return {token: int(token not in ("家尊", "盈尊")) for token in tokens}

    assert unknown_name(question, heard, TITLES, products=["传家宝终身寿险"]) == name


def test_what_another_document_is_called_is_named_elsewhere():
    law = "机动车交通事故责任强制保险条例"
    life = ["身故保险金最高不超过500万元。"]
    assert named_elsewhere("交强险最高赔多少", life, "传家福终身寿险条款", (*TITLES, law)) == {law}
    assert named_elsewhere("家财险最高赔多少", life, "传家福终身寿险条款", (*TITLES, law)) == {TITLES[0]}
    assert not named_elsewhere("交强险最高赔多少", ["本合同与交强险并存的，"], "传家福终身寿险条款", (*TITLES, law))
    assert not named_elsewhere("寿险最高赔多少", life, "传家福终身寿险条款", (*TITLES, law))
    assert not named_elsewhere("宠物险最高赔多少", life, "传家福终身寿险条款", (*TITLES, law))  # is nowhere known


LAWS = ("中华人民共和国劳动保险条例", "医疗保障基金使用监督管理条例", "中华人民共和国社会保险法")


@pytest.mark.parametrize(("question", "name"), [
    ("女职工劳动保护特别规定里产假给多少天？", "女职工劳动保护特别规定"), ("信用卡业务监督管理办法里最低还款额是百分之几", "信用卡业务监督管理办法"),
    ("请问按照劳动合同法规定试用期最长多久", "劳动合同法"),
    ("劳动保险条例里产假给多少天？", ""), ("医保基金条例里骗保怎么罚", ""), ("社会保险法第几条说的", ""),  # short for one that is there
    ("证监会新改的当事人承诺规定里怎么说", ""), ("你们银行的规定里怎么说", ""), ("按这个算法怎么算", ""), ("信用卡规定里年费多少", ""),
])
def test_a_law_that_no_document_is(question, name):
    assert unknown_law(question, LAWS, "女工人生育，产假五十六日。") == name


def test_a_law_that_the_words_found_speak_of_is_known():
    assert unknown_law("女职工劳动保护特别规定里产假给多少天？", LAWS, "依照《女职工劳动保护特别规定》，产假为九十八天。") == ""


@pytest.mark.parametrize(("question", "name"), [
    ("利安尊享福终身寿险的犹豫期几天", "利安尊享福终身寿险"), ("平安百万医疗险保什么", "平安百万医疗险"),
    ("利安传家宝终身寿险多少钱", ""), ("平安家财险管水管爆裂吗", ""), ("平安家庭财产险多少钱", ""), ("平安最便宜的重疾险", ""),
    ("利安终身寿险有哪些", ""), ("我买了平安和利安的寿险", ""),
])
def test_a_name_behind_an_institution_that_no_title_has(question, name):
    assert unknown_of_house(question, {"利安", "平安"}, ["利安传家宝终身寿险条款", "平安产险家庭财产保险（家庭版）"]) == name


def test_the_grade_of_a_card_is_no_name_of_a_product():
    titles = ["青禾·澜江银行联名信用卡权益手册"]
    assert unknown_of_house("澜江联名金卡副卡年费多少", ["澜江"], titles) == ""
    assert unknown_of_house("澜江尊悦联名金卡年费多少", ["澜江"], titles) != ""


def test_an_institution_is_a_word():
    assert unknown_of_house("太平洋健康险的电话", {"太平"}, ["太平团体医疗保险"]) == ""


def test_an_institution_whose_name_opens_with_a_bracket():
    assert unknown_of_house("买(中尊享福终身寿险", {"(中", "利安"}, ["利安传家宝终身寿险"]) == "(中尊享福终身寿险"


@pytest.mark.parametrize(("question", "name"), [
    ("江城惠民保2027版一年多少钱", "江城惠民保2027版"), ("江城惠民保27年版一年多少钱", "江城惠民保27年版"), ("江城惠民保2026版一年多少钱", ""),
    ("江城惠民保2027年一年多少钱", ""), ("江城惠民保一年多少钱", ""),
])
def test_an_edition_of_a_year_that_no_paper_is_of(question, name):
    years = {"a": {2025}, "b": {2025, 2026}}
    assert unknown_year(question, {"江城惠民保": ["a", "b"]}, years.__getitem__) == name
    assert unknown_year(question, {"江城惠民保": ["a", "c"]}, {"a": {2025}, "c": set()}.__getitem__) == ""
