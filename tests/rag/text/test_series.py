"""Members of lettered or numbered series that words speak of. Run: pytest tests/rag/text/test_series.py"""

import pytest

from rag.text.series import members, of_another_member, of_the_edition, says_member_of


@pytest.mark.parametrize(("text", "named"), [
    ("计划一、计划二限社保内", {"计划": {"1", "2"}}),
    ("方案B六类工种", {"方案": {"b"}, "类": {"6"}}),
    ("1-4类", {"类": {"1", "2", "3", "4"}}),
    ("一级至四级伤残", {"级": {"1", "2", "3", "4"}}),
    ("A款和C款", {"款": {"a", "c"}}),
    ("以下为甲款、10年交", {"款": {"甲"}}),
    ("二级及以上医院", {}),  # any may be meant
    ("二级市场的一款产品", {}),
    ("分三档，上一类，前十类", {}),
    ("满12期不满24期", {}),  # a band
    ("计划3个月内还清", {}),
    ("环行卡白金500元，漫游金卡无", {"卡": {"白金", "金"}}),
    ("白金卡及以上享受", {}),
    ("欧元看涨，港币与瑞郎存款", {"币": {"欧", "港", "瑞"}}),
    ("2025版与23年老版，2024费率版", {"版": {"25", "23", "24"}}),
    ("轻症、中度疾病与重大疾病", {"症": {"轻", "中", "重"}}), ("重疾险和重大疾病保险", {}),
    ("三孩家庭，两个娃", {"孩": {"三", "二"}}),
    ("第12款，这10款产品，岚惠保2026款", {"版": {"26"}}),
    ("五一和国庆，十一期间照常", {"节": {"劳动节", "国庆"}}),
    ("等值5万美元，非美元货币", {}),  # a sum, and any other one
])
def test_members_are_read_in_either_numeral_and_spans_counted_out(text, named):
    assert members(text) == named


@pytest.mark.parametrize(("asked", "told", "another"), [
    ("畅行计划四保多少", "计划一、计划二2万元，计划三不限", True),
    ("畅行计划三保多少", "计划一、计划二2万元，计划三不限", False),
    ("漫游金卡延误险赔多少", "权益：延误险；漫游卡白金：每次800元", True),
    ("日元看涨那款保底多少", "结构性存款欧元看涨91天 保底收益1.10%", True),
    ("日元看涨那款保底多少", "保底收益1.10%", False),
    ("三类工种多少钱", "1-4类工种，每人120元", False),
    ("一级医院报多少", "三级医院85%", True),
    ("医院报多少", "三级医院85%", False),
    ("一级医院报多少", "乡镇卫生院90%", False),
])
def test_another_member_is_told_where_the_words_name_the_series(asked, told, another):
    assert of_another_member(asked, told) is another


def test_the_very_member_is_told_from_another_and_from_none():
    assert says_member_of("金卡赔多少", "卡等级：金卡；赔付：300元")
    assert not says_member_of("金卡赔多少", "卡等级：白金卡；赔付：500元") and not says_member_of("金卡赔多少", "赔付：500元")


def test_a_title_is_of_the_edition_that_is_named_and_of_no_other():
    assert of_the_edition("25版要等多久", "安澜百万医疗保险（2025版）条款") and of_the_edition("岚惠保26款多少钱", "岚惠保2026款产品说明书")
    assert not of_the_edition("25版要等多久", "安澜百万医疗保险（2023版）条款") and not of_the_edition("23版和25版差在哪", "保险（2023版）条款")
    assert of_the_edition("惠民保26版哪天开始管", "江城惠民保(2026年度)产品说明") and not of_the_edition("26版呢", "惠民保(2025年度)产品说明")
    assert not of_the_edition("要等多久", "安澜百万医疗保险（2025版）条款")
