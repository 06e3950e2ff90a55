"""Two processes under torchrun, weights shared out by FSDP2, give one process's losses.
Run: pytest tests/training/distill/test_parallel.py"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from rag.settings import load_settings
from tests.fixtures.tiny_pair import chatml, checkpoint, talks
from training.distill.run import distill
from training.recipe import load_recipe
from training.run_log import read

PROJECT = Path(__file__).parents[3]
TERMS = ("loss", "ce", "logit", "block", "mlp", "embed", "gradient")


def test_two_processes_give_the_losses_of_one(tmp_path):
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(yaml.safe_dump({
        "stage": "distill", "teacher": {"model": str(checkpoint(tmp_path / "teacher", chatml(), blocks=3, width=48, seed=2))},
        "student": {"model": str(checkpoint(tmp_path / "student", chatml(), blocks=2))}, "method": "full",
        "data": {"train": str(talks(tmp_path, 10)), "validation": str(talks(tmp_path, 3, first=50))},
        "loss": {"weights": dict.fromkeys(("ce", "logit", "block", "mlp", "embed"), 1.0), "balance": "dynamic"},
        "training": {"epochs": 2, "batch": 5, "micro_batch": 2, "precision": "fp32", "learning_rate": 1e-2,
                     "evaluate_every": 2, "save_every": 2, "threads": 1}}), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", "0", "--rdzv-backend",
         "c10d", "--rdzv-endpoint", "localhost:0", "-m", "odfin.main", "train", "distill", str(recipe), str(tmp_path / "two")],
        cwd=PROJECT, env=os.environ | {"ODFIN_HOME": str(tmp_path / "home"), "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, timeout=900, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert "2 个进程" in ran.stderr and ran.stdout.count("完成") == 1
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
