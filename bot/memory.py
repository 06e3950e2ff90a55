"""What the bot itself remembers, in SQLite under the data directory, so that a restart loses nothing.

Conversations (last turns, personal data masked), the answers its buttons belong to, and the questions not yet
answered. Calls take well under a millisecond and are made on the event loop; one connection, guarded by a lock.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.answer.result import Citation, Turn

KEPT_TURNS = 6  # three questions and their answers
TURN_SECONDS = 12 * 3600  # an older conversation is over
ANSWER_SECONDS = 90 * 86400  # how long buttons work
QUESTION_SECONDS = 3600  # an unanswered question older than this is not taken up again
ATTEMPTS = 2  # a question that brings the process down is not tried for ever

MIGRATIONS = [
    """
    CREATE TABLE conversation (chat INTEGER, user INTEGER, generation INTEGER NOT NULL, PRIMARY KEY (chat, user));
    CREATE TABLE turn (id INTEGER PRIMARY KEY, chat INTEGER, user INTEGER, role TEXT, content TEXT, at REAL);
    CREATE INDEX turn_of ON turn (chat, user, id);
    CREATE TABLE answer (id INTEGER PRIMARY KEY AUTOINCREMENT, chat INTEGER, exchange TEXT, refused INTEGER,
                         said TEXT, citations TEXT, vote INTEGER NOT NULL DEFAULT 0, at REAL);
    CREATE TABLE question (chat INTEGER, message INTEGER, user INTEGER, language TEXT, text TEXT, attempts INTEGER,
                           done INTEGER NOT NULL DEFAULT 0, at REAL, PRIMARY KEY (chat, message));
    """,
    "ALTER TABLE answer ADD COLUMN choices TEXT NOT NULL DEFAULT '[]'",
]


@dataclass(frozen=True)
class Kept:
    """An answer with buttons under it. `said` is its text, `vote` +1, −1 or 0; `choices` as in `bot.choices`."""

    id: int
    chat: int
    exchange: str
    refused: bool
    said: str
    citations: tuple[Citation, ...]
    vote: int = 0
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Waiting:
    """A question whose answer never went out."""

    chat: int
    message: int
    user: int
    language: str
    text: str


class Memory:
    """Opens or creates the file, readable by its owner alone."""

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        done = self._db.execute("PRAGMA user_version").fetchone()[0]
        for number, script in enumerate(MIGRATIONS[done:], done + 1):
            self._db.executescript(f"BEGIN;{script};PRAGMA user_version={number};COMMIT;")
        self._sweep()

    def close(self) -> None:
        self._db.close()

    def _run(self, sql: str, *values: object) -> list[tuple]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def _sweep(self) -> None:
        now = self._swept = time.time()
        self._run("DELETE FROM turn WHERE at < ?", now - TURN_SECONDS)
        self._run("DELETE FROM answer WHERE at < ?", now - ANSWER_SECONDS)
        self._run("DELETE FROM question WHERE at < ?", now - 86400)

    # conversations

    def generation(self, chat: int, user: int) -> int:
        """Grows with every `/new`: an answer begun before it must not come back into the conversation."""
        rows = self._run("SELECT generation FROM conversation WHERE chat=? AND user=?", chat, user)
        return rows[0][0] if rows else 0

    def history(self, chat: int, user: int) -> list[Turn]:
        """The last turns, oldest first."""
        rows = self._run("SELECT role, content FROM turn WHERE chat=? AND user=? AND at > ? ORDER BY id DESC LIMIT ?",
                         chat, user, time.time() - TURN_SECONDS, KEPT_TURNS)
        return [Turn(role, content) for role, content in reversed(rows)]

    def remember(self, chat: int, user: int, generation: int, question: str, answer: str) -> None:
        """Add one exchange, unless the conversation was forgotten since `generation`."""
        if self.generation(chat, user) != generation:
            return
        for role, content in (("user", question), ("assistant", answer)):
            self._run("INSERT INTO turn (chat, user, role, content, at) VALUES (?,?,?,?,?)",
                      chat, user, role, content, time.time())
        self._run("DELETE FROM turn WHERE chat=? AND user=? AND id NOT IN "
                  "(SELECT id FROM turn WHERE chat=? AND user=? ORDER BY id DESC LIMIT ?)",
                  chat, user, chat, user, KEPT_TURNS)

    def forget(self, chat: int, user: int) -> None:
        self._run("DELETE FROM turn WHERE chat=? AND user=?", chat, user)
        self._run("INSERT INTO conversation VALUES (?,?,1) ON CONFLICT DO UPDATE SET generation = generation + 1",
                  chat, user)

    # answers and their buttons

    def keep_answer(self, chat: int, exchange: str, refused: bool, said: str, citations: Sequence[Citation],
                    choices: Sequence[tuple[str, str]] = ()) -> Kept:
        """Its id is what the buttons carry."""
        words = json.dumps([asdict(c) for c in citations], ensure_ascii=False)
        number = self._run("INSERT INTO answer (chat, exchange, refused, said, citations, at, choices) "
                           "VALUES (?,?,?,?,?,?,?) RETURNING id", chat, exchange, int(refused), said, words, time.time(),
                           json.dumps(choices, ensure_ascii=False))[0][0]
        return Kept(number, chat, exchange, refused, said, tuple(citations), choices=tuple(choices))

    def answer(self, answer_id: int, chat: int) -> Kept | None:
        """None where the answer is gone or was given in another chat."""
        rows = self._run("SELECT exchange, refused, said, citations, vote, choices FROM answer WHERE id=? AND chat=?", answer_id, chat)
        if not rows:
            return None
        exchange, refused, said, words, vote, choices = rows[0]
        citations = tuple(Citation(**{name: tuple(value) if isinstance(value, list) else value for name, value in c.items()})
                          for c in json.loads(words))
        return Kept(answer_id, chat, exchange, bool(refused), said, citations, vote, tuple(map(tuple, json.loads(choices))))

    def vote(self, answer_id: int, value: int) -> None:
        self._run("UPDATE answer SET vote=? WHERE id=?", value, answer_id)

    # questions not yet answered

    def take(self, chat: int, message: int, user: int, language: str, text: str) -> bool:
        """Note a question before answering it. False: it has been seen before (Telegram delivered it twice)."""
        if time.time() - self._swept > 86400:
            self._sweep()
        return bool(self._run("INSERT INTO question (chat, message, user, language, text, attempts, at) "
                              "VALUES (?,?,?,?,?,1,?) ON CONFLICT DO NOTHING RETURNING 1",
                              chat, message, user, language, text, time.time()))

    def done(self, chat: int, message: int) -> None:
        """The question is over; its words go, its number stays a day to know it again."""
        self._run("UPDATE question SET done=1, text='' WHERE chat=? AND message=?", chat, message)

    def unanswered(self) -> list[Waiting]:
        """Questions a stop or a crash cut off, oldest first; each is handed out at most once more."""
        self._run("UPDATE question SET done=1, text='' WHERE done=0 AND (attempts >= ? OR at < ?)",
                  ATTEMPTS, time.time() - QUESTION_SECONDS)
        rows = self._run("UPDATE question SET attempts = attempts + 1 WHERE done=0 "
                         "RETURNING chat, message, user, language, text, at")
        return [Waiting(*row[:5]) for row in sorted(rows, key=lambda row: row[5])]
