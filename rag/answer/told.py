"""What a unit of evidence answers, so that two products' answers can be told to be the same: its figures, its yes or no, or the
items of its list."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer.candidates import asks_items
from rag.answer.enumeration import enumerations, unmarked
from rag.answer.pairs import likeness
from rag.answer.stated import Value, agree, asks_value, stated
from rag.answer.yes_no import asks as asks_yes_no
from rag.answer.yes_no import verdict
from rag.text.figures import find_figures
from rag.text.normalise import normalise
from rag.text.sentences import Unit

FIGURE, YES_NO, ITEMS = "figure", "yes or no", "items"
LOOKS_ALIKE = 0.5  # likeness from which on two products' words are one clause of both
SAME_ITEM = 0.75  # and two items, or what leads two lists in, one


def kind_asked(question: str) -> str:
    """Which of these kinds of answer a question wants; "" for any other."""
    if asks_value(question):
        return FIGURE
    return YES_NO if asks_yes_no(question) else ITEMS if asks_items(question) else ""


def told(unit: Unit, question: str, kind: str, headings: Sequence[str] = ()) -> tuple[Value, ...]:
    """What a unit answers of that kind; () where it is nothing plain."""
    if kind == FIGURE:
        return stated(unit, question)
    if kind == YES_NO:
        word = verdict(question, unit.plain, headings)
        return (word,) if word else ()
    if unit.kind == "enumeration":
        return next((one.items for one in enumerations(unit.text)), ())
    lines = unit.text.split("\n") if unit.kind == "list" else []
    return tuple(unmarked(line) for line in lines[lines[:1] != [] and lines[0].rstrip().endswith(("：", ":")) :])


def comparable(one: Unit, other: Unit, kind: str) -> bool:
    """Whether two units are one clause of two products, which may say the same or not: of figures that is told by the question,
    of two lists by what leads them in and an item of both."""
    if kind != ITEMS:
        return kind == FIGURE or one_clause(one, other)
    if one is other:
        return True
    leads = [next((found.lead for found in enumerations(unit.text)), "") for unit in (one, other)]
    items = [told(unit, "", ITEMS) for unit in (one, other)]
    return all(leads) and _same_item(*leads) and any(_same_item(mine, its) for mine in items[0] for its in items[1])


def one_clause(one: Unit, other: Unit) -> bool:
    """Whether two units are the same sentence of two papers, figures and a few words apart."""
    return one is other or ("row" not in (one.kind, other.kind) and likeness(one.plain, other.plain) >= LOOKS_ALIKE)


def same(some: Sequence[Value], others: Sequence[Value], kind: str) -> bool:
    """Whether both answer alike."""
    if kind != ITEMS:
        return agree(some, others)
    return all(any(_same_item(one, other) for other in others) for one in some) and len(some) == len(others)


def _same_item(one: Value, other: Value) -> bool:
    one, other = normalise(str(one)), normalise(str(other))
    figures = [[figure.value for figure in find_figures(text)] for text in (one, other)]
    return one == other or (likeness(one, other) >= SAME_ITEM and figures[0] == figures[1])
