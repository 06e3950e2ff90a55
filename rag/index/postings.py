"""The keyword index: which pieces a token stands in, kept in the catalogue's own file, scored with BM25 by numpy.

SQLite's FTS5 scores every piece that shares any token with a question row by row: a second a question over 100,000
pieces. Here a token's pieces are a few long arrays (one a segment), and a question adds up a dozen of them.

A new piece's tokens are first kept as text; `Segments.settle` makes a segment of them before they are published. Small
segments are merged as they grow in number, which also drops the pieces that are gone. Every step is one transaction.
"""

from __future__ import annotations

import functools
import json
import sqlite3
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import groupby

import numpy as np

from rag.text.tokens import bigrams, words

SCHEMA = """
    ALTER TABLE chunks ADD COLUMN words INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE chunks ADD COLUMN grams INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE unfolded (
        piece INTEGER PRIMARY KEY REFERENCES chunks(id) ON DELETE CASCADE, words TEXT NOT NULL, grams TEXT NOT NULL);
    CREATE TABLE segments (id INTEGER PRIMARY KEY AUTOINCREMENT, pieces INTEGER NOT NULL);
    CREATE TABLE postings (field INTEGER NOT NULL, term TEXT NOT NULL, segment INTEGER NOT NULL,
        pieces BLOB NOT NULL, counts BLOB NOT NULL);
    CREATE INDEX postings_term ON postings(term, field, segment);
    CREATE INDEX postings_segment ON postings(segment, field, term);
"""
WORDS, GRAMS = 0, 1
K1, B = 1.2, 0.75  # BM25's usual constants, those of FTS5 too
FOLD = 20_000  # pieces a segment is made of at most when it is new: what is held in memory
SEGMENTS = 8  # more are merged…
MERGED = 4  # …so many at once, the smallest
DEAD = 0.3  # of all pieces in the segments; from here on they are written anew


def tokens_of(headings: Sequence[str], text: str) -> tuple[list[str], list[str]]:
    """The words and the character pairs a piece is found by."""
    body = "\n".join((*headings, text))
    return words(body), bigrams(body)


def put_tokens(db: sqlite3.Connection, piece: int, tokens: tuple[list[str], list[str]]) -> None:
    """Keep the tokens of a new piece until they are made a segment."""
    db.execute("INSERT INTO unfolded VALUES (?, ?, ?)", (piece, *map(" ".join, tokens)))


class Segments:
    """Writes segments. One writer at a time (the index lock); only the last step of each change holds the database."""

    def __init__(self, db: sqlite3.Connection, transaction: Callable[[], AbstractContextManager[sqlite3.Connection]]):
        self._db = db
        self._transaction = transaction

    def settle(self, at_least: int = 1) -> None:
        """Fold what waits, where that is at least so many pieces."""
        if self._db.execute("SELECT count(*) FROM unfolded").fetchone()[0] < at_least:
            return
        while rows := self._db.execute("SELECT * FROM unfolded ORDER BY piece LIMIT ?", (FOLD,)).fetchall():
            lists = _fold(rows)
            with self._transaction() as db:
                self._write(db, [], lists, len(rows))
                db.execute("DELETE FROM unfolded WHERE piece <= ?", (rows[-1]["piece"],))

    def tidy(self) -> None:
        """Merge segments while there are many, or many of their pieces are gone."""
        while chosen := self._to_merge():
            lists, size = self._merge(chosen)
            with self._transaction() as db:
                self._write(db, chosen, lists, size)

    def _write(self, db: sqlite3.Connection, old: Sequence[int], lists: Iterable[tuple], size: int) -> None:
        """Put a segment of (field, term, pieces, counts) in the place of the old ones."""
        for segment in old:
            db.execute("DELETE FROM postings WHERE segment = ?", (segment,))
            db.execute("DELETE FROM segments WHERE id = ?", (segment,))
        if size:
            new = db.execute("INSERT INTO segments (pieces) VALUES (?)", (size,)).lastrowid
            db.executemany(f"INSERT INTO postings VALUES (?, ?, {new}, ?, ?)", lists)

    def _to_merge(self) -> list[int]:
        segments = self._db.execute("SELECT id, pieces FROM segments ORDER BY pieces, id").fetchall()
        held = sum(row["pieces"] for row in segments)
        if held - len(self._living()) > DEAD * held:
            return [row["id"] for row in segments]
        return [row["id"] for row in segments[:MERGED]] if len(segments) > SEGMENTS else []

    def _living(self) -> np.ndarray:
        rows = self._db.execute("SELECT id FROM chunks WHERE id NOT IN (SELECT piece FROM unfolded)")
        return np.fromiter((row[0] for row in rows), dtype="int32")

    def _merge(self, segments: Sequence[int]) -> tuple[list[tuple], int]:
        """The lists of these segments as those of one, without the pieces that are gone; and its size."""
        living = self._living()
        alive = np.zeros(int(living.max(initial=0)) + 1, dtype=bool)
        alive[living] = True
        seen = np.zeros_like(alive)
        marks = ",".join("?" * len(segments))
        rows = self._db.execute(f"SELECT field, term, pieces, counts FROM postings WHERE segment IN ({marks}) "
                                "ORDER BY field, term, segment", tuple(segments))
        lists = []
        for (field, term), same in groupby(rows, key=lambda row: (row["field"], row["term"])):
            same = list(same)
            pieces = np.frombuffer(b"".join(row["pieces"] for row in same), dtype="int32")
            counts = np.frombuffer(b"".join(row["counts"] for row in same), dtype="uint8")
            still = alive[np.minimum(pieces, len(alive) - 1)] & (pieces < len(alive))
            if still.any():
                seen[pieces[still]] = True
                lists.append((field, term, pieces[still].tobytes(), counts[still].tobytes()))
        return lists, int(seen.sum())


