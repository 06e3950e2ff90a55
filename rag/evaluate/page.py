"""One self-contained HTML page out of sections of tables, plots and cases: nothing is fetched, every word is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, StrictUndefined

TEMPLATE = Path(__file__).with_name("page.html")


@dataclass(frozen=True)
class Table:
    """`words`: so many columns at the beginning hold words and are set left."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""
    words: int = 2


@dataclass(frozen=True)
class Group:
    """Cases that fold away under one title; a case is (name, text) pairs."""

    title: str
    cases: Sequence[Sequence[tuple[str, str]]]


@dataclass
class Section:
    """`plots` are SVG of `plots`: the only thing that is not escaped."""

    title: str
    notes: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    plots: list[str] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)


def render(title: str, notes: Sequence[str], sections: Sequence[Section]) -> str:
    """The page."""
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(title=title, notes=notes, sections=sections)
