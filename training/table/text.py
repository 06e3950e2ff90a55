"""How well a model foretells running text: per token, and per character so that tokenizers can be compared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from training.plain_text import windows
from training.prune.importance import mean_loss


@dataclass(frozen=True)
class Foretold:
    """`perplexity` per token; `bits` per character of the text."""

    perplexity: float
    bits: float
    tokens: int


def foretell(model: Any, tokenizer: Any, texts: Sequence[str], length: int, most: int) -> Foretold:
    """Over at most `most` windows of `length` tokens."""
    parts = windows(texts, tokenizer, length, most)
    tokens = sum(len(part) - 1 for part in parts)
    loss = mean_loss(model, parts)
    characters = sum(len(tokenizer.decode(part[1:], skip_special_tokens=True)) for part in parts)
    return Foretold(math.exp(loss), loss * tokens / math.log(2) / max(1, characters), tokens)
