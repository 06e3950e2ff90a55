"""Placeholder during build-up; the lead replaces this."""
from __future__ import annotations
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Hit:
    """A passage found for a question."""

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
