"""What was asked and answered, and whether it helped. Personal data is masked before anything is stored."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import threading
from dataclasses import dataclass

from rag.answer.result import Answer
from rag.index.catalogue import now
from rag.settings import Settings
from rag.text.personal import mask_personal

SCHEMA = """
CREATE TABLE IF NOT EXISTS salt (value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS exchanges (
    id TEXT PRIMARY KEY, asked TEXT NOT NULL, channel TEXT NOT NULL, user TEXT NOT NULL, question TEXT NOT NULL,
    answer TEXT NOT NULL, refused INTEGER NOT NULL, kind TEXT NOT NULL, citations TEXT NOT NULL, timings TEXT NOT NULL,
    snapshot TEXT NOT NULL, feedback INTEGER NOT NULL DEFAULT 0, standalone TEXT NOT NULL DEFAULT '',
    correction TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS exchanges_asked ON exchanges(asked);
"""
ADDED_LATER = ("standalone", "correction")  # columns that a journal of an earlier version lacks


@dataclass(frozen=True)
class Exchange:
    """One question and its answer. `feedback` is +1, -1 or 0 (none). `citations` are objects of source, page, text,
    title and headings (the last two not in old rows). `standalone` is the question as it was searched for, and
    `correction` what an administrator would have answered; both may be ""."""

    id: str
    asked: str
    channel: str
    user: str
    question: str
    answer: str
    refused: bool
    kind: str
    citations: list[dict]
    timings: dict[str, float]
    snapshot: str
    feedback: int
    standalone: str = ""
    correction: str = ""


class Journal:
    """SQLite at ODFIN_HOME/journal.db. Thread-safe; several processes may write."""

    def __init__(self, settings: Settings):
        self.path = settings.home / "journal.db"
        self._local = threading.local()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._db.executescript(SCHEMA)
        with self._db as db:
            db.execute("BEGIN IMMEDIATE")  # two processes may open an old journal at once
            known = {row["name"] for row in db.execute("PRAGMA table_info(exchanges)")}
            for name in ADDED_LATER:
                if name not in known:
                    db.execute(f"ALTER TABLE exchanges ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")
            db.execute("INSERT INTO salt SELECT ? WHERE NOT EXISTS (SELECT 1 FROM salt)", (secrets.token_hex(16),))
        self._salt = self._db.execute("SELECT value FROM salt").fetchone()[0]

    @property
    def _db(self) -> sqlite3.Connection:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=30)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            self._local.connection = connection
        return connection

    def record(self, answer: Answer, channel: str, user: str) -> str:
        """Keep an exchange and return its id. `channel` is "telegram", "console" or "cli"; `user` is stored hashed."""
        exchange = secrets.token_hex(8)
        data = answer.to_json()
        for citation, shown in zip(data["citations"], answer.citations, strict=True):
            citation["text"] = mask_personal(citation["text"])
            citation |= {"title": mask_personal(shown.title), "headings": [mask_personal(h) for h in shown.headings]}
        with self._db as db:
            db.execute(
                "INSERT INTO exchanges (id, asked, channel, user, question, answer, refused, kind, citations, timings, "
                "snapshot, standalone) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (exchange, now(), channel, self.pseudonym(user), mask_personal(answer.question),
                 mask_personal(answer.answer), answer.refused, answer.kind,
                 json.dumps(data["citations"], ensure_ascii=False), json.dumps(data["timings"]), answer.snapshot,
                 mask_personal(answer.standalone)))
        return exchange

    def pseudonym(self, user: str) -> str:
        """The same user gives the same short name here, and another one on every other installation."""
        return hashlib.sha256(f"{self._salt}:{user}".encode()).hexdigest()[:16]

    def feedback(self, exchange: str, value: int) -> bool:
        """Keep 👍 (+1) or 👎 (-1), the last one wins. False where there is no such exchange."""
        if value not in (1, -1):
            raise ValueError(f"feedback is +1 or -1, not {value}")
        with self._db as db:
            return db.execute("UPDATE exchanges SET feedback = ? WHERE id = ?", (value, exchange)).rowcount == 1

    def correct(self, exchange: str, text: str) -> bool:
        """Keep what should have been answered, masked; the last one wins, "" takes it back. False for no such exchange."""
        with self._db as db:
            return db.execute("UPDATE exchanges SET correction = ? WHERE id = ?",
                              (mask_personal(text.strip()), exchange)).rowcount == 1

    def judged(self) -> list[Exchange]:
        """Every exchange with feedback or a correction, oldest first: what the student can be taught by."""
        return self._read("WHERE feedback != 0 OR correction != '' ORDER BY asked, rowid", ())

    def get(self, exchange: str) -> Exchange | None:
        rows = self._read("WHERE id = ?", (exchange,))
        return rows[0] if rows else None

    def recent(self, limit: int = 100) -> list[Exchange]:
        """The newest exchanges, newest first."""
        return self._read("ORDER BY asked DESC, rowid DESC LIMIT ?", (limit,))

    def unanswered(self, limit: int = 100) -> list[Exchange]:
        """The newest refusals, newest first: what the documents lack."""
        return self._read("WHERE refused = 1 ORDER BY asked DESC, rowid DESC LIMIT ?", (limit,))

    def _read(self, where: str, values: tuple) -> list[Exchange]:
        found = []
        for row in self._db.execute(f"SELECT * FROM exchanges {where}", values):
            fields = dict(row)
            fields["refused"] = bool(fields["refused"])
            fields["citations"] = json.loads(fields["citations"])
            fields["timings"] = json.loads(fields["timings"])
            found.append(Exchange(**fields))
        return found
