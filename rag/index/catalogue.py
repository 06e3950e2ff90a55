"""The catalogue: one SQLite file with documents, their versions and pieces, the keyword index, and snapshots.

Vectors are elsewhere (Chroma); a piece names its vector by an id made from its content. Versions and pieces are only
ever added until no snapshot needs them, so publishing or rolling back a snapshot is one small transaction and readers
are never disturbed (WAL).
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rag.documents.document import Chunk, Document
from rag.text.tokens import bigrams, words

MIGRATIONS = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE versions (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, encoding TEXT, pages INTEGER NOT NULL, bytes INTEGER NOT NULL,
        warnings TEXT NOT NULL, meta TEXT NOT NULL);
    CREATE TABLE chunks (
        id INTEGER PRIMARY KEY AUTOINCREMENT, version TEXT NOT NULL REFERENCES versions(id) ON DELETE CASCADE,
        position INTEGER NOT NULL, vector TEXT NOT NULL, heading_vector TEXT NOT NULL, page INTEGER, page_end INTEGER, headings TEXT NOT NULL,
        text TEXT NOT NULL, kind TEXT NOT NULL, UNIQUE (version, position));
    CREATE INDEX chunks_vector ON chunks(vector);
    CREATE INDEX chunks_heading_vector ON chunks(heading_vector);
    CREATE TABLE snapshots (
        id INTEGER PRIMARY KEY AUTOINCREMENT, created TEXT NOT NULL, directory TEXT NOT NULL, vectors TEXT NOT NULL,
        documents INTEGER NOT NULL, chunks INTEGER NOT NULL);
    CREATE TABLE snapshot_documents (
        snapshot INTEGER NOT NULL REFERENCES snapshots(id) ON DELETE CASCADE, source TEXT NOT NULL,
        version TEXT NOT NULL REFERENCES versions(id), size INTEGER NOT NULL, modified INTEGER NOT NULL,
        indexed TEXT NOT NULL, PRIMARY KEY (snapshot, source)) WITHOUT ROWID;
    CREATE INDEX snapshot_documents_version ON snapshot_documents(version);
    CREATE TABLE failures (
        snapshot INTEGER NOT NULL REFERENCES snapshots(id) ON DELETE CASCADE, source TEXT NOT NULL,
        reason TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL, PRIMARY KEY (snapshot, source));
    CREATE TABLE withdrawn (source TEXT PRIMARY KEY);
    CREATE VIRTUAL TABLE word_index USING fts5(body, tokenize="unicode61 tokenchars '.+/-%'", detail=column);
    CREATE VIRTUAL TABLE gram_index USING fts5(body, tokenize="unicode61 tokenchars '.+/-%'", detail=column);
    """,
    """
    CREATE TABLE version_facts (
        version TEXT PRIMARY KEY REFERENCES versions(id) ON DELETE CASCADE, rules TEXT NOT NULL, facts TEXT NOT NULL);
    CREATE TABLE fact_edits (source TEXT PRIMARY KEY, facts TEXT NOT NULL, editor TEXT NOT NULL, edited TEXT NOT NULL);
    """,
)


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


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class Catalogue:
    """Opens (and creates) the file. One connection a thread; any number of readers beside one writer."""

    def __init__(self, path: Path):
        self.path = path
        self._local = threading.local()
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.transaction() as db:
            done = db.execute("PRAGMA user_version").fetchone()[0]
            for number, script in enumerate(MIGRATIONS[done:], done + 1):
                for statement in filter(str.strip, script.split(";")):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {number}")

    @property
    def db(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            self._local.connection = connection
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, and only one writer at a time."""
        db = self.db
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")

    # -- snapshots ------------------------------------------------------------------------------------------------

    def live(self) -> Snapshot | None:
        """The snapshot that answers now."""
        row = self.db.execute(
            "SELECT s.* FROM snapshots s JOIN meta m ON m.key = 'live' AND s.id = CAST(m.value AS INTEGER)").fetchone()
        return Snapshot(**row) if row else None

    def snapshots(self) -> list[Snapshot]:
        """All that are kept, newest first."""
        return [Snapshot(**row) for row in self.db.execute("SELECT * FROM snapshots ORDER BY id DESC")]

    def publish(self, directory: str, vectors: str, entries: Sequence[Entry],
                failures: Iterable[tuple[str, str, int, int]]) -> Snapshot:
        """Make a snapshot of these documents and let it answer, in one transaction."""
        with self.transaction() as db:
            chunks = sum(db.execute("SELECT count(*) FROM chunks WHERE version = ?", (e.version,)).fetchone()[0]
                         for e in entries)
            cursor = db.execute(
                "INSERT INTO snapshots (created, directory, vectors, documents, chunks) VALUES (?, ?, ?, ?, ?)",
                (now(), directory, vectors, len(entries), chunks))
            number = cursor.lastrowid
            db.executemany("INSERT INTO snapshot_documents VALUES (?, ?, ?, ?, ?, ?)", [
                (number, e.source, e.version, e.size, e.modified, e.indexed) for e in entries])
            db.executemany("INSERT INTO failures VALUES (?, ?, ?, ?, ?)", [(number, *f) for f in failures])
            db.execute("INSERT OR REPLACE INTO meta VALUES ('live', ?)", (str(number),))
        return self.live()

    def entries(self, snapshot: int) -> dict[str, Entry]:
        """The documents of a snapshot by source."""
        rows = self.db.execute("SELECT source, version, size, modified, indexed FROM snapshot_documents "
                               "WHERE snapshot = ?", (snapshot,))
        return {row["source"]: Entry(**row) for row in rows}

    def failures(self, snapshot: int) -> dict[str, tuple[str, int, int]]:
        """Documents that could not be read: source -> (reason, size, modified)."""
        rows = self.db.execute("SELECT source, reason, size, modified FROM failures WHERE snapshot = ?", (snapshot,))
        return {row["source"]: (row["reason"], row["size"], row["modified"]) for row in rows}

    def prune(self, keep: int) -> list[str]:
        """Forget all but the newest `keep` snapshots (never the live one) and every version no snapshot needs.

        Returns the ids of vectors that no piece names any more.
        """
        live = self.live()
        with self.transaction() as db:
            kept = {s.id for s in self.snapshots()[:keep]} | ({live.id} if live else set())
            marks = ",".join("?" * len(kept))
            db.execute(f"DELETE FROM snapshots WHERE id NOT IN ({marks})", tuple(kept))
            gone = [row[0] for row in db.execute(
                "SELECT id FROM versions WHERE id NOT IN (SELECT version FROM snapshot_documents)")]
            vectors: set[str] = set()
            for version in gone:
                rows = db.execute("SELECT id, vector, heading_vector FROM chunks WHERE version = ?", (version,)).fetchall()
                vectors.update(row[name] for row in rows for name in ("vector", "heading_vector") if row[name])
                for index in ("word_index", "gram_index"):
                    db.executemany(f"DELETE FROM {index} WHERE rowid = ?", [(row["id"],) for row in rows])
                db.execute("DELETE FROM versions WHERE id = ?", (version,))
            return [v for v in vectors if not db.execute(
                "SELECT 1 FROM chunks WHERE vector = ? OR heading_vector = ? LIMIT 1", (v, v)).fetchone()]

    # -- versions and pieces --------------------------------------------------------------------------------------

    def has_version(self, version: str) -> bool:
        return self.db.execute("SELECT 1 FROM versions WHERE id = ?", (version,)).fetchone() is not None

    def add_version(self, version: str, document: Document, size: int, chunks: Sequence[Chunk],
                    vectors: Sequence[tuple[str, str]]) -> None:
        """Store a document's pieces and their keywords, whole or not at all.

        `vectors`: for each piece the ids of its own vector and of its heading's ("" where it has none).
        """
        with self.transaction() as db:
            db.execute("INSERT OR IGNORE INTO versions VALUES (?, ?, ?, ?, ?, ?, ?)", (
                version, document.title, document.encoding, len(document.pages), size,
                json.dumps(document.warnings, ensure_ascii=False), json.dumps(document.meta, ensure_ascii=False)))
            for chunk, (vector, heading_vector) in zip(chunks, vectors, strict=True):
                cursor = db.execute(
                    "INSERT INTO chunks (version, position, vector, heading_vector, page, page_end, headings, text, "
                    "kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (version, chunk.position, vector, heading_vector, chunk.page, chunk.page_end,
                     json.dumps(chunk.headings, ensure_ascii=False), chunk.text, chunk.kind))
                body = "\n".join((*chunk.headings, chunk.text))
                row = cursor.lastrowid
                db.execute("INSERT INTO word_index (rowid, body) VALUES (?, ?)",
                           (row, " ".join(words(body))))
                db.execute("INSERT INTO gram_index (rowid, body) VALUES (?, ?)",
                           (row, " ".join(bigrams(body))))

    def version_facts(self, snapshot: int) -> dict[str, tuple[str, int, int, tuple[str, ...]]]:
        """version -> (title, pages, pieces, warnings), for the documents of a snapshot."""
        rows = self.db.execute(
            "SELECT v.id, v.title, v.pages, v.warnings, "
            "(SELECT count(*) FROM chunks c WHERE c.version = v.id) AS pieces "
            "FROM versions v WHERE v.id IN (SELECT version FROM snapshot_documents WHERE snapshot = ?)", (snapshot,))
        return {row["id"]: (row["title"], row["pages"], row["pieces"], tuple(json.loads(row["warnings"]))) for row in rows}

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

    def piece_keys(self, snapshot: int) -> list[tuple[int, str, str, str, int]]:
        """(piece id, version, vector id, its heading's vector id, position) of every piece of a snapshot."""
        return [tuple(row) for row in self.db.execute(
            "SELECT c.id, c.version, c.vector, c.heading_vector, c.position FROM chunks c WHERE c.version IN "
            "(SELECT version FROM snapshot_documents WHERE snapshot = ?) ORDER BY c.id", (snapshot,))]

    def pieces(self, ids: Sequence[int]) -> dict[int, Piece]:
        """Stored pieces by id."""
        found = {}
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            marks = ",".join("?" * len(part))
            for row in self.db.execute(f"SELECT * FROM chunks WHERE id IN ({marks})", tuple(part)):
                values = dict(row)
                values["headings"] = tuple(json.loads(values["headings"]))
                found[values["id"]] = Piece(**values)
        return found

    def keyword(self, index: str, tokens: Sequence[str], limit: int, snapshot: int,
                versions: Iterable[str] | None = None) -> list[tuple[int, float]]:
        """Pieces of a snapshot that share tokens: (piece id, BM25 score, higher is better), best first.

        `index` is "word_index" or "gram_index". Titles are matched whole, see `titles`. Pieces with a score ≤ 0 are dropped.
        `versions`: only pieces of these.
        """
        if not tokens:
            return []
        match = " OR ".join('"' + token.replace('"', '""') + '"' for token in dict.fromkeys(tokens))
        within, of = ("SELECT version FROM snapshot_documents WHERE snapshot = ?", snapshot) if versions is None else (
            "SELECT value FROM json_each(?)", json.dumps(list(versions)))
        rows = self.db.execute(
            f"SELECT i.rowid, -bm25({index}) AS score FROM {index} i JOIN chunks c ON c.id = i.rowid "
            f"WHERE {index} MATCH ? AND c.version IN ({within}) "
            "ORDER BY score DESC LIMIT ?", (match, of, limit))
        return [(row[0], row[1]) for row in rows if row[1] > 0]

    def frequency(self, tokens: Iterable[str]) -> dict[str, int]:
        """In how many stored pieces each token stands."""
        self.db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.word_terms USING fts5vocab(main, word_index, row)")
        self.db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.gram_terms USING fts5vocab(main, gram_index, row)")
        found = {}
        for token in tokens:
            rows = [self.db.execute(f"SELECT doc FROM temp.{table} WHERE term = ?", (token,)).fetchone()
                    for table in ("word_terms", "gram_terms")]
            found[token] = max((row[0] for row in rows if row), default=0)
        return found

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
