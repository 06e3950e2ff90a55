"""Words of two compared things that are alike but for their figures: 自登记之日起24个月内 of one edition, 36个月内 of the other. What
differs is what is asked, so such a pair answers though each half reads less surely by itself."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from rag.answer.candidates import Rarity, Scored
from rag.answer.evidence import select
from rag.answer.side import Side, figures_of
from rag.text.figures import find_figures
from rag.text.sentences import Unit, cells
from rag.text.tokens import bigrams

BORNE_OUT = 2.0  # logits that two such halves bear each other out
AS_GOOD = 0.5  # of what the best halves score together, from which on a pair is taken instead of them…
SURELY = 0.75  # …and where both of them were found
ALIKE = 0.75  # likeness of such halves
LEAST_MARKS = 6


def likeness(one: str, other: str) -> float:
    """Share of the shorter text's character pairs, figures apart, that the other holds; 0 where there are too few."""
    first, second = _marks(one), _marks(other)
    shorter = min(len(first), len(second))
    return len(first & second) / shorter if shorter >= LEAST_MARKS else 0.0


def too_short(words: str) -> bool:
    """Whether nothing can be told to be like these words."""
    return len(_marks(words)) < LEAST_MARKS


def paired(sides: Sequence[Side], rarity: Rarity) -> list[Side]:
    """Two sides by words that differ in their figures only, where some answer about as well as what was found for each."""
    if len(sides) != 2 or not all(side.evidence.units for side in sides):
        return list(sides)
    if sides[0].evidence.best.text == sides[1].evidence.best.text:
        return list(sides)  # one row tells both, by its columns
    first, second = ([(one, side.probability * one.score / side.evidence.units[0].score) for one in side.evidence.units]
                     for side in sides)
    pairs = [(p * q, max(p, q), one, other) for one, p in first for other, q in second if _differ(sides, one, other)]
    if not pairs:
        return list(sides)
    together, surer, *halves = max(pairs, key=lambda pair: pair[:2])
    probability = _more(surer)
    if together < (SURELY if all(side.found for side in sides) else AS_GOOD) * first[0][1] * second[0][1]:
        return list(sides)
    return [_with(side, half, max(probability, side.probability), rarity) for side, half in zip(sides, halves, strict=True)]


def _differ(sides: Sequence[Side], one: Scored, other: Scored) -> bool:
    """Whether two units say the same of two things, with other figures of one kind that may be asked for."""
    if one.unit.kind != other.unit.kind or likeness(one.unit.plain, other.unit.plain) < ALIKE or not _one_row(one.unit, other.unit):
        return False
    stated = [figures_of(side.question, half.unit) for side, half in zip(sides, (one, other), strict=True)]
    if stated[0] and stated[1]:
        values = [{(f.value, f.unit) for f in figures} for figures in stated]
        return values[0] != values[1] and bool({f.kind for f in stated[0]} & {f.kind for f in stated[1]})
    return False


def _one_row(one: Unit, other: Unit) -> bool:
    """Whether two rows of tables are of the same thing, by their first cell; true of sentences."""
    if one.kind != "row":
        return True
    names = [cells(unit.text.split("\n")[-1])[0] for unit in (one, other)]
    return names[0] == names[1] or (likeness(*names) >= ALIKE and not any(find_figures(name) for name in names))


def _with(side: Side, half: Scored, probability: float, rarity: Rarity) -> Side:
    evidence = select(side.question, side.hits, rarity, None, most=1,
                      only=lambda one: one.place == half.place and one.unit.text == half.unit.text)
    return replace(side, evidence=evidence, probability=probability)


def _more(probability: float) -> float:
    odds = math.exp(BORNE_OUT) * probability / max(1.0 - probability, 1e-4)
    return odds / (1.0 + odds)


@lru_cache(maxsize=256)
def _marks(words: str) -> frozenset[str]:
    return frozenset(bigrams(re.sub(r"[\d.,%‰]+", " ", words)))
