"""Distance between hidden states of student and teacher at the same positions, and the projections between widths.

A term is `1 − cos(P·h_S, sg(h_T))`, or the mean squared error, summed over positions; the caller divides. P is one
linear layer a site, there only where the widths differ. Computed in float32.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import torch
from torch import Tensor, nn

from training.losses.precision import full

Distance = Literal["cosine", "mse"]


class Projections(nn.Module):
    """One linear map a site, student width -> teacher width; the identity where they are equal. Kept in float32."""

    def __init__(self, sites: Iterable[str], student: int, teacher: int):
        super().__init__()
        self.maps = nn.ModuleDict()
        if student != teacher:
            for site in sites:
                self.maps[_key(site)] = linear = nn.Linear(student, teacher, bias=False, dtype=torch.float32)
                nn.init.orthogonal_(linear.weight)  # keeps angles, so the cosine starts from the student's own geometry

    def forward(self, site: str, hidden: Tensor) -> Tensor:
        """[N, student] -> [N, teacher]."""
        return self.maps[_key(site)](hidden) if self.maps else hidden


def hidden_term(student: Tensor, teacher: Tensor, distance: Distance = "cosine") -> Tensor:
    """Sum over rows of the distance between [N, H] and [N, H]; no gradient reaches the teacher."""
    student, teacher = full(student), full(teacher.detach())
    if distance == "cosine":
        return (1 - nn.functional.cosine_similarity(student, teacher, dim=-1, eps=1e-6)).sum()
    return (student - teacher).square().mean(-1).sum()


def _key(site: str) -> str:
    return site.replace(".", "_")
