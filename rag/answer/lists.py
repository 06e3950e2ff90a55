"""A list is told whole: what the passage cut of an enumeration is read from its section."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.answer.candidates import Rarity, matching_tokens
from rag.answer.enumeration import Enumeration, enumerations
from rag.answer.evidence import Evidence
from rag.answer.injection import without_instructions
from rag.answer.quotation import PARTIAL, SELECTED
from rag.index.hit import Hit, Section
from rag.text.sentences import LONGEST_LIST, split_units

SAYS = 0.15  # share of the question's words, by rarity, that an item must hold to be the one that is meant
NEARLY = 0.6  # share of the best item's words that another one must hold to be meant too


def completed(evidence: Evidence, hits: Sequence[Hit], section_of: Callable[[int], Section | None],
              meant: Callable[[Sequence[str]], Sequence[str]] = lambda items: items) -> Evidence:
    """The evidence with its enumeration, where it is one, as it stands in the whole section, and of a list the items that
    are `meant`.

    Where the section cannot be read the enumeration says that there may be more.
    """
    best = evidence.best
    if best is None or best.kind not in ("enumeration", "list"):
        return evidence
    first = evidence.citations[0]
    hit = next((h for h in hits if h.source == first.source and any(best.text in s.text for s in h.read)), None)
    section = section_of(hit.chunk_id) if hit is not None else None
    if best.kind == "list":
        return _with_the_rest(evidence, without_instructions(section.text), meant) if section else evidence
    part = enumerations(best.text)
    whole = _whole(part[0], enumerations(without_instructions(section.text))) if section and part else None
    if whole is None:
        unit = replace(best, context=PARTIAL)
        return replace(evidence, best=unit)
    unit = replace(best, text=whole.text)
    citations = (replace(first, text=whole.text), *evidence.citations[1:])
    return replace(evidence, best=unit, citations=citations, strong=(*evidence.strong, whole.text))


def _with_the_rest(evidence: Evidence, section: str, meant: Callable[[Sequence[str]], Sequence[str]]) -> Evidence:
    """A list whose lead was said again over its second part, together with the part that was not found; of them all the
    items that are meant."""
    best, first = evidence.best, evidence.citations[0]
    lead = best.text.split("\n")[0]
    parts = [unit for unit in split_units(section) if unit.kind == "list" and unit.text.split("\n")[0] == lead]
    lines = list(dict.fromkeys(line for unit in parts for line in unit.text.split("\n")))
    if best not in parts or best.text not in first.text:
        return evidence
    items = meant(lines[1:])
    text = "\n".join((lead, *items))
    if text == best.text or len(text) > LONGEST_LIST or not lead.endswith(("：", ":")):
        return evidence
    citation = replace(first, text=first.text.replace(best.text, text))
    unit = replace(best, text=text, plain=text, context=best.context if len(items) == len(lines) - 1 else SELECTED)
    return replace(evidence, best=unit, citations=(citation, *evidence.citations[1:]), strong=(*evidence.strong, text))


def items_meant(question: str, rarity: Rarity) -> Callable[[Sequence[str]], Sequence[str]]:
    """Chooses among a list's items those that a question means which does not ask for the list: 食品召回赔不赔 means
    （十）食品退换、回收、召回所造成的损失. All of them where it says the words of none, or of most."""
    asked = matching_tokens(question)
    weight = rarity(sorted(asked))

    def meant(items: Sequence[str]) -> Sequence[str]:
        shares = [sum(weight[token] for token in asked & matching_tokens(item)) for item in items]
        most = max(shares, default=0.0)
        kept = [item for item, share in zip(items, shares, strict=True) if share >= NEARLY * most]
        return kept if most >= SAYS * sum(weight.values()) and 2 * len(kept) <= len(items) else items

    return meant


def _whole(part: Enumeration, found: Sequence[Enumeration]) -> Enumeration | None:
    """The enumeration that holds every item of a part of it."""
    return next((one for one in found if set(part.items) <= set(one.items)), None)
