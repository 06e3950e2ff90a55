"""Ways to put the retrievers' votes together: each is really another one, and the table says what the shipped one is worth."""

from __future__ import annotations

import pytest

from rag.evaluate.evaluation import run_eval
from rag.evaluate.fusion import SHIPPED, WAYS, summarise, to_markdown
from rag.index.search import Weights

ROWS = [
    {"id": "a", "question": "澄安重大疾病保险的等待期多少天？", "must": ["90日"], "source": "保险/澄安重疾险条款.txt"},
    {"id": "b", "question": "白金卡一年年费多少？", "must": ["600"], "source": "信用卡/收费标准.csv"},
    {"id": "c", "question": "火星基金的托管人是谁？", "answerable": False},
]


def test_every_way_is_another_one():
    assert SHIPPED.weights == Weights() and not SHIPPED.settings
    assert len({way.name for way in WAYS}) == len({(way.weights, str(way.settings), way.searcher) for way in WAYS}) == len(WAYS)


def test_a_run_over_a_set_with_gold(indexed, tmp_path, write):
    result = run_eval(indexed, [write(tmp_path / "fused.jsonl", ROWS)], parts=["fusion"], systems=[])
    assert [score.way for score in result.fusion] == [way.name for way in WAYS]
    assert all(score.count == 2 and score.recall["R@10"] > 0 for score in result.fusion)
    shipped = result.fusion[0]
    assert shipped.recall["R@5"] == 1.0 and shipped.differences == {}
    assert "| fused | RRF（k=60） | 2 |" in result.to_markdown()
    assert "<h2>检索各票怎样合并</h2>" in (result.folder / "report.html").read_text(encoding="utf-8")


def test_scores_by_hand():
    rows = [{"part": "fusion", "set": "s", "system": way, "id": str(i), "rank": rank}
            for way, ranks in ((SHIPPED.name, [1, 2, None]), ("RRF", [3, 1, 7])) for i, rank in enumerate(ranks)]
    ours, other = summarise(rows)
    assert ours.recall == pytest.approx({"R@1": 1 / 3, "R@5": 2 / 3, "R@10": 2 / 3}) and ours.mrr == pytest.approx(0.5)
    assert other.differences["R@1"][0] == 0.0 and other.differences["R@10"][0] == pytest.approx(-1 / 3)
    assert "| s | RRF | 3 | 33.3 | 66.7 | 100.0 |" in to_markdown([ours, other])
