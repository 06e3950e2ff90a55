"""One form of a text for matching: NFKC, simplified characters, lower case. Quotations keep the original."""

from __future__ import annotations

import functools
import re
import unicodedata


def normalise(text: str) -> str:
    """NFKC (`１.５％` → `1.5%`), traditional → simplified, lower-case letters, runs of blanks → one blank."""
    text = unicodedata.normalize("NFKC", text)
    if not _traditional().isdisjoint(text):
        text = _converter().convert(text)
    return re.sub(r"[ \t\u3000]+", " ", text).lower()


@functools.cache
def _converter():
    from opencc import OpenCC

    return OpenCC("t2s")


@functools.cache
def _traditional() -> frozenset[str]:
    """Characters OpenCC would change: most texts have none, and are spared the slow conversion."""
    from pathlib import Path

    import opencc

    table = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    rows = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines() if "\t" in line)
    return frozenset(source for source, targets in rows if source not in targets.split())
