"""Where the student's sentence fails on the words that were picked, but stands whole on others that it was shown.

The reranker picks by likeness, the student reads: of passages that are all about the matter it may find the one that
answers. The words it stands on are then the evidence, and shown; the checks are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.answer import grounding
from rag.answer.candidates import bands_of, matching_tokens
from rag.answer.evidence import Evidence, holds, with_context
from rag.answer.result import Citation
from rag.index.hit import Hit
from rag.text.bands import fit, quantities
from rag.text.sentences import Unit

NEAR = 0.2  # of the best unit's score: what rules have put behind (another row, another age) stays there
HELD = 0.6  # share of the sentence's character pairs that the words must hold


def standing(draft: str, asked: str, evidence: Evidence, hits: Sequence[Hit]) -> Evidence | None:
    """The evidence with the unit that `draft` stands on as its best, and that unit's citation first; None where it stands
    on none that speaks as much of what is asked as the best does."""
    if not evidence.units:
        return None
    asked_tokens = matching_tokens(asked)
    stated = quantities(asked)
    of_best = len(asked_tokens & _tokens(evidence.best))
    for one in evidence.units:
        if one.unit is evidence.best or one.score < NEAR * evidence.units[0].score:
            continue
        if fit(stated, bands_of(one.unit)) < 0 < fit(stated, bands_of(evidence.best)):  # 满10年 for a case of seven
            continue
        if len(asked_tokens & _tokens(one.unit)) < of_best:
            continue
        hit = hits[one.hit]
        citation = next((c for c in evidence.citations if c.source == hit.source and holds(c, one.unit)), None)
        if citation is None or grounding.shared(draft, one.unit.text) < HELD:
            continue
        strong = with_context(one, hit, hit.read[one.section])
        if not grounding.faults(draft, [strong], asked, [c.text for c in evidence.citations]):
            return replace(evidence, citations=_first(citation, evidence.citations), best=one.unit, strong=(strong,), also=None)
    return None


def _tokens(unit: Unit) -> set[str]:
    return matching_tokens(f"{unit.context} {unit.plain}")


def _first(citation: Citation, citations: Sequence[Citation]) -> tuple[Citation, ...]:
    """The citations with this one first, numbered anew."""
    order = [citation, *(c for c in citations if c is not citation)]
    return tuple(replace(c, number=number) for number, c in enumerate(order, 1))
