"""The sides of a comparison, each with its own evidence, and made alike: documents of one kind share their clauses."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.answer import refusal
from rag.answer.candidates import Rarity
from rag.answer.comparison import Comparison
from rag.answer.evidence import select
from rag.answer.judging import Judge
from rag.answer.pairs import likeness, paired, too_short
from rag.answer.side import Naming, Side, kinds_of, speaks_of
from rag.index.hit import Hit
from rag.text.sentences import Unit

READ = 16  # units that the reranker reads for one side
ALIKE = 0.4  # likeness from which on words say of one thing what others say of another
SUPPORTED = 0.3  # of a side that is found by itself, from which on nothing more alike is looked for
CLEARLY = 0.7  # of a row found by itself, which is like no sentence
TWIN = 0.75  # from which on other words are taken instead of such a side's
TWIN_CHARS = 60  # of the words that are searched for again
_FORMULA = re.compile(r"[=＝×]")  # a rate may stand in one: 基本保险金额×1.035

Search = Callable[[str], Sequence[Hit]]


def sides(compared: Comparison, search: Search, rarity: Rarity, judge: Judge | None, naming: Naming | None = None) -> list[Side]:
    """The evidence for every compared thing, found by a question of its own among the words that speak of it: of a law or
    rule, in the document of that title only; of a product, in its own documents."""
    naming = naming or Naming()
    found = []
    for index, (member, question) in enumerate(zip(compared.members, compared.questions, strict=True)):
        hits = tuple(search(question))
        evidence = select(question, hits, rarity, judge, most=1, only=speaks_of(compared, index, hits, naming), read=READ)
        found.append(Side(member, question, evidence, refusal.answerable(question, hits, rarity, evidence), hits))
    return _made_alike(compared, paired(found, rarity), search, rarity, naming)


def _made_alike(compared: Comparison, found: list[Side], search: Search, rarity: Rarity, naming: Naming) -> list[Side]:
    """The sides, with the words that say of one what the surest words say of another: documents of one kind share their
    clauses, so that such words answer though they read less surely by themselves."""
    surest = max(found, key=lambda side: (not _thin(side), side.found, bool(kinds_of(side.question, side.evidence.best)), side.probability))
    if _thin(surest):
        return found
    if not surest.found:  # two that read alike, and neither surely enough, bear each other out
        others = [side for side in found if side is not surest and not _thin(side)
                  and likeness(side.evidence.best.plain, surest.evidence.best.plain) >= ALIKE]
        missed = math.prod(1.0 - side.probability for side in (surest, *others))
        if not others or 1.0 - missed < refusal.AT_ONCE:
            return found
        surest = replace(surest, probability=1.0 - missed)
        found = [surest if side.member == surest.member else side for side in found]
    return [side if side is surest else _like(surest, side, index, compared, search, rarity, naming)
            for index, side in enumerate(found)]


def _like(surest: Side, side: Side, index: int, compared: Comparison, search: Search, rarity: Rarity, naming: Naming) -> Side:
    """A side with words like the surest ones, if it has any and its own are not better."""
    words = surest.evidence.best.plain
    kinds = kinds_of(side.question, surest.evidence.best)

    def states(unit: Unit) -> bool:
        return not kinds or bool(kinds & kinds_of(side.question, unit)) or ("percent" in kinds and bool(_FORMULA.search(unit.plain)))

    alike = 0.0 if _thin(side) else likeness(side.evidence.best.plain, words)
    borne_out = alike >= (SUPPORTED if side.found else ALIKE)
    if borne_out and states(side.evidence.best):
        return replace(side, probability=max(side.probability, surest.probability))
    if side.found and not _thin(side) and side.probability > surest.probability:
        return side
    if side.probability >= CLEARLY and side.evidence.best.kind == "row" and states(side.evidence.best):
        return side
    least = TWIN if side.found and not _thin(side) else ALIKE
    titles = [citation.title for citation in side.evidence.citations[:1]] or [side.member]
    for again in ("", f"{titles[0]}，{words[:TWIN_CHARS]}"):
        hits = tuple(search(again)) if again else side.hits
        speaks = speaks_of(compared, index, hits, naming)
        twin = select(words, hits, rarity, None, most=1, only=lambda one, speaks=speaks: (
            one.unit.kind != "row" and likeness(one.unit.plain, words) >= least and states(one.unit) and speaks(one)))
        if twin.best is not None:
            return Side(side.member, side.question, twin, surest.probability, hits)
    return replace(side, probability=max(side.probability, surest.probability)) if borne_out else side


def _thin(side: Side) -> bool:
    """Whether its words are a table's row or a scrap, in which nothing can be told to be alike."""
    best = side.evidence.best
    return best is None or best.kind == "row" or too_short(best.plain)
