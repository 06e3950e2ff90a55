"""The catalogue: one SQLite file with documents, their versions and pieces, the keyword index, and snapshots.

Vectors are elsewhere (Chroma); a piece names its vector by an id made from its content. Versions and pieces are only
ever added until no snapshot needs them, so publishing or rolling back a snapshot is one small transaction and readers
are never disturbed (WAL).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import numpy as np

from rag.documents.document import Chunk, Document
from rag.errors import OdfinError
from rag.index import postings
from rag.index.database import Database
from rag.index.records import Entry, Piece, Snapshot, State


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class Catalogue(Database):
    """The file's tables as the rest of the program speaks of them."""

    # -- small facts ----------------------------------------------------------------------------------------------

    def meta(self, key: str) -> str:
        """A small fact about the whole index, or an empty string."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else ""

    def set_meta(self, key: str, value: str) -> None:
        with self.transaction() as db:
            _put(db, key, value)

    # -- snapshots ------------------------------------------------------------------------------------------------

    def live(self) -> Snapshot | None:
        """The snapshot that answers now."""
        return self.state().live

    def state(self) -> State:
        """The live snapshot and the generations of the vectors and the facts, as of one moment."""
        row = self.db.execute(
            "SELECT (SELECT value FROM meta WHERE key = 'generation') AS generation, "
            "(SELECT value FROM meta WHERE key = 'facts') AS facts, s.* FROM meta m "
            "JOIN snapshots s ON m.key = 'live' AND s.id = CAST(m.value AS INTEGER)").fetchone()
        if row is None:
            return State(None)
        values = dict(row)
        generation, facts = (int(values.pop(name) or 0) for name in ("generation", "facts"))
        return State(Snapshot(**values), generation, facts)

    def moved(self) -> None:
        """Tell readers in all processes that vectors were added or repaired."""
        with self.transaction() as db:
            self.note_moved(db)

    def note_moved(self, db: sqlite3.Connection) -> None:
        """The same inside a transaction."""
        _put(db, "generation", str(int(self.meta("generation") or 0) + 1))

    def snapshots(self) -> list[Snapshot]:
        """All that are kept, newest first."""
        return [Snapshot(**row) for row in self.db.execute("SELECT * FROM snapshots ORDER BY id DESC")]

    def publish(self, directory: str, vectors: str, entries: Sequence[Entry],
                failures: Iterable[tuple[str, str, int, int]], after: Snapshot | None = None) -> Snapshot:
        """Make a snapshot of these documents and let it answer, in one transaction.

        `after` is the snapshot the run began from: raises OdfinError where another one answers by now (someone rolled
        back meanwhile).
        """
        with self.transaction() as db:
            live = self.live()
            if live != after:
                raise OdfinError(f"索引期间已回滚到快照 {live.id if live else '（无）'}，这次的结果没有发布；需要时请再运行一次 odfin index")
            chunks = sum(db.execute("SELECT count(*) FROM chunks WHERE version = ?", (e.version,)).fetchone()[0]
                         for e in entries)
            cursor = db.execute(
                "INSERT INTO snapshots (created, directory, vectors, documents, chunks) VALUES (?, ?, ?, ?, ?)",
                (now(), directory, vectors, len(entries), chunks))
            number = cursor.lastrowid
            db.executemany("INSERT INTO snapshot_documents VALUES (?, ?, ?, ?, ?, ?)", [
                (number, e.source, e.version, e.size, e.modified, e.indexed) for e in entries])
            db.executemany("INSERT INTO failures VALUES (?, ?, ?, ?, ?)", [(number, *f) for f in failures])
            _put(db, "live", str(number))
            db.execute("DELETE FROM meta WHERE key = 'rolled_back'")
        return self.live()

    def looked_at(self, snapshot: int, entries: Iterable[Entry]) -> None:
        """Take down size and time of a snapshot's documents as they lie there now, with the content that is in it."""
        with self.transaction() as db:
            db.executemany("UPDATE snapshot_documents SET size = ?, modified = ? WHERE snapshot = ? AND source = ? AND version = ?",
                           [(e.size, e.modified, snapshot, e.source, e.version) for e in entries])

    def roll_back(self, snapshot: int) -> None:
        """Let a kept snapshot answer, in one transaction. Raises OdfinError where it is not kept."""
        with self.transaction() as db:
            if not any(s.id == snapshot for s in self.snapshots()):
                kept = "、".join(str(s.id) for s in self.snapshots()) or "没有"
                raise OdfinError(f"没有快照 {snapshot}；保留着的有：{kept}（odfin snapshots 可列出）")
            _put(db, "live", str(snapshot))
            _put(db, "rolled_back", str(snapshot))

    def entries(self, snapshot: int) -> dict[str, Entry]:
        """The documents of a snapshot by source."""
        rows = self.db.execute("SELECT source, version, size, modified, indexed FROM snapshot_documents "
                               "WHERE snapshot = ?", (snapshot,))
        return {row["source"]: Entry(**row) for row in rows}

    def failures(self, snapshot: int) -> dict[str, tuple[str, int, int]]:
        """Documents that could not be read: source -> (reason, size, modified)."""
        rows = self.db.execute("SELECT source, reason, size, modified FROM failures WHERE snapshot = ?", (snapshot,))
        return {row["source"]: (row["reason"], row["size"], row["modified"]) for row in rows}

    # -- versions and pieces --------------------------------------------------------------------------------------

    def has_version(self, version: str) -> bool:
        return self.db.execute("SELECT 1 FROM versions WHERE id = ?", (version,)).fetchone() is not None

    def add_version(self, version: str, document: Document, size: int, chunks: Sequence[Chunk],
                    vectors: Sequence[tuple[str, str]]) -> None:
        """Store a document's pieces and their keywords, whole or not at all.

        `vectors`: for each piece the ids of its own vector and of its heading's ("" where it has none).
        """
        found = [postings.tokens_of(chunk.headings, chunk.text) for chunk in chunks]
        with self.transaction() as db:
            db.execute("INSERT INTO versions (id, title, encoding, pages, bytes, warnings, meta) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?)", (
                version, document.title, document.encoding, len(document.pages), size,
                json.dumps(document.warnings, ensure_ascii=False), json.dumps(document.meta, ensure_ascii=False)))
            for chunk, tokens, (vector, heading_vector) in zip(chunks, found, vectors, strict=True):
                piece = db.execute(
                    "INSERT INTO chunks (version, position, vector, heading_vector, page, page_end, headings, text, "
                    "kind, words, grams) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (version, chunk.position, vector, heading_vector, chunk.page, chunk.page_end,
                     json.dumps(chunk.headings, ensure_ascii=False), chunk.text, chunk.kind, *map(len, tokens))).lastrowid
                postings.put_tokens(db, piece, tokens)

    def sizes(self, snapshot: int) -> dict[str, tuple[int, int, tuple[str, ...]]]:
        """version -> (pages, pieces, the loader's warnings), for the documents of a snapshot."""
        rows = self.db.execute(
            "SELECT v.id, v.pages, v.warnings, (SELECT count(*) FROM chunks c WHERE c.version = v.id) AS pieces "
            "FROM versions v WHERE v.id IN (SELECT version FROM snapshot_documents WHERE snapshot = ?)", (snapshot,))
        return {row["id"]: (row["pages"], row["pieces"], tuple(json.loads(row["warnings"]))) for row in rows}

    def piece_vectors(self, snapshot: int) -> set[str]:
        """The ids of the vectors of a snapshot's pieces: pieces with the same words under the same headings are one."""
        return {row[0] for row in self.db.execute(
            "SELECT DISTINCT vector FROM chunks WHERE version IN "
            "(SELECT version FROM snapshot_documents WHERE snapshot = ?)", (snapshot,))}

    def lacks_rows(self, snapshot: Snapshot) -> bool:
        """Whether a piece of the snapshot has no vector in the file that searches read."""
        return self.db.execute(
            "SELECT 1 FROM chunks c WHERE c.version IN (SELECT version FROM snapshot_documents WHERE snapshot = ?) AND NOT "
            "EXISTS (SELECT 1 FROM vector_rows r WHERE r.vector = c.vector AND r.collection = ?) LIMIT 1",
            (snapshot.id, snapshot.vectors)).fetchone() is not None

    def not_embedded(self, versions: Iterable[str]) -> list[str]:
        """Those of these versions whose vectors are not known to be stored."""
        waiting = {row[0] for row in self.db.execute("SELECT id FROM versions WHERE NOT embedded")}
        return sorted(waiting.intersection(versions))

    def mark_embedded(self, versions: Iterable[str]) -> None:
        with self.transaction() as db:
            db.executemany("UPDATE versions SET embedded = 1 WHERE id = ?", [(v,) for v in versions])

    def vectors(self) -> set[str]:
        """The id of every vector that a stored piece names."""
        return {row[0] for row in self.db.execute(
            "SELECT vector FROM chunks UNION SELECT heading_vector FROM chunks WHERE heading_vector != ''")}

    def vectors_of(self, versions: Iterable[str]) -> dict[str, tuple[list[str], str]]:
        """vector id -> (headings, text) of one piece that names it; the text is empty for a heading's vector."""
        found: dict[str, tuple[list[str], str]] = {}
        for version in set(versions):
            for row in self.db.execute("SELECT vector, heading_vector, headings, text FROM chunks WHERE version = ?",
                                       (version,)):
                headings = json.loads(row["headings"])
                found[row["vector"]] = (headings, row["text"])
                if row["heading_vector"]:
                    found[row["heading_vector"]] = (headings, "")
        return found

    def piece_keys(self, snapshot: int) -> list[tuple[int, str, int, int, int, int, int]]:
        """(piece id, version, position, row of its vector, row of its heading's, words, character pairs) of every piece
        of a snapshot, in the order of their ids; a row is -1 where there is none."""
        rows = dict(self.db.execute("SELECT r.vector, r.row FROM vector_rows r JOIN snapshots s ON s.vectors = r.collection "
                                    "WHERE s.id = ?", (snapshot,)).fetchall())
        return [(piece, version, position, rows.get(vector, -1), rows.get(heading, -1), words, grams)
                for piece, version, position, vector, heading, words, grams in self.db.execute(
                    "SELECT c.id, c.version, c.position, c.vector, c.heading_vector, c.words, c.grams FROM chunks c "
                    "WHERE c.version IN (SELECT version FROM snapshot_documents WHERE snapshot = ?) ORDER BY c.id",
                    (snapshot,))]

    def pieces(self, ids: Sequence[int]) -> dict[int, Piece]:
        """Stored pieces by id."""
        found = {}
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            marks = ",".join("?" * len(part))
            for row in self.db.execute("SELECT id, version, position, vector, heading_vector, page, page_end, headings, "
                                       f"text, kind FROM chunks WHERE id IN ({marks})", tuple(part)):
                values = dict(row)
                values["headings"] = tuple(json.loads(values["headings"]))
                found[values["id"]] = Piece(**values)
        return found

    # -- keywords ---------------------------------------------------------------------------------------------------

    def settle(self, at_least: int = 1) -> None:
        """Make new pieces findable by their tokens, where so many wait; before they are published, under the index lock."""
        postings.Segments(self.db, self.transaction).settle(at_least)

    def tidy(self) -> None:
        """Keep the keyword index small and quick; under the index lock."""
        postings.Segments(self.db, self.transaction).tidy()

    def keywords(self, field: int, tokens: Iterable[str], lengths: postings.Lengths) -> np.ndarray:
        """BM25 of every searched piece; `field` is postings.WORDS or postings.GRAMS. Titles are matched elsewhere."""
        return postings.scores(self.db, field, tokens, lengths)

    def frequency(self, tokens: Iterable[str], lengths: postings.Lengths) -> dict[str, int]:
        """In how many of the searched pieces each token stands."""
        return postings.frequency(self.db, tokens, lengths)

    def holding(self, field: int, tokens: Iterable[str]) -> list[int]:
        """Ids of the pieces stored in which every one of the tokens stands; `field` as in `keywords`."""
        return postings.holding(self.db, field, tokens)

    # -- withdrawn documents --------------------------------------------------------------------------------------

    def withdrawn(self) -> set[str]:
        """Sources of the indexed folder that the administrator took out."""
        return {row[0] for row in self.db.execute("SELECT source FROM withdrawn")}

    def withdraw(self, source: str) -> None:
        with self.transaction() as db:
            db.execute("INSERT OR IGNORE INTO withdrawn VALUES (?)", (source,))

    def restore(self, source: str) -> None:
        with self.transaction() as db:
            db.execute("DELETE FROM withdrawn WHERE source = ?", (source,))


def _put(db: sqlite3.Connection, key: str, value: str) -> None:
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


__all__ = ["Catalogue", "Entry", "Piece", "Snapshot", "State", "now"]
