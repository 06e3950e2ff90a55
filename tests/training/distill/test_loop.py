"""A step whose gradient is no number is not taken. Run: pytest tests/training/distill/test_loop.py"""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import nn

from rag.errors import OdfinError
from training.distill.loop import LOST, run
from training.distill.parallel import World
from training.recipe import Training
from training.run_log import read


class Line:
    """Fits w·x to 2·x; `broken` steps give a gradient that is no number."""

    def __init__(self, broken: range):
        self.module, self.broken, self.step = nn.Linear(1, 1, bias=False), broken, 0
        self.training, self.validation = 4, ()

    def size(self, conversation: int) -> int:
        return 1

    def counts(self, conversations):
        return {"ce": len(conversations)}

    def sums(self, conversations):
        self.step += 1
        x = torch.tensor([[float(one + 1)] for one in conversations])
        loss = (self.module(x) - 2 * x).square().sum()
        return {"ce": loss * (math.nan if self.step in self.broken else 1.0)}

    def keep_best(self, folder: Path) -> None: ...


def course(tmp_path, broken: range) -> tuple[Line, list[dict]]:
    work = Line(broken)
    recipe = Training(epochs=10, batch=4, micro_batch=4, learning_rate=0.1, precision="fp32", save_every=100)
    run(work, [{"params": list(work.module.parameters()), "lr": 0.1}], {"ce": 1.0}, "fixed", recipe, tmp_path, "one",
        World(0, 1, torch.device("cpu")), lambda line: None)
    return work, [row for row in read(tmp_path) if row["part"] == "train"]


def test_one_bad_gradient_costs_a_step_and_not_the_run(tmp_path):
    work, rows = course(tmp_path, range(3, 4))
    assert [math.isnan(row["gradient"]) for row in rows].count(True) == 1 and len(rows) == 10
    assert math.isfinite(work.module.weight.item()) and rows[-1]["ce"] < rows[0]["ce"]


def test_gradients_that_stay_bad_stop_the_run_in_one_line(tmp_path):
    with pytest.raises(OdfinError, match="learning_rate"):
        course(tmp_path, range(4, 100))
    assert len([row for row in read(tmp_path) if row["part"] == "train"]) == 3 + LOST - 1
