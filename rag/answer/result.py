"""The one typed result that command line, bot, console and evaluation share, and the events that lead to it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from rag.index.hit import Hit


@dataclass(frozen=True)
class Turn:
    """One earlier message. `role` is "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True)
class Citation:
    """The exact words a statement stands on. `number` is what `[1]` in the answer refers to.

    `edition` is which edition of the document it is (2026版，2026-01-01起施行) and what became of it; `also` are the other
    sources with the same content.
    """

    number: int
    source: str
    title: str
    text: str
    page: int | None = None
    headings: tuple[str, ...] = ()
    edition: str = ""
    also: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """Every document that holds these words in the same content."""
        return (self.source, *self.also)

    @property
    def label(self) -> str:
        """Where the words stand, as a reader would say it: 《title》 heading path, page, edition."""
        parts = [f"《{self.title}》", *self.headings[-2:]]
        if self.page is not None:
            parts.append(f"第{self.page}页")
        return " ".join(parts) + (f"（{self.edition}）" if self.edition else "")


@dataclass(frozen=True)
class Timings:
    """Seconds since the question came in. `first_token_s` is 0.0 where no student spoke; `cached`: nothing was searched or
    said, the answer was kept from an earlier asking."""

    retrieval_s: float = 0.0
    first_token_s: float = 0.0
    total_s: float = 0.0
    cached: bool = False

    def to_json(self) -> dict[str, float | bool]:
        """Without `cached` where it is false, as other programs know it."""
        return {name: value for name, value in asdict(self).items() if name != "cached" or value}


@dataclass(frozen=True)
class Answer:
    """What the assistant says.

    `answer` is what the customer reads (without the quoted words); it holds `[n]` marks that point at `citations`.
    `refused` is true where the documents do not answer; `citations` are then the nearest passages, not evidence.
    `passages` are what retrieval found, best first, for the console and evaluation. `notes` says in short lines what
    the checks did (for example that a sentence was replaced by the quotation because a figure was not supported).
    `choices` are the products of which one may be meant, where they answer differently: each with a comma before
    `standalone` is a question that leaves nothing open.
    """

    question: str
    answer: str
    refused: bool
    citations: tuple[Citation, ...] = ()
    timings: Timings = field(default_factory=Timings)
    passages: tuple[Hit, ...] = ()
    notes: tuple[str, ...] = ()
    snapshot: str = ""
    standalone: str = ""
    kind: str = "answer"  # "answer" | "quote" | "refusal" | "conduct" | "calculation" | "choice"
    usage: dict[str, int] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    probability: float | None = None  # that the documents answer; None where they were not looked at
    rewritten: bool = False  # the student, no rule, made `standalone`

    @property
    def standalone_by(self) -> str:
        """What made the question stand alone: "rules" or "student"; "" where it was asked so."""
        if self.standalone in ("", self.question):
            return ""
        return "student" if self.rewritten else "rules"

    def to_json(self) -> dict[str, Any]:
        """The object `odfin ask --json` prints."""
        return {
            "question": self.question,
            "answer": self.answer,
            "refused": self.refused,
            "citations": [{"source": c.source, "page": c.page, "text": c.text} for c in self.citations],
            "timings": self.timings.to_json(),
        }


@dataclass(frozen=True)
class EvidenceShown:
    """Comes first: the words the answer will stand on, before the student speaks."""

    citations: tuple[Citation, ...]


@dataclass(frozen=True)
class Token:
    """A piece of the student's draft, not yet checked. The checked text is in `Finished.answer`."""

    text: str


@dataclass(frozen=True)
class Finished:
    """Comes last, exactly once."""

    answer: Answer


Event = EvidenceShown | Token | Finished
