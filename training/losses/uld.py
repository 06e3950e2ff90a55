"""Universal logit distillation (Boizard et al. 2024): the baseline between different tokenizers.

Both distributions are sorted by size and compared rank by rank, `Σ_i |p_(i) − q_(i)|`, the shorter filled up with zeros;
position n of one answer is set against position n of the other, up to the shorter answer. It knows nothing of what a
token spells, which is why byte-aligned likelihoods (likelihood.py) are the better choice.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from training.losses.precision import full


def sorted_distance(student: Tensor, teacher: Tensor) -> Tensor:
    """Sum over rows of the distance between sorted softmaxes of logits [N, V] and [N, W]."""
    q = full(student).softmax(-1).sort(-1, descending=True).values
    with torch.no_grad():
        p = full(teacher).softmax(-1).sort(-1, descending=True).values
    width = max(q.shape[-1], p.shape[-1])
    q = torch.nn.functional.pad(q, (0, width - q.shape[-1]))
    p = torch.nn.functional.pad(p, (0, width - p.shape[-1]))
    return (p - q).abs().sum()


def uld_term(student: Tensor, head, real_student: int, teacher: Tensor, weight: Tensor, chunk: int = 64) -> Tensor:
    """The same from last hidden states [N, H], `chunk` rows of logits at a time; `weight`: the teacher's [V, H]."""
    total = full(student.new_zeros(()))
    for start in range(0, student.shape[0], chunk):
        arguments = (student[start : start + chunk], head, real_student, teacher[start : start + chunk], weight)
        if torch.is_grad_enabled():
            total = total + checkpoint(_rows, *arguments, use_reentrant=False)
        else:
            total = total + _rows(*arguments)
    return total


def _rows(student: Tensor, head, real: int, teacher: Tensor, weight: Tensor) -> Tensor:
    with torch.no_grad():
        logits = teacher @ weight.T
    return sorted_distance(head(student)[:, :real], logits)
