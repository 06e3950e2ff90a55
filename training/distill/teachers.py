"""What the teacher says about a micro-batch: logits or log-probabilities on answers, hidden states at mapped sites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from training.causal import base_of, decoder_of, need_plain
from training.distill.bridge import Bridge
from training.distill.capture import captured
from training.distill.rows import Rows
from training.losses.logits import FullTeacher, TopTeacher, label_log_probs, top_of


@dataclass(frozen=True)
class Signals:
    """`logits`: at the predicting positions, for students that share its ids. `log_probs`: of the teacher's own labels
    [N], between different tokenizers. `hidden`: site of the student -> [M, H]."""

    logits: FullTeacher | TopTeacher | None = None
    log_probs: Tensor | None = None
    hidden: Mapping[str, Tensor] = field(default_factory=dict)

    def to(self, device: torch.device) -> Signals:
        moved = self.logits
        if isinstance(moved, TopTeacher):
            moved = TopTeacher(moved.ids.to(device), moved.log_probs.to(device))
        return Signals(moved, None if self.log_probs is None else self.log_probs.to(device),
                       {name: value.to(device) for name, value in self.hidden.items()})


class TeacherSide(nn.Module):
    """The teacher without its head, in eval, never trained. Its output matrix is kept apart, one row for each of the
    student's ids (all of its own between different tokenizers), so that chunks of logits are made where they are used.

    `sites`: the student's site -> the teacher's.
    """

    def __init__(self, model: Any, link: Bridge, sites: Mapping[str, str], real: int, precision: torch.dtype):
        super().__init__()
        need_plain(model)
        self.decoder = decoder_of(model)
        self.link, self.sites = link, dict(sites)
        weight = base_of(model).get_output_embeddings().weight.detach()
        chosen = weight[: real] if link.kind != "trimmed" else weight[torch.tensor(link.to_teacher)]
        self.register_buffer("head", chosen.to(precision), persistent=False)
        self.precision = precision
        self.requires_grad_(False)
        self.eval()

    @torch.no_grad()
    def forward(self, rows: Rows) -> Signals:
        """Signals of one micro-batch (`rows` in the teacher's ids), full logits left as hidden states."""
        device = rows.input_ids.device.type
        with (torch.autocast(device, torch.bfloat16, enabled=self.precision == torch.bfloat16),
              captured(self.decoder, self.sites, rows.hidden) as taken):
            last = self.decoder(input_ids=rows.input_ids, attention_mask=rows.attention_mask,
                                position_ids=rows.position_ids, use_cache=False).last_hidden_state
            at = last.reshape(-1, last.shape[-1])[rows.predict].to(self.precision)
            if self.link.kind != "different":
                return Signals(FullTeacher(at, self.head), None, taken)
            spoken = label_log_probs(at, lambda hidden: hidden @ self.head.T, rows.labels, self.head.shape[0])
            return Signals(FullTeacher(at, self.head), spoken, taken)


def only_top(signals: Signals, k: int, temperature: float) -> TopTeacher:
    """The full logits of `signals` cut to the k likeliest ids."""
    full = signals.logits
    ids, log_probs = top_of(full.hidden, full.weight, min(k, full.weight.shape[0]), temperature)
    return TopTeacher(ids, log_probs)
