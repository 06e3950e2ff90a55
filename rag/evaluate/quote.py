"""The baseline without a model: the three sentences of our passages that share most with the question."""

from __future__ import annotations

import math

from rag.answer.result import Citation
from rag.index.search import Searcher
from rag.text.sentences import split_units
from rag.text.tokens import STOP_WORDS, bigrams

SENTENCES = 3


def best_sentences(question: str, searcher: Searcher) -> tuple[Citation, ...]:
    """At most three units (sentence, list, table row), best first, by the question's character pairs weighed by rarity."""
    hits = searcher.search(question)
    rarity = searcher.rarity([g for g in dict.fromkeys(bigrams(question)) if g not in STOP_WORDS])
    scored = []
    for place, hit in enumerate(hits):
        for unit in split_units(hit.text):
            held = set(bigrams(unit.plain))
            shared = sum(weight for gram, weight in rarity.items() if gram in held)
            scored.append((shared / math.sqrt(max(len(unit.plain), 20)), -place, unit, hit))
    scored.sort(key=lambda row: row[:2], reverse=True)
    chosen: dict[str, Citation] = {}
    for _, _, unit, hit in scored:
        if unit.text not in chosen and len(chosen) < SENTENCES:
            chosen[unit.text] = Citation(len(chosen) + 1, hit.source, hit.title, unit.text, hit.page, hit.headings)
    return tuple(chosen.values())
