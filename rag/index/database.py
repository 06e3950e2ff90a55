"""The catalogue's file: opened, brought up to the present tables, one connection a thread, transactions (SQLite, WAL)."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.index.schema import MIGRATIONS
from rag.storage import told_plainly


class Database:
    """Opens (and creates) the file. One connection a thread; any number of readers beside one writer.

    Raises OdfinError with one line where it cannot be made or brought up to date.
    """

    def __init__(self, path: Path):
        self.path = path
        self._local = threading.local()
        with told_plainly(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
            if self._steps() < len(MIGRATIONS):  # a reader of a finished file takes no lock and needs no right to write
                self._migrate()

    def _steps(self) -> int:
        return self.db.execute("PRAGMA user_version").fetchone()[0]

    def _migrate(self) -> None:
        with self.transaction() as db:
            done = self._steps()
            for number, script in enumerate(MIGRATIONS[done:], done + 1):
                if callable(script):
                    script(db)
                else:
                    for statement in filter(str.strip, script.split(";")):
                        db.execute(statement)
                db.execute(f"PRAGMA user_version = {number}")

    @property
    def db(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            try:
                connection = self._connect(str(self.path))
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                if os.access(self.path.parent, os.W_OK):
                    raise
                connection = self._connect_read_only()
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            self._local.connection = connection
        return connection

    @staticmethod
    def _connect(name: str, uri: bool = False) -> sqlite3.Connection:
        connection = sqlite3.connect(name, timeout=30, isolation_level=None, uri=uri)
        connection.row_factory = sqlite3.Row
        return connection

    def _connect_read_only(self) -> sqlite3.Connection:
        """On a disk that cannot be written, what is published answers still. Raises sqlite3.OperationalError."""
        log = self.path.with_name(self.path.name + "-wal")
        held = log.is_file() and log.stat().st_size > 0  # SQLite then needs the log beside the file
        return self._connect(f"{self.path.absolute().as_uri()}?mode=ro" + ("" if held else "&immutable=1"), uri=True)

    def close(self) -> None:
        """Close this thread's connection."""
        connection = self._local.__dict__.pop("connection", None)
        if connection is not None:
            connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, and only one writer at a time."""
        db = self.db
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:  # a full disk has ended it already
                db.execute("ROLLBACK")
            raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Everything read inside is as of one moment, whatever is published meanwhile."""
        self.db.execute("BEGIN")
        try:
            yield self.db
        finally:
            self.db.execute("COMMIT")
