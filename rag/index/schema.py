"""The catalogue's tables, as the steps that made them: an older file takes those it lacks when it is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from rag.index import postings

# Statements, or what does the same with a connection.
MIGRATIONS: tuple[str | Callable[[sqlite3.Connection], None], ...] = (
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
    # `embedded`: its vectors are all stored. `orphans`: vectors that no piece names any more, not yet deleted.
    # `vector_rows`: where a vector stands in the file that searches read.
    """
    ALTER TABLE versions ADD COLUMN embedded INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE orphans (vector TEXT PRIMARY KEY);
    CREATE TABLE vector_rows (
        collection TEXT NOT NULL, vector TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (vector, collection)) WITHOUT ROWID;
    """,
    postings.refill,
    # `name` is that of the file, which says something of a document too: the same content may lie under several.
    """
    CREATE TABLE version_facts (
        version TEXT NOT NULL REFERENCES versions(id) ON DELETE CASCADE, name TEXT NOT NULL, rules TEXT NOT NULL,
        facts TEXT NOT NULL, PRIMARY KEY (version, name)) WITHOUT ROWID;
    CREATE TABLE fact_edits (source TEXT PRIMARY KEY, facts TEXT NOT NULL, editor TEXT NOT NULL, edited TEXT NOT NULL);
    """,
)
