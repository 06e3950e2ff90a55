"""The first hits of a search put in the order in which they answer the question, by the reranker's word.

Fusion compares words and vectors of whole pieces; late interaction still sees the one condition or product by which
look-alike clauses differ. It costs a reading of every piece, so only the first few are read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from rag.index.hit import Hit

Judge = Callable[[str, Sequence[str]], np.ndarray]  # logits of texts, above 0 where a text answers the question

WORTH = 0.07  # of one logit, in the scores of the fusion; tuned on the development sets


def reordered(question: str, hits: Sequence[Hit], judge: Judge) -> list[Hit]:
    """The same hits, best first. The scores stay those of the places, so that they go on falling."""
    if len(hits) < 2:
        return list(hits)
    logits = judge(question, [read_as(hit) for hit in hits])
    worth = [hit.score + WORTH * float(logit) for hit, logit in zip(hits, logits, strict=True)]
    order = sorted(range(len(hits)), key=lambda i: -worth[i])
    return [replace(hits[i], score=place.score, parts=hits[i].parts | {"reranker": round(float(logits[i]), 4)})
            for place, i in zip(hits, order, strict=True)]


def read_as(hit: Hit) -> str:
    """A hit as the reranker reads it: what it is about, and the piece that was found."""
    return "\n".join((hit.title, *hit.headings, hit.piece))
