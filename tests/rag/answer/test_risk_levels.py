"""Which compared things are investment products, and what their papers state of their risk; over a small real index."""

import pytest

from rag.answer.assistant import Assistant
from rag.answer.compose import Words
from rag.answer.policy import POLICY
from rag.answer.result import Citation
from rag.answer.risk_levels import Rated, compares, stated_level
from rag.answer.risk_note import with_risk_note
from rag.index.build import Indexer
from rag.index.search import Searcher
from rag.text.sentences import split_units

PRODUCT = """# {name}说明书

## 一、基本信息

{level}起购金额为{least}元。

## 二、申购与赎回

赎回资金在赎回申请确认后{days}个工作日内到账。封闭期限为{term}天。
"""
TABLE = """# 在售基金一览表

| 基金简称 | 风险等级 | 起购金额 |
| --- | --- | --- |
| 青禾短债A | R2 | 10元 |
| 青禾短债A增强 | R3 | 20元 |
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory, indexed) -> Assistant:
    folder = tmp_path_factory.mktemp("rated")
    papers = folder / "documents" / "理财"
    papers.mkdir(parents=True)
    for name, level, least, days, term in (("青禾稳鑫90天理财产品（A款）", "本产品风险等级为R2（中低风险）。", 1, 1, 90),
                                           ("青禾稳鑫90天理财产品（C款）", "风险等级：R3（中风险）。", "10000", 2, 90),
                                           ("青禾月月盈理财产品", "", 100, 3, 30)):
        (papers / f"{name}说明书.md").write_text(PRODUCT.format(name=name, level=level, least=least, days=days, term=term), "utf-8")
    (papers / "在售基金一览表.md").write_text(TABLE, "utf-8")
    for name, rate in (("青禾安居贷款", "3.1%"), ("青禾惠民贷款", "3.5%")):
        (papers / f"{name}说明.md").write_text(f"# {name}产品说明\n\n贷款年利率为{rate}，期限最长{rate[0]}0年。\n", "utf-8")
    (folder / "home").mkdir()
    (folder / "home/models").symlink_to(indexed.models_dir, target_is_directory=True)
    settings = indexed.model_copy(update={"home": folder / "home", "knowledge": folder / "documents"})
    Indexer(settings).run()
    return Assistant(settings, Searcher(settings), None)


def rated(house: Assistant, question: str) -> dict[str, list[str]]:
    return {one.name: [level for level, _ in one.levels] for one in house.finder.investments(question)}


@pytest.mark.parametrize(("question", "levels"), [
    ("帮我比较一下稳鑫90天和月月盈", {"稳鑫": ["R2（中低风险）", "R3（中风险）"], "月月盈": []}),
    ("稳鑫90天A款和C款哪个起购金额低", {"A款": ["R2（中低风险）"], "C款": ["R3（中风险）"]}),
    ("月月盈和青禾短债A哪个期限短", {"月月盈": [], "青禾短债A": ["R2"]}),
    ("货币基金和债券基金有什么区别", {"货币基金": [], "债券基金": []}),
    ("青禾安居贷款和青禾惠民贷款哪个利率低", {}), ("活期存款和大额存单哪个利率高", {}), ("金卡和白金卡有什么区别", {}),
    ("证券法和公司法哪个罚得重", {}), ("稳鑫90天A款的起购金额是多少", {}),
])
def test_of_compared_investments_the_levels_are_read_from_their_papers(house, question, levels):
    assert rated(house, question) == levels


@pytest.mark.parametrize("question", ["稳鑫90天A款和C款哪个起购金额低", "稳鑫90天A款和C款哪个赎回到账快"])
def test_a_comparison_quotes_the_levels_and_ends_with_the_note(house, question):
    answer = house.ask(question)
    level, note = answer.answer.split("\n")[-2:]
    assert note == POLICY["compare_note"] and level.startswith("风险等级：A款 R2（中低风险）[")
    stated = {c.title: c.text for c in answer.citations}
    assert "R3（中风险）" in level and all(any(code in text for text in stated.values()) for code in ("R2（中低风险）", "R3（中风险）"))
    assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))


@pytest.mark.parametrize("question", ["青禾安居贷款和青禾惠民贷款哪个利率低", "稳鑫90天A款的起购金额是多少"])
def test_beside_what_is_no_comparison_of_investments_nothing_is_said(house, question):
    assert POLICY["compare_note"] not in house.ask(question).answer


@pytest.mark.parametrize(("text", "level"), [
    ("风险等级R4。", "R4"), ("本基金风险等级为R2（中低风险）。", "R2（中低风险）"), ("风险评级：PR3。", "PR3"), ("风险等级：中低风险", "中低风险"),
    ("产品风险等级由低至高分为R1、R2、R3。", ""), ("风险等级高于客户评级的，不得购买。", ""), ("适合风险等级为R2及以下的产品。", ""), ("风险等级不低于R3。", ""),
])
def test_a_level_is_read_where_it_is_stated(text, level):
    (unit,) = split_units(text)
    assert stated_level(unit, "甲", own=True) == level


def test_a_table_of_two_products_states_each_ones_own():
    (unit,) = split_units("| 项目 | 稳健1号 | 进取3号 |\n| --- | --- | --- |\n| 风险等级 | R2 | R3 |")
    assert stated_level(unit, "进取3号", own=True) == "R3" and stated_level(unit, "别的", own=False) == ""


def test_what_no_paper_states_is_said_and_what_the_answer_says_is_not_said_again():
    cited = Citation(1, "a.md", "甲说明书", "风险等级：R2", None)
    words = Words("甲风险等级为R2[1]。", "quote", (cited,))
    said = with_risk_note(words, [Rated("甲", (("R2", cited),)), Rated("乙")])
    assert said.text.split("\n")[1:] == ["风险等级：乙 资料没有写明。", POLICY["compare_note"]] and said.citations == (cited,)
    assert with_risk_note(Words("没有。", "refusal", ()), [Rated("甲", (("R2", cited),)), Rated("乙")]).citations == ()


def test_a_question_for_one_thing_compares_nothing():
    assert compares("甲和乙哪个期限短") and compares("对比一下甲乙") and not compares("甲的业绩比较基准是什么")
