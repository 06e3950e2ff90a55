"""Generation: what a model says where a conversation's last answer is known, held against that answer."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.answer.grounding import declines
from rag.evaluate.matching import rouge_l
from rag.text.figures import find_figures
from training.examples import read_conversations

MOST_TOKENS = 160


@dataclass(frozen=True)
class Spoken:
    """One generated answer. `overlap` ROUGE-L F1 with the reference; `right`: it declines where the reference does, and
    else says every figure of it."""

    answer: str
    overlap: float
    right: bool


def sample_of(file: Path, count: int, seed: int) -> list[list[dict]]:
    """Conversations of a JSONL that end with the assistant; `count` drawn with `seed` (0: all)."""
    found = [talk for talk in read_conversations(file) if talk[-1]["role"] == "assistant" and len(talk) > 1]
    return random.Random(seed).sample(found, count) if 0 < count < len(found) else found


def speak(model: Any, tokenizer: Any, talks: Sequence[Sequence[dict]]) -> list[Spoken]:
    """Greedy answers to all but the last message of each."""
    import torch

    spoken = []
    with torch.inference_mode():
        for talk in talks:
            asked = tokenizer.apply_chat_template(list(talk[:-1]), add_generation_prompt=True, return_tensors="pt",
                                                  return_dict=True).to(model.device)
            out = model.generate(**asked, max_new_tokens=MOST_TOKENS, do_sample=False, temperature=None, top_p=None,
                                 top_k=None, pad_token_id=tokenizer.pad_token_id)
            said = tokenizer.decode(out[0, asked["input_ids"].shape[1]:], skip_special_tokens=True).strip()
            spoken.append(judged(said, talk[-1]["content"]))
    return spoken


def judged(said: str, reference: str) -> Spoken:
    """The marks of one answer."""
    if declines(reference) or declines(said):
        right = declines(reference) == declines(said)
    else:
        right = {figure.raw for figure in find_figures(reference)} <= {figure.raw for figure in find_figures(said)}
    return Spoken(said, rouge_l(said, reference), right)
