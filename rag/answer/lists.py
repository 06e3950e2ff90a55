"""A list is told whole: what the passage cut of an enumeration is read from its section."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.answer.enumeration import Enumeration, enumerations
from rag.answer.evidence import Evidence
from rag.answer.injection import without_instructions
from rag.answer.quotation import PARTIAL
from rag.index.hit import Hit, Section


def completed(evidence: Evidence, hits: Sequence[Hit], section_of: Callable[[int], Section | None]) -> Evidence:
    """The evidence with its enumeration, where it is one, as it stands in the whole section.

    Where the section cannot be read the enumeration says that there may be more.
    """
    best = evidence.best
    if best is None or best.kind != "enumeration":
        return evidence
    first = evidence.citations[0]
    hit = next((h for h in hits if h.source == first.source and any(best.text in s.text for s in h.read)), None)
    part = enumerations(best.text)
    section = section_of(hit.chunk_id) if hit is not None else None
    whole = _whole(part[0], enumerations(without_instructions(section.text))) if section and part else None
    if whole is None:
        unit = replace(best, context=PARTIAL)
        return replace(evidence, best=unit)
    unit = replace(best, text=whole.text)
    citations = (replace(first, text=whole.text), *evidence.citations[1:])
    return replace(evidence, best=unit, citations=citations, strong=(*evidence.strong, whole.text))


def _whole(part: Enumeration, found: Sequence[Enumeration]) -> Enumeration | None:
    """The enumeration that holds every item of a part of it."""
    return next((one for one in found if set(part.items) <= set(one.items)), None)
