"""The most memory a run has held: of this process, and on its GPU where there is one."""

from __future__ import annotations

import sys

import psutil
import torch

GB = 1e9


def peak() -> dict[str, float]:
    """GB since the process began: {"memory_gb": resident at most, and with CUDA "cuda_gb": allocated at most}."""
    found = {"memory_gb": _resident() / GB}
    if torch.cuda.is_available():
        found["cuda_gb"] = torch.cuda.max_memory_allocated() / GB
    return found


def _resident() -> int:
    if sys.platform == "win32":
        return psutil.Process().memory_info().peak_wset
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024  # macOS counts bytes, Linux kilobytes
