"""The benchmark of keeping an index, small. Run: pytest tests/rag/evaluate/test_bench_index.py"""

from __future__ import annotations

import json

import pytest

from rag.errors import OdfinError
from rag.evaluate.bench_index import IndexBench, run_bench_index
from rag.evaluate.index_figures import ROWS
from rag.evaluate.keeping import change
from rag.evaluate.synthetic import HashEmbedder, write_synthetic
from rag.index.folder import TOPICS, scan


def test_every_figure_is_measured_for_both_systems(settings, embedder_model, documents):
    begun = []
    result = run_bench_index(settings, documents, chunks=200, searches=4, naive_chunks=100, told=begun.append)
    assert begun == [result] and set(result.parts) == {"documents", "scale"}
    for part, count, fewer in (("documents", 3, 3), ("scale", 2, 1)):
        ours, naive = result.parts[part]["ours"], result.parts[part]["naive"]
        assert (ours["documents"], naive["documents"], ours["failed"]) == (count, fewer, 0)
        assert ours["changed"] == ours["changed_found"] == 1 and ours["chunks"] >= count and naive["chunks"] > 0
        assert all(ours[f"{name}_{unit}"] > 0 for name in ("build", "again", "change", "asked_change") for unit in ("s", "cpu"))
        assert naive["change_s"] == naive["build_s"] > 0, "it knows no other way than to begin anew"
        assert ours["asked"] > 0 and ours["asked_failed"] == 0, "questions were answered all the while"
        assert ours["searches"] == 4 and len(ours["search_topic_whole"]) == len(ours["search_whole"]) == 2
        assert ours["resident_model"] > ours["resident"] > 0 and ours["disk"] > sum(ours["disk_parts"].values()) > 0
    real, scale = result.parts["documents"]["ours"], result.parts["scale"]["ours"]
    assert real["alone_s"] > 0 and real["vectors"] >= real["chunks"] and "alone_s" not in scale and real["ordered_s"][0] > 0 and scale["rewritten"] == 1
    markdown = result.to_markdown()
    shown = [line.split(" | ")[0].strip("| ") for line in markdown.splitlines() if line.startswith("| ")]
    assert [name.strip("　 ") for name, show in ROWS if show(real) != "—"] == [
        name.strip("　 ") for name in shown[2 : shown.index("**规模：合成文档，向量为 hash**")]]
    assert "没有运行向量模型" in markdown and "前 1 份文档" in markdown
    assert json.loads((result.folder / "summary.json").read_text("utf-8")) == json.loads(json.dumps(result.to_json()))
    assert len((result.folder / "rows.jsonl").read_text("utf-8").splitlines()) == 6
    assert not (result.folder / "scratch").exists() and not (settings.home / "catalogue.db").exists()


def test_a_run_over_nothing_new_is_not_called_faster():
    figures = {"build_s": 10.0, "build_cpu": 10.0, "change_s": 0.5, "change_cpu": 0.5, "changed": 2}
    show = next(show for name, show in ROWS if "快几倍" in name)
    assert show(figures) == "20 / 20" and show(figures | {"changed": 0}) == "—"


def test_a_run_that_is_broken_off_shows_what_it_has(settings, documents, tmp_path):
    begun = []
    quick = settings.model_copy(update={"embedder": str(tmp_path / "no-such-model")})
    with pytest.raises(OdfinError, match="no-such-model"):
        run_bench_index(quick, documents, chunks=0, searches=2, told=begun.append)
    assert begun[0].parts == {"documents": {}} and "真实文档与向量模型" in begun[0].to_markdown()
    assert not (begun[0].folder / "scratch").exists()
    half = IndexBench(tmp_path, begun[0].config, {"scale": {"naive": {"documents": 2, "chunks": 9, "build_s": 1.0, "build_cpu": 0.5}}})
    assert "| 从零索引 秒：钟表 / 处理器 | — | 1.00 / 0.50 |" in half.to_markdown()


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
    with pytest.raises(OdfinError, match="hash、model"):
        run_bench_index(settings, tmp_path / "empty", vectors="random")
