"""What a change of format costs: perplexity, divergence from the unchanged model, and agreement of the likeliest token."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from training.export.read_out import Logits

AT_ONCE = 64  # positions compared together: a vocabulary of 152k in float64 is 80 MB


@dataclass(frozen=True)
class Loss:
    """Over all predicted tokens: `perplexity`; `divergence` mean KL(reference ‖ this), nats; `agreement` share of
    positions with the same likeliest token. The last two are None for the reference itself."""

    tokens: int
    perplexity: float
    divergence: float | None = None
    agreement: float | None = None


def measure(logits: Logits, windows: Sequence[Sequence[int]], reference: Logits | None = None) -> Loss:
    """The loss of `logits` on windows of token ids, against `reference` where one is given."""
    tokens, nll, divergence, agreed = 0, 0.0, 0.0, 0
    for window in windows:
        own = logits(window)
        other = None if reference is None else reference(window)
        for start in range(0, len(window) - 1, AT_ONCE):
            end = min(start + AT_ONCE, len(window) - 1)
            found = _part(own[start:end], window[start + 1 : end + 1], None if other is None else other[start:end])
            nll, divergence, agreed = nll + found[0], divergence + found[1], agreed + found[2]
        tokens += len(window) - 1
    if reference is None:
        return Loss(tokens, math.exp(nll / tokens))
    return Loss(tokens, math.exp(nll / tokens), divergence / tokens, agreed / tokens)


def _part(own: Any, following: Sequence[int], other: Any | None) -> tuple[float, float, int]:
    """(−log p of what follows, KL(other ‖ own), positions with the same maximum), each summed."""
    import torch

    log_own = torch.log_softmax(own.double(), dim=-1)
    nll = -log_own[torch.arange(len(following)), torch.tensor(list(following), device=own.device)].sum().item()
    if other is None:
        return nll, 0.0, 0
    width = min(own.shape[-1], other.shape[-1])  # one of them may pad its vocabulary
    log_other = torch.log_softmax(other[:, :width].double(), dim=-1).to(log_own.device)
    log_own = torch.log_softmax(own[:, :width].double(), dim=-1)
    divergence = (log_other.exp() * (log_other - log_own)).sum().item()
    return nll, divergence, int((log_own.argmax(-1) == log_other.argmax(-1)).sum())
