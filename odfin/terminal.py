"""What a person sees in the terminal: progress on stderr, answers on stdout."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from rag.answer.assistant import Assistant
from rag.answer.result import Answer, EvidenceShown, Finished, Token, Turn

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


def answer_in_terminal(assistant: Assistant, question: str, history: tuple[Turn, ...] = (),
                       write: Callable[[str], object] = sys.stdout.write) -> Answer:
    """Ask, show the draft as it comes where stdout is a terminal, then the checked answer and its sources."""
    live = sys.stdout.isatty()
    finished = None
    for event in assistant.stream(question, history):
        if isinstance(event, EvidenceShown) and live:
            sys.stderr.write("找到依据：" + "；".join(c.label for c in event.citations) + "\n")
        elif isinstance(event, Token) and live:
            sys.stderr.write(event.text)
            sys.stderr.flush()
        elif isinstance(event, Finished):
            finished = event.answer
    if live:
        sys.stderr.write("\n")
    write(render(finished) + "\n")
    sys.stdout.flush()
    return finished


def render(answer: Answer) -> str:
    """The answer, then its numbered sources with the exact words."""
    lines = [answer.answer]
    if answer.citations:
        lines.append("")
        lines.append("最接近的内容：" if answer.refused else "依据：")
        for citation in answer.citations:
            lines.append(f"[{citation.number}] {citation.label}（{citation.source}）")
            lines.extend("    " + line for line in citation.text.splitlines())
    lines.append(f"\n用时 {answer.timings.total_s:.1f} 秒")
    return "\n".join(lines)
