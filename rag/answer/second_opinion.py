"""How surely the student would say that the passages do not answer, and how surely yes or no: read off the first token of its
answer.

The reranker reads sentence by sentence; the student reads all that is shown together, so the two err on different
questions. About 0.1 s: llama.cpp keeps the prompt it has read for the answer that follows; other runtimes may read it twice.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import BaseMessage

from rag.answer.prompt import NO_ANSWER
from rag.answer.yes_no import affirms
from rag.student.runtime import StudentError

log = logging.getLogger(__name__)

# Of 173 yes or no answers of the student on evaluate/questions it was less sure of its first word in 29, and 17 of those were
# wrong or said what their own reason denied; of the surer ones one in ten. The quoted words stand alone there.
SURE = 0.7


@dataclass(frozen=True)
class Opinion:
    """`declines`: the probability (0…1) that the student's answer begins as a refusal does. `leans`: of the probability that
    it begins with a yes or a no, the share of the yes; None where it begins with neither."""

    declines: float
    leans: float | None


def opinion(student: Any, messages: Sequence[BaseMessage]) -> Opinion | None:
    """What the first token of the student's answer says; None where its runtime cannot say."""
    ask = getattr(student, "first_token_logprobs", None)
    if ask is None:
        return None
    try:
        first = [(token.strip(), math.exp(logprob)) for token, logprob in ask(messages).items() if token.strip()]
    except StudentError as error:
        log.info("no probabilities of the student: %s", error)
        return None
    yes, no = (sum(share for token, share in first if affirms(token) is side) for side in (True, False))
    declines = sum(share for token, share in first if NO_ANSWER.startswith(token))
    return Opinion(declines, yes / (yes + no) if yes + no else None)


def torn(draft: str, leans: float | None) -> bool:
    """Whether the yes or no that a draft begins with was nearly the other."""
    side = affirms(draft)
    return leans is not None and side is not None and (leans if side else 1 - leans) < SURE
