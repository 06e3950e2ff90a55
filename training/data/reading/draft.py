"""A reading item before it is checked and put into a prompt."""

from __future__ import annotations

from dataclasses import dataclass, field

from rag.answer.prompt import NO_ANSWER
from rag.answer.result import Citation

KINDS = ("cell", "row", "fact", "condition", "list", "yes_no", "date", "compare", "multi", "wrong_neighbour", "absent")


@dataclass(frozen=True)
class Passage:
    """Words as the assistant cites them. `unit` are those of them that answer (a row under its header, a sentence)."""

    source: str
    title: str
    headings: tuple[str, ...]
    text: str

    def cited(self, number: int) -> Citation:
        return Citation(number, self.source, self.title, self.text, None, self.headings)


@dataclass(frozen=True)
class Draft:
    """`gold` are the places in `passages` of those that answer, empty for a refusal.

    `units` are the exact words that answer, each in one of them; `must` strings that the answer has to hold, known from
    how it was made; `absent` strings none of the passages of a refusal may hold.
    """

    kind: str
    question: str
    answer: str
    passages: tuple[Passage, ...]
    gold: tuple[int, ...]
    document: str
    topic: str
    licence: str
    source: str
    units: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    shape: str = ""
    asks: tuple[tuple[float, str], ...] = field(default=())  # quantities a refusal's passages may hold no band for

    @property
    def refusal(self) -> bool:
        return self.answer == NO_ANSWER
