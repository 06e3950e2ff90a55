"""How much each block of a model does, measured on text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np

Windows = Sequence[Sequence[int]]


def blocks_of(model: Any) -> Any:
    """The ModuleList of a Qwen2 or LLaMA causal LM's blocks."""
    return model.model.layers


def block_influence(model: Any, windows: Windows) -> np.ndarray:
    """1 − cos(block in, block out), averaged over tokens; float64 (blocks,). Near 0: the block changes little.

    Men et al. 2024, ShortGPT, arXiv:2403.03853 (Block Influence).
    """
    sums, tokens = np.zeros(len(blocks_of(model))), 0
    for states in _states(model, windows):
        sums += [_distance(before, after) for before, after in pairwise(states)]
        tokens += states[0].shape[0]
    return sums / tokens


def span_distance(model: Any, windows: Windows, span: int) -> np.ndarray:
    """Angle / π between what enters block i and what leaves block i + span − 1; float64 (blocks − span + 1,).

    Averaged over tokens. The smallest marks the contiguous span that is missed least. Gromov et al. 2024, "The
    Unreasonable Ineffectiveness of the Deeper Layers", arXiv:2403.17887, equation 7.
    """
    import torch

    count = len(blocks_of(model)) - span + 1
    sums, tokens = np.zeros(count), 0
    for states in _states(model, windows):
        for start in range(count):
            # in float64: near 1, where spans matter, the arc cosine of a float32 is off by 1e-3
            cosine = torch.cosine_similarity(states[start].double(), states[start + span].double(), dim=-1).clamp(-1, 1)
            sums[start] += torch.arccos(cosine).sum().item() / math.pi
        tokens += states[0].shape[0]
    return sums / tokens


def loss_without(model: Any, windows: Windows) -> np.ndarray:
    """By how much the mean cross-entropy (nats a token) rises when one block is skipped; float64 (blocks,).

    Costs a pass over the windows for each block.
    """
    whole = mean_loss(model, windows)
    rises = []
    for block in range(len(blocks_of(model))):
        with skipped(model, [block]):
            rises.append(mean_loss(model, windows) - whole)
    return np.array(rises)


def mean_loss(model: Any, windows: Windows) -> float:
    """Cross-entropy of the next token, nats, averaged over all predicted tokens."""
    import torch

    total, count = 0.0, 0
    with torch.inference_mode():
        for ids in tensors(model, windows):
            logits = model(input_ids=ids, use_cache=False).logits[0, :-1].float()
            total += torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="sum").item()
            count += ids.shape[1] - 1
    return total / count


@contextmanager
def skipped(model: Any, blocks: Sequence[int]) -> Iterator[None]:
    """The model without these blocks for a while: what enters one leaves it unchanged."""
    hooks = [blocks_of(model)[block].register_forward_hook(_pass_through, with_kwargs=True) for block in blocks]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _pass_through(module: Any, args: tuple, kwargs: dict, output: Any) -> Any:
    entered = args[0] if args else kwargs["hidden_states"]
    return (entered, *output[1:]) if isinstance(output, tuple) else entered


def _states(model: Any, windows: Windows) -> Iterator[list[Any]]:
    """What enters the first block and leaves each block, (tokens, width) float32, for each window.

    Taken by hooks, since transformers' last hidden state is already normalised.
    """
    import torch

    states: list[Any] = []

    def keep(module: Any, args: tuple, kwargs: dict, output: Any) -> None:
        if not states:
            states.append((args[0] if args else kwargs["hidden_states"])[0].float())
        states.append((output[0] if isinstance(output, tuple) else output)[0].float())

    hooks = [block.register_forward_hook(keep, with_kwargs=True) for block in blocks_of(model)]
    try:
        with torch.inference_mode():
            for ids in tensors(model, windows):
                states.clear()
                model.model(input_ids=ids, use_cache=False)
                yield [state.reshape(-1, state.shape[-1]) for state in states]
    finally:
        for hook in hooks:
            hook.remove()


def _distance(before: Any, after: Any) -> float:
    import torch

    return (1 - torch.cosine_similarity(before, after, dim=-1)).sum().item()


def tensors(model: Any, windows: Windows) -> Iterator[Any]:
    import torch

    for window in windows:
        yield torch.tensor([list(window)], device=model.device)
