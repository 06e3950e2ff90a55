"""Asking in the terminal: the draft on stderr as it comes, the checked answer and its sources on stdout."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence

from rag.answer.assistant import Assistant
from rag.answer.result import Answer, Citation, EvidenceShown, Finished, Token, Turn

IN_SHORT = 120  # characters of each citation
BY = {"rules": "由规则补全", "student": "由学生模型改写"}
_RULE = re.compile(r"^[\s|:-]+$")  # under a table's header


def answer_in_terminal(assistant: Assistant, question: str, history: tuple[Turn, ...] = (),
                       write: Callable[[str], object] = sys.stdout.write) -> Answer:
    """Ask, show the draft as it comes where stdout is a terminal, then the checked answer and its sources."""
    live = sys.stdout.isatty()
    finished = None
    for event in assistant.stream(question, history):
        if isinstance(event, EvidenceShown) and live:
            sys.stderr.write(evidence_in_short(event.citations) + "\n")
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


def evidence_in_short(citations: Sequence[Citation]) -> str:
    """Where the answer will stand, and the words there in short, before the student speaks."""
    lines = ["找到依据："]
    for citation in citations:
        words = " ".join(line.strip() for line in citation.text.splitlines() if not _RULE.match(line))
        lines += [f"[{citation.number}] {citation.label}", "    " + (words if len(words) <= IN_SHORT else words[: IN_SHORT - 1] + "…")]
    return "\n".join(lines)


def render(answer: Answer) -> str:
    """The answer, then its numbered sources with the exact words, and a follow-up as it was searched for."""
    lines = [answer.answer]
    if answer.citations:
        lines.append("")
        lines.append("最接近的内容：" if answer.refused else "依据：")
        for citation in answer.citations:
            lines.append(f"[{citation.number}] {citation.label}（{'、'.join(citation.sources)}）")
            lines.extend("    " + line for line in citation.text.splitlines())
    if answer.standalone_by:
        lines.append(f"\n按此检索（{BY[answer.standalone_by]}）：{answer.standalone}")
    lines.append(f"\n用时 {answer.timings.total_s:.1f} 秒")
    return "\n".join(lines)
