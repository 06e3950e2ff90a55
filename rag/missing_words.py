"""Customers' words that no document has, out of the questions that found nothing: what a lexicon may be lacking."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rag.index.lexicon.lexicon import Lexicon
from rag.journal import Exchange
from rag.text.tokens import content_words

QUESTIONS = 500  # of the newest refusals are looked at
_WORD = re.compile(r"[\u3400-\u9fff]{2,12}|[a-z]{2,12}")


@dataclass(frozen=True)
class MissingWord:
    """A word, in how many refused questions it stood, and the newest of them (personal data masked, as stored)."""

    word: str
    count: int
    example: str


def missing_words(refused: Iterable[Exchange], frequency: Callable[[Sequence[str]], dict[str, int]], lexicon: Lexicon,
                  most: int = 20) -> list[MissingWord]:
    """The most frequent words of refused questions, newest first, that stand in no document and in no entry.

    `frequency`: word -> in how many pieces of the live snapshot it stands.
    """
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for question in dict.fromkeys(exchange.question for exchange in refused):
        known = {word for word, _ in lexicon.matches(question)}
        for word in content_words(question):
            if _WORD.fullmatch(word) and not any(word in entry or entry in word for entry in known):
                counts[word] += 1
                examples.setdefault(word, question)
    found = frequency(list(counts))
    words = [(word, count) for word, count in counts.most_common() if not found.get(word)]
    return [MissingWord(word, count, examples[word]) for word, count in words[:most]]
