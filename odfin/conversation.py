"""Asking in the terminal: the draft on stderr as it comes, the checked answer and its sources on stdout."""

from __future__ import annotations

import sys
from collections.abc import Callable

from rag.answer.assistant import Assistant
from rag.answer.result import Answer, EvidenceShown, Finished, Token, Turn


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
            lines.append(f"[{citation.number}] {citation.label}（{'、'.join(citation.sources)}）")
            lines.extend("    " + line for line in citation.text.splitlines())
    lines.append(f"\n用时 {answer.timings.total_s:.1f} 秒")
    return "\n".join(lines)
