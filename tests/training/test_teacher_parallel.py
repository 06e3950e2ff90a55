"""The teacher in two processes has the losses of one. Run: pytest tests/training/test_teacher_parallel.py

On the CPU accelerate knows no FSDP, so both methods go by DDP here; FSDP2 itself is tested with the student, whose loop is
our own (tests/training/distill/test_parallel.py), and used for `method: full` on GPUs."""

from __future__ import annotations

import json

import pytest
import yaml

from rag.settings import load_settings
from tests.fixtures.processes import ACCELERATE, TORCHRUN, run_in_two
from tests.fixtures.tiny_pair import chatml, checkpoint, talks
from training.finished import FINISHED
from training.recipe import load_recipe
from training.run_log import read
from training.teacher import tune


@pytest.mark.parametrize(("method", "launcher"), [("lora", TORCHRUN), ("full", ACCELERATE)], ids=["lora-torchrun", "full-accelerate"])
def test_two_processes_give_the_losses_of_one(tmp_path, method, launcher):
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(yaml.safe_dump({
        "stage": "teacher", "model": str(checkpoint(tmp_path / "model", chatml(), blocks=2)), "method": method,
        "data": {"train": str(talks(tmp_path, 12)), "validation": str(talks(tmp_path, 3, first=50))},
        "lora": {"rank": 4, "alpha": 8},
        "training": {"epochs": 2, "batch": 4, "micro_batch": 2, "precision": "fp32", "learning_rate": 1e-2,
                     "evaluate_every": 2, "save_every": 4, "threads": 1}}), encoding="utf-8")
    run_in_two(launcher, tmp_path / "home", "teacher", str(recipe), str(tmp_path / "two"))
    settings = load_settings(home=tmp_path / "home", _env_file=None, threads=1)
    best = tune(load_recipe(str(recipe), "teacher"), settings, tmp_path / "one", print)
    one, two = read(tmp_path / "one"), read(tmp_path / "two")
    assert [(row["step"], row["part"]) for row in one] == [(row["step"], row["part"]) for row in two] and len(one) == 9
    for alone, together in zip(one, two, strict=True):
        for name in ("loss", "gradient"):
            if name in alone:  # a validation has no gradient
                assert together[name] == pytest.approx(alone[name], rel=1e-4), (alone["step"], name)
    said = json.loads((tmp_path / "two" / FINISHED).read_text(encoding="utf-8"))
    assert said["best"]["loss"] == pytest.approx(best["loss"], rel=1e-4) and list((tmp_path / "two" / "best").glob("*.safetensors"))
