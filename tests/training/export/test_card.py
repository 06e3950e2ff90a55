"""A card made of a run's own files says all that made it. Run: pytest tests/training/export/test_card.py"""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner

from odfin.main import app
from rag.models.pins import PINS
from rag.models.store import sha256_of
from rag.settings import load_settings
from rag.student.adapter import SHIPPED
from tests.fixtures.command_line import understood
from tests.fixtures.tiny_pair import chatml, checkpoint, talks
from training.causal import public_name
from training.distill.run import distill
from training.export.card import command_of, write_card
from training.export.run import Exported, File
from training.finished import FINISHED
from training.recipe import DistillRecipe, TeacherRecipe, checked
from training.run_log import read
from training.teacher import tune

MADE = Exported("adapter", "base", (File("adapter.gguf", "f16", 0, ""),))


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path / "home", _env_file=None, threads=1)


@pytest.mark.parametrize("stage", ["distill", "teacher"])
def test_a_card_of_a_run_says_steps_losses_command_seed_data_and_memory(settings, tmp_path, stage):
    data, held = talks(tmp_path / "data"), talks(tmp_path / "data", 3, first=100)
    manifest = tmp_path / "data" / "manifest.json"
    manifest.write_text(json.dumps({"recipe": {"seed": 3, "own": True}, "outputs": {data.name: sha256_of(data)}}))
    model = str(checkpoint(tmp_path / "model", chatml(), blocks=2))
    values = {"stage": stage, "method": "lora", "data": {"train": str(data), "validation": str(held)}, "lora": {"rank": 2},
              "training": {"epochs": 2, "batch": 4, "micro_batch": 4, "precision": "fp32", "evaluate_every": 2, "seed": 23}}
    if stage == "distill":
        recipe = checked(values | {"student": {"model": model}, "teacher": {"model": model}}, DistillRecipe, "test")
        best = distill(recipe, settings, tmp_path / "run", lambda _: None)
    else:
        best = tune(checked(values | {"model": model}, TeacherRecipe, "test"), settings, tmp_path / "run", lambda _: None)
    said = json.loads((tmp_path / "run" / FINISHED).read_text(encoding="utf-8"))
    last = [row for row in read(tmp_path / "run") if row["part"] == "train"][-1]
    assert said["steps"] == last["step"] == 6 and said["last"]["loss"] == last["loss"] and said["best"] == best
    assert 0.1 < said["memory"]["memory_gb"] < 20 and last["memory_gb"] <= said["memory"]["memory_gb"]
    data.unlink()  # the hashes are those of the run
    card = write_card(MADE, tmp_path / "run" / "best", tmp_path).read_text(encoding="utf-8")
    command = re.search(r"`(odfin train .*?)`", card)[1]
    assert command == f"odfin train {stage} recipe.json 输出文件夹 --data {data.name} --validation {held.name}"
    understood(command)
    for words in ("随机种子 23", "共 6 步", "内存峰值", f"最好的一次：loss {best['loss']:.4g}", f"step {best['step']}", "最后一步的训练损失：loss",
                  f"| {data.name} | 12 | {said['data'][0]['sha256']} |", f"| {held.name} | 3 | {sha256_of(held)} |",
                  sha256_of(manifest), '"own": true'):
        assert words in card, words
    assert str(tmp_path) not in card
    again = json.loads((tmp_path / "run" / FINISHED).read_text(encoding="utf-8"))
    assert again == said


def test_a_run_found_done_keeps_what_it_said(settings, tmp_path):
    model = str(checkpoint(tmp_path / "model", chatml(), blocks=2))
    recipe = checked({"stage": "distill", "data": {"train": str(talks(tmp_path))}, "student": {"model": model},
                      "loss": {"weights": {"ce": 1, "logit": 0}}, "lora": {"rank": 2},
                      "training": {"max_steps": 1, "precision": "fp32", "save_every": 1}}, DistillRecipe, "test")
    distill(recipe, settings, tmp_path / "run", lambda _: None)
    before = (tmp_path / "run" / FINISHED).read_bytes()
    distill(recipe, settings, tmp_path / "run", lambda _: None)
    assert (tmp_path / "run" / FINISHED).read_bytes() == before


def test_the_command_of_learning_from_feedback_is_one_that_runs():
    command = command_of({"stage": "prefer", "method": "kto", "model": "student", "adapter": "/somewhere/student.gguf",
                          "adapter_sha256": "0", "epochs": 2, "learning_rate": 2e-5, "beta": 0.1, "batch": 4, "rank": 16,
                          "least": 50, "seed": 7, "data": {"train": "/somewhere/preferences.jsonl"}})
    assert command.startswith("odfin train prefer 输出文件夹 --method kto --model student --adapter student.gguf")
    understood(command)
    for words in ("--data x.jsonl", "recipe.json"):
        assert CliRunner().invoke(app, [*command.split()[1:], *words.split()]).exit_code == 2


@pytest.mark.parametrize(("name", "who", "used"), [("student", "学生", "默认即用"), ("teacher", "教师", "设 `ODFIN_STUDENT=teacher` 时使用")])
def test_a_card_says_when_its_adapter_is_used(tmp_path, name, who, used):
    made = Exported("adapter", public_name(name), (File(f"{name}.gguf", "q8_0", 1, "0"),))
    card = write_card(made, tmp_path, tmp_path).read_text(encoding="utf-8")
    assert card.startswith(f"# OD-FinLLM {who}（模型卡）") and used in card and PINS[name].sha256 in card
    assert ("默认即用" in card) == (name == "student")


@pytest.mark.parametrize(("card", "file"), [("README.md", "student.gguf"), ("teacher.md", "teacher.gguf")])
def test_the_shipped_cards_hold_a_recipe_and_commands_that_are_understood(card, file):
    text = (SHIPPED / card).read_text(encoding="utf-8")
    name = file.removesuffix(".gguf")
    assert sha256_of(SHIPPED / file) in text and PINS[name].sha256 in text
    recipe = checked(json.loads(re.search(r"```json\n(.*?)```", text, re.DOTALL)[1]), DistillRecipe, card)
    assert recipe.student.model == name and recipe.loss.vocabulary == "used" and "指令微调" in text
    assert not any(weight for term, weight in recipe.loss.weights.model_dump().items() if term != "ce")
    commands = re.search(r"```sh\n(.*?)```", text, re.DOTALL)[1].splitlines()
    assert [understood(command)[0] for command in commands] == ["distill", "export"]
    assert understood(commands[0])[1]["data"].name == recipe.data.train.name
    assert understood(commands[0])[1]["validation"].name == recipe.data.validation.name
    assert ("默认即用" in text) == (name == "student") and ("ODFIN_STUDENT=teacher" in text) == (name == "teacher")
    assert text.startswith("# OD-FinLLM " + ("学生" if name == "student" else "教师"))
