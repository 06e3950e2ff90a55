"""The C library's heap under torch: large blocks that come and go leave it full of holes unless it is told otherwise.

glibc gives each thread a heap of its own, in parts of 64 MB, and keeps what is free in it. Elsewhere these do nothing.
"""

from __future__ import annotations

import ctypes
import os
import sys

_M_ARENA_MAX = -8  # malloc.h
_LIMIT = "MALLOC_ARENA_MAX"


def share_one_heap() -> None:
    """One heap for all threads of this process and of those started from it; before the first thread begins.

    Where the environment sets a number already, that stands.
    """
    if _LIMIT not in os.environ:
        os.environ[_LIMIT] = "1"
        if libc := _glibc():
            libc.mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Return to the system what is free in the heaps, after much work."""
    if libc := _glibc():
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") and hasattr(libc, "mallopt") else None  # musl has neither
