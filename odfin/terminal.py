"""What a person sees in the terminal while something runs: lines and progress bars on stderr."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

STAGES = {"read": "读取文档", "embed": "计算向量", "publish": "发布"}


def say(line: str) -> None:
    """A line for the person at the terminal, not for the program that reads stdout."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def bars():
    """A rich progress display on stderr; a plain one where stderr is no terminal."""
    console = Console(stderr=True)
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                  TextColumn("{task.fields[detail]}"), console=console, disable=not console.is_terminal) as display:
        yield display


@contextmanager
def index_progress():
    """A callback for `Indexer.run`."""
    with bars() as display:
        tasks: dict[str, int] = {}

        def show(progress) -> None:
            if progress.stage not in tasks:
                tasks[progress.stage] = display.add_task(STAGES[progress.stage], total=progress.total, detail="")
            display.update(tasks[progress.stage], total=progress.total, completed=progress.done,
                           detail=progress.detail[-40:])

        yield show


@contextmanager
def download_progress():
    """A callback for the model store: (file, bytes done, bytes in all)."""
    with bars() as display:
        tasks: dict[str, int] = {}

        def show(file: str, done: int, total: int) -> None:
            if file not in tasks:
                tasks[file] = display.add_task("下载模型（MB）", total=total // 1_000_000, detail=file[:40])
            display.update(tasks[file], completed=done // 1_000_000)

        yield show


def lines_on_stderr(every_s: float = 5.0):
    """A callback (what, done, total) that writes a line at most every few seconds, and at each end."""
    last = 0.0

    def show(what: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= every_s or done == total:
            last = now
            say(f"{what} {done}/{total}")

    return show
