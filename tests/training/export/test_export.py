"""From a run's folder to files with a card. Run: python -m pytest tests/training/export/test_export.py"""

from __future__ import annotations

import json

import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer
from typer.testing import CliRunner

from odfin.train import app
from rag.errors import OdfinError
from rag.models.store import sha256_of
from rag.settings import load_settings
from rag.student import open_student
from tests.fixtures.tiny_models import CORPUS, write_checkpoint
from tests.training.export.test_lora import adapter
from training.export.card import write_card
from training.export.model_file import write_model
from training.export.run import Shown, export_adapter, export_model


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return load_settings(home=tmp_path_factory.mktemp("home"), threads=1, _env_file=None)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """(base checkpoint, base GGUF, a run's folder with the adapter in best/, text, data)."""
    folder = tmp_path_factory.mktemp("run")
    write_checkpoint("qwen2", folder / "base", tied=True, initializer_range=0.1)
    model, tokenizer = (kind.from_pretrained(folder / "base") for kind in (AutoModelForCausalLM, AutoTokenizer))
    write_model(model, tokenizer, folder / "base.gguf", "q8_0", "base")
    adapter(folder / "base", folder / "run" / "best")
    data = folder / "train.jsonl"
    data.write_text('{"messages": []}\n' * 3, encoding="utf-8")
    (folder / "run" / "recipe.json").write_text(json.dumps({
        "stage": "distill", "training": {"seed": 7, "epochs": 2}, "data": {"train": str(data), "validation": None},
        "student": {"model": "student", "adapter": "/home/somebody/secret/adapter"}}))
    (folder / "run" / "finished.json").write_text(json.dumps({"best": {"loss": 1.25, "step": 40}}))
    text = folder / "text.txt"
    text.write_text("\n".join(CORPUS), encoding="utf-8")
    return folder / "base", folder / "base.gguf", folder / "run" / "best", text, data


def test_an_adapter_becomes_a_file_with_its_loss_and_its_card(run, settings, tmp_path):
    _, base, source, text, data = run
    done = export_adapter(source, str(base), tmp_path / "out", "f16", Shown([text], 4, 64), settings, lambda _: None)
    (file,) = done.files
    assert file.sha256 == sha256_of(tmp_path / "out" / "adapter.gguf") and file.loss.agreement > 0.7
    assert file.loss.divergence < 0.05 < abs(file.loss.perplexity - done.base_loss.perplexity) and done.same_tokens == 1
    evaluation = tmp_path / "evaluation"
    evaluation.mkdir()
    (evaluation / "table.md").write_text("| 模型 | 困惑度 |\n|---|---|\n| 蒸馏 | 3.2 |\n", encoding="utf-8")
    card = write_card(done, source, tmp_path / "out", [], evaluation).read_text(encoding="utf-8")
    for words in (file.sha256, sha256_of(data), "随机种子 7", "odfin train distill recipe.json", "| 蒸馏 | 3.2 |",
                  f"{file.loss.perplexity:.3f}", "loss 1.25", '"epochs": 2', "train.jsonl | 3 |"):
        assert words in card
    assert "somebody" not in card and str(tmp_path) not in card and str(data.parent) not in card


@pytest.mark.parametrize(("weights", "words"), [({"ce": 1, "logit": 0, "block": 0}, "，指令微调。"),
                                                ({"ce": 1, "logit": 1, "block": 0}, "，由教师蒸馏。")])
def test_a_student_that_no_teacher_taught_is_not_called_distilled(run, settings, tmp_path, weights, words):
    _, base, source, *_ = run
    done = export_adapter(source, str(base), tmp_path / "out", "f16", Shown([], 4, 64), settings, lambda _: None)
    recipe = json.loads((source.parent / "recipe.json").read_text())
    (tmp_path / "recipe.json").write_text(json.dumps(recipe | {"loss": {"weights": weights}}))
    assert words in write_card(done, tmp_path, tmp_path / "out").read_text(encoding="utf-8")


def test_a_merged_model_says_what_base_and_adapter_said(run, settings, tmp_path):
    base, _, source, text, _ = run
    done = export_model(source, str(base), tmp_path / "small", ["q8_0"], Shown([text], 4, 64), settings, lambda _: None)
    assert [file.form for file in done.files] == ["f16", "q8_0"]  # the reference is measured, not kept
    assert sorted(path.name for path in (tmp_path / "small").glob("*.gguf")) == ["small-q8_0.gguf"]
    lora = export_adapter(source, str(run[1]), tmp_path / "lora", "f32", Shown([text], 4, 64), settings, lambda _: None)
    assert done.files[1].loss.perplexity == pytest.approx(lora.files[0].loss.perplexity, rel=0.05)
    student = open_student(load_settings(home=tmp_path, student=str(tmp_path / "small" / "small-q8_0.gguf"), threads=1,
                                         context_tokens=512, max_answer_tokens=16, _env_file=None))
    student.invoke("年费是多少？")
    student.close()


def test_the_command_writes_model_and_card(run, tmp_path):
    base, _, _, text, _ = run
    done = CliRunner().invoke(app, ["export", str(base), str(tmp_path / "out"), "--format", "q4_k_m,f16", "--text", str(text),
                                    "--length", "64"])
    assert done.exit_code == 0, done.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "out-q4_k_m.gguf", "out-f16.gguf", "README.md", "export.json"}
    assert "困惑度" in done.stdout


@pytest.mark.parametrize("how, words", [
    (["--format", "q9"], "q9"), (["--merge", "--base", "nowhere"], "nowhere"), (["--format", "q4_k_m"], "--merge")])
def test_what_cannot_be_done_is_said(run, how, words, tmp_path):
    source = run[0] if how == ["--format", "q9"] else run[2]
    done = CliRunner().invoke(app, ["export", str(source), str(tmp_path / "out"), *how])
    assert isinstance(done.exception, OdfinError) and words in str(done.exception)
