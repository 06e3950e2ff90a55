"""Conversations of one micro-batch as tensors, with the flat positions that losses look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from training.chat import Encoded


@dataclass(frozen=True)
class Rows:
    """input_ids, attention_mask: [B, T]. Flat positions in [B·T], conversation after conversation: `predict` [N], whose
    next tokens are `labels` [N], and `hidden` [M], where hidden states are compared."""

    input_ids: Tensor
    attention_mask: Tensor
    predict: Tensor
    labels: Tensor
    hidden: Tensor

    def to(self, device: torch.device) -> Rows:
        return Rows(*(getattr(self, name).to(device, non_blocking=True) for name in self.__dataclass_fields__))


def rows(conversations: Sequence[Encoded], predict: Sequence[Sequence[int]], hidden: Sequence[Sequence[int]],
         pad: int) -> Rows:
    """A micro-batch padded on the right; `predict` and `hidden` are positions within each conversation."""
    width = max(len(one.input_ids) for one in conversations)
    ids = torch.full((len(conversations), width), pad, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for number, one in enumerate(conversations):
        ids[number, : len(one.input_ids)] = torch.tensor(one.input_ids)
        mask[number, : len(one.input_ids)] = 1
    flat = lambda chosen: torch.tensor(  # noqa: E731
        [number * width + place for number, those in enumerate(chosen) for place in those], dtype=torch.long)
    labels = [one.labels[place + 1] for one, those in zip(conversations, predict, strict=True) for place in those]
    return Rows(ids, mask, flat(predict), torch.tensor(labels, dtype=torch.long), flat(hidden))
