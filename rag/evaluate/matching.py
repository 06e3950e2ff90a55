"""Whether a text holds what a question set asks for: gold passages by character pairs; overlap with a reference answer."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from rag.evaluate.sets import Question
from rag.text.normalise import normalise

COVERED = 0.8  # share of the gold passage's character pairs that a text must hold
INSIDE = 0.9   # share of a piece's pairs that the gold passage must hold for the piece to be part of it
LONG = 400     # a gold passage above so many characters is cut by any splitter: a piece inside it counts
PIECE = 60     # shorter pieces (headings, list ends) lie inside a passage by accident


def fold(text: str) -> str:
    """Normal form with letters, digits and characters only."""
    return "".join(c for c in normalise(text) if c.isalnum())


@lru_cache(maxsize=20_000)
def _pairs(text: str) -> tuple[Counter[str], int]:
    folded = fold(text)
    pairs = Counter(folded[i : i + 2] for i in range(len(folded) - 1)) or Counter([folded] if folded else [])
    return pairs, sum(pairs.values())


def containment(inner: str, outer: str) -> float:
    """Share (0…1) of the character pairs of `inner`, with multiplicity, that stand in `outer`."""
    pairs, count = _pairs(inner)
    if not count:
        return 0.0
    other = _pairs(outer)[0]
    return sum(min(n, other[pair]) for pair, n in pairs.items()) / count


def covers(gold: str, text: str, piece: str) -> bool:
    """Whether a passage as read (`text`), found by its `piece`, shows the gold passage."""
    if containment(gold, text) >= COVERED:
        return True
    return len(fold(gold)) > LONG and len(fold(piece)) >= PIECE and containment(piece, gold) >= INSIDE


def piece_hits(gold: str, piece: str) -> bool:
    """Whether the small piece by itself is the gold passage, or a part of it that says something."""
    if containment(gold, piece) >= COVERED:
        return True
    return len(fold(piece)) >= PIECE and containment(piece, gold) >= INSIDE


def from_source(sources: Sequence[str], source: str) -> bool:
    """Whether `source` is one of these relative paths, or ends in one at a `/`."""
    path = unicodedata.normalize("NFC", source)
    for wanted in sources:
        wanted = unicodedata.normalize("NFC", wanted).lstrip("./")
        if path == wanted or path.endswith("/" + wanted):
            return True
    return False


def is_gold(question: Question, source: str, text: str, piece: str) -> bool:
    """Whether a hit is what the question asks for: from a gold document, and showing a gold passage, where given."""
    if question.gold_sources and not from_source(question.gold_sources, source):
        return False
    passages = question.gold_passages
    return not passages or any(covers(gold, text, piece) for gold in passages)


def is_gold_piece(question: Question, source: str, piece: str) -> bool:
    """The same, counting only the small piece that was found and not what is read around it."""
    if question.gold_sources and not from_source(question.gold_sources, source):
        return False
    passages = question.gold_passages
    return not passages or any(piece_hits(gold, piece) for gold in passages)


def evidence_cited(question: Question, citations: Sequence[tuple[str, str]]) -> bool:
    """Whether a citation (source, text) shows a gold passage or lies inside it."""
    for source, text in citations:
        if question.gold_sources and not from_source(question.gold_sources, source):
            continue
        for gold in question.gold_passages:
            if containment(gold, text) >= COVERED or (len(fold(text)) >= 8 and containment(text, gold) >= INSIDE):
                return True
    return False


# -- overlap --------------------------------------------------------------------------------------------------------


def rouge_l(answer: str, reference: str) -> float:
    """ROUGE-L F1 over characters (letters, digits, Chinese characters), 0…1."""
    one, other = fold(answer), fold(reference)
    if not one or not other:
        return 0.0
    common = _longest_common(one, other)
    return 2 * common / (len(one) + len(other))


def _longest_common(one: str, other: str) -> int:
    """Length of the longest common subsequence, by bit-parallel rows (one big integer a row)."""
    places: dict[str, int] = {}
    for i, character in enumerate(one):
        places[character] = places.get(character, 0) | 1 << i
    full = (1 << len(one)) - 1
    row = full
    for character in other:
        matches = row & places.get(character, 0)
        row = ((row + matches) | (row - matches)) & full
    return len(one) - row.bit_count()
