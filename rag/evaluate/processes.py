"""Measuring in a process of its own, so that its memory and its processor time are its own; and what a folder takes on disk."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from rag.documents.reader import close_readers
from rag.errors import OdfinError
from rag.evaluate.ground import Report

Measure = Callable[[Any, Report], Any]


def in_child(measure: Measure, work: Any, report: Report) -> Any:
    """Run a measurement in a fresh process and pass on what it reports. Raises OdfinError with its error."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(theirs, measure, work))  # no daemon: it has children of its own
    process.start()
    theirs.close()
    try:
        while True:
            try:
                kind, value = ours.recv()
            except EOFError:
                process.join()
                raise OdfinError(f"测量进程意外结束（退出码 {process.exitcode}）；可能内存不足，请关掉别的程序后重试") from None
            if kind == "progress":
                report(*value)
            elif kind == "error":
                raise OdfinError(value)
            else:
                return value
    finally:
        process.join(10)
        if process.is_alive():
            process.terminate()
        ours.close()


def _child(pipe: Connection, measure: Measure, work: Any) -> None:
    try:
        pipe.send(("result", measure(work, lambda *said: pipe.send(("progress", said)))))
    except OdfinError as error:
        pipe.send(("error", str(error)))
    except KeyboardInterrupt:  # the parent has had it too, and says so
        pass
    finally:
        pipe.close()


def peak_memory() -> int | None:
    """The most bytes this process has held in memory so far; None where the system does not tell."""
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def processor_seconds() -> float:
    """Seconds of all cores that this process and the children it has waited for have used; the parsers are ended for it.

    Where other programs run beside, these hold still while seconds on the clock do not.
    """
    close_readers()
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def resident_memory(name: str) -> int | None:
    """A line of this process's memory in bytes ("VmRSS": resident, "RssAnon": its own, "VmHWM": the most it was); None
    where the system does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.is_file() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")), None)


def folder_size(folder: Path) -> int:
    """Bytes of the files below, links not followed."""
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and not f.is_symlink())
