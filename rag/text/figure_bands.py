"""What stretch of values a figure names (30岁, 18-30周岁, 36000元以下), and figures said of another band than theirs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from rag.text.figure_finder import Figure, find_figures
from rag.text.figure_patterns import fold
from rag.text.figure_units import alike, base_of

UP_TO = re.compile(r"以下|以内|之内|不满|未满|不足|不超过|不高于|及以下|[<≤]")
FROM = re.compile(r"以上|(?<!不)超过|不低于|不少于|满(?!期)|起|[>≥]")
_FAR = Decimal(10) ** 15
Span = tuple[Decimal, Decimal, str]  # low, high, base unit

_PART_END = re.compile(r"[；;。！？!?\n|]")
_ENDS_BEFORE = re.compile(r"(?:不足|不满|未满|低于|少于|小于|不超过|不到|[<≤])\s*$")
_ENDS_AFTER = re.compile(r"\s*(?:\(不?含\))?\s*(?:及|或)?(?:以下|以内|以前)")
_BEGINS_BEFORE = re.compile(r"(?:满|超过|达到?|大于|[>≥])\s*$")
_BEGINS_AFTER = re.compile(r"\s*(?:\(不?含\))?\s*(?:及|或)?以上")


def spans(words: str) -> list[Span | Figure]:
    """What the figures of `words` name: 30岁 a point, 18-30周岁 a stretch, 36000元以下 everything up to it."""
    found: list[Span | Figure] = []
    for figure in find_figures(words):
        if _measures(figure):
            clause = words[max(0, figure.start - 4) : figure.start] + "|" + words[figure.end : figure.end + 4]
            found.append(_span(clause, [figure]))
        else:
            found.append(figure)
    return found


def interval(text: str, figures: Sequence[Figure]) -> Span | None:
    """What a label's figures name together; None where it has none."""
    plain = [f for f in figures if _measures(f)]
    return _span(fold(text), plain) if plain else None


def _measures(figure: Figure) -> bool:
    """Whether it names a point or a stretch on a scale; a date, a code or the number of a section (6.2条) does not."""
    ends = figure.value if isinstance(figure.value, tuple) else (figure.value,)
    return figure.kind not in ("code", "date", "time") and all(isinstance(end, Decimal) for end in ends)


def _span(text: str, figures: Sequence[Figure]) -> Span:
    first = figures[0]
    base = base_of(first.unit)[0] or ("元" if first.raw.endswith(("万", "亿")) else "")
    ends = [end * base_of(f.unit)[1] for f in figures for end in _pair(f.value)]
    low, high = min(ends), max(ends)
    if low == high and UP_TO.search(text):
        low = -_FAR
    elif low == high and FROM.search(text):
        high = _FAR
    return low, high, base


def _pair(value: Decimal | tuple) -> tuple[Decimal, Decimal]:
    return value if isinstance(value, tuple) else (value, value)


def said_of_another_band(claim: Figure, answer: str, supporting: Sequence[tuple[str, Figure]], sources: Sequence[str]) -> bool:
    """True where the answer names a band (满五年不足十年的) before `claim`, and a passage gives that very band another
    figure of the claim's kind, and the claimed one only to others.

    `supporting` are the (source, figure) pairs of running text that hold the claimed value.
    """
    start, _ = _part(answer, claim)
    named = _bounds(answer[start : claim.start])
    if not named or not isinstance(claim.value, Decimal):
        return False
    if any(named <= _bounds(_words(source, figure)) for source, figure in supporting):
        return False
    return any(_gives(part, named, claim) for source in sources for part in _PART_END.split(fold(source)))


def _part(text: str, figure: Figure) -> tuple[int, int]:
    start = max((m.end() for m in _PART_END.finditer(text, 0, figure.start)), default=0)
    after = _PART_END.search(text, figure.end)
    return start, after.start() if after else len(text)


def _words(text: str, figure: Figure) -> str:
    return text[slice(*_part(text, figure))]


def _bounds(words: str) -> set[tuple[bool, Decimal, str]]:
    """(whether it ends the band, value, base unit) of every end of a band that `words` name."""
    words = fold(words)
    found = set()
    for figure in find_figures(words):
        if not isinstance(figure.value, Decimal) or figure.kind in ("word", "code"):
            continue
        before, after = words[max(0, figure.start - 4) : figure.start], words[figure.end : figure.end + 8]
        ends = bool(_ENDS_BEFORE.search(before) or _ENDS_AFTER.match(after))
        if ends or _BEGINS_BEFORE.search(before) or _BEGINS_AFTER.match(after):
            base, factor = base_of(figure.unit)
            found.add((ends, figure.value * factor, base))
    return found


def _gives(part: str, named: set[tuple[bool, Decimal, str]], claim: Figure) -> bool:
    """Whether `part` names these bounds and then a figure of the claim's kind that is none of them."""
    if not named <= _bounds(part):
        return False
    values = {value for _, value, _ in _bounds(part)}
    return any(
        figure.kind == claim.kind and alike(base_of(figure.unit)[0], base_of(claim.unit)[0])
        and isinstance(figure.value, Decimal) and figure.value * base_of(figure.unit)[1] not in values
        for figure in find_figures(part))
