"""Who may use the console: accounts, their sessions, and the one-time code that makes the first account.

Everything lies in one SQLite file. Passwords and the code are kept as argon2 hashes, session tokens as SHA-256: a copy
of the file lets nobody in. There is no default account and no default password.

Wrong passwords (and wrong codes) cost time: after `FREE_TRIES` each further one doubles the wait for that name, up to
`LONGEST_WAIT_S`, also across restarts; and one process tries at most `TRIES_A_MINUTE` in all.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rag.errors import OdfinError

MIN_PASSWORD = 10
MAX_PASSWORD = 256
MAX_NAME = 40
FREE_TRIES = 3
LONGEST_WAIT_S = 300.0
TRIES_A_MINUTE = 20
IDLE_S = 12 * 3600
LIFETIME_S = 7 * 24 * 3600
# no 0/O, 1/I/L: the code is typed by hand from a terminal; 12 of 31 letters are 59 bits
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
# names cannot hold this character, so the code's failures never mix with an account's
_CODE_KEY = "\x00code"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, password TEXT NOT NULL, created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS setup_code (id INTEGER PRIMARY KEY CHECK (id = 1), hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
    token TEXT PRIMARY KEY, name TEXT NOT NULL, created_at REAL NOT NULL, seen_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS failures (key TEXT PRIMARY KEY, count INTEGER NOT NULL, last_at REAL NOT NULL);
"""


class LoginError(OdfinError):
    """The name, password or code is refused. The message does not say which of them."""


