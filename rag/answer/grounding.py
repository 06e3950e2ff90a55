"""Whether the student's sentence stands on the cited words: its figures, names, negations, vocabulary."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answer.names import unknown_names
from rag.answer.parties import swapped
from rag.answer.prompt import NO_ANSWER
from rag.text.figures import flipped_against, unsupported
from rag.text.tokens import STOP_WORDS, bigrams

MOST_NEW_WORDS = 0.45  # share of a sentence's character pairs that may stand neither in evidence nor in the question
LEAST_FROM_EVIDENCE = 0.4  # share of its character pairs that must stand in the evidence itself
_ANSWERS = re.compile(r"是|否|不|没|无|可以|能|会|需|要|有|属于|应")  # how a short answer in the question's own words begins
_DECLINES = re.compile(rf"{NO_ANSWER}|没有提及|未提及|没有提到|未提到|没有说明|未说明|没有相关|无法回答|无法确定|没有明确|未明确")


def declines(draft: str) -> bool:
    """Whether the draft says that the passages do not answer."""
    return bool(_DECLINES.search(draft))


def faults(draft: str, evidence: Sequence[str], question: str, cited: Sequence[str] = ()) -> list[str]:
    """Why the draft may not be shown, one short line each; empty where it may.

    `evidence` are the units that answer: every figure must stand in one of them, and every name. `cited` are the citations whole: beside
    its neighbours a figure may turn out to belong to another row; those around the evidence may say its names.
    """
    found = []
    wrong = unsupported(draft, evidence, question, strict=False)
    if not wrong and cited:
        wrong = unsupported(draft, cited, question, strict=False)
    if wrong:
        found.append("数字没有依据：" + "、".join(figure.raw for figure in wrong))
    around = [text for text in cited if any(unit.rpartition("\n")[2] in text for unit in evidence)]
    if strange := unknown_names(draft, (*evidence, *around), question):
        found.append("名称没有依据：" + "、".join(strange))
    if flipped_against(draft, evidence):
        found.append("肯定与否定和原文相反")
    if others := swapped(draft, evidence):
        found.append("原文说的不是" + "、".join(others))
    echo = shared(draft, question) == 1.0 and not _ANSWERS.match(draft.strip())
    if echo or draft.rstrip().endswith(("？", "?")) or shared(draft, "\n".join(evidence)) < LEAST_FROM_EVIDENCE:
        found.append("只重复了问题")
    new = 1.0 - shared(draft, "\n".join((*evidence, question)))
    if new > MOST_NEW_WORDS:
        found.append(f"{new:.0%} 的用词不在依据里")
    return found


def shared(draft: str, text: str) -> float:
    """The share (0…1) of a draft's character pairs, without stop words, that a text holds."""
    pairs = [g for g in bigrams(draft) if g not in STOP_WORDS]
    known = set(bigrams(text))
    return sum(pair in known for pair in pairs) / len(pairs) if pairs else 0.0

