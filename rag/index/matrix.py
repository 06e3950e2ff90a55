"""The vectors as searches see them: one append-only file of float32 rows, mapped into memory.

Chroma stores vectors safely for one process at a time: a second one reads stale results until it reopens, and may meet
files half written. So only the indexing run opens Chroma; it copies every vector here, and the catalogue says, in a
transaction, which row is whose. Readers see rows that are committed and nothing else, whoever is killed when. A product
with every row is exact and takes 2 ms for 100,000 of them.

Either of the two is made again from the other without embedding anything.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from rag.index.catalogue import Catalogue

log = logging.getLogger(__name__)

SPARE = 0.5  # a file more than half of which is no longer needed is written anew…
SMALLEST = 10_000  # …from so many rows on


class Matrix:
    """The rows of one collection. One writer at a time (the index lock); any number of readers."""

    def __init__(self, catalogue: Catalogue, folder: Path, collection: str):
        self.catalogue = catalogue
        self.folder = folder
        self.collection = collection

    # -- reading --------------------------------------------------------------------------------------------------

    def open(self) -> np.ndarray:
        """All rows, read-only, float32 (rows, width); row numbers are the catalogue's. Raises OSError where it is lost."""
        number, rows, width = self._shape()
        if not rows:
            return np.zeros((0, max(width, 1)), dtype="float32")
        path = self._path(number)
        if path.stat().st_size < rows * width * 4:
            raise OSError(f"{path.name} is shorter than it was written")
        return np.memmap(path, dtype="float32", mode="r", shape=(rows, width))

    def extent(self) -> tuple[Path, int]:
        """The file, and how many of its bytes are committed."""
        number, rows, width = self._shape()
        return self._path(number), rows * width * 4

    def rows(self) -> dict[str, int]:
        """vector id -> its row."""
        return {row[0]: row[1] for row in self.catalogue.db.execute(
            "SELECT vector, row FROM vector_rows WHERE collection = ?", (self.collection,))}

    def present(self, ids: Iterable[str]) -> set[str]:
        """Those of these ids that have a row."""
        db = self.catalogue.db
        return {one for one in ids if db.execute("SELECT 1 FROM vector_rows WHERE vector = ? AND collection = ?",
                                                 (one, self.collection)).fetchone()}

    def count(self) -> int:
        return self.catalogue.db.execute("SELECT count(*) FROM vector_rows WHERE collection = ?",
                                         (self.collection,)).fetchone()[0]

    def get(self, ids: Iterable[str]) -> dict[str, np.ndarray]:
        """The vectors of these ids, where they are; none where the file is lost."""
        try:
            values = self.open()
        except OSError:
            return {}
        rows = self.rows()
        return {i: np.array(values[rows[i]]) for i in ids if i in rows}

    # -- writing --------------------------------------------------------------------------------------------------

    def add(self, ids: Sequence[str], vectors) -> None:
        """Append vectors, float (n, width). What is appended and not committed is written over by the next."""
        values = np.ascontiguousarray(vectors, dtype="float32")
        if not len(ids):
            return
        number, rows, width = self._shape()
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self._path(number), "r+b" if rows else "wb") as file:
            file.seek(rows * (width or values.shape[1]) * 4)
            file.write(values.tobytes())
            file.flush()
            os.fsync(file.fileno())
        with self.catalogue.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO vector_rows VALUES (?, ?, ?)",
                           [(self.collection, one, rows + n) for n, one in enumerate(ids)])
            self._note(db, number, rows + len(ids), values.shape[1])

    def forget(self, ids: Iterable[str]) -> None:
        """Give up the rows of these ids."""
        with self.catalogue.transaction() as db:
            db.executemany("DELETE FROM vector_rows WHERE collection = ? AND vector = ?",
                           [(self.collection, one) for one in ids])

    def tidy(self) -> None:
        """Write the file anew where most of it is no longer needed; readers keep theirs until they move on."""
        number, rows, width = self._shape()
        if rows >= SMALLEST and self.count() < rows * (1 - SPARE):
            taken = sorted(self.rows().items(), key=lambda one: one[1])
            values = self.open()[[row for _, row in taken]]
            self._path(number + 1).write_bytes(values.tobytes())
            with self.catalogue.transaction() as db:
                db.executemany("UPDATE vector_rows SET row = ? WHERE collection = ? AND vector = ?",
                               [(n, self.collection, one) for n, (one, _) in enumerate(taken)])
                self._note(db, number + 1, len(taken), width)
                self.catalogue.note_moved(db)
        for path in self.folder.glob(f"{self.collection}.*.f32"):
            if path != self._path(self._shape()[0]):
                path.unlink(missing_ok=True)

    def start_anew(self) -> None:
        """Forget every row: the file is lost or damaged."""
        number, _, _ = self._shape()
        with self.catalogue.transaction() as db:
            db.execute("DELETE FROM vector_rows WHERE collection = ?", (self.collection,))
            self._note(db, number + 1, 0, 0)

    def readable(self) -> bool:
        try:
            self.open()
        except OSError:
            return False
        return True

    # -- where it lies ----------------------------------------------------------------------------------------------

    def _shape(self) -> tuple[int, int, int]:
        """(number of the file, rows committed, width)."""
        fact = self.catalogue.meta(f"matrix:{self.collection}")
        number, rows, width = map(int, fact.split()) if fact else (1, 0, 0)
        return number, rows, width

    def _note(self, db: sqlite3.Connection, number: int, rows: int, width: int) -> None:
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"matrix:{self.collection}", f"{number} {rows} {width}"))

    def _path(self, number: int) -> Path:
        return self.folder / f"{self.collection}.{number}.f32"


def drop_matrix(catalogue: Catalogue, folder: Path, collection: str) -> None:
    """Delete the rows of a collection that no snapshot needs."""
    with catalogue.transaction() as db:
        db.execute("DELETE FROM vector_rows WHERE collection = ?", (collection,))
        db.execute("DELETE FROM meta WHERE key = ?", (f"matrix:{collection}",))
    for path in folder.glob(f"{collection}.*.f32"):
        path.unlink(missing_ok=True)
