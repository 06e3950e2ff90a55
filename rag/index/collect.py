"""What nobody needs any more: old snapshots, versions in none, vectors that no piece names.

Deleting is done in two steps, so that a kill between them leaves nothing behind: the catalogue forgets and notes, in one
transaction, which vectors have become orphans; then they are deleted where they are stored, and the notes struck out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from rag.index.catalogue import Catalogue
from rag.index.complete import Stores
from rag.index.matrix import drop_matrix
from rag.index.vectors import PREFIX, collections, drop_collection


def prune(catalogue: Catalogue, keep: int, days: int = 0) -> None:
    """Forget snapshots that are neither the live one, nor among the newest `keep`, nor younger than `days`, and every
    version no snapshot needs. Vectors that no piece names any more become orphans.
    """
    young = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
    with catalogue.transaction() as db:
        live, snapshots = catalogue.live(), catalogue.snapshots()
        kept = {s.id for n, s in enumerate(snapshots) if n < keep or (days and s.created > young)}
        kept |= {live.id} if live else set()
        db.executemany("DELETE FROM snapshots WHERE id = ?", [(s.id,) for s in snapshots if s.id not in kept])
        gone = [row[0] for row in db.execute(
            "SELECT id FROM versions WHERE id NOT IN (SELECT version FROM snapshot_documents)")]
        vectors: set[str] = set()
        for version in gone:
            rows = db.execute("SELECT vector, heading_vector FROM chunks WHERE version = ?", (version,))
            vectors.update(vector for row in rows for vector in row if vector)
            db.execute("DELETE FROM versions WHERE id = ?", (version,))
        db.executemany("INSERT OR IGNORE INTO orphans VALUES (?)", [(v,) for v in vectors])
        _adopt(db)


def sweep(stores: Stores) -> None:
    """Delete vectors that no piece names any more, and collections that no snapshot needs."""
    catalogue, chroma = stores.catalogue, stores.chroma
    needed = {s.vectors for s in catalogue.snapshots()} | {chroma.name}
    names = [name for name in collections(chroma.folder) if name.startswith(PREFIX)]
    for name in set(names) - needed:
        drop_matrix(catalogue, stores.matrix.folder, name)
        drop_collection(chroma.folder, name)
    if orphans := _orphans(catalogue):
        for name in needed.intersection(names):
            one = stores if name == chroma.name else Stores.open(catalogue, chroma.folder.parent, name)
            whole = one.whole()
            one.matrix.forget(orphans)
            one.chroma.delete(orphans)
            if whole:
                one.note_whole()
        _deleted(catalogue, orphans)
    stores.matrix.tidy()


def _orphans(catalogue: Catalogue) -> list[str]:
    """Vectors that no piece names and that may still be stored."""
    with catalogue.transaction() as db:
        _adopt(db)
        return [row[0] for row in db.execute("SELECT vector FROM orphans")]


def _deleted(catalogue: Catalogue, vectors: Iterable[str]) -> None:
    with catalogue.transaction() as db:
        db.executemany("DELETE FROM orphans WHERE vector = ?", [(v,) for v in vectors])


def _adopt(db: sqlite3.Connection) -> None:
    """What a piece names is no orphan (any more)."""
    db.execute("DELETE FROM orphans WHERE EXISTS (SELECT 1 FROM chunks WHERE chunks.vector = orphans.vector) "
               "OR EXISTS (SELECT 1 FROM chunks WHERE chunks.heading_vector = orphans.vector)")
