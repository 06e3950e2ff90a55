"""Whether the evidence itself was cited: by the gold passage where a row has one, else by what its gold documents must say.

The text of documents that may not be passed on stands in no question set. There the evidence is given by reference: the
gold document, and the strings that an answer must contain. It is cited where one citation from a gold document holds them
all. What is answered out of every gold document (a comparison) may take a part from each; a sum is worked out, so its
citation holds the inputs and not the result.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.evaluate.matching import evidence_cited, from_source
from rag.evaluate.required import has_all
from rag.evaluate.sets import Question

OUT_OF_ALL = ("compare", "ambiguous")


def has_evidence(question: Question) -> bool:
    """Whether a row says what its evidence is."""
    return question.answerable and bool(question.gold_passages or (question.must and question.gold_sources))


def shows_evidence(question: Question, citations: Sequence[tuple[str, str]], worked: bool = False) -> bool:
    """Whether these citations (source, text) show it. `worked`: the answer was worked out by code, and is right."""
    if question.gold_passages:
        return evidence_cited(question, citations)
    gold = [text for source, text in citations if from_source(question.gold_sources, source)]
    if worked:
        return bool(gold)
    together = "\n".join(gold)
    return any(has_all(question.must, text) for text in gold) or (
        question.kind in OUT_OF_ALL and bool(gold) and has_all(question.must, together))
