"""Hidden states taken at chosen sites and positions while a model runs.

Sites: "embed" (the embedding's output), "block.j" (output of block j, before the last norm even for the last), "mlp.j"
(what the MLP of block j reads). Only the chosen positions are kept, so that 24 blocks of a long batch fit in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from rag.errors import OdfinError
from training.causal import blocks_of
from training.recipe import Weights


def sites(weights: Weights, blocks: int, every: int = 1) -> list[str]:
    """The sites that a student of so many blocks learns at, those of weight 0 left out."""
    mapped = [block for block in range(blocks) if (blocks - 1 - block) % every == 0]
    return ((["embed"] if weights.embed else [])
            + ([f"block.{block}" for block in mapped] if weights.block else [])
            + ([f"mlp.{block}" for block in mapped] if weights.mlp else []))


def family(site: str) -> str:
    """The loss a site counts in: embed, block or mlp."""
    return site.partition(".")[0]


def at_teacher(names: list[str], mapping: list[int]) -> dict[str, str]:
    """For each of the student's sites the teacher's, along a block map."""
    return {name: f"{family(name)}.{mapping[int(name.partition('.')[2])]}" if "." in name else name for name in names}


@contextmanager
def captured(decoder: Any, wanted: Mapping[str, str], positions: Tensor):
    """Within it, one forward of `decoder` fills the yielded dict: name -> [M, H] at flat `positions` of [B, T].

    `wanted`: name -> site. Once the block is left nothing is taken any more (gradient checkpointing runs blocks again
    during backward).
    """
    taken: dict[str, Tensor] = {}

    def chosen(hidden: Tensor) -> Tensor:
        return hidden.reshape(-1, hidden.shape[-1])[positions]

    def keep(name: str, value: Any) -> None:
        hidden = value[0] if isinstance(value, tuple) else value
        # With gradients the choice waits: inside a checkpointed block the second run must save the same tensors.
        taken[name] = hidden if torch.is_grad_enabled() else chosen(hidden)

    def after(name: str):
        return lambda module, arguments, output: keep(name, output)

    def before(name: str):
        return lambda module, arguments, named: keep(name, arguments[0] if arguments else next(iter(named.values())))

    hooks = []
    for name, site in wanted.items():
        kind, _, block = site.partition(".")
        if kind == "embed":
            hooks.append(decoder.get_input_embeddings().register_forward_hook(after(name)))
        elif kind == "block":
            hooks.append(blocks_of(decoder)[int(block)].register_forward_hook(after(name)))
        else:
            mlp = getattr(blocks_of(decoder)[int(block)], "mlp", None)
            if mlp is None:
                raise OdfinError(f"{type(decoder).__name__} 的层里没有 mlp；请把 loss.weights.mlp 设为 0")
            hooks.append(mlp.register_forward_pre_hook(before(name), with_kwargs=True))
    try:
        yield taken
    finally:
        for hook in hooks:
            hook.remove()
    if torch.is_grad_enabled():
        taken.update({name: chosen(hidden) for name, hidden in taken.items()})
