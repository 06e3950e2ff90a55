"""A passage that is too long for a prompt, cut to the whole sentences that the answer stands on."""

from __future__ import annotations

import re

from rag.text.figures import unsupported
from rag.text.tokens import STOP_WORDS, bigrams

HELD = 0.9  # share of the answer's words in the whole passage that the cut one must still hold
_PIECES = re.compile(r"(?:^\|.*(?:\n|$))+|[^。！？\n]+[。！？]*\n*|\n+", re.MULTILINE)  # a table is one piece, with its header


def cut(passage: str, question: str, answer: str, most: int) -> str:
    """The `most` characters or fewer of neighbouring sentences that hold the answer's words and figures; "" where none do.

    The words stay as they stand there, in order. Of several such places the one that also holds most of the question.
    """
    if len(passage) <= most:
        return passage
    said, asked = (_words(text) for text in (answer, question))
    there = said & set(bigrams(passage))
    if not there or unsupported(answer, [passage], question, strict=False, places=False):
        return ""
    fits = []
    for window in _windows(passage, most):
        known = set(bigrams(window))
        held = len(there & known)
        if held >= HELD * len(there) and not unsupported(answer, [window], question, strict=False, places=False):
            fits.append((held, len(asked & known), window))
    return max(fits, key=lambda one: one[:2])[2].strip() if fits else ""


def _words(text: str) -> set[str]:
    return {pair for pair in bigrams(text) if pair not in STOP_WORDS}


def _windows(passage: str, most: int) -> list[str]:
    """From each sentence on as many as fit."""
    pieces = _PIECES.findall(passage)
    found = []
    for start in range(len(pieces)):
        end, length = start, 0
        while end < len(pieces) and length + len(pieces[end].rstrip()) <= most:
            length += len(pieces[end])
            end += 1
        if end > start:
            found.append("".join(pieces[start:end]))
    return found
