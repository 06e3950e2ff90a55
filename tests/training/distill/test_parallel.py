"""Two processes give one process's losses: under torchrun with all weights shared out by FSDP2, under accelerate with
a LoRA student. Run: pytest tests/training/distill/test_parallel.py"""

from __future__ import annotations

import pytest
import yaml

from rag.settings import load_settings
from tests.fixtures.processes import ACCELERATE, TORCHRUN, run_in_two
from tests.fixtures.tiny_pair import chatml, checkpoint, talks
from training.distill.run import distill
from training.recipe import load_recipe
from training.run_log import read

TERMS = ("loss", "ce", "logit", "block", "mlp", "embed", "gradient")


@pytest.mark.parametrize(("method", "launcher"), [("full", TORCHRUN), ("lora", ACCELERATE)], ids=["full-torchrun", "lora-accelerate"])
def test_two_processes_give_the_losses_of_one(tmp_path, method, launcher):
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(yaml.safe_dump({
        "stage": "distill", "teacher": {"model": str(checkpoint(tmp_path / "teacher", chatml(), blocks=3, width=48, seed=2))},
        "student": {"model": str(checkpoint(tmp_path / "student", chatml(), blocks=2))}, "method": method,
        "lora": {"rank": 4, "alpha": 8},
        "data": {"train": str(talks(tmp_path, 10)), "validation": str(talks(tmp_path, 3, first=50))},
        "loss": {"weights": dict.fromkeys(("ce", "logit", "block", "mlp", "embed"), 1.0), "balance": "dynamic"},
        "training": {"epochs": 2, "batch": 5, "micro_batch": 2, "precision": "fp32", "learning_rate": 1e-2,
                     "evaluate_every": 2, "save_every": 2, "threads": 1}}), encoding="utf-8")
    run_in_two(launcher, tmp_path / "home", "distill", str(recipe), str(tmp_path / "two"))
    settings = load_settings(home=tmp_path / "home", _env_file=None, threads=1)
    distill(load_recipe(str(recipe), "distill"), settings, tmp_path / "one", print)
    one, two = read(tmp_path / "one"), read(tmp_path / "two")
    assert len(one) == len(two) == 6
    for alone, together in zip(one, two, strict=True):
        assert alone.keys() == together.keys()
        for name in TERMS:
            if name in alone:  # a validation has no gradient
                assert together[name] == pytest.approx(alone[name], rel=1e-4), (alone["step"], name)
    # A checkpoint belongs to no number of processes: one goes on from what two left.
    more = load_recipe(str(recipe), "distill", ["training.epochs=2", "training.max_steps=4"])
    assert distill(more, settings, tmp_path / "two", print)["loss"] == pytest.approx(min(
        row["loss"] for row in one if row["part"] == "validation"), rel=1e-4)
