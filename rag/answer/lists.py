"""A list is told whole: what the passage cut of an enumeration is read from its section."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.answer.enumeration import Enumeration, enumerations
from rag.answer.evidence import Evidence
from rag.answer.injection import without_instructions
from rag.answer.quotation import PARTIAL
from rag.index.hit import Hit, Section
from rag.text.sentences import LONGEST_LIST, split_units


def completed(evidence: Evidence, hits: Sequence[Hit], section_of: Callable[[int], Section | None]) -> Evidence:
    """The evidence with its enumeration, where it is one, as it stands in the whole section.

    Where the section cannot be read the enumeration says that there may be more.
    """
    best = evidence.best
    if best is None or best.kind not in ("enumeration", "list"):
        return evidence
    first = evidence.citations[0]
    hit = next((h for h in hits if h.source == first.source and any(best.text in s.text for s in h.read)), None)
    section = section_of(hit.chunk_id) if hit is not None else None
    if best.kind == "list":
        return _with_the_rest(evidence, without_instructions(section.text)) if section else evidence
    part = enumerations(best.text)
    whole = _whole(part[0], enumerations(without_instructions(section.text))) if section and part else None
    if whole is None:
        unit = replace(best, context=PARTIAL)
        return replace(evidence, best=unit)
    unit = replace(best, text=whole.text)
    citations = (replace(first, text=whole.text), *evidence.citations[1:])
    return replace(evidence, best=unit, citations=citations, strong=(*evidence.strong, whole.text))


def _with_the_rest(evidence: Evidence, section: str) -> Evidence:
    """A list whose lead was said again over its second part, together with the part that was not found."""
    best, first = evidence.best, evidence.citations[0]
    lead = best.text.split("\n")[0]
    parts = [unit for unit in split_units(section) if unit.kind == "list" and unit.text.split("\n")[0] == lead]
    text = "\n".join(dict.fromkeys(line for unit in parts for line in unit.text.split("\n")))
    if best not in parts or len(parts) == 1 or len(text) > LONGEST_LIST or best.text not in first.text:
        return evidence
    citation = replace(first, text=first.text.replace(best.text, text))
    return replace(evidence, best=replace(best, text=text, plain=text), citations=(citation, *evidence.citations[1:]),
                   strong=(*evidence.strong, text))


def _whole(part: Enumeration, found: Sequence[Enumeration]) -> Enumeration | None:
    """The enumeration that holds every item of a part of it."""
    return next((one for one in found if set(part.items) <= set(one.items)), None)
