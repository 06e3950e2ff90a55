"""Which exact words answer a question: chosen by words alone here, so that the test needs no model."""

from dataclasses import replace

import numpy as np
import pytest

from rag.answer.evidence import select
from rag.index.search import Hit
from rag.text.sentences import split_units

TABLE = """安居贷的利率按期限和套数执行。
表1 安居贷年利率（单位：%）
| 期限 | 首套 | 二套 |
| --- | --- | --- |
| 5年以内 | 3.05 | 3.45 |
| 5年以上 | 3.25 | 3.65 |
提前还款的，满1年后不收违约金。"""
CLAUSES = "犹豫期为15日。等待期为90日。宽限期为60日。本合同由保险条款、保险单组成。"


def hit(text: str, score: float = 0.8, title: str = "手册") -> Hit:
    return Hit(f"{title}.md", title, 3, ("二、利率",), text, text, score)


def flat(tokens):
    return dict.fromkeys(tokens, 1.0)


@pytest.mark.parametrize(("question", "words"), [
    ("等待期多少天", "等待期为90日。"),
    ("宽限期有多久", "宽限期为60日。"),
    ("提前还款违约金怎么收", "提前还款的，满1年后不收违约金。"),
])
def test_the_sentence_that_answers_is_best(question, words):
    evidence = select(question, [hit(CLAUSES), hit(TABLE)], flat, None)
    assert evidence.best.text == words
    assert words in evidence.citations[0].text


@pytest.mark.parametrize(("question", "text", "words"), [
    ("安颐臻享赎回几天到账", "安颐臻享赎回的到账时间不变。\n赎回款4日内到账。", "赎回款4日内到账。"),
    ("到账要几天", "下列产品的到账天数为：\n稳享为3日。", "稳享为3日。"),
    ("金卡年费多少", "金卡年费按80元收取，免年费条件不变。\n普卡免费。", "金卡年费按80元收取，免年费条件不变。"),
])
def test_what_leads_in_or_stays_as_it_was_is_no_figure(question, text, words):
    assert select(question, [hit(text)], flat, None).best.text == words


def test_a_row_is_cited_with_caption_and_header():
    evidence = select("安居贷5年以上二套利率", [hit(TABLE)], flat, None)
    assert evidence.best.plain == "期限：5年以上；首套：3.25；二套：3.65"
    cited = evidence.citations[0].text
    assert cited.startswith("表1 安居贷年利率（单位：%）\n| 期限 | 首套 | 二套 |")
    assert "| 5年以上 | 3.25 | 3.65 |" in cited


def test_citations_are_exact_words_of_their_passages():
    hits = [hit(CLAUSES, 0.9, "条款"), hit(TABLE, 0.8)]
    for citation in select("等待期和提前还款", hits, flat, None).citations:
        passage = next(h.text for h in hits if h.title == citation.title)
        assert all(line in passage for line in citation.text.split("\n"))
        assert citation.page == 3


def test_a_row_of_names_and_values_is_cited_once():
    table = ("| 风险等级 | R4 | 交易币种 | 人民币 |\n| --- | --- | --- | --- |\n| 基金经理 | 林远 | 任职日期 | 2022-08-15 |\n"
             "| 托管机构 | 江海银行 | 成立日期 | 2020-01-06 |")
    lines = select("基金经理是谁", [hit(table)], flat, None).citations[0].text.split("\n")
    assert "| 基金经理 | 林远 | 任职日期 | 2022-08-15 |" in lines and len(lines) == len(set(lines))


def test_a_citation_names_the_edition_and_every_document_of_that_content():
    found = replace(hit(CLAUSES), edition="2026版，2026-01-01起施行", also=("存档/手册.md",))
    cited = select("等待期多少天", [found], flat, None).citations[0]
    assert cited.sources == ("手册.md", "存档/手册.md") and cited.label == "《手册》 二、利率 第3页（2026版，2026-01-01起施行）"


def test_overlapping_passages_are_cited_once():
    citations = select("等待期多少天", [hit(CLAUSES, 0.9), hit(CLAUSES, 0.8)], flat, None).citations
    assert len({c.text for c in citations}) == len(citations) == 1


def judge(word: str):
    """A reranker that finds one word right and everything else wrong."""
    return lambda question, texts: np.array([4.0 if word in text else -4.0 for text in texts])


def test_the_reranker_decides_between_sentences_that_share_as_many_words():
    evidence = select("退还保险费", [hit("退还保险费的情形甲。退还保险费的情形乙。")], flat, judge("乙"))
    assert "乙" in evidence.best.text and evidence.answers > 0.9
    assert select("退还保险费", [hit("退还保险费的情形甲。")], flat, judge("丙")).answers < 0.1


def test_a_second_sentence_that_answers_as_well_is_quoted_too():
    evidence = select("等待期和宽限期各多久", [hit(CLAUSES)], flat, judge("期为"))
    assert {evidence.best.text, evidence.also.text} <= {"等待期为90日。", "宽限期为60日。", "犹豫期为15日。"}
    assert select("等待期多久", [hit(CLAUSES)], flat, judge("等待期")).also is None


