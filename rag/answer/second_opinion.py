"""How surely the student would say that the passages do not answer: read off the first token of its answer.

The reranker reads sentence by sentence; the student reads all that is shown together, so the two err on different
questions. About 0.1 s: llama.cpp keeps the prompt it has read for the answer that follows; other runtimes may read it twice.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage

from rag.answer.prompt import NO_ANSWER
from rag.student.runtime import StudentError

log = logging.getLogger(__name__)


def declining(student: Any, messages: Sequence[BaseMessage]) -> float | None:
    """The probability (0…1) that the student's answer begins as a refusal does; None where its runtime cannot say."""
    ask = getattr(student, "first_token_logprobs", None)
    if ask is None:
        return None
    try:
        first = ask(messages)
    except StudentError as error:
        log.info("no probabilities of the student: %s", error)
        return None
    return sum(math.exp(logprob) for token, logprob in first.items() if token.strip() and NO_ANSWER.startswith(token.strip()))
