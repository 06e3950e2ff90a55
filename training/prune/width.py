"""Narrower blocks: FFN neurons by their activation, attention heads by what they send into the output projection.

Muralidharan et al. 2024, Minitron, arXiv:2407.14679 (activation-based importance). Every block keeps as many neurons and
heads as the others, its own ones: a Hugging Face config knows one number for all.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rag.errors import OdfinError
from training.prune.importance import Windows, blocks_of, tensors


def measure(model: Any, windows: Windows) -> tuple[np.ndarray, np.ndarray]:
    """(neurons, groups): mean |activation| of each FFN neuron, float64 (blocks, intermediate size), and of each GQA
    group the L2 norm of what its query heads send into o_proj, averaged over tokens, float64 (blocks, KV heads)."""
    import torch

    config = model.config
    blocks, heads_kv = blocks_of(model), config.num_key_value_heads
    neurons = np.zeros((len(blocks), config.intermediate_size))
    groups = np.zeros((len(blocks), heads_kv))
    tokens = 0

    def at_neurons(number: int):
        def hook(module: Any, args: tuple) -> None:
            neurons[number] += args[0].float().abs().flatten(0, -2).sum(0).double().cpu().numpy()
        return hook

    def at_heads(number: int):
        def hook(module: Any, args: tuple) -> None:
            sent = args[0].float().flatten(0, -2)
            groups[number] += sent.reshape(len(sent), heads_kv, -1).norm(dim=-1).sum(0).double().cpu().numpy()
        return hook

    hooks = []
    for number, block in enumerate(blocks):
        hooks.append(block.mlp.down_proj.register_forward_pre_hook(at_neurons(number)))
        hooks.append(block.self_attn.o_proj.register_forward_pre_hook(at_heads(number)))
    try:
        with torch.inference_mode():
            for ids in tensors(model, windows):
                model.model(input_ids=ids, use_cache=False)
                tokens += ids.shape[1]
    finally:
        for hook in hooks:
            hook.remove()
    return neurons / tokens, groups / tokens


def keep_neurons(model: Any, scores: np.ndarray, keep: int) -> list[list[int]]:
    """Leave each block its `keep` strongest FFN neurons; returns them, in order, a list a block."""
    size = model.config.intermediate_size
    if not 1 <= keep < size:
        raise OdfinError(f"前馈层有 {size} 个神经元，要保留的数目应在 1 到 {size - 1} 之间，现在是 {keep}")
    kept = [_strongest(row, keep) for row in scores]
    for block, rows in zip(blocks_of(model), kept, strict=True):
        for name in ("gate_proj", "up_proj"):
            setattr(block.mlp, name, _linear(getattr(block.mlp, name), rows=rows))
        block.mlp.down_proj = _linear(block.mlp.down_proj, columns=rows)
        block.mlp.intermediate_size = keep
    model.config.intermediate_size = keep
    return kept


def keep_groups(model: Any, scores: np.ndarray, keep: int) -> list[list[int]]:
    """Leave each block its `keep` strongest GQA groups, each a KV head with all its query heads; returns them."""
    config = model.config
    heads_kv = config.num_key_value_heads
    if not 1 <= keep < heads_kv:
        raise OdfinError(f"注意力有 {heads_kv} 组（KV 头），要保留的组数应在 1 到 {heads_kv - 1} 之间，现在是 {keep}")
    size, shared = blocks_of(model)[0].self_attn.head_dim, config.num_attention_heads // heads_kv
    kept = [_strongest(row, keep) for row in scores]
    for block, groups in zip(blocks_of(model), kept, strict=True):
        attention = block.self_attn
        keys = _rows(groups, size)
        queries = _rows(groups, size * shared)
        attention.q_proj = _linear(attention.q_proj, rows=queries)
        attention.k_proj = _linear(attention.k_proj, rows=keys)
        attention.v_proj = _linear(attention.v_proj, rows=keys)
        attention.o_proj = _linear(attention.o_proj, columns=queries)
    config.head_dim = size  # no longer hidden size / heads
    config.num_key_value_heads, config.num_attention_heads = keep, keep * shared
    return kept


def _strongest(scores: np.ndarray, keep: int) -> list[int]:
    return sorted(np.argsort(-scores, kind="stable")[:keep].tolist())


def _rows(units: list[int], size: int) -> list[int]:
    return [unit * size + row for unit in units for row in range(size)]


def _linear(linear: Any, rows: list[int] | None = None, columns: list[int] | None = None) -> Any:
    """The linear layer with only these outputs (rows) or inputs (columns)."""
    import torch

    weight, bias = linear.weight.data, None if linear.bias is None else linear.bias.data
    if rows is not None:
        weight, bias = weight[rows], None if bias is None else bias[rows]
    if columns is not None:
        weight = weight[:, columns]
    smaller = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None, device="meta")
    smaller.weight = torch.nn.Parameter(weight.clone(), requires_grad=False)
    if bias is not None:
        smaller.bias = torch.nn.Parameter(bias.clone(), requires_grad=False)
    return smaller
