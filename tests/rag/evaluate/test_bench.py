"""The benchmark over three documents, each system in a process of its own."""

from __future__ import annotations

import json

import pytest

from rag.errors import OdfinError
from rag.evaluate.bench import run_bench
from rag.evaluate.measure import Cost, Work, measure_ours
from rag.evaluate.processes import folder_size, in_child, peak_memory, processor_seconds


def test_costs_of_both_systems_without_a_student(settings, embedder_model, documents, tmp_path):
    told = []
    nobody = settings.model_copy(update={"student": str(tmp_path / "nobody.gguf"), "threads": 1})
    result = run_bench(nobody, documents, quick=True, report=lambda *said: told.append(said[0]))
    ours, theirs = result.ours, result.tutorial
    assert (ours.documents, theirs.documents) == (3, 3) and ours.chunks > theirs.chunks == 3
    for cost in (ours, theirs):
        assert 0 < cost.embed_s <= cost.index_s and cost.model_chars_per_s > 0 and cost.disk > 100_000
        assert cost.index_peak > 100_000_000 and cost.answer_peak is None and cost.questions == 0
        assert "没有量回答" in cost.notes[0] and "nobody.gguf" in cost.notes[0]
    assert ours.again_s > 0
    assert set(ours.search) == {"hybrid", "dense", "keyword"} and all(0 < middle <= high for middle, high in ours.search.values())
    assert {"ours: embed", "ours: search (hybrid)", "tutorial: embed"} <= set(told)
    markdown = result.to_markdown()
    assert "| 文档 / 片 / 字符 | 3 / " in markdown and "检索 秒（p50 / p95）" in markdown
    assert json.loads((result.folder / "summary.json").read_text(encoding="utf-8")) == json.loads(json.dumps(result.to_json()))
    assert not (result.folder / "scratch").exists() and not (settings.home / "catalogue.db").exists()


@pytest.mark.model
def test_first_token_and_speed_with_the_student(settings, embedder_model, student_model, documents, write, tmp_path):
    path = write(tmp_path / "q.jsonl", [{"question": "澄安重大疾病保险的等待期多少天？"}, {"question": "提前还款要收违约金吗？"}])
    result = run_bench(settings, documents, questions=path, quick=True)
    for cost in (result.ours, result.tutorial):
        assert cost.questions == 2 and cost.total[0] >= cost.first_token[0] > 0
        assert cost.prompt_tokens > 100 and cost.answer_tokens_per_s > 0 and cost.answer_peak >= cost.index_peak
    assert result.ours.prompt_tokens < result.tutorial.prompt_tokens


def test_a_folder_without_documents_is_refused(settings, tmp_path):
    with pytest.raises(OdfinError, match="没有文件夹"):
        run_bench(settings, tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(OdfinError, match="没有能读的文档"):
        run_bench(settings, tmp_path / "empty")


def test_an_error_in_the_measuring_process_arrives_as_itself(settings, tmp_path):
    wrong = settings.model_copy(update={"embedder": str(tmp_path / "no-such-model")})
    with pytest.raises(OdfinError, match="no-such-model"):
        in_child(measure_ours, Work(wrong, tmp_path / "home", tmp_path, 1, 1), lambda *_: None)


def test_memory_and_disk(tmp_path):
    assert peak_memory() > 10_000_000 and processor_seconds() > 0
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(b"12345")
    (tmp_path / "c").write_bytes(b"123")
    (tmp_path / "link").symlink_to(tmp_path / "c")
    assert folder_size(tmp_path) == 8
    assert Cost("x").evidence == (None, None)