def test_a_second_passage_that_answers_nearly_as_well_is_cited_and_quoted():
    one, other = hit("滞纳金按日加收2‰。", 0.9, "条例"), hit("欠费之日起按日加收万分之五。" + "单位应当如实申报。" * 60, 0.5, "社会保险法")
    logits = {"2‰": 3.0, "万分之五": 1.5}
    evidence = select("滞纳金按天多少", [one, other], flat, lambda _, texts: np.array(
        [next((value for words, value in logits.items() if words in text), -8.0) for text in texts]), most=2)
    assert evidence.best.text == "滞纳金按日加收2‰。" and evidence.also.text == "欠费之日起按日加收万分之五。"
    assert [c.title for c in evidence.citations] == ["条例", "社会保险法"] and evidence.number_of(evidence.also) == 2


def test_a_row_is_cited_from_its_own_table_where_another_has_the_same_row():
    tables = [f"{caption}\n| 年度 | 比例 |\n| --- | --- |\n| 第三年 | 2% |" for caption in ("退保费用", "部分领取费用")]
    evidence = select("第三年费用比例", [hit(tables[0]), hit(tables[1], 0.7)], flat, judge("第三年"))
    for table in tables:
        row = next(unit for unit in split_units(table) if unit.kind == "row")
        assert row.context in evidence.citations[evidence.number_of(row) - 1].text


def test_of_sentences_that_differ_by_a_band_the_one_that_holds_the_case_wins():
    bands = "缴费满1年不足5年的，最长12个月。缴费满5年不足10年的，最长18个月。缴费10年以上的，最长24个月。"
    for question, months in [("缴费3年最长几个月", "12"), ("缴费7年最长几个月", "18"), ("缴费12年最长几个月", "24")]:
        assert f"最长{months}个月" in select(question, [hit(bands)], flat, judge("1年不足5年")).best.text


def test_figures_may_be_taken_from_the_best_words_place_only():
    evidence = select("等待期多少天", [hit(CLAUSES, title="甲"), hit("等待期为180日。", 0.7, title="乙")], flat, judge("90日"))
    assert any("90日" in text for text in evidence.strong) and not any("180日" in text for text in evidence.strong)


def test_nothing_found_gives_no_evidence():
    assert select("等待期", [], flat, None).best is None


def test_a_row_of_the_right_age_in_another_passage_of_the_table_goes_first():
    rate = "| 年龄 | 费率 |\n| --- | --- |\n"
    hits = [hit(rate + "| 53 | 658 |", 0.9), hit(rate + "| 35 | 428 |", 0.5)]
    evidence = select("35岁的费率是多少", hits, flat, lambda _, texts: np.array([2.0 if "53" in t else -1.0 for t in texts]))
    assert evidence.best.plain == "年龄：35；费率：428"


LIST = "- 申购不收佣金。\n- 卖出当日可以再买。\n- 市值按20个交易日的日均计算。"


def test_a_list_that_nothing_leads_in_is_read_item_by_item_unless_a_list_is_asked():
    evidence = select("市值按几天计算", [hit(LIST)], flat, judge("日均"))
    assert evidence.best.text == "- 市值按20个交易日的日均计算。" and evidence.best.text in evidence.citations[0].text
    assert select("申购有哪些条件", [hit(LIST)], flat, judge("日均")).best.text.count("\n") == 2


def test_the_same_row_under_another_caption_is_shown_beside_it():
    def table(caption, value):
        return f"{caption}\n| 年龄 | 男性 |\n| --- | --- |\n| 30 | {value} |\n| 31 | 9 |"

    text = f"{table('方案一', 24)}\n\n{table('方案二', 26)}"
    evidence = select("30岁男性费率多少", [hit(text)], flat, judge("30"))
    assert evidence.best.text.endswith("| 30 | 24 |") and evidence.also.text.endswith("| 30 | 26 |")
    assert all(any(row in c.text for c in evidence.citations) for row in ("| 30 | 24 |", "| 30 | 26 |"))
    one = select("方案二30岁男性费率多少", [hit(text)], flat, judge("30"))
    assert one.best.text.endswith("| 30 | 26 |") and one.also is None


def test_a_rate_table_leaves_room_for_the_sentence_that_answers():
    table = "| 年龄 | 男性 |\n| --- | --- |\n" + "\n".join(f"| {age} | 1{age} |" for age in range(20, 60))
    hits = [hit(table, title="最大岁数费率"), hit("投保年龄为0至68周岁。", title="条款", score=0.1)]
    read: list[str] = []
    select("最大岁数费率多少岁能买", hits, flat, lambda _, texts: (read.extend(texts), np.zeros(len(texts)))[1])
    assert any("68周岁" in text for text in read) and sum("年龄：" in text for text in read) < 24


@pytest.mark.parametrize("line", ["您有退保的权利 7.1", "9.9 酒后驾驶", "犹豫期内可以退保…………6.1"])
def test_a_line_of_contents_or_a_bare_heading_answers_nothing(line):
    evidence = select("酒后驾驶能退保吗", [hit(f"{line}\n酒后驾驶的，可以退保。")], flat, None)
    assert line not in evidence.best.text


def test_how_the_plan_asked_about_is_related_to_the_table_goes_before_the_table():
    text = "计划一\n| 年龄 | 女性 |\n| --- | --- |\n| 46至50周岁 | 956 |\n\n计划二的保险费为计划一的1.75倍。"
    evidence = select("48岁女性，计划二保费多少", [hit(text)], flat, judge("956"))
    assert evidence.best.plain == "计划二的保险费为计划一的1.75倍。" and "956" in evidence.also.plain and evidence.told
    assert "956" in select("48岁女性，计划一保费多少", [hit(text)], flat, judge("956")).best.plain
