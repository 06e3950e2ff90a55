"""Conversations as token ids with their loss mask.

Only what the assistant says is learnt, its end mark included. Prompt and answer are tokenised apart, as at run time: there
the prompt is read whole before the first token of the answer exists, so no token may span the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rag.errors import OdfinError

MAX_LENGTH = 512
IGNORED = -100  # the label that torch's cross-entropy passes over


@dataclass(frozen=True)
class Encoded:
    """Token ids of one conversation, or of several in a row; `labels` are the same ids, IGNORED where nothing is learnt.

    `positions` begin again at 0 with each conversation of a packed row (training/packing.py). In a row that shares its beginning
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

    @property
    def several(self) -> bool:
        """Whether the row holds conversations that must not see each other."""
        return bool(self.branches) or self.positions.count(0) > 1


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
