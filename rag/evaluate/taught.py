"""Questions that a model of ours was taught on measure nothing: they are left out, and it is said how many."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from rag.evaluate.sets import QuestionSet
from rag.text.normalise import tight

TAUGHT = "taught.txt"  # beside an adapter: a fingerprint a line
LENGTH = 16


def fingerprint(question: str) -> str:
    """A short hash of a question's words, by which it is known again without being written down."""
    return hashlib.sha256(tight(question).encode()).hexdigest()[:LENGTH]


def without_taught(questions: QuestionSet, adapter: Path | None) -> QuestionSet:
    """The set without the questions that this adapter was taught on, under whatever product's name they are asked."""
    file = adapter / TAUGHT if adapter else None
    if file is None or not file.is_file():
        return questions
    taught = set(file.read_text().split())
    kept = tuple(q for q in questions.questions if fingerprint(q.question) not in taught
                 and fingerprint(q.question.partition("》中，")[2]) not in taught)
    left_out = len(questions.questions) - len(kept)
    if not left_out:
        return questions
    note = f"{left_out} 题没有问：向量模型的适配器学过它们"
    return replace(questions, questions=kept, notes=(*questions.notes, note))
