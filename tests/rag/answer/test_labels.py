"""Names of rows and columns, and what may stand in another's place."""

import pytest

from rag.answer.kinds import same_ending, swapped
from rag.answer.labels import aliases, groups_of, longest_said, partner, said

LIMITS = """| 卡种 | 最高额度 | 备注 |
| --- | --- | --- |
| 普卡、青年卡 | 20,000元 | |
| 车主金卡（含附属卡） | 60,000元 | |
| 金卡 | 50,000元 | |"""
COLUMNS = """| 责任 | 计划一（标准） | 计划二（优享） |
| --- | --- | --- |
| 年度限额 | 2,000,000 | 3,000,000 |"""


def test_a_cell_is_called_by_itself_without_its_bracket_and_by_its_parts():
    assert aliases("车主金卡（含附属卡）")[-1] == "车主金卡"
    assert {"普卡", "青年卡"} <= set(aliases("普卡、青年卡"))
    assert aliases("1,200元") == [] and aliases("备注") == []


def test_names_of_one_kind_stand_in_a_column_or_in_a_header():
    groups = groups_of([LIMITS, COLUMNS])
    assert any({"普卡", "金卡", "车主金卡"} <= group for group in groups)
    assert any({"计划一", "计划二"} <= group for group in groups)


def test_parts_of_one_table_in_two_passages_count_as_one():
    head, rows = LIMITS.split("\n")[:2], LIMITS.split("\n")[2:]
    groups = groups_of(["\n".join([*head, row]) for row in rows])
    assert any({"普卡", "金卡"} <= group for group in groups)


@pytest.mark.parametrize(("old", "new", "pair"), [
    ("金卡最高额度多少", "普卡", ("金卡", "普卡")),
    ("车主金卡最高额度多少", "金卡", ("车主金卡", "金卡")),
    ("金卡最高额度多少", "等待期", ("", "")),
])
def test_the_partner_of_a_name_is_of_its_kind(old, new, pair):
    assert partner(old, new, groups_of([LIMITS])) == pair


def test_a_number_is_not_said_by_the_end_of_a_longer_one():
    assert said("10年", "满10年") and not said("10年", "满210年")
    assert longest_said(["金卡", "车主金卡"], "车主金卡的额度") == "车主金卡"


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("二级工伤的津贴是多少", "四级", "四级工伤的津贴是多少"),
    ("稳盈90天A款多少钱起", "C款", "稳盈90天C款多少钱起"),
    ("第一个保单年度退保拿回多少", "拖到第三年再退", "第三年退保拿回多少"),
    ("还了5期要多少违约金", "还到第10期", "还了第10期要多少违约金"),
    ("C3能买哪个等级", "C2", "C2能买哪个等级"),
    ("男性41至45岁和46至50岁", "55岁", ""),  # of two ages nobody can say which is meant
    ("等待期多久", "犹豫期", ""),
])
def test_a_case_takes_the_place_of_one_of_its_kind(old, new, expected):
    assert swapped(old, new) == expected


def test_a_word_with_the_same_ending_may_take_the_place():
    assert same_ending("主板股票涨跌停多少", "创业板") == "主板"
    assert same_ending("主板和创业板涨跌停多少", "科创板") == ""