def _fold(rows: Sequence[sqlite3.Row]) -> list[tuple]:
    lists: dict[tuple[int, str], tuple[array, array]] = {}
    for piece, *texts in rows:
        for field, text in enumerate(texts):
            for term, count in Counter(text.split(" ")).items():
                if term:
                    pieces, counts = lists.setdefault((field, term), (array("i"), array("B")))
                    pieces.append(piece)
                    counts.append(min(count, 255))
    return [(*key, pieces.tobytes(), counts.tobytes()) for key, (pieces, counts) in sorted(lists.items())]


def read(db: sqlite3.Connection, field: int, terms: Iterable[str]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """term -> (piece ids int32, how often in each uint8), over all pieces stored, for terms that stand somewhere."""
    found = {}
    for term in dict.fromkeys(terms):
        rows = db.execute("SELECT pieces, counts FROM postings WHERE term = ? AND field = ?", (term, field)).fetchall()
        if rows:
            found[term] = (np.frombuffer(b"".join(row[0] for row in rows), dtype="int32"),
                           np.frombuffer(b"".join(row[1] for row in rows), dtype="uint8"))
    return found


class Lengths:
    """Of the pieces that are searched: where each stands in the arrays, and how BM25 weighs its length."""

    def __init__(self, pieces: np.ndarray, words: np.ndarray, grams: np.ndarray):
        """All int32, one entry a piece; `words` and `grams` are how many tokens it has."""
        self.count = len(pieces)
        self.row = np.full(int(pieces.max(initial=0)) + 1, -1, dtype="int32")
        self.row[pieces] = np.arange(self.count, dtype="int32")
        self.norms = tuple((K1 * (1 - B + B * lengths / max(1.0, float(lengths.mean())))).astype("float32")
                           if self.count else np.zeros(0, "float32") for lengths in (words, grams))

    def rows(self, pieces: np.ndarray) -> np.ndarray:
        """The rows of piece ids; -1 for a piece that is not searched."""
        known = np.minimum(pieces, len(self.row) - 1)
        return np.where(pieces < len(self.row), self.row[known], -1)


def scores(db: sqlite3.Connection, field: int, terms: Iterable[str], lengths: Lengths) -> np.ndarray:
    """BM25 of every searched piece for these terms: float32 (count,), 0 where none of them stands."""
    total = np.zeros(lengths.count, dtype="float32")
    norm = lengths.norms[field]
    for pieces, counts in read(db, field, terms).values():
        rows = lengths.rows(pieces)
        here = rows >= 0
        if not here.all():
            rows, counts = rows[here], counts[here]
        n = len(rows)
        if not n:
            continue
        rarity = max(np.log((lengths.count - n + 0.5) / (n + 0.5)), 1e-6)  # as FTS5: a token that half have is worth nothing
        often = counts.astype("float32")
        total[rows] += rarity * often * (K1 + 1) / (often + norm[rows])
    return total


def frequency(db: sqlite3.Connection, terms: Iterable[str], lengths: Lengths) -> dict[str, int]:
    """In how many of the searched pieces each term stands, as a word or as a pair of characters."""
    found = dict.fromkeys(terms, 0)
    for field in (WORDS, GRAMS):
        for term, (pieces, _) in read(db, field, found).items():
            found[term] = max(found[term], int((lengths.rows(pieces) >= 0).sum()))
    return found


def holding(db: sqlite3.Connection, field: int, terms: Iterable[str]) -> list[int]:
    """The pieces stored in which every one of the terms stands."""
    terms = set(terms)
    found = read(db, field, terms)
    if not terms or len(found) < len(terms):
        return []
    return functools.reduce(np.intersect1d, (pieces for pieces, _ in found.values())).tolist()


def refill(db: sqlite3.Connection) -> None:
    """Tokens of every piece of a catalogue made before there was this index (a migration, in its transaction)."""
    for statement in filter(str.strip, SCHEMA.split(";")):
        db.execute(statement)
    for row in db.execute("SELECT id, headings, text FROM chunks ORDER BY id").fetchall():
        tokens = tokens_of(json.loads(row["headings"]), row["text"])
        db.execute("UPDATE chunks SET words = ?, grams = ? WHERE id = ?", (*map(len, tokens), row["id"]))
        put_tokens(db, row["id"], tokens)
    Segments(db, lambda: nullcontext(db)).settle()
    for old in ("word_index", "gram_index"):
        db.execute(f"DROP TABLE {old}")
