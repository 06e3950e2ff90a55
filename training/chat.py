"""Conversations as token ids with their loss mask, and several of them in one row of 512.

Only what the assistant says is learnt, its end mark included. Prompt and answer are tokenised apart, as at run time: there
the prompt is read whole before the first token of the answer exists, so no token may span the two.

Packing is block-diagonal: the position ids of a row begin again at 0 with each conversation, and a transformers model
that is given them without an attention mask and WITH `use_cache=False` keeps the conversations apart (checked by a test;
with a cache it silently lets each see those before it). The first token of each conversation has no label, so none is
asked to predict the next one's beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rag.errors import OdfinError

MAX_LENGTH = 512
IGNORED = -100  # the label that torch's cross-entropy passes over


@dataclass(frozen=True)
class Encoded:
    """Token ids of one conversation, or of several in a row; `labels` are the same ids, IGNORED where nothing is learnt.

    `positions` begin again at 0 with each conversation of a packed row. In a row that shares its beginning
    (training/shared_prompt.py) `branches` says whose each token is: 0 everyone's, 1 and up each conversation's own rest.
    All are of one length; no `branches` where nothing is shared.
    """

    input_ids: list[int]
    labels: list[int]
    positions: list[int]
    branches: list[int] = field(default_factory=list)

    @property
    def learnt(self) -> int:
        """How many tokens count in the loss."""
        return sum(label != IGNORED for label in self.labels)


def encode(messages: Sequence[Mapping[str, str]], tokenizer: Any, max_length: int = MAX_LENGTH) -> Encoded | None:
    """One conversation; None where it is longer than `max_length`: cut, it would teach an answer without its evidence.

    `messages` are {"role", "content"}, the last one the assistant's; `tokenizer` is a Hugging Face tokenizer with a chat
    template. Raises OdfinError where the template is missing or rewrites earlier messages, so that no mask is right.
    """
    if not messages or messages[-1]["role"] != "assistant":
        raise OdfinError("对话须以助手的回答结束，才有可学的内容；请检查数据的 messages")
    if not getattr(tokenizer, "chat_template", None):
        raise OdfinError("分词器没有对话模板（chat_template）；请换用 Instruct 模型，或先给分词器设置模板")
    ids: list[int] = []
    labels: list[int] = []
    done = ""
    for number, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        prompt = _rendered(tokenizer, messages[:number], prompt=True)
        whole = _rendered(tokenizer, messages[: number + 1], prompt=False)
        if not prompt.startswith(done) or not whole.startswith(prompt):
            raise OdfinError("这个对话模板会改写前面的消息，无法只在回答上计算损失；请换用按顺序拼接的模板")
        answer = whole[len(prompt) :]
        said = answer.rstrip()  # the line break after the end mark is never generated
        for text, counts in ((prompt[len(done) :], False), (said, True), (answer[len(said) :], False)):
            part = tokenizer.encode(text, add_special_tokens=False) if text else []
            ids += part
            labels += part if counts else [IGNORED] * len(part)
        done = whole
        if len(ids) > max_length:
            return None
    labels[0] = IGNORED
    return Encoded(ids, labels, list(range(len(ids))))


def _rendered(tokenizer: Any, messages: Sequence[Mapping[str, str]], prompt: bool) -> str:
    return tokenizer.apply_chat_template([dict(message) for message in messages], tokenize=False,
                                         add_generation_prompt=prompt)


def pack(conversations: Iterable[Encoded], max_length: int = MAX_LENGTH, open_rows: int = 64) -> Iterator[Encoded]:
    """Rows of at most `max_length` tokens, each of whole conversations (best fit among the `open_rows` last rows).

    The order is kept but for what waits in an open row; no conversation is cut.
    """
    rows: list[list[Encoded]] = []
    for one in conversations:
        room = [max_length - sum(len(other.input_ids) for other in row) - len(one.input_ids) for row in rows]
        fitting = [place for place, left in enumerate(room) if left >= 0]
        if fitting:
            rows[min(fitting, key=lambda place: room[place])].append(one)
            continue
        if len(rows) == open_rows:
            yield _joined(rows.pop(room.index(min(room))))
        rows.append([one])
    yield from map(_joined, rows)


def collate(rows: Sequence[Encoded], pad_id: int) -> dict[str, Any]:
    """A batch as tensors of shape (rows, longest): input_ids, labels, position_ids, and use_cache=False.

    Padding has position 0 throughout, so that each pad is a conversation of its own, and no label.
    """
    import torch

    width = max(len(row.input_ids) for row in rows)
    filled = lambda values, fill: values + [fill] * (width - len(values))  # noqa: E731
    return {"input_ids": torch.tensor([filled(row.input_ids, pad_id) for row in rows]),
            "labels": torch.tensor([filled(row.labels, IGNORED) for row in rows]),
            "position_ids": torch.tensor([filled(row.positions, 0) for row in rows]), "use_cache": False}


def _joined(row: Sequence[Encoded]) -> Encoded:
    return Encoded([i for one in row for i in one.input_ids], [i for one in row for i in one.labels],
                   [i for one in row for i in one.positions])
