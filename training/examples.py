"""Conversations read from JSONL as token ids, and the order in which a run sees them.

The order depends on the seed and the epoch alone, not on how many processes share the work or where a run was killed.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import OdfinError
from training.chat import IGNORED, Encoded, encode


def read_conversations(path: Path | None, limit: int | None = None) -> list[list[dict]]:
    """The `messages` of each line. Raises OdfinError naming the first line that has none."""
    if path is None:
        raise OdfinError("没有训练数据：请用 --data 给出 JSONL 文件，或写在配方的 data.train")
    if not path.is_file():
        raise OdfinError(f"找不到数据文件 {path}；可先用 odfin train data 生成")
    found = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if limit and len(found) == limit:
                break
            if not line.strip():
                continue
            try:
                messages = json.loads(line)["messages"]
                if not messages or any(not {"role", "content"} <= message.keys() for message in messages):
                    raise ValueError("messages 要是 {role, content} 的列表")
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise OdfinError(f"{path} 第 {number} 行不是一段对话（{error}）；请改正后重试") from error
            found.append(messages)
    if not found:
        raise OdfinError(f"{path} 是空的，没有可学的对话")
    return found


@dataclass(frozen=True)
class Pair:
    """One conversation for the student and for the teacher; the same object where they share the ids."""

    student: Encoded
    teacher: Encoded


def encode_all(conversations: Sequence[Sequence[dict]], student: Any, max_length: int, teacher: Any = None,
               longer: float = 2.0) -> list[Pair]:
    """Each conversation by both tokenizers (`teacher` None: the student's ids serve both); those too long left out.

    Another tokenizer may spend more tokens on the same text: the teacher may read `longer` times as many.
    """
    pairs = []
    for messages in conversations:
        own = encode(messages, student, max_length)
        other = own if teacher is None or own is None else encode(messages, teacher, int(max_length * longer))
        if own and other:
            pairs.append(Pair(own, other))
    if not pairs:
        raise OdfinError(f"没有一段对话不超过 {max_length} 个词元；请加大 data.max_length 或缩短数据")
    return pairs


def predicting(labels: Sequence[int]) -> list[int]:
    """Positions whose *next* token is learnt: the hidden state there is what predicts it."""
    return [place for place in range(len(labels) - 1) if labels[place + 1] != IGNORED]


def answer_spans(labels: Sequence[int]) -> list[tuple[int, int]]:
    """[start, end) of each run of learnt tokens: one for each answer of the conversation."""
    spans, start = [], None
    for place, label in enumerate([*labels, IGNORED]):
        if label != IGNORED and start is None:
            start = place
        elif label == IGNORED and start is not None:
            spans.append((start, place))
            start = None
    return spans


def batches(lengths: Sequence[int], batch: int, seed: int, epoch: int, window: int = 16) -> Iterator[list[int]]:
    """Batches of one epoch, each of rows of like length (little padding), in random order; all of size `batch`.

    The last is filled up from the epoch's beginning.
    """
    chance = random.Random(f"{seed}/{epoch}")
    order = list(range(len(lengths)))
    chance.shuffle(order)
    while len(order) % batch:
        order += order[: batch - len(order) % batch]
    made = []
    for start in range(0, len(order), batch * window):
        near = sorted(order[start : start + batch * window], key=lambda place: lengths[place])
        made += [near[first : first + batch] for first in range(0, len(near), batch)]
    chance.shuffle(made)
    yield from made


def data_hash(pairs: Sequence[Pair]) -> str:
    """sha256 over all ids and labels: what a cache and a checkpoint belong to."""
    digest = hashlib.sha256()
    for pair in pairs:
        digest.update(json.dumps([pair.student.input_ids, pair.student.labels,
                                  None if pair.teacher is pair.student else pair.teacher.input_ids]).encode())
    return digest.hexdigest()
