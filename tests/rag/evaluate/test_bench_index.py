"""The benchmark of keeping an index, small. Run: pytest tests/rag/evaluate/test_bench_index.py"""

from __future__ import annotations

import json

import pytest

from rag.errors import OdfinError
from rag.evaluate.bench_index import change, run_bench_index
from rag.evaluate.synthetic import HashEmbedder, write_synthetic
from rag.index.folder import TOPICS, scan


def test_every_figure_is_measured_for_both_systems(settings, embedder_model, documents):
    result = run_bench_index(settings, documents, chunks=300, searches=6)
    for part, count in (("documents", 3), ("scale", 3)):
        ours, naive = result.parts[part]["ours"], result.parts[part]["naive"]
        assert (ours["documents"], naive["documents"], ours["failed"], ours["changed"]) == (count, count, 0, 1)
        assert ours["chunks"] > naive["chunks"] > 0 and ours["again_s"] < ours["build_s"]
        assert naive["change_s"] == naive["build_s"] > 0
        assert ours["asked"] > 0 and ours["asked_failed"] == 0, "questions were answered all the while"
        assert 0 <= ours["rollback_s"] < 30 and ours["follow_s"] < 60
        assert ours["search"][1] >= ours["search"][0] > 0 and len(ours["search_topic"]) == 2
        assert ours["disk"] > sum(ours["disk_parts"].values()) > 0
    assert result.parts["documents"]["ours"]["embed_s"] < result.parts["documents"]["ours"]["build_s"]
    markdown = result.to_markdown()
    assert "| 更新期间提问：次 / 失败 | " in markdown and "检索 毫秒（p50 / p95），按主题" in markdown
    assert json.loads((result.folder / "summary.json").read_text("utf-8")) == json.loads(json.dumps(result.to_json()))
    assert not (result.folder / "scratch").exists() and not (settings.home / "catalogue.db").exists()


def test_synthetic_documents_are_the_same_for_a_seed_and_spread_over_the_topics(tmp_path, documents):
    one, other = (write_synthetic(tmp_path / name, documents, 14, 3) for name in ("one", "other"))
    texts = {f.source: f.path.read_text("utf-8") for f in scan(one, tmp_path / "none")}
    assert texts == {f.source: f.path.read_text("utf-8") for f in scan(other, tmp_path / "none")}
    assert {source.split("/")[0] for source in texts} == set(TOPICS) and len(set(texts.values())) == 14
    assert change(one) == 1
    assert sum(f.path.read_text("utf-8") != texts[f.source] for f in scan(one, tmp_path / "none")) == 1


def test_the_embedder_without_a_model_puts_texts_with_shared_words_near_each_other():
    embedder = HashEmbedder()
    asked, near, far = embedder.encode(["提前还款违约金", "提前还款的收取违约金", "重疾险等待期九十日"])
    assert asked @ near > 0.5 > abs(asked @ far) and asked @ asked == pytest.approx(1.0, abs=1e-5)
    assert HashEmbedder("hash:2").embed_query("违约金") != embedder.embed_query("违约金")


def test_a_folder_without_documents_is_refused(settings, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(OdfinError, match="没有能读的文档"):
        run_bench_index(settings, tmp_path / "empty")
