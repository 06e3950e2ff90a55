"""`odfin documents`: what is indexed and what each document says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rag.errors import IndexMissingError
from rag.index.build import Indexer
from rag.settings import Settings

_COLUMNS = (("kind", 10), ("version", 14), ("effective", 10), ("expires", 10), ("in_force", 8), ("title", 0))


def rows(settings: Settings) -> list[dict[str, Any]]:
    """One object a document: source, status, pages, chunks, every fact, the facts edited by hand, and `in_force`: "现行",
    or why not ("读不了" where nothing of it could be read). Raises IndexMissingError before the first index."""
    indexer = Indexer(settings)
    if indexer.catalogue.live() is None:
        raise IndexMissingError("还没有索引；请先运行 odfin index，或在控制台“知识库”页点“重新索引”")
    return [{"source": row.source, "status": row.status, "reason": row.reason, "pages": row.pages, "chunks": row.chunks,
             **row.facts.to_json(), "title": row.title, "topic": row.topic, "in_force": row.in_force}
            for row in indexer.documents()]


def table(listed: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The same for reading: one line a document."""
    for row in listed:
        cells = [_padded(str(row[name]) or "—", width) for name, width in _COLUMNS]
        yield "  ".join((*cells, f"（{row['source']}）"))


def _padded(text: str, width: int) -> str:
    """Chinese characters take two columns of a terminal."""
    return text + " " * max(0, width - sum(2 if ord(c) > 0x2E80 else 1 for c in text))
