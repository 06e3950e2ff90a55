"""Fewer blocks: which to keep, and the model without the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from rag.errors import OdfinError
from training.prune.importance import Windows, block_influence, blocks_of, loss_without, span_distance

By = Literal["cosine", "loss", "span"]
AXES = {"cosine": "1 - cos(block in, block out)", "loss": "rise of the loss without the block (nats/token)",
        "span": "angle between span in and span out / pi"}


def choose_blocks(model: Any, windows: Windows, keep: int, by: By) -> tuple[list[int], np.ndarray]:
    """(kept block numbers in order, the scores it was chosen by).

    "cosine" and "loss" drop the blocks of least influence, scores (blocks,); "span" drops the contiguous span whose ends
    are nearest, scores (spans,) by the span's first block. Raises OdfinError where `keep` is no count of blocks.
    """
    count = len(blocks_of(model))
    if not 1 <= keep < count:
        raise OdfinError(f"模型有 {count} 层，要保留的层数应在 1 到 {count - 1} 之间，现在是 {keep}")
    if by == "span":
        scores = span_distance(model, windows, count - keep)
        first = int(scores.argmin())
        return [block for block in range(count) if not first <= block < first + count - keep], scores
    scores = block_influence(model, windows) if by == "cosine" else loss_without(model, windows)
    return sorted(np.argsort(-scores, kind="stable")[:keep].tolist()), scores


def keep_blocks(model: Any, kept: Sequence[int]) -> None:
    """Leave only the blocks `kept` in the model, numbered anew, and say so in its config."""
    import torch

    blocks = blocks_of(model)
    model.model.layers = torch.nn.ModuleList(blocks[block] for block in kept)
    for number, block in enumerate(model.model.layers):
        block.self_attn.layer_idx = number  # where its keys and values stand in the cache
    config = model.config
    if getattr(config, "layer_types", None):
        config.layer_types = [config.layer_types[block] for block in kept]
    config.num_hidden_layers = len(kept)
