"""An index that costs no model: `HashEmbedder` stands in where the embedder is not what is tested."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.evaluate.synthetic import HashEmbedder
from rag.index.build import Indexer
from tests.conftest import settings_at


class CountingEmbedder(HashEmbedder):
    """Remembers every text it was given."""

    def __init__(self, version: str = "hash:1"):
        super().__init__(version)
        self.embedded: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.embedded += texts
        return super().embed_documents(texts)

    def embed_questions(self, texts: list[str]) -> list[list[float]]:
        self.embedded += texts
        return super().embed_questions(texts)


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def quick(tmp_path: Path, documents: Path, embedder: CountingEmbedder) -> Indexer:
    """An indexer over the three documents, after its first run."""
    indexer = Indexer(settings_at(tmp_path / "home"), embedder)
    indexer.run(documents)
    embedder.embedded.clear()
    return indexer
