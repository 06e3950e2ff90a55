"""A question that asks two things (最多贷几成，最久借多久): which words answer the second, beside those that answer the first."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from rag.answer.asked_kind import asks, lacks_kind
from rag.answer.candidates import Scored
from rag.answer.judging import UNLIKE, Judge, read_as
from rag.index.hit import Hit

MOST = 3  # things asked; a longer string of questions is a story
CLEARLY = 1.0  # logits by which other words must answer a part better than those that were picked
EACH_CLEARLY = 0.2  # the same where the parts are of two things, whose words are alike but for these
STANDS = 0.1  # share of the best unit's score: what rules have put behind (another row, another age) stays there
_EACH = re.compile(r"([^，,。；;？?\s的和跟与]{2,10})[和跟与、]([^，,。；;？?\s的]{2,10}?)(?:的[^，,。；;？?]{1,8})?(?:分别|各自?)(?=[是有要能可为]|[几多怎])")
_PIECES = re.compile(r"([，,。；;！!？?、\s]+)")


def parts(question: str) -> list[str]:
    """The question once for each clause that asks, without the other asking ones, or for each of two things of which it
    asks 分别; [] for a question of one part."""
    if both := _EACH.search(question):
        return [question[: both.start()] + one + question[both.end(2) :] for one in both.groups()[:2]]
    found = _PIECES.split(question.strip())
    clauses, marks = found[::2], [*found[1::2], ""]
    asking = [n for n, clause in enumerate(clauses) if asks(clause)]
    if not 2 <= len(asking) <= MOST:
        return []
    return ["".join(clause + mark for n, (clause, mark) in enumerate(zip(clauses, marks, strict=True))
                    if n == one or n not in asking) for one in asking]


def other_part(question: str, read: Sequence[Scored], hits: Sequence[Hit], judge: Judge) -> Scored | None:
    """Of the units that were read, best first, the one that answers a part of the question which the best does not; None
    for a question of one part, or where the best answers them all."""
    asked = parts(question)
    units = [one for one in read if one.score >= STANDS * read[0].score]
    if not asked or len(units) < 2:
        return None
    texts = [read_as(one, hits[one.hit]) for one in units]
    best: tuple[float, Scored | None] = (EACH_CLEARLY if _EACH.search(question) else CLEARLY, None)
    for part in asked:
        logits = np.asarray(judge(part, texts)) - UNLIKE * np.array([lacks_kind(part, one.unit.plain) for one in units])
        top = int(logits.argmax())
        if logits[top] > 0 and logits[top] - logits[0] > best[0]:
            best = float(logits[top] - logits[0]), units[top]
    return best[1]
