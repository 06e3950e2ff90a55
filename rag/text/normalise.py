"""One form of a text for matching: NFKC, simplified characters, lower case. Quotations keep the original."""

from __future__ import annotations

import functools
import re
import unicodedata

_BLANKS = re.compile(r"[ \t\u3000]+")


def normalise(text: str) -> str:
    """NFKC (`１.５％` → `1.5%`), traditional → simplified, lower-case letters, runs of blanks → one blank."""
    text = unicodedata.normalize("NFKC", text)
    if not _traditional().isdisjoint(text):
        text = _converter().convert(text)
    return _BLANKS.sub(" ", text).lower()


def tight(text: str) -> str:
    """Normalised and without blanks: papers write 26 西部02, customers 26西部02."""
    return "".join(normalise(text).split())


def simplified(text: str) -> str:
    """Traditional → simplified, each character by itself: rules that read this form find their places in the text."""
    return text if _characters()[0].isdisjoint(text) else text.translate(_characters()[1])


def as_written(found: str, text: str) -> str:
    """What a rule found in `simplified(text)`, in the characters of `text`; unchanged where it was put together."""
    place = simplified(text).find(found) if found else -1
    return text[place : place + len(found)] if place >= 0 else found


@functools.cache
def _converter():
    from opencc import OpenCC

    return OpenCC("t2s")


@functools.cache
def _traditional() -> frozenset[str]:
    """Characters OpenCC would change: most texts have none, and are spared the slow conversion."""
    return frozenset(source for source, targets in _rows() if source not in targets)


@functools.cache
def _characters() -> tuple[frozenset[str], dict[int, str]]:
    table = {source: targets[0] for source, targets in _rows() if targets[0] != source and len(targets[0]) == 1}
    return frozenset(table), {ord(source): target for source, target in table.items()}


@functools.cache
def _rows() -> list[tuple[str, list[str]]]:
    """OpenCC's characters, each with what it may become, the usual one first."""
    from pathlib import Path

    import opencc

    table = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    rows = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines() if "\t" in line)
    return [(source, targets.split()) for source, targets in rows]
