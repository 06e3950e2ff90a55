"""One entry of a lexicon and the file it stands in: a customer's word, a tab, the documents' words with 、 between."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rag.errors import OdfinError
from rag.text.normalise import normalise

WORD_CHARS, TERM_CHARS = (2, 20), (2, 30)
MOST_TERMS, MOST_ENTRIES = 8, 5000
HEAD = "# 客户的说法\t文档的说法（几个用“、”隔开）"


@dataclass(frozen=True)
class Entry:
    """`word` is normalised, the `terms` as they were written."""

    word: str
    terms: tuple[str, ...]

    def line(self) -> str:
        return f"{self.word}\t{'、'.join(self.terms)}"


@dataclass(frozen=True)
class BadLine:
    """A line that is passed over: its number from 1, and what is wrong with it."""

    number: int
    reason: str


def entry(word: str, terms: str) -> Entry:
    """An entry from what a person typed. Raises OdfinError with one line."""
    word = " ".join(normalise(word).split())
    found = tuple(dict.fromkeys(filter(None, (part.strip() for part in re.split(r"[、,，;；/]", terms)))))
    if not WORD_CHARS[0] <= len(word) <= WORD_CHARS[1]:
        raise OdfinError(f"客户的说法“{word[:20]}”应是 {WORD_CHARS[0]} 到 {WORD_CHARS[1]} 个字")
    if not found:
        raise OdfinError(f"“{word}”还没有写文档的说法；几个用“、”隔开")
    if len(found) > MOST_TERMS:
        raise OdfinError(f"“{word}”写了 {len(found)} 个文档的说法；最多 {MOST_TERMS} 个")
    for term in found:
        if not TERM_CHARS[0] <= len(term) <= TERM_CHARS[1]:
            raise OdfinError(f"文档的说法“{term[:30]}”应是 {TERM_CHARS[0]} 到 {TERM_CHARS[1]} 个字")
        if normalise(term) == word:
            raise OdfinError(f"“{word}”两边写的一样")
    return Entry(word, found)


def read_lines(text: str) -> tuple[list[Entry], list[BadLine]]:
    """The entries of a file's text, a later one of the same word over an earlier, and the lines that are none."""
    entries: dict[str, Entry] = {}
    bad: list[BadLine] = []
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        word, tab, terms = line.partition("\t")
        if not tab:
            bad.append(BadLine(number, "没有用制表符（Tab）隔开的两栏"))
            continue
        try:
            one = entry(word, terms)
        except OdfinError as error:
            bad.append(BadLine(number, str(error)))
            continue
        if len(entries) >= MOST_ENTRIES and one.word not in entries:
            bad.append(BadLine(number, f"词条超过 {MOST_ENTRIES} 个"))
            continue
        entries[one.word] = one
    return list(entries.values()), bad


def written(entries: Iterable[Entry]) -> str:
    """The text of a file that holds these entries."""
    return "\n".join((HEAD, *(one.line() for one in entries), ""))
