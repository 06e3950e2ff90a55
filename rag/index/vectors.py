"""Vectors in Chroma: append-only, ids made from content, so that writing twice changes nothing."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

log = logging.getLogger(__name__)

BATCH = 1000  # Chroma takes at most 5,461 a call


def vector_id(embedder_version: str, text: str) -> str:
    """The id of the vector of this text under this embedder."""
    return hashlib.sha256(f"{embedder_version}\0{text}".encode()).hexdigest()[:32]


def collection_name(embedder_version: str) -> str:
    """One collection an embedder version, so that changing it builds beside the live one."""
    return "pieces-" + hashlib.sha256(embedder_version.encode()).hexdigest()[:12]


class VectorStore:
    """One Chroma collection of normalised vectors, cosine distance. Thread-safe.

    A reader in another process may see stale results until `reopen`.
    """

    def __init__(self, folder: Path, name: str):
        self.folder = folder
        self.name = name
        self._lock = threading.RLock()
        self._collection = None

    @property
    def collection(self):
        with self._lock:
            if self._collection is None:
                import chromadb
                from chromadb.config import Settings

                self.folder.mkdir(parents=True, exist_ok=True)
                client = chromadb.PersistentClient(str(self.folder), Settings(anonymized_telemetry=False))
                self._collection = client.get_or_create_collection(
                    self.name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}})
            return self._collection

    def reopen(self) -> None:
        """Drop the handles, so that the next call sees what other processes have written."""
        from chromadb.api.shared_system_client import SharedSystemClient

        with self._lock:
            if self._collection is not None:
                self._collection = None
                SharedSystemClient.clear_system_cache()

    def ids(self) -> set[str]:
        """Every id in the collection."""
        return set(self.collection.get(include=[])["ids"])

    def add(self, ids: Sequence[str], vectors) -> None:
        """Write vectors, float (n, width); an id that is there already is written again, with no effect."""
        for start in range(0, len(ids), BATCH):
            self.collection.upsert(ids=list(ids[start : start + BATCH]), embeddings=vectors[start : start + BATCH])

    def delete(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), BATCH):
            self.collection.delete(ids=list(ids[start : start + BATCH]))

    def nearest(self, vector, count: int) -> list[tuple[str, float]]:
        """(id, cosine) of the nearest vectors, best first."""
        found = self.collection.query(query_embeddings=[list(map(float, vector))], n_results=count,
                                      include=["distances"])
        return [(i, 1.0 - d) for i, d in zip(found["ids"][0], found["distances"][0], strict=True)]

    def get(self, ids: Sequence[str]) -> dict[str, np.ndarray]:
        """The vectors of these ids, where they are."""
        if not ids:
            return {}
        found = self.collection.get(ids=list(ids), include=["embeddings"])
        return {i: np.asarray(v, dtype="float32") for i, v in zip(found["ids"], found["embeddings"], strict=True)}
