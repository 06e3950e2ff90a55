"""Vectors in Chroma: append-only, ids made from content, so that writing twice changes nothing.

Only the indexing run opens Chroma; searches read the copy in `matrix`.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

log = logging.getLogger(__name__)

BATCH = 1000  # Chroma takes at most 5,461 a call
PREFIX = "pieces-"
_opening = threading.Lock()
PROBES = 3  # vectors read to see whether they can be read at all


def vector_id(embedder_version: str, text: str) -> str:
    """The id of the vector of this text under this embedder."""
    return hashlib.sha256(f"{embedder_version}\0{text}".encode()).hexdigest()[:32]


def collection_name(embedder_version: str) -> str:
    """One collection an embedder version, so that changing it builds beside the live one."""
    return PREFIX + hashlib.sha256(embedder_version.encode()).hexdigest()[:12]


def collections(folder: Path) -> list[str]:
    """The names of the collections in a folder."""
    return [one.name for one in _client(folder).list_collections()]


def drop_collection(folder: Path, name: str) -> None:
    """Delete a collection and its vectors."""
    _client(folder).delete_collection(name)


def reopen() -> None:
    """Drop this process's handles, so that what is opened next sees what other processes have written."""
    from chromadb.api.shared_system_client import SharedSystemClient

    with _opening:
        SharedSystemClient.clear_system_cache()


def _client(folder: Path):
    import chromadb
    from chromadb.config import Settings

    folder.mkdir(parents=True, exist_ok=True)
    with _opening:
        return chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))


class VectorStore:
    """One Chroma collection of normalised vectors, cosine distance. Thread-safe; for one process at a time."""

    def __init__(self, folder: Path, name: str):
        self.folder = folder
        self.name = name
        self._lock = threading.RLock()
        self._collection = None

    @property
    def collection(self):
        with self._lock:
            if self._collection is None:
                self._collection = _client(self.folder).get_or_create_collection(
                    self.name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}})
            return self._collection

    def ids(self) -> set[str]:
        """Every id in the collection."""
        return set(self.collection.get(include=[])["ids"])

    def present(self, ids: Sequence[str]) -> set[str]:
        """Those of these ids that are in the collection."""
        if len(ids) > 20 * BATCH:
            return self.ids().intersection(ids)
        return {i for start in range(0, len(ids), BATCH)
                for i in self.collection.get(ids=list(ids[start : start + BATCH]), include=[])["ids"]}

    def count(self) -> int:
        return self.collection.count()

    def readable(self) -> bool:
        """Whether vectors can be read, not only counted: their files may be gone while the ids are still listed."""
        try:
            for offset in (0, max(0, self.count() - PROBES)):
                found = self.collection.get(limit=PROBES, offset=offset, include=["embeddings"])
                if len(found["embeddings"]) != len(found["ids"]):
                    return False
        except Exception:  # Chroma raises whatever its storage does
            log.warning("the vectors of %s cannot be read", self.name, exc_info=True)
            return False
        return True

    def start_anew(self) -> None:
        """Drop what is left of a collection that cannot be read."""
        with self._lock:
            self._collection = None
            drop_collection(self.folder, self.name)

    def add(self, ids: Sequence[str], vectors) -> None:
        """Write vectors, float (n, width); an id that is there already is written again, with no effect."""
        for start in range(0, len(ids), BATCH):
            self.collection.upsert(ids=list(ids[start : start + BATCH]), embeddings=vectors[start : start + BATCH])

    def delete(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), BATCH):
            self.collection.delete(ids=list(ids[start : start + BATCH]))

    def get(self, ids: Sequence[str]) -> dict[str, np.ndarray]:
        """The vectors of these ids, where they are. Raises what Chroma raises where its files are damaged."""
        vectors: dict[str, np.ndarray] = {}
        for start in range(0, len(ids), BATCH):
            found = self.collection.get(ids=list(ids[start : start + BATCH]), include=["embeddings"])
            vectors |= zip(found["ids"], np.asarray(found["embeddings"], dtype="float32"), strict=True)
        return vectors
