from __future__ import annotations

from decimal import Decimal as D

import pytest

from rag.calculate.stated import Figures, read


@pytest.mark.parametrize(("question", "kind", "value"), [
    ("贷30万", "money", 300000), ("2万4的账单", "money", 24000), ("市值5万2，打新", "money", 52000), ("存五万", "money", 50000),
    ("3千5", "money", 3500), ("账户里27800元", "money", 27800), ("最低还款额2000，只还了", "money", 2000), ("工资8,400元", "money", 8400),
    ("两年半", "months", 30), ("半年", "months", 6), ("18个月", "months", 18), ("20年", "months", 240), ("逾期30天", "days", 30),
    ("分12期", "periods", 12), ("0.6%", "percent", "0.006"), ("万分之五", "percent", "0.0005"), ("5‰", "percent", "0.005"),
    ("3.6个点", "percent", "0.036"), ("打1折", "discount", "0.1"), ("打八折", "discount", "0.8"), ("第十年", "year_no", 10),
    ("35岁", "age", 35), ("8万份", "shares", 80000), ("净值1.25", "value", "1.25"), ("月薪2万五险一金", "money", 20000), ("工资2030", "money", 2030), ("存2050", "money", 2050),
])
def test_a_figure_is_read_as_it_is_said(question, kind, value):
    assert [(f.kind, f.value) for f in read(question)] == [(kind, D(str(value)))]


@pytest.mark.parametrize("question", ["2026年版", "第5期", "每10万保额", "沪深300指数", "几万块", "养老2045的Y类", "颐年2040混合A", "安养2035的托管费", "100万以下", "百万医疗", "几期"])
def test_what_counts_nothing_of_the_customers_is_no_figure(question):
    assert read(question) == ()


def test_two_amounts_side_by_side_stay_two():
    assert [f.value for f in read("最低还款额2000，我只还了500，逾期了")] == [2000, 500]
    assert [(f.kind, f.value) for f in read("30万，20年")] == [("money", 300000), ("months", 240)]
    assert [(f.kind, f.value) for f in read("10万三年")] == [("money", 100000), ("months", 36)]


def test_a_figure_is_found_by_the_words_beside_it():
    figures = Figures("医药费5万，免赔1万，报销60%")
    assert figures.of("money", "免赔").value == 10000
    assert figures.of("money", "医药费").value == 50000
    assert figures.of("money", "贷款") is None


def test_a_year_of_asking_is_a_term_only_where_nothing_else_is():
    assert Figures("20年交，一年交多少").term().value == 240
    assert Figures("存10万一年").term().value == 12
