"""The first hits are put in order by the reranker. Run: python -m pytest tests/rag/index/test_reorder.py"""

from __future__ import annotations

import numpy as np

from rag.index.hit import Hit
from rag.index.reorder import WORTH, read_as, reordered
from rag.index.search import Searcher


def hits(*scores: float) -> list[Hit]:
    return [Hit(f"{n}.md", f"产品{n}", None, ("第一章", "第二条"), f"全文{n}", f"片段{n}", score) for n, score in enumerate(scores)]


def judge(*logits: float):
    return lambda _question, texts: np.array(logits[: len(texts)])


def test_a_sure_word_of_the_reranker_wins_over_a_small_lead():
    found = reordered("问", hits(1.0, 0.9, 0.5), judge(-6.0, 2.0, 2.0))
    assert [h.source for h in found] == ["1.md", "2.md", "0.md"]
    assert [h.score for h in found] == [1.0, 0.9, 0.5]  # the scores stay those of the places
    assert [h.parts["reranker"] for h in found] == [2.0, 2.0, -6.0]


def test_a_large_lead_of_the_fusion_stands():
    found = reordered("问", hits(2.0, 0.1), judge(0.0, 1.0))
    assert WORTH < 1.9 and [h.source for h in found] == ["0.md", "1.md"]


def test_the_reranker_reads_title_headings_and_piece():
    assert read_as(hits(1.0)[0]) == "产品0\n第一章\n第二条\n片段0"


def test_the_order_can_be_switched_off(indexed):
    plain = Searcher(indexed.model_copy(update={"rerank_hits": 0})).search("重疾险买了多久以后生病才赔", 5)
    ordered = Searcher(indexed).search("重疾险买了多久以后生病才赔", 5)
    assert all("reranker" not in h.parts for h in plain)
    assert all("reranker" in h.parts for h in ordered)
    assert [h.parts["reranker"] for h in Searcher(indexed).search("重疾险买了多久以后生病才赔", 3)] == [
        h.parts["reranker"] for h in ordered[:3]]
    assert Searcher(indexed).search("  ", 5) == []


def test_a_question_is_read_in_the_documents_words_too_and_the_better_reading_counts(indexed):
    searcher = Searcher(indexed)
    texts = ["您可以申请解除合同。", "等待期为90日。"]
    reranker = searcher.reranker
    plain, both = reranker.scores("怎么退保", texts), searcher.judge("怎么退保", texts)
    assert both[0] > plain[0]
    asked = "等待期多久"  # the documents' own words: one reading, then the joint one
    assert (searcher.judge(asked, texts) == reranker.read_again(asked, texts, reranker.scores(asked, texts))).all()
