"""Sums are worked by code: the calculation a question asks for, with its inputs cited from the passages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from rag.answer.candidates import Rarity, Scored, candidates
from rag.answer.compose import Words
from rag.answer.result import Citation
from rag.calculate.asked import asked as sum_asked
from rag.calculate.calculate import calculate
from rag.calculate.result import Calculation, Missing
from rag.index.hit import Hit

_COUNTED = re.compile(r"(?:以下|下表)为[^|]{0,60}保险费\s?[\d,]+元[^|]{0,40}|[（(]?每\s?[\d,千万]{1,8}元[^|。；]{0,24}")
READ = 60  # units that may give an input


def asks_sum(question: str, certain: bool = False) -> bool:
    """Whether a question asks for a sum. `certain`: and says itself what the sum is of; not so one that only a document's
    formula would make a sum. One whose figures are not all stated may as well be a question that documents answer."""
    found = sum_asked(question)
    return found is not None and not found.partial and not (certain and found.kind == "formula")


def worked(question: str, hits: Sequence[Hit], rarity: Rarity) -> Words | Missing | None:
    """The sum in words, the input that is missing, or None where the question asks for no sum."""
    if sum_asked(question) is None:
        return None
    units = candidates(question, hits, rarity)[:READ]
    done = calculate(question, [_as_evidence(unit, hits) for unit in units])
    if not isinstance(done, Calculation):
        return done
    citations = tuple(_cited(number, units[place], hits) for number, place in enumerate(done.evidence, 1))
    told = done.told({place: hits[units[place].hit].title for place in done.evidence})
    return Words(told, "calculation", citations, tuple(f"{i.name}={i.value}" for i in done.inputs))


def _as_evidence(unit: Scored, hits: Sequence[Hit]) -> str:
    """Where a unit stands, and its words. The file's name is part of it: it may say 已废止. For a row also what the passage
    says its figures are counted for: （每10000元基本保险金额）over several tables stands in the caption of the first."""
    hit = hits[unit.hit]
    section = hit.read[unit.section]
    near = [line for one in hits if one.source == hit.source for other in one.read if other.headings == section.headings
            for line in other.text.split("\n")]
    counted = [line.strip() for line in near if _COUNTED.fullmatch(line.strip()) and line.strip() not in unit.unit.text
               ] if unit.unit.kind == "row" else []
    return "\n".join((" ".join((hit.title, PurePosixPath(hit.source).stem, *section.headings)), *counted[:1], unit.unit.text))


def _cited(number: int, unit: Scored, hits: Sequence[Hit]) -> Citation:
    hit, section = hits[unit.hit], hits[unit.hit].read[unit.section]
    return Citation(number, hit.source, hit.title, unit.unit.text, section.page, section.headings,
                    hit.edition, hit.also)
