"""What a search gives."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Section:
    """Neighbouring pieces under one heading path and on one page. `found`: the piece that was found is among them."""

    text: str
    headings: tuple[str, ...] = ()
    page: int | None = None
    found: bool = True


@dataclass(frozen=True)
class Hit:
    """A passage found for a question.

    `piece` is the small piece that was found, `text` the passage as it is read: the piece with its neighbours. `page` is
    the piece's page. `sections` are the parts of the passage, in order, each with its own headings and page. `score`
    orders hits of one question (0…about 1); `parts` are the shares it is made of. `also` are the other sources with the
    same content, byte for byte. `edition` says which edition of the document it is (2026版，2026-01-01起施行), and what
    became of it where it is not in force. `product` is the one product it is about, by its own words; empty where it is of
    none or of several.
    """

    source: str
    title: str
    page: int | None
    headings: tuple[str, ...]
    text: str
    piece: str
    score: float
    kind: str = "text"
    chunk_id: int = 0
    parts: dict[str, float] = field(default_factory=dict)
    sections: tuple[Section, ...] = ()
    also: tuple[str, ...] = ()
    edition: str = ""
    product: str = ""

    @property
    def read(self) -> tuple[Section, ...]:
        """The passage as sections: one where it was not put together from several."""
        return self.sections or (Section(self.text, self.headings, self.page),)

    def within(self, other: Hit) -> bool:
        """Whether all that is read here is read in the other passage too, of the same document and under the same headings."""
        return self.source == other.source and all(
            any(mine.headings == its.headings and mine.text in its.text for its in other.read) for mine in self.read)
