"""Which documents a question names: its words against their titles."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping

from rag.text.normalise import normalise
from rag.text.tokens import bigrams

_BRACKETED = re.compile(r"[（(][^（）()]*[）)]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class TitleMatcher:
    """Built once a snapshot over its titles; `match` is a few hundred set operations.

    A title counts by its rare character pairs: 保险条款 says nothing among insurance clauses, 寰球臻享 says all.
    """

    def __init__(self, titles: Mapping[str, str]):
        """`titles`: key (a version) -> title."""
        self._grams = {key: frozenset(bigrams(_plain(title))) for key, title in titles.items()}
        count = Counter(gram for grams in set(self._grams.values()) for gram in grams)
        kinds = max(1, len(set(self._grams.values())))
        self._rarity = {gram: math.log((kinds + 1) / (n + 0.5)) for gram, n in count.items()}
        self._mass = {key: sum(self._rarity[g] for g in grams) or 1.0 for key, grams in self._grams.items()}
        self._by_gram: dict[str, list[str]] = {}
        for key, grams in self._grams.items():
            for gram in grams:
                self._by_gram.setdefault(gram, []).append(key)

    def match(self, question: str) -> dict[str, float]:
        """key -> share (0…1) of the title, weighted by rarity, that stands in the question. Keys without any: absent."""
        found: Counter[str] = Counter()
        for gram in set(bigrams(question)):
            for key in self._by_gram.get(gram, ()):
                found[key] += self._rarity[gram]
        return {key: mass / self._mass[key] for key, mass in found.items() if mass > 0}

    def without(self, question: str, key: str) -> str:
        """The question less the words of this title (runs of two characters and more that stand in the title)."""
        text = normalise(question)
        grams = self._grams[key]
        keep = [True] * len(text)
        for i in range(len(text) - 1):
            if text[i : i + 2] in grams:
                keep[i] = keep[i + 1] = False
        rest = "".join(c for c, kept in zip(text, keep, strict=True) if kept)
        return re.sub(r"[《》「」“”\"']", "", rest).strip(" ，,。:：的中里")


def _plain(title: str) -> str:
    return _DATE.sub(" ", _BRACKETED.sub(" ", title)) if len(_BRACKETED.sub("", title)) >= 4 else title
