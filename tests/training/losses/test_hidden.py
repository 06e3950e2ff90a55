"""Hidden-state losses, projections and balance. Run: pytest tests/training/losses/test_hidden.py"""

from __future__ import annotations

import math

import pytest
import torch

from training.losses.balance import combine, scales
from training.losses.hidden import Projections, hidden_term


@pytest.fixture
def pair():
    torch.manual_seed(1)
    return torch.randn(4, 3, dtype=torch.float64, requires_grad=True), torch.randn(4, 3, dtype=torch.float64)


def test_distances_are_what_their_definitions_say(pair):
    student, teacher = pair
    cosine = mse = 0.0
    for a, b in zip(student.tolist(), teacher.tolist(), strict=True):
        dot = sum(x * y for x, y in zip(a, b, strict=True))
        cosine += 1 - dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))
        mse += sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) / len(a)
    assert hidden_term(student, teacher).item() == pytest.approx(cosine, rel=1e-9)
    assert hidden_term(student, teacher, "mse").item() == pytest.approx(mse, rel=1e-9)
    for distance in ("cosine", "mse"):
        torch.autograd.gradcheck(lambda s, d=distance: hidden_term(s, teacher, d), student)


def test_no_gradient_reaches_the_teacher(pair):
    student, teacher = pair
    teacher.requires_grad_(True)
    hidden_term(student, teacher).backward()
    assert teacher.grad is None and student.grad is not None


def test_projections_are_there_only_between_different_widths():
    equal, wider = Projections(["embed", "block.1"], 4, 4), Projections(["embed", "block.1"], 4, 6)
    hidden = torch.randn(5, 4)
    assert not list(equal.parameters()) and equal("block.1", hidden) is hidden
    assert len(list(wider.parameters())) == 2 and wider("block.1", hidden).shape == (5, 6)
    # Angles are kept at the start: what is alike for the student is alike after it.
    assert torch.allclose(wider("embed", hidden).norm(dim=-1), hidden.norm(dim=-1), atol=1e-5)


WEIGHTS = {"ce": 1.0, "logit": 0.5, "block": 2.0, "mlp": 0.0, "embed": 1.0}


def test_fixed_weights_multiply_and_zero_leaves_out():
    terms = {name: torch.tensor(float(number)) for number, name in enumerate(WEIGHTS, 1)}
    factors = scales(dict.fromkeys(WEIGHTS, 1.0), WEIGHTS, "fixed")
    assert factors == {"ce": 1.0, "logit": 0.5, "block": 2.0, "embed": 1.0}
    assert combine(terms, factors).item() == 1 + 0.5 * 2 + 2 * 3 + 5


def test_dynamic_balance_brings_each_hidden_term_to_the_logit_terms_size():
    means = {"ce": 3.0, "logit": 0.4, "block": 100.0, "mlp": 7.0, "embed": 0.001}
    factors = scales(means, WEIGHTS, "dynamic")
    assert factors["block"] * means["block"] == pytest.approx(2.0 * 0.4)
    assert factors["embed"] * means["embed"] == pytest.approx(0.4)
    assert (factors["ce"], factors["logit"]) == (1.0, 0.5)
    without = scales(means, WEIGHTS | {"logit": 0.0}, "dynamic")
    assert without["block"] * means["block"] == pytest.approx(2.0 * 3.0)  # the cross-entropy leads then
