"""What the catalogue tells: snapshots, the documents in them, and pieces."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Snapshot:
    """A published state of the index. `vectors` names the Chroma collection its pieces' vectors are in."""

    id: int
    created: str
    directory: str
    vectors: str
    documents: int
    chunks: int


@dataclass(frozen=True)
class State:
    """What a reader must notice: the live snapshot, a number that moves when vectors were added or repaired, and one
    that moves when facts of its documents were read anew or edited."""

    live: Snapshot | None
    generation: int = 0
    facts: int = 0


@dataclass(frozen=True)
class Entry:
    """One document of a snapshot as it lay on disk: size in bytes, modification time in ns."""

    source: str
    version: str
    size: int
    modified: int
    indexed: str


@dataclass(frozen=True)
class Piece:
    """A stored piece. `heading_vector` is the id of its last heading's vector, empty where that says nothing."""

    id: int
    version: str
    position: int
    vector: str
    heading_vector: str
    page: int | None
    page_end: int | None
    headings: tuple[str, ...]
    text: str
    kind: str
