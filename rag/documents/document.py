"""What a loader gives and what the splitter makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Page:
    """One page (PDF), sheet (XLSX), slide (PPTX), or the whole file where a format has no pages.

    `text` is Markdown: headings with `#`, tables as pipe tables with their header row, everything else as paragraphs
    separated by blank lines. Page headers, footers and page numbers are already gone.
    `number` is what a reader sees (1-based); None where the format has no pages.
    """

    text: str
    number: int | None = None


@dataclass(frozen=True)
class Document:
    """One file, read.

    `source` is the path relative to the indexed folder, with `/`. `title` is the name a reader would call it by: from
    the text where it stands there, else the file's stem. `encoding` is set for text formats only. `warnings` are
    one-line notes for the administrator (a page without text, an undecodable byte, …).
    """

    source: str
    title: str
    pages: tuple[Page, ...]
    encoding: str | None = None
    warnings: tuple[str, ...] = ()
    meta: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict:
        """Plain values, for the way from the parsing child to its parent."""
        return {
            "title": self.title,
            "pages": [[page.text, page.number] for page in self.pages],
            "encoding": self.encoding,
            "warnings": list(self.warnings),
            "meta": self.meta,
        }

    @classmethod
    def from_json(cls, data: dict, source: str) -> Document:
        """Raises TypeError, KeyError or ValueError where `data` is not what `to_json` gives."""
        return cls(
            source,
            str(data["title"]),
            tuple(Page(str(text), None if number is None else int(number)) for text, number in data["pages"]),
            None if data["encoding"] is None else str(data["encoding"]),
            tuple(str(warning) for warning in data["warnings"]),
            {str(name): str(value) for name, value in data["meta"].items()},
        )


@dataclass(frozen=True)
class Chunk:
    """A piece of a document small enough to find and quote.

    `headings` is the path from the outermost heading inwards (document title not included). `text` is the piece's own
    words; a table piece is a whole Markdown table or a run of its rows under the repeated header row, with the table's
    caption and unit line before it. `page` and `page_end` are page numbers or None. `position` counts pieces of the
    document from 0.
    """

    text: str
    headings: tuple[str, ...] = ()
    page: int | None = None
    page_end: int | None = None
    kind: str = "text"  # "text" | "table"
    position: int = 0
