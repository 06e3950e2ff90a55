"""The best unit as a customer reads it: a sentence as it stands, a table row as 列名：值, what is long cut at a clause."""

from __future__ import annotations

import re

from rag.answer.evidence import ASKS_FIGURE, Evidence
from rag.text.figures import find_figures
from rag.text.sentences import Unit, cells
from rag.text.tokens import STOP_WORDS, bigrams

QUOTE_CHARS = 150
BOTH_CHARS = 160
WHOLE_ROW = 4  # a row of so few columns is shown whole
_FIGURE = re.compile(r"[-+±]?[\d,.]+\s*(%|‰|元|万元|年|个?月|天|日|折|倍|BP)?(（[^）]*）)?|[-—/无免收]+")


def quoted(evidence: Evidence, question: str) -> tuple[str, int]:
    """The best unit, and the next one where both are short, each with the mark of its citation; and how many they are."""
    best = quotation(evidence.best, question)
    text = f"{best}[{evidence.number_of(evidence.best)}]"
    if evidence.also is not None:
        number = evidence.number_of(evidence.also)
        also = evidence.citations[number - 1]
        words = quotation(evidence.also, question)
        if also.source != evidence.citations[evidence.number_of(evidence.best) - 1].source:
            words = f"《{also.title}》：{words}"  # another product's figure must not pass for this one's
        if len(best) + len(words) <= BOTH_CHARS:
            return f"{text}\n{words}[{number}]", 2
    return text, 1


def quotation(unit: Unit | None, question: str, most: int = QUOTE_CHARS) -> str:
    """The words of a unit, short enough to read in a chat; empty where there is none. A sentence keeps about `most`
    characters."""
    if unit is None:
        return ""
    if unit.kind == "row":
        return _row(unit, question)
    text = unit.plain.strip()
    if len(text) <= most or (unit.kind == "list" and most == QUOTE_CHARS):
        return text
    return _middle(text, question, most)


def _middle(text: str, question: str, most: int) -> str:
    """Of a long sentence the run of clauses that shares most with the question, and its figures where one is asked."""
    clauses = [c for c in re.split(r"(?<=[，；、,;：:])", text) if c]
    asked = {g for g in bigrams(question) if g not in STOP_WORDS}
    figure = bool(ASKS_FIGURE.search(question))
    worth = [len(asked & set(bigrams(c))) + 2 * (figure and bool(find_figures(c))) for c in clauses]
    best, chosen = -1.0, (0, 1)
    for first in range(len(clauses)):
        length, value = 0, 0
        for last in range(first, len(clauses)):
            length += len(clauses[last])
            value += worth[last]
            if length > most and last > first:
                break
            # Of equal runs the earlier and longer one: it says who and when.
            if value + 0.001 * length - 0.0001 * first > best:
                best, chosen = value + 0.001 * length - 0.0001 * first, (first, last + 1)
    said = "".join(clauses[slice(*chosen)])[:2 * most].rstrip("，；、,;：:")
    return ("……" if chosen[0] else "") + said + ("……" if chosen[1] < len(clauses) else "")


def _row(unit: Unit, question: str) -> str:
    """What says which row it is, and of the other columns those the question speaks of, or all where it names none."""
    lines = unit.text.split("\n")
    header, values = cells(lines[-3]), cells(lines[-1])
    columns = [(name, value) for name, value in zip(header, values, strict=False) if value]
    if len(columns) > WHOLE_ROW:
        asked = {g for g in bigrams(question) if g not in STOP_WORDS}
        label = _labels(columns)
        rest = columns[label:]
        shared = [len(asked & set(bigrams(name))) for name, _ in rest]
        most = max(shared, default=0)
        if most:
            keys = [c for c in rest if asked & set(bigrams(c[1]))][:2]
            columns = [*columns[:label], *(c for c, n in zip(rest, shared, strict=True) if n == most or c in keys)]
    said = "；".join(f"{name}：{value}" if name and name != value else value for name, value in columns)
    return f"{unit.context}　{said}" if unit.context else said


def _labels(columns: list[tuple[str, str]]) -> int:
    """How many columns at the beginning say which row it is: those before the first plain figure, at least one.

    Without 时间段：满1年不满2年 a rate would seem to be the product's only one.
    """
    figures = (n for n, (_, value) in enumerate(columns) if n and _FIGURE.fullmatch(value))
    return max(1, min(next(figures, 1), len(columns) - 1))
