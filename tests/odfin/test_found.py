"""What `odfin search` prints for a person. Run: pytest tests/odfin/test_found.py"""

from __future__ import annotations

from dataclasses import replace

from odfin.found import told
from rag.evaluate.synthetic import HashEmbedder
from rag.index.build import Indexer
from rag.index.hit import Hit, Section
from rag.index.search import Searcher


def test_what_is_read_whole_in_a_hit_above_is_not_printed_again(settings, documents):
    Indexer(settings, HashEmbedder()).run(documents)
    hits = Searcher(settings, HashEmbedder()).search("安居贷逾期罚息上浮多少", 5, rerank=False)
    assert [hit.source for hit in hits[:2]] == ["贷款/安居贷产品手册.md"] * 2 and hits[1].within(hits[0])
    printed = "\n".join(told("安居贷逾期罚息上浮多少", hits))
    assert printed.count("罚息利率在合同利率基础上上浮40%") == 1 and "（原文已在上面的 [1] 里）" in printed
    assert all(f"[{number}] {hit.score:.3f} 《{hit.title}》" in printed for number, hit in enumerate(hits, 1))


def test_only_words_of_the_same_document_and_heading_count_as_read():
    hit = Hit("甲.md", "甲", 1, ("一、费用",), "年费200元。", "年费200元。", 0.5)
    longer = replace(hit, text="年费200元。\n挂失费40元。")
    two = replace(hit, sections=(Section("年费200元。", ("一、费用",)), Section("满一年可免。", ("二、减免",), found=False)))
    assert hit.within(longer) and hit.within(two)
    assert not longer.within(hit) and not two.within(longer)
    assert not hit.within(replace(longer, source="乙.md")) and not hit.within(replace(longer, headings=("二、金卡费用",)))
