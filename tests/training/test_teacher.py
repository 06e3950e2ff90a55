"""Instruction tuning of tiny models by TRL. Run: pytest tests/training/test_teacher.py"""

from __future__ import annotations

import logging

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from rag.errors import OdfinError
from rag.models.store import sha256_of
from rag.settings import load_settings
from tests.fixtures.tiny_pair import PADDING, chatml, checkpoint, dies_at, killed, talks
from training.chat import encode
from training.examples import read_conversations
from training.recipe import TeacherRecipe, checked
from training.run_log import RunLog, read
from training.teacher import last_whole, tune


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    return {"model": checkpoint(folder / "model", chatml()), "train": talks(folder), "validation": talks(folder, 3, first=100)}


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path / "home", _env_file=None, threads=1)


def recipe(made, method="lora", **training) -> TeacherRecipe:
    training = {"epochs": 3, "batch": 4, "micro_batch": 2, "precision": "fp32", "learning_rate": 1e-2,
                "evaluate_every": 3, "warmup": 0.2} | training
    return checked({"stage": "teacher", "model": str(made["model"]), "method": method,
                    "data": {"train": str(made["train"]), "validation": str(made["validation"])},
                    "lora": {"rank": 4, "alpha": 8, "dropout": 0.1}, "training": training}, TeacherRecipe, "test")


def course(folder):
    return [(row["step"], row["part"], row["loss"]) for row in read(folder)]


@pytest.mark.parametrize("method", ["lora", "full"])
def test_the_best_model_is_written_and_its_loss_is_transformers_own_on_answers(made, settings, tmp_path, method, capsys):
    best = tune(recipe(made, method, micro_batch=4), settings, tmp_path / "out", logging.info)
    losses = [row["loss"] for row in read(tmp_path / "out") if row["part"] == "validation"]
    assert best["loss"] == min(losses) < losses[0] and list((tmp_path / "out" / "tensorboard").iterdir())
    assert "loss" not in capsys.readouterr().out
    folder = tmp_path / "out" / "best"
    base = AutoModelForCausalLM.from_pretrained(folder if method == "full" else made["model"], dtype=torch.float32)
    model = (PeftModel.from_pretrained(base, folder) if method == "lora" else base).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    total = count = 0
    for messages in read_conversations(made["validation"]):
        one = encode(messages, tokenizer)
        labels = torch.tensor(one.labels[1:])
        with torch.no_grad():
            log_p = model(input_ids=torch.tensor([one.input_ids])).logits[0, :-1, :-PADDING].log_softmax(-1)
        total -= log_p[labels >= 0].gather(1, labels[labels >= 0, None]).sum().item()
        count += one.learnt
    assert best["loss"] == pytest.approx(total / count, rel=1e-4)


def test_a_killed_run_goes_on_to_the_very_losses_of_an_unbroken_one(made, settings, tmp_path, monkeypatch):
    """Checkpoints lie at save_every, wherever validations are."""
    whole = tune(recipe(made, save_every=2), settings, tmp_path / "whole", logging.info)
    with monkeypatch.context() as patch:
        dies_at(patch, RunLog, "row", lambda step, *rest: step == 5)
        killed(lambda: tune(recipe(made, save_every=2), settings, tmp_path / "cut", logging.info))
    half = tmp_path / "cut" / "checkpoints" / "checkpoint-6"  # killed while it was written
    half.mkdir()
    (half / "adapter_model.safetensors").write_bytes(b"half")
    assert last_whole(half.parent).name == "checkpoint-4" and not half.exists()
    said = []
    assert tune(recipe(made, save_every=2), settings, tmp_path / "cut", said.append) == whole
    assert any("checkpoint-4" in line for line in said)
    assert sha256_of(tmp_path / "cut/best/adapter_model.safetensors") == sha256_of(tmp_path / "whole/best/adapter_model.safetensors")
    assert course(tmp_path / "cut") == course(tmp_path / "whole")
    said.clear()
    assert tune(recipe(made, save_every=2), settings, tmp_path / "cut", said.append) == whole and "做完" in said[-1]
    with pytest.raises(OdfinError, match="另一份配方"):
        tune(recipe(made, save_every=2, seed=8), settings, tmp_path / "cut", said.append)


def test_the_validation_loss_is_over_tokens_however_they_are_batched(made, settings, tmp_path):
    first = [tune(recipe(made, micro_batch=micro, max_steps=1), settings, tmp_path / str(micro), logging.info)["loss"]
             for micro in (1, 2, 4)]
    assert first == pytest.approx([first[0]] * 3, rel=1e-5)


def test_it_stops_where_validation_no_longer_improves(made, settings, tmp_path):
    best = tune(recipe(made, "full", epochs=40, learning_rate=0.5, evaluate_every=1, save_every=100, patience=2,
                       clip=1e3, warmup=0),
                settings, tmp_path / "out", logging.info)
    last = max(row["step"] for row in read(tmp_path / "out"))
    assert best["step"] + 2 <= last < 40 * 3


def test_what_cannot_be_done_is_said_in_one_line(made, settings, tmp_path):
    with pytest.raises(OdfinError, match="CUDA"):
        tune(recipe(made, "qlora"), settings, tmp_path / "out", logging.info)
    with pytest.raises(OdfinError, match="micro_batch"):
        tune(recipe(made, micro_batch=3), settings, tmp_path / "out", logging.info)
