"""Conversations that are there twice: exactly, and nearly by MinHash over character triples (Broder 1997; banded LSH).

Our own forty lines on numpy rather than datasketch: signatures of a whole batch at once, and nothing more to install.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from training.data.record import Record

HASHES, BANDS = 64, 16  # 16 bands of 4: pairs from about 0.5 on meet, and are then compared by their signatures
NEAR = 0.8  # estimated Jaccard likeness from which on two are the same


def fingerprint(text: str) -> str:
    """The text by which two are exactly the same: letters, digits and characters alone, lower case."""
    return re.sub(r"\W+", "", text).lower()


def signature(text: str, coefficients: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """The smallest hash of the text's character triples under each of HASHES functions, shape (HASHES,)."""
    tight = fingerprint(text)
    triples = {tight[i : i + 3] for i in range(max(1, len(tight) - 2))}
    hashes = np.array([zlib.crc32(t.encode()) for t in triples], dtype=np.uint64)
    a, b = coefficients
    return ((hashes[:, None] * a + b) >> np.uint64(32)).min(axis=0)


def coefficients(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """The HASHES functions: the upper half of a·x + b mod 2^64, a odd (multiply-shift, Dietzfelbinger 1996)."""
    chance = np.random.default_rng(seed)
    drawn = chance.integers(0, 1 << 63, (2, HASHES), dtype=np.uint64)
    return drawn[0] * np.uint64(2) + np.uint64(1), drawn[1]


class Seen:
    """What has been kept. `twin` says whether a text is there already, and remembers it where it is not."""

    def __init__(self, near: float = NEAR):
        self.near = near
        self._coefficients = coefficients()
        self._exact: set[str] = set()
        self._bands: list[dict[bytes, list[int]]] = [defaultdict(list) for _ in range(BANDS)]
        self._signatures: list[np.ndarray] = []

    def twin(self, text: str) -> str:
        """"exact", "near", or "" for a text that is new and remembered from now on."""
        tight = fingerprint(text)
        if tight in self._exact:
            return "exact"
        own = signature(text, self._coefficients)
        rows = HASHES // BANDS
        keys = [own[i * rows : (i + 1) * rows].tobytes() for i in range(BANDS)]
        met = {place for band, key in zip(self._bands, keys, strict=True) for place in band.get(key, ())}
        if any(float((self._signatures[place] == own).mean()) >= self.near for place in met):
            return "near"
        self._exact.add(tight)
        for band, key in zip(self._bands, keys, strict=True):
            band[key].append(len(self._signatures))
        self._signatures.append(own)
        return ""


def words_of(record: Record) -> str:
    """What two conversations are compared by: question and answer; for short tasks what stands behind the instruction."""
    asked = re.sub(r"\s+(?:请在回答后|回答后用|答案末尾)[^\n]*$", "", record.question)
    if record.task in ("classification", "sentiment"):
        asked = asked.rsplit("\n", 1)[-1]
    return asked if record.task == "refusal" else f"{asked}\n{record.answer}"


def unlike(records: Iterable[Record], dropped: dict[str, int], near: float = NEAR) -> Iterator[Record]:
    """The records without those that are there already; the first one is kept. `dropped` counts by reason.

    An answer with the passage's number is another task over the same item: those are compared among themselves.
    """
    seen = {True: Seen(near), False: Seen(near)}
    for record in records:
        kind = seen[record.task == "cited_reading"].twin(words_of(record))
        if kind:
            reason = "完全重复" if kind == "exact" else "近似重复"
            dropped[reason] = dropped.get(reason, 0) + 1
            continue
        yield record


def likeness(one: str, other: str) -> float:
    """Estimated Jaccard likeness of two texts' character triples."""
    made = coefficients()
    return float((signature(one, made) == signature(other, made)).mean())


