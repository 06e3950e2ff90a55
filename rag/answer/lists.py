"""A list is told whole: what the passage cut of an enumeration is read from its section."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.answer.candidates import Rarity, asks_items, asks_whole, matching_tokens
from rag.answer.enumeration import Enumeration, enumerations, unmarked
from rag.answer.evidence import Evidence
from rag.answer.injection import without_instructions
from rag.answer.quotation import ONE_OF, PARTIAL, SELECTED, WHOLE, items_told
from rag.index.hit import Hit, Section
from rag.text.sentences import LONGEST_LIST, split_units

SAYS = 0.15  # share of the question's words, by rarity, that an item must hold to be the one that is meant
NEARLY = 0.6  # share of the best item's words that another one must hold to be meant too


def completed(evidence: Evidence, hits: Sequence[Hit], section_of: Callable[[int], Section | None],
              meant: Callable[[Sequence[str]], Sequence[str]] = lambda items: items, question: str = "") -> Evidence:
    """The evidence with its enumeration, where it is one, as it stands in the whole section, and of a list the items that
    are `meant`. Where the `question` asks for a whole list it says how many items it has, and of how many others.

    Where the section cannot be read the enumeration or list says that there may be more.
    """
    best, whole = evidence.best, asks_whole(question)
    if best is None or best.kind == "row" or (best.kind == "sentence" and not whole):
        return evidence
    first = evidence.citations[0]
    hit = next((h for h in hits if h.source == first.source
                and any(all(line in s.text for line in best.text.split("\n")) for s in h.read)), None)
    section = section_of(hit.chunk_id) if hit is not None else None
    words = without_instructions(section.text) if section else ""
    if best.kind == "enumeration":
        part = enumerations(best.text)
        found = _whole(part[0].items, enumerations(words)) if section and part else None
        return _enumerated(evidence, found) if found else replace(evidence, best=replace(best, context=PARTIAL))
    if best.kind == "list" and section is None:
        return replace(evidence, best=replace(best, context=PARTIAL)) if whole and _leads_in(best.text) else evidence
    if best.kind == "list":
        evidence = _with_the_rest(evidence, words, meant, whole)
    untouched = evidence.best is best
    return _counted(evidence, words, question) if section and whole and untouched else evidence


def _enumerated(evidence: Evidence, found: Enumeration) -> Evidence:
    """The evidence with an enumeration of the section as its best unit."""
    first = evidence.citations[0]
    unit = replace(evidence.best, text=found.text, kind="enumeration", context="")
    return replace(evidence, best=unit, citations=(replace(first, text=found.text), *evidence.citations[1:]),
                   strong=(*evidence.strong, found.text))


def _with_the_rest(evidence: Evidence, section: str, meant: Callable[[Sequence[str]], Sequence[str]], whole: bool) -> Evidence:
    """A list whose lead was said again over its second part, or that is too long for one unit, together with the part that
    was not found; of them all the items that are meant, and where they are too many their beginnings."""
    best, first = evidence.best, evidence.citations[0]
    lead = best.text.split("\n")[0]
    parts = [unit for unit in split_units(section) if unit.kind == "list" and unit.text.split("\n")[0] == lead]
    lines = list(dict.fromkeys(line for unit in parts for line in unit.text.split("\n")))
    if not any(unit.text == best.text for unit in parts) or best.text not in first.text or not _leads_in(best.text):
        return evidence
    items = meant(lines[1:])
    text = "\n".join((lead, *items))
    if text == best.text:
        return evidence
    if len(text) > LONGEST_LIST:
        found = _whole([unmarked(line) for line in lines[1:]], enumerations("\n".join(lines)))
        if whole and found:
            return _enumerated(evidence, replace(found, text="\n".join(lines)))
        told = items_told(ONE_OF, len(best.text.split("\n")) - 1, len(lines) - 1)
        return replace(evidence, best=replace(best, context=told)) if whole else evidence
    citation = replace(first, text=first.text.replace(best.text, text))
    context = best.context if len(items) == len(lines) - 1 else items_told(SELECTED, len(items), len(lines) - 1)
    unit = replace(best, text=text, plain=text, context=context)
    return replace(evidence, best=unit, citations=(citation, *evidence.citations[1:]), strong=(*evidence.strong, text))


def _counted(evidence: Evidence, section: str, question: str) -> Evidence:
    """The list, or the item of a list, with how many items it tells of how many; a part of a list whose items are asked for
    is told whole."""
    best = evidence.best
    mine = [unmarked(line) for line in best.text.split("\n") if line.strip()][_leads_in(best.text) :]
    found = _whole(mine, enumerations(section))
    every = len(found.items) if found else len(mine)
    if every == len(mine):
        return replace(evidence, best=replace(best, context=items_told(WHOLE, every, every))) if every > 1 else evidence
    if len(mine) > 1 and asks_items(question):
        return _enumerated(evidence, found)
    return replace(evidence, best=replace(best, context=items_told(ONE_OF, len(mine), every)))


def _leads_in(text: str) -> bool:
    """Whether the first line of a list leads in the others."""
    lead, _, items = text.partition("\n")
    return bool(items) and lead.rstrip().endswith(("：", ":"))


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


def _whole(items: Sequence[str], found: Sequence[Enumeration]) -> Enumeration | None:
    """The enumeration that holds every one of these items."""
    return next((one for one in found if set(items) <= set(one.items)), None)