class TooManyTriesError(LoginError):
    """Not even looked at: too many tries failed before. `wait_s` is how long to wait."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s
        super().__init__(f"失败次数太多，请 {max(1, round(wait_s))} 秒后再试。")


class WeakPasswordError(OdfinError):
    """A new password or account name does not meet the rules; the message says which one."""


class Accounts:
    """Thread-safe; opens a connection per call, so several processes may share the file."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time,
                 hasher: PasswordHasher | None = None) -> None:
        self._path = path
        self._clock = clock
        self._hasher = hasher or PasswordHasher()  # by default argon2id as RFC 9106 recommends: 64 MiB, three passes
        # checked when the name is unknown, so that unknown and known names take the same time
        self._decoy = self._hasher.hash(secrets.token_hex(16))
        self._recent: deque[float] = deque()
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as db:
            db.executescript(_SCHEMA)
        path.chmod(0o600)

    # accounts ---------------------------------------------------------------------------------------------------

    def exist(self) -> bool:
        """Whether anyone can log in yet."""
        with self._open() as db:
            return db.execute("SELECT 1 FROM accounts LIMIT 1").fetchone() is not None

    def issue_code(self) -> str:
        """A fresh one-time code for the first account; an earlier one stops working. Raises once an account exists."""
        if self.exist():
            raise OdfinError("控制台已有账号，不再发放一次性码。")
        letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(12))
        with self._open() as db:
            db.execute("INSERT OR REPLACE INTO setup_code (id, hash) VALUES (1, ?)", (self._hasher.hash(letters),))
            db.execute("DELETE FROM failures WHERE key = ?", (_CODE_KEY,))
        return "-".join(letters[i:i + 4] for i in (0, 4, 8))

    def create_first(self, code: str, name: str, password: str) -> str:
        """Make the first account with the one-time code, which is used up by it. Returns the account's name.

        Raises WeakPasswordError (the code stays good), TooManyTriesError or LoginError.
        """
        name = _checked_name(name)
        _check_password(password)
        self._admit(_CODE_KEY)
        with self._open() as db:
            row = db.execute("SELECT hash FROM setup_code").fetchone()
        typed = "".join(letter for letter in code.upper() if letter.isalnum())
        if row is None or not self._matches(row[0], typed):
            self._failed(_CODE_KEY)
            raise LoginError("一次性码不对或已失效。启动控制台时，终端里会打印新的一次性码。")
        hashed = self._hasher.hash(password)
        with self._open() as db:
            # both in one transaction: of two people with the same code only one gets an account
            if db.execute("DELETE FROM setup_code WHERE hash = ?", (row[0],)).rowcount != 1:
                raise LoginError("一次性码刚刚已被使用，请登录。")
            db.execute("INSERT INTO accounts VALUES (?, ?, ?)", (name, hashed, self._clock()))
            db.execute("DELETE FROM failures WHERE key = ?", (_CODE_KEY,))
        return name

    def check(self, name: str, password: str) -> str:
        """The account's name if the password is its own; raises TooManyTriesError or LoginError otherwise."""
        name = name.strip().lower()[:MAX_NAME]
        self._admit(name)
        with self._open() as db:
            row = db.execute("SELECT password FROM accounts WHERE name = ?", (name,)).fetchone()
        right = self._matches(row[0] if row else self._decoy, password[:MAX_PASSWORD + 1])
        if row is None or not right:
            self._failed(name)
            raise LoginError("账号或密码不对。")
        with self._open() as db:
            db.execute("DELETE FROM failures WHERE key = ?", (name,))
            if self._hasher.check_needs_rehash(row[0]):
                db.execute("UPDATE accounts SET password = ? WHERE name = ?", (self._hasher.hash(password), name))
        return name

    def change_password(self, name: str, old: str, new: str) -> None:
        """Set a new password; every session of the account ends. Raises like `check`, or WeakPasswordError."""
        _check_password(new)
        name = self.check(name, old)
        with self._open() as db:
            db.execute("UPDATE accounts SET password = ? WHERE name = ?", (self._hasher.hash(new), name))
            db.execute("DELETE FROM sessions WHERE name = ?", (name,))

    # sessions ---------------------------------------------------------------------------------------------------

    def open_session(self, name: str) -> str:
        """A new session's token: 256 random bits that only the browser keeps."""
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._open() as db:
            db.execute("DELETE FROM sessions WHERE seen_at < ? OR created_at < ?", (now - IDLE_S, now - LIFETIME_S))
            db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", (_digest(token), name, now, now))
        return token

    def session(self, token: str) -> str | None:
        """The account a token belongs to; None where it never existed, was closed, idle or too old."""
        if not token:
            return None
        now = self._clock()
        with self._open() as db:
            row = db.execute(
                "SELECT name, created_at, seen_at FROM sessions WHERE token = ?", (_digest(token),)).fetchone()
            if row is None or now - row[2] > IDLE_S or now - row[1] > LIFETIME_S:
                return None
            if now - row[2] > 60:  # every page asks: one write a minute is enough
                db.execute("UPDATE sessions SET seen_at = ? WHERE token = ?", (now, _digest(token)))
        return row[0]

    def close_session(self, token: str) -> None:
        with self._open() as db:
            db.execute("DELETE FROM sessions WHERE token = ?", (_digest(token),))

    # ------------------------------------------------------------------------------------------------------------

    def _matches(self, hashed: str, secret: str) -> bool:
        try:
            return self._hasher.verify(hashed, secret)
        except (VerificationError, InvalidHashError):
            return False

    def _admit(self, key: str) -> None:
        """Raise TooManyTriesError where this name, or this process, has to wait first."""
        now = self._clock()
        with self._open() as db:
            row = db.execute("SELECT count, last_at FROM failures WHERE key = ?", (key,)).fetchone()
        if row and row[0] >= FREE_TRIES:
            wait = min(2.0 ** (row[0] - FREE_TRIES + 1), LONGEST_WAIT_S) - (now - row[1])
            if wait > 0:
                raise TooManyTriesError(wait)
        with self._lock:
            while self._recent and now - self._recent[0] >= 60:
                self._recent.popleft()
            if len(self._recent) >= TRIES_A_MINUTE:
                raise TooManyTriesError(60 - (now - self._recent[0]))
            self._recent.append(now)

    def _failed(self, key: str) -> None:
        now = self._clock()
        with self._open() as db:
            db.execute("DELETE FROM failures WHERE last_at < ?", (now - 24 * 3600,))
            db.execute("INSERT INTO failures VALUES (?, 1, ?) ON CONFLICT (key) DO UPDATE "
                       "SET count = count + 1, last_at = excluded.last_at", (key, now))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._path, timeout=10)
        try:
            with db:
                yield db
        finally:
            db.close()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _checked_name(name: str) -> str:
    name = name.strip().lower()
    if not name or len(name) > MAX_NAME or not all(c.isalnum() or c in "._-@" for c in name):
        raise WeakPasswordError(f"账号名请用 1–{MAX_NAME} 个文字、字母、数字或 . _ - @。")
    return name


def _check_password(password: str) -> None:
    if len(password) < MIN_PASSWORD:
        raise WeakPasswordError(f"密码至少 {MIN_PASSWORD} 个字符。")
    if len(password) > MAX_PASSWORD:
        raise WeakPasswordError(f"密码最多 {MAX_PASSWORD} 个字符。")
    if len(set(password)) < 4:
        raise WeakPasswordError("密码太简单：至少要有 4 个不同的字符。")
