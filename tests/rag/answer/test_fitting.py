"""Of units that read alike, the one that fits the question goes first."""

import numpy as np
import pytest

from rag.answer.fitting import by_row, by_table, named_cell, of_no_case, of_the_case, with_key, without_key
from rag.text.sentences import Unit, split_units

CARDS = """| 卡种 | 年费 |
| --- | --- |
| 金卡 | 200元 |
| 车主金卡 | 300元 |
| 普卡、青年卡 | 免收 |"""


@pytest.mark.parametrize(("question", "row"), [("金卡年费多少", 0), ("车主金卡年费多少", 1), ("青年卡年费多少", 2)])
def test_the_row_that_is_named_goes_before_its_neighbours(question, row):
    units = split_units(CARDS)
    logits = by_row(question, units, ["a.md"] * 3, np.array([1.0, 1.0, 1.0]))
    assert int(logits.argmax()) == row and sorted(logits)[1] < 0


def test_rows_keep_their_order_where_none_is_named_and_in_other_documents():
    units = split_units(CARDS)
    assert by_row("年费多少", units, ["a.md"] * 3, np.array([1.0, 2.0, 3.0])).tolist() == [1.0, 2.0, 3.0]
    assert by_row("金卡年费", units, ["a.md", "b.md", "c.md"], np.array([1.0, 2.0, 3.0])).tolist() == [1.0, 2.0, 3.0]


def test_what_names_a_row_in_one_column_names_no_other_in_the_next():
    units = split_units("| 损害程度 | 伤残等级 | 比例 |\n| --- | --- | --- |\n| 二级甲等 | 二级 | 90% |\n| 二级丙等 | 四级 | 70% |")
    assert by_row("损害程度二级丙等赔几成", units, ["a.md"] * 2, np.array([2.0, 1.0])).argmax() == 1


def test_of_like_tables_the_one_whose_columns_the_question_says_goes_first():
    units = [unit for term in ("保30年", "保20年") for unit in split_units(
        f"| 年龄 | {term} 男性 | {term} 女性 |\n| --- | --- | --- |\n| 30 | 1 | 2 |")]
    moved = by_table("保20年30岁男的费率", units, ["a.md"] * 2, ["", ""], np.array([3.0, 1.0]))
    assert moved.argmax() == 1
    assert by_table("30岁的费率", units, ["a.md"] * 2, ["", ""], np.array([3.0, 1.0])).tolist() == [3.0, 1.0]
    rows = split_units("| 年龄 | 男性 |\n| --- | --- |\n| 30 | 1 |") * 2
    assert by_table("30岁20年交的费率", rows, ["a.md"] * 2, ["10年交", "20年交"], np.array([3.0, 1.0])).argmax() == 1


@pytest.mark.parametrize(("question", "first"), [("旧费率那版30岁交多少", 0), ("新费率30岁交多少", 1), ("30岁交多少", 1)])
def test_of_like_tables_of_two_years_the_one_meant_by_old_or_new_goes_first(question, first):
    units = split_units("| 年龄 | 男性 |\n| --- | --- |\n| 30 | 1 |") * 2
    assert by_table(question, units, ["a.md"] * 2, ["2024费率版", "2025费率版"], np.array([1.0, 3.0])).argmax() == first


@pytest.mark.parametrize("question", ["40岁男，保10年，费率多少", "我爸40岁，保10年，费率多少"])
def test_of_tables_for_men_and_for_women_the_one_asked_for_goes_first(question):
    units = [unit for sex in ("女性", "男性") for unit in split_units(
        f"性别：{sex}\n单位：元\n| 年龄 | 保10年 |\n| --- | --- |\n| 40 | {len(sex)} |") if unit.kind == "row"]
    assert by_table(question, units, ["a.md"] * 2, ["", ""], np.array([3.0, 1.0])).argmax() == 1
    assert by_table("40岁保10年的费率", units, ["a.md"] * 2, ["", ""], np.array([3.0, 1.0])).argmax() == 0


def test_a_row_whose_name_and_column_are_said_is_the_named_cell():
    units = split_units("| 分区 | 同城 A区 | 同省 B区 |\n| --- | --- | --- |\n| 买家版赔付 | 6 | 8 |\n| 卖家版赔付 | 7 | 9 |")
    assert named_cell("卖家版同省退货赔多少", units).tolist() == [0.0, 1.0]
    assert named_cell("同省退货赔多少", units).tolist() == named_cell("卖家版赔多少", units).tolist() == [0.0, 0.0]


