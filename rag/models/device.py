"""Which student this machine has the memory for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil

from rag.models.pins import PINS, Pin

SYSTEM_BYTES = 1_000_000_000  # left to everything else that runs
LIMIT = Path("/sys/fs/cgroup/memory.max")  # of the container, where there is one


@dataclass(frozen=True)
class Memory:
    """Bytes: what this machine (or its container) has, and what is free now."""

    total: int
    free: int


def memory(limit: Path = LIMIT) -> Memory:
    """Of this machine."""
    seen = psutil.virtual_memory()
    try:
        total = min(seen.total, int(limit.read_text()))
    except (OSError, ValueError):  # no container, or "max"
        total = seen.total
    return Memory(total, min(seen.available, total))


def fits(pin: Pin, total: int) -> bool | None:
    """Whether the whole assistant runs with this student in `total` bytes; None for what is no student."""
    return None if pin.memory is None else pin.memory + SYSTEM_BYTES <= total


def largest(total: int) -> Pin | None:
    """The largest student that fits; None where none does."""
    return max((pin for pin in PINS.values() if fits(pin, total)), key=lambda pin: pin.memory or 0, default=None)
