"""What counts as found and as alike."""

from __future__ import annotations

import pytest

from rag.evaluate.matching import (
    containment,
    covers,
    evidence_cited,
    from_source,
    is_gold,
    is_gold_piece,
    piece_hits,
    rouge_l,
)
from rag.evaluate.sets import Question
from rag.evaluate.statistics import mean, paired_difference, percentile

CLAUSE = "第五条 等待期：自本合同生效之日起90日为等待期，等待期内发生重大疾病的，我们不承担保险责任，退还已交保险费，本合同终止。"
OTHER = "第六条 犹豫期：自您签收本合同之日起有15日的犹豫期，犹豫期内解除合同的，我们退还全部已交保险费。"


def test_containment_counts_pairs_whatever_their_writing():
    assert containment("１.５％的費率", "本产品按1.5%的费率收取") == 1.0
    assert containment(CLAUSE, f"| 前文 |\n{CLAUSE}\n后文") == 1.0
    assert containment(CLAUSE, OTHER) < 0.5
    assert containment("", CLAUSE) == 0.0
    assert containment("哈哈哈哈", "哈哈") == pytest.approx(1 / 3)


def test_a_passage_is_found_when_the_text_read_covers_it():
    assert covers(CLAUSE, OTHER + CLAUSE, OTHER)
    assert not covers(CLAUSE, CLAUSE[: len(CLAUSE) // 2], CLAUSE[: len(CLAUSE) // 2])
    assert piece_hits(CLAUSE, CLAUSE) and not piece_hits(CLAUSE, OTHER)


def test_a_piece_of_a_long_gold_passage_counts_a_heading_of_it_does_not():
    pieces = [f"（{n}）第{n}类职业的被保险人每次住院的免赔额为{n}00元，赔付比例为{90 - n}%，全年累计以{n}万元为限，超过部分不予赔付，自费药品除外。" for n in range(1, 10)]
    gold = "".join(pieces)
    assert len(gold) > 400
    assert covers(gold, pieces[3] + pieces[4], pieces[3] + pieces[4])
    assert not covers(gold, "（4）第4类职业", "（4）第4类职业")
    assert not covers(gold, OTHER, OTHER)


def test_sources_match_whole_or_from_a_slash_on():
    assert from_source(("保险/2.pdf",), "保险/2.pdf") and from_source(("2.pdf",), "保险/2.pdf")
    assert not from_source(("2.pdf",), "保险/12.pdf") and not from_source((), "保险/2.pdf")
    assert from_source(("café.md",), "dir/cafe\u0301.md")


def test_gold_needs_source_and_passage_where_both_are_given():
    named = Question(question="q", source="甲.md", passage=CLAUSE)
    assert is_gold(named, "甲.md", CLAUSE, CLAUSE) and not is_gold(named, "乙.md", CLAUSE, CLAUSE)
    assert is_gold(Question(question="q", source="甲.md"), "x/甲.md", OTHER, OTHER)
    anywhere = Question(question="q", passages=(OTHER, CLAUSE))
    assert is_gold(anywhere, "乙.md", CLAUSE, OTHER[:10]) and not is_gold_piece(anywhere, "乙.md", OTHER[:10])


def test_evidence_is_cited_when_it_shows_the_passage_or_lies_inside_it():
    question = Question(question="q", source="甲.md", passage=CLAUSE)
    assert evidence_cited(question, [("甲.md", "自本合同生效之日起90日为等待期")])
    assert evidence_cited(question, [("乙.md", OTHER), ("甲.md", OTHER + CLAUSE)])
    assert not evidence_cited(question, [("乙.md", CLAUSE)])
    assert not evidence_cited(question, [("甲.md", "等待期"), ("甲.md", OTHER)])


def test_overlap_is_the_longest_common_subsequence():
    assert rouge_l("等待期为90日。", "等待期为90日") == 1.0
    assert rouge_l("甲乙丙丁", "甲丙丁戊") == pytest.approx(0.75)
    assert rouge_l("甲乙", "丙丁") == 0.0 and rouge_l("", "甲") == 0.0
    long, other = "保险合同" * 300, "合同保险" * 300
    assert rouge_l(long, other) == pytest.approx((1200 - 2) / 1200)


def test_statistics_are_exact_on_what_can_be_counted_by_hand():
    assert mean([]) is None and percentile([], 50) is None
    assert mean([1, 0, 1, 0]) == 0.5 and percentile([1, 2, 3, 4], 50) == 2.5
    same = paired_difference([1, 0, 1], [1, 0, 1])
    assert same == (0.0, 0.0, 0.0)
    value, low, high = paired_difference([1] * 60 + [0] * 40, [0] * 100)
    assert value == pytest.approx(0.6) and 0.48 < low < 0.56 and 0.64 < high < 0.72
    assert paired_difference([1, 0] * 50, [0, 1] * 50, seed=3) == paired_difference([1, 0] * 50, [0, 1] * 50, seed=3)
