"""Conversations of one micro-batch as tensors, with the flat positions that losses look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from training.chat import Encoded
from training.shared_prompt import branch_mask


@dataclass(frozen=True)
class Rows:
    """input_ids, position_ids: [B, T]; attention_mask: [B, T], or [B, 1, T, T] where a row holds several conversations. Flat
    positions in [B·T], conversation after conversation: `predict` [N], whose next tokens are `labels` [N], and `hidden`
    [M], where hidden states are compared. `tokens`: how many are no padding."""

    input_ids: Tensor
    attention_mask: Tensor
    position_ids: Tensor
    predict: Tensor
    labels: Tensor
    hidden: Tensor
    tokens: int

    def to(self, device: torch.device) -> Rows:
        values = (getattr(self, name) for name in self.__dataclass_fields__)
        return Rows(*(one.to(device, non_blocking=True) if isinstance(one, Tensor) else one for one in values))


def rows(conversations: Sequence[Encoded], predict: Sequence[Sequence[int]], hidden: Sequence[Sequence[int]],
         pad: int) -> Rows:
    """A micro-batch padded on the right; `predict` and `hidden` are positions within each conversation."""
    width = max(len(one.input_ids) for one in conversations)
    ids = torch.full((len(conversations), width), pad, dtype=torch.long)
    mask, positions = torch.zeros_like(ids), torch.zeros_like(ids)
    for number, one in enumerate(conversations):
        ids[number, : len(one.input_ids)] = torch.tensor(one.input_ids)
        mask[number, : len(one.input_ids)] = 1
        positions[number, : len(one.input_ids)] = torch.tensor(one.positions)
    tokens = int(mask.sum())
    if any(one.several for one in conversations):
        mask = branch_mask(conversations, width)
    flat = lambda chosen: torch.tensor(  # noqa: E731
        [number * width + place for number, those in enumerate(chosen) for place in those], dtype=torch.long)
    labels = [one.labels[place + 1] for one, those in zip(conversations, predict, strict=True) for place in those]
    return Rows(ids, mask, positions, flat(predict), torch.tensor(labels, dtype=torch.long), flat(hidden), tokens)
