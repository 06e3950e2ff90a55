"""One process or many: joining torchrun's group, sharding a module by FSDP2, sums over all processes.

Started without torchrun there is one process and nothing here does anything. Backend: NCCL with CUDA, gloo without.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn


@dataclass(frozen=True)
class World:
    rank: int
    size: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this process is the one that writes."""
        return self.rank == 0

    def total(self, values: Tensor) -> Tensor:
        """The sum of `values` over all processes."""
        values = values.detach().clone()
        if self.size > 1:
            dist.all_reduce(values)
        return values

    def wait(self) -> None:
        if self.size > 1:
            dist.barrier()


def join() -> World:
    """The group this process belongs to (`torchrun` and `accelerate launch --multi_gpu` say so), or a world of one."""
    cuda = torch.cuda.is_available()
    if not dist.is_torchelastic_launched():
        return World(0, 1, torch.device("cuda" if cuda else "cpu"))
    device = torch.device("cuda", dist.get_node_local_rank()) if cuda else torch.device("cpu")
    if cuda:
        torch.cuda.set_device(device)
    if not dist.is_initialized():
        dist.init_process_group("nccl" if cuda else "gloo")
    return World(dist.get_rank(), dist.get_world_size(), device)


def leave() -> None:
    """End this process with its group, once all have got so far; a world of one goes on. The last thing a command does.

    DTensor's caches keep the group's threads alive beyond `destroy_process_group`, and one that lets go of a tensor
    while Python is being torn down aborts the process ("terminate called without an active exception", one run in
    many; pytorch pull request 179291): so nothing is torn down.
    """
    if dist.is_initialized():
        dist.barrier()
        dist.destroy_process_group()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def shard(module: nn.Module, blocks: Any, world: World) -> nn.Module:
    """`module` in place on the world's device, its weights shared out by FSDP2: each block a group, the rest another.

    Only `module` itself may be called from then on: a part called by itself would miss the gathering of the rest.
    """
    if world.size > 1:
        from torch.distributed.device_mesh import init_device_mesh
        from torch.distributed.fsdp import fully_shard

        mesh = init_device_mesh(world.device.type, (world.size,))
        for block in blocks:
            fully_shard(block, mesh=mesh)
        fully_shard(module, mesh=mesh)
    return module.to(world.device)
