"""Evidence first: which exact words of the found passages answer the question.

Units (sentences, lists, table rows) are scored by the question's rare words they share, by their passage's rank, and,
for the best of them, by the embedder. The best become citations, widened by their neighbours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.answer.result import Citation
from rag.index.hit import Hit, Section
from rag.text.figures import find_figures
from rag.text.sentences import Unit, split_units
from rag.text.tokens import STOP_WORDS, bigrams, words

_ASKS_FIGURE = re.compile(r"多少|几|多久|多长|比例|利率|费率|金额|额度|上限|下限|何时|什么时候|哪天|期限|年龄|多高|多大|折")
_ASKS_LIST = re.compile(r"哪些|哪几|怎么办|怎么(?!样)|怎样|如何|步骤|流程|手续|材料|条件|情形|情况下|分别|种类")
SHARED, PASSAGE, CUE, FOUND, MEANING = 1.0, 0.35, 0.25, 0.25, 0.25  # tuned on the built-in set over knowledge/
ABOUT = 0.8  # a word that stands in the title or heading over a unit counts so much of one that stands in it
EMBEDDED_UNITS = 10
WINDOW_CHARS = 240
STRONG = 0.7  # share of the best unit's score from which a unit may lend the answer its figures
NEAR = 0.6  # a further passage is cited when its best unit scores at least this share of the best


@dataclass(frozen=True)
class Scored:
    """A unit of a passage. `coverage` (0…1) is the share of the question's words, by rarity, it and its headings hold."""

    unit: Unit
    hit: int
    section: int
    position: int
    score: float
    coverage: float

    @property
    def place(self) -> tuple[int, int]:
        """Which section of which hit it stands in."""
        return self.hit, self.section


@dataclass(frozen=True)
class Evidence:
    """The citations, best first; `best` is the unit the answer most likely stands in, None where nothing was found.

    `strong` are the cited units that score nearly as well: a figure of the answer has to stand in one of them.
    """

    citations: tuple[Citation, ...]
    best: Unit | None
    coverage: float
    strong: tuple[str, ...] = ()


Rarity = Callable[[Sequence[str]], dict[str, float]]


def select(question: str, hits: Sequence[Hit], rarity: Rarity, similarity: Callable[[list[str]], np.ndarray] | None,
           most: int = 3) -> Evidence:
    """Citations for a question out of its hits.

    `rarity` gives the inverse document frequency of tokens; `similarity` the cosine of texts to the question (None:
    words alone decide).
    """
    asked = matching_tokens(question)
    weight = rarity(sorted(asked))
    total = sum(weight.values()) or 1.0
    asks_figure, asks_list = bool(_ASKS_FIGURE.search(question)), bool(_ASKS_LIST.search(question))
    top = max((h.score for h in hits), default=1.0) or 1.0
    scored: list[Scored] = []
    units_of: dict[tuple[int, int], list[Unit]] = {}
    for number, hit in enumerate(hits):
        for part, section in enumerate(hit.sections or (Section(hit.text, hit.headings, hit.page),)):
            units = units_of[number, part] = split_units(section.text)
            about = matching_tokens(" ".join((hit.title, *section.headings[-2:])))
            captions = {unit.context for unit in units if unit.kind == "row"}
            for position, unit in enumerate(units):
                if _says_nothing(unit, section.headings, captions):
                    continue
                held = matching_tokens(unit.plain)
                context = about | matching_tokens(unit.context) if unit.context else about
                shared = sum(weight[t] * (1.0 if t in held else ABOUT) for t in asked if t in held or t in context)
                coverage = shared / total
                # A long unit holds more words by chance.
                score = SHARED * coverage / math.sqrt(max(1.0, len(unit.plain) / 120)) + PASSAGE * hit.score / top
                score += CUE * (asks_figure and bool(find_figures(unit.plain)))
                score += CUE * (asks_list and unit.kind == "list")
                score += FOUND * (section.found and unit.text.split("\n")[-1] in hit.piece)
                scored.append(Scored(unit, number, part, position, score, coverage))
    scored.sort(key=lambda s: -s.score)
    if similarity is not None and scored:
        scored = _with_meaning(scored, hits, similarity)
    if not scored:
        return Evidence((), None, 0.0)
    best = scored[0]
    citations, strong = [], []
    for chosen in _best_of_each_place(scored, best.score * NEAR):
        if len(citations) == most:
            break
        hit = hits[chosen.hit]
        section = hit.sections[chosen.section] if hit.sections else Section(hit.text, hit.headings, hit.page)
        text = _window(units_of[chosen.place], chosen, scored, section.text)
        if any(text in c.text and c.source == hit.source for c in citations):
            continue  # passages of two hits may overlap
        citations.append(Citation(len(citations) + 1, hit.source, hit.title, text, section.page, section.headings,
                                  hit.edition))
        strong += [_with_context(s, hit, section) for s in scored
                   if s.place == chosen.place and s.score >= best.score * STRONG and s.unit.text.split("\n")[-1] in text]
    return Evidence(tuple(citations), best.unit, best.coverage, tuple(strong))


