"""Multiple choice by likelihood: the option whose letter the model finds likeliest as its first token."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import OdfinError

SYSTEM = "你是金融专业的助手。下面是单项选择题，只回答正确选项的字母。"
LETTERS = "ABCDEFGH"


@dataclass(frozen=True)
class Choice:
    """A question with its options, letter -> text; `answer` is a letter."""

    question: str
    options: dict[str, str]
    answer: str

    def messages(self) -> list[dict[str, str]]:
        lines = [self.question, *(f"{letter}. {text}" for letter, text in self.options.items()), "正确选项："]
        return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": "\n".join(lines)}]


def read_choices(file: Path, sample: int = 0, seed: int = 0) -> list[Choice]:
    """Rows of JSONL: `question`, options under their letters, `answer`, and `context` or not. `sample` of them, drawn
    with `seed` (0: all). Raises OdfinError naming the first row that is no question."""
    found = []
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise OdfinError(f"读不到选择题 {file}（{error.strerror}）；请核对路径") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            options = {letter: str(row[letter]) for letter in LETTERS if row.get(letter)}
            if len(options) < 2 or row["answer"] not in options:
                raise ValueError("选项少于两个，或答案不在选项里")
            text = f"{row['context']}\n{row['question']}" if row.get("context") else row["question"]
            found.append(Choice(text, options, row["answer"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise OdfinError(f"{file} 第 {number} 行不是选择题（{error}）；要有 question、A、B…与 answer") from error
    if sample and sample < len(found):
        found = random.Random(seed).sample(found, sample)
    return found


def answer_choices(model: Any, tokenizer: Any, questions: Sequence[Choice]) -> list[bool]:
    """Whether each is right. Only the letters of its own options compete."""
    import torch

    right = []
    with torch.inference_mode():
        for one in questions:
            ids = tokenizer.apply_chat_template(one.messages(), add_generation_prompt=True, return_tensors="pt",
                                                return_dict=True)["input_ids"].to(model.device)
            logits = model(input_ids=ids, use_cache=False, logits_to_keep=1).logits[0, -1].float()
            letters = {letter: tokenizer.encode(letter, add_special_tokens=False)[-1] for letter in one.options}
            right.append(max(letters, key=lambda letter: logits[letters[letter]].item()) == one.answer)
    return right
