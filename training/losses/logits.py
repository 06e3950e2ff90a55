"""Cross-entropy and logit distillation over the vocabulary, at chosen positions, in chunks.

`L_logit = T²/N · Σ D(softmax(z_T/T), softmax(z_S/T))` (Hinton et al. 2015); D is the forward or reverse KL divergence,
or the generalised Jensen-Shannon divergence of Agarwal et al. 2024 (GKD). The caller passes only positions whose *next*
token is learnt: hidden state t predicts token t + 1, so labels arrive here already shifted. Log-softmax in float32.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from training.losses.precision import full

Kind = Literal["forward_kl", "reverse_kl", "jsd"]
FLOOR = -1e4  # stands for log 0: times a probability of 0 it is 0, where -inf would be nan


@dataclass(frozen=True)
class Divergence:
    """How two distributions are compared. `beta` (between 0 and 1) is used by "jsd" only."""

    kind: Kind = "forward_kl"
    temperature: float = 1.0
    beta: float = 0.5


@dataclass(frozen=True)
class FullTeacher:
    """The teacher's last hidden states and what turns them into logits of the student's ids.

    hidden: [N, H]; weight: [V, H], one row for each of the student's real ids (padding slots left out, and the ids
    that a trimmed student lost): neither model gives such a slot any probability.
    """

    hidden: Tensor
    weight: Tensor


@dataclass(frozen=True)
class TopTeacher:
    """The teacher's k likeliest ids and their log-probabilities at the temperature of the loss, as cached.

    ids: [N, k], in the student's vocabulary; log_probs: [N, k].
    """

    ids: Tensor
    log_probs: Tensor


def divergence(log_p: Tensor, log_q: Tensor, how: Divergence) -> Tensor:
    """D(p, q) along the last axis, p the teacher: [..., V] twice -> [...]. Logs of 0 may be -inf."""
    log_p, log_q = log_p.clamp_min(FLOOR), log_q.clamp_min(FLOOR)
    if how.kind == "forward_kl":
        return _kl(log_p, log_q)
    if how.kind == "reverse_kl":
        return _kl(log_q, log_p)
    mixed = torch.logaddexp(log_p + _log(how.beta), log_q + _log(1 - how.beta))
    return how.beta * _kl(log_p, mixed) + (1 - how.beta) * _kl(log_q, mixed)


def vocabulary_terms(hidden: Tensor, head: Callable[[Tensor], Tensor], labels: Tensor, real: int,
                     teacher: FullTeacher | TopTeacher | None, how: Divergence, chunk: int = 128
                     ) -> tuple[Tensor, Tensor]:
    """Sums over positions of cross-entropy and of T²·D; the second is 0 without a teacher.

    hidden: [N, H] of the student after its last norm; head: hidden -> logits [n, V]; labels: [N], ids below `real`;
    `real`: number of ids the tokenizer knows, later columns are padding. At most `chunk` rows of logits exist at once:
    backward computes them again.
    """
    entropy = distance = full(hidden.new_zeros(()))
    for start in range(0, hidden.shape[0], chunk):
        rows = slice(start, start + chunk)
        arguments = (hidden[rows], head, labels[rows], real, _rows(teacher, rows), how)
        if hidden.shape[0] > chunk and torch.is_grad_enabled():
            one, other = checkpoint(_chunk, *arguments, use_reentrant=False)
        else:
            one, other = _chunk(*arguments)
        entropy, distance = entropy + one, distance + other
    if hidden.shape[0] == 0:  # keeps the graph (and FSDP's hooks) whole
        entropy = entropy + full(head(hidden)).sum()
    return entropy, distance


def label_log_probs(hidden: Tensor, head: Callable[[Tensor], Tensor], labels: Tensor, real: int, chunk: int = 128
                    ) -> Tensor:
    """The log-probability of each label, [N], with at most `chunk` rows of logits at once; arguments as above."""
    parts = []
    for start in range(0, hidden.shape[0], chunk):
        arguments = (hidden[start : start + chunk], head, labels[start : start + chunk], real)
        if hidden.shape[0] > chunk and torch.is_grad_enabled():
            parts.append(checkpoint(_labels, *arguments, use_reentrant=False))
        else:
            parts.append(_labels(*arguments))
    return torch.cat(parts) if parts else full(head(hidden)).sum(-1)


def top_of(hidden: Tensor, weight: Tensor, k: int, temperature: float, chunk: int = 128) -> tuple[Tensor, Tensor]:
    """The k likeliest ids and their log-probabilities at `temperature`: [N, H], [V, H] -> [N, k] twice."""
    ids, log_probs = [], []
    for start in range(0, hidden.shape[0], chunk):
        log_p = full(hidden[start : start + chunk] @ weight.T).div(temperature).log_softmax(-1)
        best = log_p.topk(k, dim=-1)
        ids.append(best.indices)
        log_probs.append(best.values)
    if not ids:
        return hidden.new_zeros((0, k), dtype=torch.long), hidden.new_zeros((0, k), dtype=torch.float32)
    return torch.cat(ids), torch.cat(log_probs)


def _chunk(hidden: Tensor, head: Callable, labels: Tensor, real: int, teacher: FullTeacher | TopTeacher | None,
           how: Divergence) -> tuple[Tensor, Tensor]:
    logits = full(head(hidden)[:, :real])
    entropy = torch.nn.functional.cross_entropy(logits, labels, reduction="sum")
    if teacher is None:
        return entropy, entropy.new_zeros(())
    scaled = logits if how.temperature == 1 else logits / how.temperature
    if isinstance(teacher, FullTeacher):
        with torch.no_grad():
            log_p = full(teacher.hidden @ teacher.weight.T).div(how.temperature).log_softmax(-1)
        log_q = scaled.log_softmax(-1)
    else:
        log_p, log_q = _buckets(scaled, teacher)
    return entropy, how.temperature**2 * divergence(log_p, log_q, how).sum()


def _labels(hidden: Tensor, head: Callable, labels: Tensor, real: int) -> Tensor:
    logits = full(head(hidden)[:, :real])
    return logits.gather(1, labels[:, None]).squeeze(1) - logits.logsumexp(-1)


def _buckets(scaled: Tensor, teacher: TopTeacher) -> tuple[Tensor, Tensor]:
    """Both distributions over the teacher's k ids and one bucket for all the rest: [n, k + 1] twice."""
    log_p = full(teacher.log_probs)
    rest = (1 - log_p.exp().sum(-1, keepdim=True)).clamp_min(1e-8).log()
    log_p = torch.cat([log_p, rest], -1).log_softmax(-1)  # what half precision rounded, made to add up again
    # The student's rest is summed over the other ids, not taken as 1 - sum: exact where the k hold nearly everything.
    others = scaled.scatter(1, teacher.ids, -torch.inf).logsumexp(-1, keepdim=True)
    log_q = torch.cat([scaled.gather(1, teacher.ids), others], -1) - scaled.logsumexp(-1, keepdim=True)
    return log_p, log_q


def _rows(teacher: FullTeacher | TopTeacher | None, rows: slice) -> FullTeacher | TopTeacher | None:
    if isinstance(teacher, FullTeacher):
        return FullTeacher(teacher.hidden[rows], teacher.weight)
    return TopTeacher(teacher.ids[rows], teacher.log_probs[rows]) if teacher else None


def _kl(log_p: Tensor, log_q: Tensor) -> Tensor:
    return (log_p.exp() * (log_p - log_q)).sum(-1)


def _log(value: float) -> float:
    return torch.tensor(value, dtype=torch.float64).log().item()
