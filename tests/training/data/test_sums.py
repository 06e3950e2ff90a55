"""Sums over tables: the formula gives the result, and the assistant's calculator agrees. Run: pytest tests/training/data/test_sums.py"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest

from rag.calculate.calculate import calculate
from rag.calculate.result import Calculation
from training.data.reading.grid import Grid
from training.data.synthetic.make import documents
from training.data.tasks import sum_kinds
from training.data.tasks.formula import worked
from training.data.tasks.sums import CALCULATOR, calculator, confirmed, result_of


def grid(title: str, header: tuple[str, ...], *rows: tuple[str, ...], name: str = "", caption: str = "") -> Grid:
    return Grid(f"{title}.md", title, (), caption, header, rows, "贷款", "own", "|".join(header), name)


TABLES = {
    "premium": grid("云泽定期寿险费率表", ("投保年龄（周岁）", "男性"), ("25", "165"), ("26", "177"), caption="单位：元／每10万元基本保险金额"),
    "instalment": grid("江岭银行信用卡分期费率表", ("期数", "装修分期", "车位分期"), ("6期", "0.75%", "0.81%"), ("12期", "0.60%（13.03%）", "0.66%")),
    "deposit": grid("河湾银行存款利率表", ("期限", "整存整取年利率"), ("一年", "1.10%"), ("三年", "1.50%"), ("6个月", "0.95%")),
    "purchase_fee": grid("沧浦守和混合基金产品资料概要", ("申购金额", "申购费率"), ("M＜100万元", "1.30%"), ("100万元≤M＜300万元", "0.80%"),
                         ("M≥300万元", "每笔1,000元"), name="沧浦守和混合基金"),
    "redemption_fee": grid("沧浦守和混合基金产品资料概要", ("持有期限", "赎回费率"), ("持有不足7日", "1.50%"), ("持有满7日不足365日", "0.40%"), name="沧浦守和混合基金"),
    "running_fee": grid("云泽基金旗下基金费率一览表", ("基金名称", "管理费（年）", "托管费（年）"), ("青鑫稳健债券", "0.20%", "0.05%"), ("青鑫成长股票", "1.20%", "0.20%")),
    "penalty": grid("江岭银行信用卡分期办理规则", ("分期种类", "起点金额", "提前结清违约金"), ("装修分期", "600元", "剩余本金的2%"), ("车位分期", "500元", "剩余本金的1%")),
    "first_payment": grid("清河湾银行个人消费贷款一览", ("产品", "年利率", "最长期限"), ("年卓贷", "7.55%", "12个月"), ("晖康贷", "4.55%", "36个月")),
}


def asked_in(record) -> str:
    return record.messages[1]["content"].rsplit("【问题】", 1)[-1]


@pytest.mark.parametrize("kind", TABLES)
def test_each_kind_is_asked_over_its_table_and_said_right(kind):
    chance, seen = random.Random(3), set()
    for _ in range(40):
        record = calculator(TABLES[kind], chance)
        if record is None:
            continue
        assert record.kind == kind and [m["role"] for m in record.messages] == ["system", "user", "assistant", "user", "assistant"]
        assert record.messages[0]["content"] == CALCULATOR
        formula = record.messages[2]["content"].removeprefix("计算：")
        assert re.fullmatch(r"[\d.＋－×÷（）]+", formula), "only what the instruction allows"
        result = record.messages[3]["content"].removeprefix("【计算结果】")
        assert abs(worked(formula) - Fraction(result.rstrip("元").replace(",", ""))) <= Fraction(1, 200) and result in record.answer
        if kind != "premium":
            about, shown = TABLES[kind].title, [TABLES[kind].text([row]) for row in range(len(TABLES[kind].rows))]
            done = calculate(asked_in(record), [f"{about}\n{row}" for row in shown])
            assert isinstance(done, Calculation) and result in done.text and shown[done.evidence[0]] == record.evidence[0]
        seen.add(asked_in(record))
    assert len(seen) >= 10


def test_what_the_calculator_reads_otherwise_is_not_taken():
    """The right row with another rate in the formula, and another row: neither counts."""
    chance = random.Random(1)
    asked = next(one for one in (sum_kinds.deposit(TABLES["deposit"], chance) for _ in range(20)) if one.row == 1)
    assert confirmed(asked, TABLES["deposit"])
    assert not confirmed(replace(asked, formula=asked.formula.replace("0.015", "0.011")), TABLES["deposit"])
    assert not confirmed(replace(asked, row=0), TABLES["deposit"])


def test_made_up_documents_give_many_kinds():
    chance = random.Random(5)
    kinds = Counter(record.kind for grids, _ in documents(60, 3) for one in grids if one.keys
                    for record in [calculator(one, chance)] if record)
    assert kinds.keys() >= {"premium", "instalment", "purchase_fee", "redemption_fee", "running_fee", "penalty"}, kinds


@pytest.mark.parametrize(("formula", "value"), [("200000×0.0135÷12", "225"), ("100－100÷（1＋0.25）", "20"), ("0.1×3", "0.3"), ("1,000＋2", "1002")])
def test_a_formula_is_worked_exactly(formula, value):
    assert worked(formula) == Fraction(value)


@pytest.mark.parametrize("formula", ["2**9", "__import__('os')", "1÷", "a＋1", "2^3"])
def test_anything_else_is_no_formula(formula):
    with pytest.raises(ValueError, match="no formula"):
        worked(formula)


def test_a_table_without_a_sum_gives_none():
    rules = grid("投保规则", ("项目", "规则"), ("犹豫期", "15日"), ("等待期", "90日"))
    assert all(calculator(rules, random.Random(seed)) is None for seed in range(3))
    assert result_of(sum_kinds.Sum("x", 0, "", "10000×0.015", "")) == "150元"
