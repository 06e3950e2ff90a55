"""Evidence first: which exact words of the found passages answer the question.

Units (sentences, lists, table rows) are scored by the question's rare words they share, by their passage's rank, and,
for the best of them, by the embedder. The best become citations, widened by their neighbours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rag.answer.result import Citation
from rag.index.hit import Hit
from rag.text.figures import find_figures
from rag.text.sentences import Unit, split_units
from rag.text.tokens import STOP_WORDS, bigrams, words

_ASKS_FIGURE = re.compile(r"多少|几|多久|多长|比例|利率|费率|金额|额度|上限|下限|何时|什么时候|哪天|期限|年龄|多高|多大|折")
SHARED, PASSAGE, FIGURE, FOUND, MEANING = 1.0, 0.35, 0.12, 0.10, 0.5
EMBEDDED_UNITS = 10
WINDOW_CHARS = 240
NEAR = 0.6  # a further passage is cited when its best unit scores at least this share of the best


@dataclass(frozen=True)
class Scored:
    """A unit of a passage. `coverage` (0…1) is the share of the question's words, by rarity, it and its headings hold."""

    unit: Unit
    hit: int
    position: int
    score: float
    coverage: float


@dataclass(frozen=True)
class Evidence:
    """The citations, best first; `best` is the unit the answer most likely stands in, None where nothing was found."""

    citations: tuple[Citation, ...]
    best: Unit | None
    coverage: float
    cosine: float


Rarity = Callable[[Sequence[str]], dict[str, float]]
Encode = Callable[[list[str]], np.ndarray]


def select(question: str, hits: Sequence[Hit], rarity: Rarity, similarity: Callable[[list[str]], np.ndarray] | None,
           most: int = 3) -> Evidence:
    """Citations for a question out of its hits.

    `rarity` gives the inverse document frequency of tokens; `similarity` the cosine of texts to the question (None:
    words alone decide).
    """
    asked = _tokens(question)
    weight = rarity(sorted(asked))
    total = sum(weight.values()) or 1.0
    asks_figure = bool(_ASKS_FIGURE.search(question))
    top = max((h.score for h in hits), default=1.0) or 1.0
    scored: list[Scored] = []
    units_of = [split_units(hit.text) for hit in hits]
    for number, (hit, units) in enumerate(zip(hits, units_of, strict=True)):
        about = _tokens(" ".join(hit.headings[-2:]))
        captions = {unit.context for unit in units if unit.context}
        for position, unit in enumerate(units):
            if unit.text.strip() in hit.headings or unit.plain in captions or len(unit.plain) < 4:
                continue
            held = _tokens(unit.plain)
            context = about | _tokens(unit.context) if unit.context else about
            shared = sum(weight[t] * (1.0 if t in held else 0.5) for t in asked if t in held or t in context)
            coverage = shared / total
            # A long unit holds more words by chance.
            score = SHARED * coverage / math.sqrt(max(1.0, len(unit.plain) / 120)) + PASSAGE * hit.score / top
            score += FIGURE * (asks_figure and bool(find_figures(unit.plain)))
            score += FOUND * (unit.text.split("\n")[-1] in hit.piece)
            scored.append(Scored(unit, number, position, score, coverage))
    scored.sort(key=lambda s: -s.score)
    if similarity is not None and scored:
        scored = _with_meaning(scored, hits, similarity)
    if not scored:
        return Evidence((), None, 0.0, 0.0)
    best = scored[0]
    citations = []
    for chosen in _best_of_each_hit(scored, best.score * NEAR, most):
        hit = hits[chosen.hit]
        text = _window(units_of[chosen.hit], chosen, scored, hit)
        citations.append(Citation(len(citations) + 1, hit.source, hit.title, text, hit.page, hit.headings))
    return Evidence(tuple(citations), best.unit, best.coverage, max((h.parts.get("cosine", 0.0) for h in hits), default=0.0))


def _tokens(text: str) -> set[str]:
    return {t for t in words(text) if t not in STOP_WORDS} | {g for g in bigrams(text) if g not in STOP_WORDS}


def _with_meaning(scored: list[Scored], hits: Sequence[Hit], similarity) -> list[Scored]:
    head = scored[:EMBEDDED_UNITS]
    texts = ["\n".join((*hits[s.hit].headings[-1:], s.unit.plain[:200])) for s in head]
    cosines = similarity(texts)
    low, high = float(cosines.min()), float(cosines.max())
    spread = (high - low) or 1.0
    head = [Scored(s.unit, s.hit, s.position, s.score + MEANING * (float(c) - low) / spread, s.coverage)
            for s, c in zip(head, cosines, strict=True)]
    head.sort(key=lambda s: -s.score)
    return head + scored[EMBEDDED_UNITS:]


def _best_of_each_hit(scored: list[Scored], floor: float, most: int) -> list[Scored]:
    chosen: dict[int, Scored] = {}
    for one in scored:
        if one.hit not in chosen and one.score >= floor and len(chosen) < most:
            chosen[one.hit] = one
    return list(chosen.values())


def _window(units: list[Unit], chosen: Scored, scored: list[Scored], hit: Hit) -> str:
    """The chosen unit with what stands around it, up to WINDOW_CHARS: exact words, in order."""
    if chosen.unit.kind == "row":
        return _rows(units, chosen, scored)
    score = {s.position: s.score for s in scored if s.hit == chosen.hit}
    taken = {chosen.position}
    length = len(chosen.unit.text)
    first = last = chosen.position
    while True:
        around = [p for p in (last + 1, first - 1)
                  if 0 <= p < len(units) and p in score and units[p].kind != "row"
                  and length + len(units[p].text) <= WINDOW_CHARS]
        if not around:
            break
        nearest = max(around, key=lambda p: score[p])
        taken.add(nearest)
        length += len(units[nearest].text)
        first, last = min(first, nearest), max(last, nearest)
    return _joined([units[p].text for p in sorted(taken)], hit.text)


def _joined(parts: list[str], passage: str) -> str:
    """Neighbours joined as they stand in the passage: directly where they do there, else by a line break."""
    text = parts[0]
    for part in parts[1:]:
        text += part if text[-40:] + part in passage else "\n" + part
    return text


def _rows(units: list[Unit], chosen: Scored, scored: list[Scored]) -> str:
    """Header and the best rows of the same table, in the table's order."""
    header = chosen.unit.text.rsplit("\n", 1)[0]
    rows = [s for s in scored if s.hit == chosen.hit and s.unit.kind == "row"
            and s.unit.text.startswith(header) and s.score >= chosen.score * 0.8]
    positions = sorted({s.position for s in rows[:4]} | {chosen.position})
    return "\n".join([header, *(units[p].text.rsplit("\n", 1)[1] for p in positions)])
