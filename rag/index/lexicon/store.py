"""Which lexicon holds now: the shipped one, with the administrator's own entries over it, as the setting says.

The administrator's file lies in ODFIN_HOME and may be written by the console, another process or by hand; every question
looks whether it has changed, so that an entry counts at once.
"""

from __future__ import annotations

import os
import threading
from functools import cache
from pathlib import Path

from rag.errors import OdfinError
from rag.index.lexicon.entries import HEAD, BadLine, Entry, entry, read_lines, written
from rag.index.lexicon.lexicon import Lexicon
from rag.settings import Settings

SHIPPED = Path(__file__).parent / "shipped.tsv"
NAME = "lexicon.tsv"


@cache
def shipped() -> tuple[Entry, ...]:
    """The entries that come with the program."""
    return tuple(read_lines(SHIPPED.read_text(encoding="utf-8"))[0])


class LexiconStore:
    """Thread-safe. Raises OdfinError with one line where the administrator's file cannot be read or written."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.path = settings.home / NAME
        self._lock = threading.RLock()
        self._seen: tuple[int, int] | None = (-1, -1)
        self._own: list[Entry] = []
        self._bad: list[BadLine] = []
        self._lexicon = Lexicon()

    def current(self) -> Lexicon:
        """The lexicon that counts for the next question. A file that cannot be read leaves the one before."""
        if self.settings.lexicon == "off":
            return self._lexicon
        with self._lock:
            if self._state() != self._seen:
                self._load()
            return self._lexicon

    @property
    def version(self) -> str:
        """Another text whenever another lexicon counts."""
        self.current()
        return f"{self.settings.lexicon}:{self._seen}"

    def own(self) -> tuple[list[Entry], list[BadLine]]:
        """The administrator's entries, and the lines of the file that are none."""
        with self._lock:
            if self._state() != self._seen:
                self._load()
            return list(self._own), list(self._bad)

    def put(self, word: str, terms: str, instead_of: str = "") -> Entry:
        """Add an entry, or write it over the one of the same word and that of `instead_of`."""
        one = entry(word, terms)
        self._edit([one], {instead_of} - {one.word})
        return one

    def remove(self, word: str) -> bool:
        """Take an entry of the administrator's out; False where there is none."""
        with self._lock:
            there = any(one.word == word for one in self.own()[0])
            if there:
                self._edit([], {word})
            return there

    def take_in(self, text: str) -> tuple[int, list[BadLine]]:
        """Add the entries of a file's text; how many were taken, and the lines that were not, by number."""
        found, bad = read_lines(text)
        if found:
            self._edit(found, set())
        return len(found), bad

    def text(self) -> str:
        """The administrator's entries as a file."""
        return written(self.own()[0])

    def _state(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def _load(self) -> None:
        self._seen = self._state()
        text = ""
        if self._seen is not None:
            try:
                text = self.path.read_text(encoding="utf-8-sig")
            except (OSError, UnicodeDecodeError) as error:
                self._bad = [BadLine(0, f"词表 {self.path} 读不了（{error}）；请另存为 UTF-8 编码")]
                return
        self._own, self._bad = read_lines(text)
        own = self._own if self.settings.lexicon == "all" else []
        self._lexicon = Lexicon([] if self.settings.lexicon == "off" else [*shipped(), *own])

    def _edit(self, added: list[Entry], gone: set[str]) -> None:
        """Write entries in place of those of the same word, or behind; comments and lines that are none stay."""
        with self._lock:
            self.own()
            if self._bad and self._bad[0].number == 0:
                raise OdfinError(self._bad[0].reason)
            lines = self.path.read_text(encoding="utf-8-sig").splitlines() if self._seen else [HEAD]
            arriving = {one.word: one for one in added}
            kept = []
            for line in lines:
                word = next((one.word for one in read_lines(line)[0]), "")
                if word in arriving:
                    kept.append(arriving.pop(word).line())
                elif not word or word not in gone:
                    kept.append(line)
            self._write([*kept, *(one.line() for one in arriving.values())])

    def _write(self, lines: list[str]) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            arriving = self.path.with_suffix(f".{os.getpid()}.tmp")
            arriving.write_text("\n".join([*lines, ""]), encoding="utf-8")
            arriving.replace(self.path)
        except OSError as error:
            raise OdfinError(f"词表 {self.path} 写不进去（{error.strerror}）；请检查磁盘空间与权限") from error
        self._load()
