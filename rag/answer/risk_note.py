"""What stands beside a comparison of investment products: the risk level that the papers state of each, and the reviewed note."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.answer.compose import Words
from rag.answer.policy import POLICY
from rag.answer.result import Citation
from rag.answer.risk_levels import Rated

NOT_STATED = "资料没有写明"
WHY = "行为规则：compare/compare_note"
_CLASS = re.compile(r"[A-Z][款类]")


def with_risk_note(words: Words, rated: Sequence[Rated]) -> Words:
    """The words with the levels that they do not say themselves, each under its citation, and the note. A refusal compares
    nothing and gets the note alone."""
    lines, citations = [], list(words.citations)
    if not words.refused:
        said = "；".join(f"{one.name} {_levels(one, citations)}" for one in rated if not one.generic and not _told(one, words.text))
        lines = [f"风险等级：{said}。"] if said else []
    return replace(words, text="\n".join((words.text, *lines, POLICY["compare_note"])), citations=tuple(citations),
                   notes=(*words.notes, WHY))


def _told(one: Rated, text: str) -> bool:
    """Whether the answer says the product's level already."""
    return "风险等级" in text and bool(one.levels) and all(level in text for level, _ in one.levels)


def _levels(one: Rated, citations: list[Citation]) -> str:
    """The levels of a product, of several (A款, C款) each behind its class; cited in `citations`."""
    if not one.levels:
        return NOT_STATED
    parts = []
    for level, stated in sorted(one.levels, key=lambda pair: pair[1].title):
        mark = _CLASS.search(stated.title) if len(one.levels) > 1 else None
        parts.append(f"{mark[0] if mark else ''}{level}[{_number(stated, citations)}]")
    return "、".join(parts)


def _number(stated: Citation, citations: list[Citation]) -> int:
    """The number of the citation that holds these words, which is added where none does."""
    words = stated.text.split("\n")[-1]
    for citation in citations:
        if citation.source == stated.source and words in citation.text:
            return citation.number
    citations.append(replace(stated, number=len(citations) + 1))
    return len(citations)
