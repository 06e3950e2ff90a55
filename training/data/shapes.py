"""The forms that public instruction sets come in, each told by its columns, each to one `Example`.

Known: messages (OpenAI), sharegpt, alpaca, multiple choice (Fin-Eva, CFLUE, C-Eval style), a question over a passage
(InsQABench and the like), question and answer (LeCoQA, FAQ), text and label (sentiment, classification).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

LETTERS = "ABCDEFGH"


@dataclass(frozen=True)
class Example:
    """`turns` are (role, content), the last one the assistant's. `passage` stands before the question where there is one.

    `document` is what the row came from, where it says so; `stated` is the source and licence the row itself states.
    """

    turns: tuple[tuple[str, str], ...]
    task: str
    passage: str = ""
    document: str = ""
    source: str = ""
    licence: str = ""


def read_row(row: Mapping) -> Example | None:
    """The row as an example; None where it has none of the known forms or its answer is empty."""
    for form in (_messages, _sharegpt, _choice, _passage, _labelled, _alpaca, _asked):
        if (example := form(row)) is not None:
            return example if example.turns[-1][1] and example.turns[-1][0] == "assistant" else None
    return None


def _text(row: Mapping, *names: str) -> str:
    """The first of these columns that holds text."""
    for name in names:
        value = row.get(name)
        if isinstance(value, (list, tuple)) and value and all(isinstance(v, str) for v in value):
            value = value[0]
        if isinstance(value, (str, int, float)) and str(value).strip():
            return str(value).strip()
    return ""


def _example(row: Mapping, turns: list[tuple[str, str]], task: str, passage: str = "") -> Example:
    document = _text(row, "doc", "document", "title", "subject", "law", "contract")
    return Example(tuple(turns), task, passage, document, _text(row, "source", "set", "dataset"), _text(row, "licence", "license"))


def _messages(row: Mapping) -> Example | None:
    turns = row.get("messages")
    if not isinstance(turns, list) or not all(isinstance(t, Mapping) and {"role", "content"} <= t.keys() for t in turns):
        return None
    said = [(str(t["role"]), str(t["content"] or "").strip()) for t in turns if t["role"] in ("system", "user", "assistant")]
    return _example(row, _ended(said), "consultation")


def _sharegpt(row: Mapping) -> Example | None:
    turns = row.get("conversations") or row.get("conversation")
    if not isinstance(turns, list) or not turns or not isinstance(turns[0], Mapping) or "value" not in turns[0]:
        return None
    roles = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant", "system": "system"}
    said = [(roles[t["from"]], str(t.get("value") or "").strip()) for t in turns if t.get("from") in roles]
    return _example(row, _ended(said), "consultation")


def _ended(said: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Up to the last answer: what comes after it is not learnt."""
    while said and said[-1][0] != "assistant":
        said.pop()
    return said or [("assistant", "")]


def _choice(row: Mapping) -> Example | None:
    options = {letter: _text(row, letter) for letter in LETTERS if _text(row, letter)}
    listed = row.get("options") or row.get("choices")
    if isinstance(listed, Mapping):
        options = {str(k): str(v).strip() for k, v in listed.items() if str(k) in LETTERS}
    elif isinstance(listed, list):
        options = {letter: re.sub(rf"^{letter}[.、．:：]\s*", "", str(v)).strip() for letter, v in zip(LETTERS, listed, strict=False)}
    asked = _text(row, "question", "stem", "query", "instruction")
    answer = re.sub(r"[^A-H]", "", _text(row, "answer", "gold", "label").upper())
    if len(options) < 2 or not asked:
        return None
    if not answer or any(letter not in options for letter in answer):
        return _example(row, [("assistant", "")], "multiple_choice")  # options without a right one: nothing to learn
    why = _text(row, "analysis", "explanation", "rationale", "reason")
    said = "、".join(f"{letter}（{options[letter]}）" for letter in answer)
    reply = f"{why}\n答案：{answer}" if why else f"应选{said}。\n答案：{answer}"
    shown = "\n".join(f"{letter}. {text}" for letter, text in options.items())
    return _example(row, [("user", f"{asked}\n{shown}"), ("assistant", reply)], "multiple_choice", _text(row, "context", "passage"))


def _passage(row: Mapping) -> Example | None:
    passage = _text(row, "passage", "context", "reference", "clause", "evidence")
    asked, answer = _text(row, "question", "query"), _text(row, "answer", "answers", "response", "output")
    if not passage or not asked or not answer:
        return None
    return _example(row, [("user", asked), ("assistant", answer)], "reading", passage)


def _labelled(row: Mapping) -> Example | None:
    text, label = _text(row, "text", "sentence", "content"), _text(row, "label", "sentiment", "category")
    if not text or not label or len(label) > 20 or _text(row, "question", "instruction"):
        return None
    feeling = bool(re.search(r"积极|消极|中性|正面|负面|利好|利空|positive|negative|neutral", label, re.IGNORECASE)) or "sentiment" in row
    asked = "判断下面这段话的情感倾向" if feeling else "判断下面这段话属于哪一类"
    return _example(row, [("user", f"{asked}：\n{text}"), ("assistant", label)], "sentiment" if feeling else "classification")


def _alpaca(row: Mapping) -> Example | None:
    asked, answer = _text(row, "instruction", "prompt"), _text(row, "output", "response", "completion")
    if not asked or not answer:
        return None
    more = _text(row, "input")
    task = "multiple_choice" if re.search(r"\nA[.、．]", asked) and re.search(r"答案", answer) else "consultation"
    return _example(row, [("user", f"{asked}\n{more}" if more else asked), ("assistant", answer)], task)


def _asked(row: Mapping) -> Example | None:
    asked = _text(row, "question", "query", "q", "问题", "title")
    answer = _text(row, "answer", "answers", "response", "a", "答案", "回答", "reply")
    return _example(row, [("user", asked), ("assistant", answer)], "consultation") if asked and answer else None