def _says_nothing(unit: Unit, headings: Sequence[str], captions: set[str]) -> bool:
    """Headings, captions, questions of a FAQ and scraps answer nothing."""
    text = unit.plain.strip()
    return len(text) < 4 or text in headings or text in captions or text.endswith(("？", "?"))


def _with_context(scored: Scored, hit: Hit, section: Section) -> str:
    return "\n".join((hit.title, *section.headings, scored.unit.text))


def matching_tokens(text: str) -> set[str]:
    """Words and character pairs by which a question and a passage are compared, without stop words."""
    return {t for t in words(text) if t not in STOP_WORDS} | {g for g in bigrams(text) if g not in STOP_WORDS}


def _with_meaning(scored: list[Scored], hits: Sequence[Hit], similarity) -> list[Scored]:
    head = scored[:EMBEDDED_UNITS]
    texts = ["\n".join((*hits[s.hit].headings[-1:], s.unit.plain[:200])) for s in head]
    cosines = similarity(texts)
    low, high = float(cosines.min()), float(cosines.max())
    spread = (high - low) or 1.0
    head = [replace(s, score=s.score + MEANING * (float(c) - low) / spread) for s, c in zip(head, cosines, strict=True)]
    head.sort(key=lambda s: -s.score)
    return head + scored[EMBEDDED_UNITS:]


def _best_of_each_place(scored: list[Scored], floor: float) -> list[Scored]:
    chosen: dict[tuple[int, int], Scored] = {}
    for one in scored:
        if one.place not in chosen and one.score >= floor:
            chosen[one.place] = one
    return list(chosen.values())


def _window(units: list[Unit], chosen: Scored, scored: list[Scored], passage: str) -> str:
    """The chosen unit with what stands around it in its section, up to WINDOW_CHARS: exact words, in order."""
    if chosen.unit.kind == "row":
        return _rows(units, chosen, scored)
    score = {s.position: s.score for s in scored if s.place == chosen.place}
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
    return _joined([units[p].text for p in sorted(taken)], passage)


def _joined(parts: list[str], passage: str) -> str:
    """Neighbours joined as they stand in the passage: directly where they do there, else by a line break."""
    text = parts[0]
    for part in parts[1:]:
        text += part if text[-40:] + part in passage else "\n" + part
    return text


def _rows(units: list[Unit], chosen: Scored, scored: list[Scored]) -> str:
    """Header and the best rows of the same table, in the table's order."""
    header = chosen.unit.text.rsplit("\n", 1)[0]
    rows = [s for s in scored if s.place == chosen.place and s.unit.kind == "row"
            and s.unit.text.startswith(header) and s.score >= chosen.score * 0.8]
    positions = sorted({s.position for s in rows[:4]} | {chosen.position})
    return "\n".join([header, *(units[p].text.rsplit("\n", 1)[1] for p in positions)])