def test_another_year_is_no_name_that_is_said():
    units = split_units("| 项目 | 2025年末 | 2024年末 |\n| --- | --- | --- |\n| 净利润 | 9.13 | 13.88 |")
    assert named_cell("2021年的净利润", units).tolist() == [0.0] and named_cell("2024年末的净利润", units).tolist() == [1.0]


def test_how_long_premiums_are_paid_is_no_policy_year():
    (example,) = split_units("| 保单年度 | 基本保额 |\n| --- | --- |\n| 20 | 822900 |")
    (rate,) = split_units("| 年龄 | 男性 10年交 | 男性 20年交 |\n| --- | --- | --- |\n| 35 | 8213 | 14570 |")
    assert with_key("男35，20年交，能有多少保额", [example, rate]).tolist() == [0.0, 1.0]
    assert with_key("第20年的保额", [example]).tolist() == [1.0]


def test_a_row_by_age_answers_nothing_where_no_age_is_asked():
    units = split_units("| 年龄 | 男性 |\n| --- | --- |\n| 30 | 1 |\n| 31 | 2 |\n\n| 卡种 | 年费 |\n| --- | --- |\n| 金卡 | 2 |")
    assert without_key("最高多少岁能买", units).tolist() == [1, 1, 0]
    assert without_key("31岁男性费率", units).tolist() == [1, 0, 0]


def test_what_is_said_of_a_numbered_year_goes_before_what_is_said_of_all_after_the_second():
    later, all_after = split_units("您在第6个保单年度至第10个保单年度退保的，退还累计所交保险费。自合同成立起超过2年的，我们不得解除合同。")
    assert with_key("第8年退保能拿多少", [later, all_after]).tolist() == [1, 0]
    assert with_key("退保能拿多少", [later, all_after]).tolist() == [0, 0]


STEPS = "| 档次 | 月缴费 |\n| --- | --- |\n| 60% | 900 |\n| 100% | 1,500 |\n| 300% | 4,500 |"


@pytest.mark.parametrize(("question", "row"), [("按最低档交多少", 0), ("最高档一个月交多少", 2), ("100%档交多少", 1)])
def test_the_lowest_and_the_highest_step_are_told_by_code(question, row):
    logits = by_row(question, split_units(STEPS), ["a.md"] * 3, np.array([0.0, 1.0, 0.5]))
    assert int(logits.argmax()) == row


def test_a_table_of_another_plan_alone_goes_behind():
    units = [split_units("计划一\n| 年龄 | 女性 |\n| --- | --- |\n| 46至50周岁 | 956 |")[-1], Unit("计划二为计划一的1.75倍。", "计划二为计划一的1.75倍。")]
    logits = by_table("48岁女，计划二多少钱", units, ["a.md"] * 2, [""] * 2, np.array([1.0, 0.0]))
    assert logits[0] < 0 and by_table("48岁女，计划一多少钱", units, ["a.md"] * 2, [""] * 2, np.array([1.0, 0.0]))[0] == 1.0


def test_the_last_row_of_a_table_by_ages_is_one_of_its_rows():
    units = split_units("| 被保险人年龄 | 男性 |\n| --- | --- |\n| 82 | 98.2 |\n| 83及以上 | 109.75 |")
    assert without_key("最大多少岁能买", units).tolist() == [1, 1]
    assert of_no_case("最大多少岁能买", units[1]) and not of_no_case("82岁的费率", units[0])


def test_a_row_is_of_the_case_whose_number_and_column_are_asked():
    table = "| 年龄 | 男性 趸交 | 男性 10年交 | 女性 10年交 |\n| --- | --- | --- | --- |\n| 45 | 11964 | 1432 | 1431 |\n| 46 | 11970 | 1440 | 1436 |"
    rows = split_units(table)
    assert of_the_case("45岁女的十年交，每万保额多少", rows).tolist() == [1.0, 0.0]
    assert of_the_case("45岁每万保额多少", rows).tolist() == of_the_case("女的十年交多少", rows).tolist() == [0.0, 0.0]
