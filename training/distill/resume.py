"""Where a run stands, on disk: written beside, landed by rename, so that a kill at any moment leaves a whole one.

A checkpoint holds what learns (weights and optimiser, gathered from all processes), the step, and the loop's own
numbers. The order of the data and the dropout of a step depend on the seed and the step alone, so nothing else is needed
to go on exactly, on any number of processes.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
)

from rag.errors import OdfinError

KEPT = 2


def save(folder: Path, step: int, module: nn.Module, optimiser: torch.optim.Optimizer, numbers: dict[str, Any]) -> None:
    """Write checkpoint `step`; called by every process, written by the first. The newest two are kept."""
    state = {"step": step, "numbers": numbers, "model": trained(module),
             "optimiser": get_optimizer_state_dict(module, optimiser, options=_options())}
    if _first():
        folder.mkdir(parents=True, exist_ok=True)
        building = folder / "building"
        with building.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        building.replace(folder / f"step-{step:08d}.pt")
        for old in _all(folder)[:-KEPT]:
            old.unlink()
    if dist.is_initialized():
        dist.barrier()


def load(folder: Path, module: nn.Module, optimiser: torch.optim.Optimizer, belongs: str) -> tuple[int, dict] | None:
    """Put the newest checkpoint into `module` and `optimiser`: its step and numbers, or None where there is none.

    Raises OdfinError where it belongs to another recipe or other data (`numbers["belongs"]`).
    """
    found = _all(folder)
    if not found:
        return None
    state = torch.load(found[-1], map_location="cpu", weights_only=True)
    if state["numbers"].get("belongs") != belongs:
        raise OdfinError(f"{found[-1]} 是用另一份配方或数据训练的；请换一个输出文件夹，或删掉 {folder} 重新开始")
    set_model_state_dict(module, state["model"], options=StateDictOptions(full_state_dict=True, strict=False))
    set_optimizer_state_dict(module, optimiser, state["optimiser"], options=_options())
    return state["step"], state["numbers"]


def trained(module: nn.Module) -> dict[str, Any]:
    """All that learns, gathered whole on the CPU (on the first process; empty on the others)."""
    return get_model_state_dict(module, options=_options())


def _options() -> StateDictOptions:
    return StateDictOptions(full_state_dict=True, cpu_offload=True, ignore_frozen_params=True)


def _all(folder: Path) -> list[Path]:
    return sorted(folder.glob("step-*.pt"))


def _first() -> bool:
    return not dist.is_initialized() or dist.get_rank() == 0
