"""Questions from the command line or a JSONL file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from rag.answer.result import Turn
from rag.errors import OdfinError


@dataclass(frozen=True)
class Question:
    question: str
    history: tuple[Turn, ...] = ()


def read_questions(question: str | None, batch: Path | None) -> list[Question]:
    """One question, or those of a JSONL file: `{"question": str, "history": [{"role", "content"}, …]?}` a row.

    Raises OdfinError naming file and line of the first row that does not fit.
    """
    if (question is None) == (batch is None):
        raise OdfinError("请给出一个问题，或用 --batch 给出 JSONL 文件（二者选一）")
    if question is not None:
        if not question.strip():
            raise OdfinError("问题是空的，请写出要问的话")
        return [Question(question)]
    try:
        lines = batch.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise OdfinError(f"读不了 {batch}：{error}；应为 UTF-8 的 JSONL 文件") from error
    return [_row(line, f"{batch} 第 {number} 行") for number, line in enumerate(lines, 1) if line.strip()]


def _row(line: str, where: str) -> Question:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise OdfinError(f"{where}不是 JSON：{error.msg}") from error
    if not isinstance(row, dict) or not isinstance(row.get("question"), str) or not row["question"].strip():
        raise OdfinError(f'{where}应为 {{"question": "…"}}')
    turns = []
    for turn in row.get("history") or ():
        if not (isinstance(turn, dict) and turn.get("role") in ("user", "assistant")
                and isinstance(turn.get("content"), str)):
            raise OdfinError(f'{where}的 history 应为 [{{"role": "user"|"assistant", "content": "…"}}, …]')
        turns.append(Turn(turn["role"], turn["content"]))
    return Question(row["question"], tuple(turns))
