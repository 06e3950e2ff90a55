"""Sums are worked by code: the calculation a question asks for, with its inputs cited from the passages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from rag.answer.candidates import Rarity, Scored, candidates
from rag.answer.compose import Words
from rag.answer.result import Citation
from rag.calculate.asked import asked as sum_asked
from rag.calculate.calculate import calculate
from rag.calculate.result import Calculation, Missing
from rag.index.hit import Hit

READ = 60  # units that may give an input


def asks_sum(question: str) -> bool:
    """Whether a question asks for a sum; it then says itself what the sum is of."""
    return sum_asked(question) is not None


def worked(question: str, hits: Sequence[Hit], rarity: Rarity) -> Words | Missing | None:
    """The sum in words, the input that is missing, or None where the question asks for no sum."""
    if not asks_sum(question):
        return None
    units = candidates(question, hits, rarity)[:READ]
    done = calculate(question, [_as_evidence(unit, hits[unit.hit]) for unit in units])
    if not isinstance(done, Calculation):
        return done
    citations = tuple(_cited(number, units[place], hits) for number, place in enumerate(done.evidence, 1))
    marks = "".join(f"[{citation.number}]" for citation in citations)
    return Words(done.text + marks, "calculation", citations, tuple(f"{i.name}={i.value}" for i in done.inputs))


def _as_evidence(unit: Scored, hit: Hit) -> str:
    """Where a unit stands, and its words. The file's name is part of it: it may say 已废止."""
    return " ".join((hit.title, PurePosixPath(hit.source).stem, *hit.read[unit.section].headings)) + "\n" + unit.unit.text


def _cited(number: int, unit: Scored, hits: Sequence[Hit]) -> Citation:
    hit, section = hits[unit.hit], hits[unit.hit].read[unit.section]
    return Citation(number, hit.source, hit.title, unit.unit.text, section.page, section.headings,
                    hit.edition, hit.also)
