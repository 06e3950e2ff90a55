"""Talks with a follow-up and the question it stands for, written for the project, as the assistant asks its student."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from rag.answer.result import Turn
from rag.answer.rewriting import build
from rag.errors import OdfinError
from rag.student.chat_model import to_messages
from training.data.licences import OWN
from training.data.record import Record

FOLDER = Path(__file__).parent.parent / "instruction_set" / "rewriting"
NAME = "own-rewriting"
TASK = "rewriting"
TOGETHER = 20  # talks written one after another stay in one part of the data


def records(folder: Path = FOLDER) -> Iterator[Record]:
    """One conversation a line of the JSONL files. Raises OdfinError naming the first line that is none."""
    for file in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
            try:
                row = json.loads(line)
                history = [Turn(turn["role"], turn["content"]) for turn in row["history"]]
                prompt, alone = to_messages(build(row["question"], history)), row["standalone"]
            except (ValueError, KeyError, TypeError) as error:
                raise OdfinError(f"{file} 第 {number + 1} 行不是一段追问（{error}）；请改正后重试") from error
            kind = "unchanged" if alone == row["question"] else "changed"
            yield Record((*prompt, {"role": "assistant", "content": alone}), TASK, NAME, OWN,
                         f"{file.name}#{number // TOGETHER}", row.get("topic", ""), kind)
