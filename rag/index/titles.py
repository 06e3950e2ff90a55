"""Which documents a question names: its words against their titles."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping

from rag.text.normalise import normalise
from rag.text.tokens import bigrams

WHOLE_NAME = 4.5  # so many character pairs that no other title has name a document…
PART_NAME = 0.8  # …nearly as well as its whole title, which still goes before: names of one series share long runs
NAME = 0.25  # of that is enough for a name that the next question leans on
_KIND = re.compile(r"[\u3400-\u9fff]{0,2}?(保险|险|贷款|贷|卡|基金|理财)|[a-z][类款]")
_BRACKETED = re.compile(r"[（(][^（）()]*[）)]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class TitleMatcher:
    """Built once a snapshot over its titles; `match` is a few hundred set operations.

    A title counts by its rare character pairs: 保险条款 says nothing among insurance clauses, 寰球臻享 says all.
    """

    def __init__(self, titles: Mapping[str, str]):
        """`titles`: key (a version) -> title."""
        self._grams = {key: frozenset(bigrams(_plain(title))) for key, title in titles.items()}
        self._text = {key: normalise(_plain(title)) for key, title in titles.items()}
        count = Counter(gram for grams in set(self._grams.values()) for gram in grams)
        kinds = max(1, len(set(self._grams.values())))
        self._rarity = {gram: math.log((kinds + 1) / (n + 0.5)) for gram, n in count.items()}
        self._mass = {key: sum(self._rarity[g] for g in grams) or 1.0 for key, grams in self._grams.items()}
        self._enough = WHOLE_NAME * math.log(kinds + 1)
        pairs = Counter(pair for text in set(self._text.values()) for pair in set(_pairs(text)))
        self._pair_rarity = {pair: math.log((kinds + 1) / (n + 0.5)) for pair, n in pairs.items()}
        self._by_gram: dict[str, list[str]] = {}
        for key, grams in self._grams.items():
            for gram in grams:
                self._by_gram.setdefault(gram, []).append(key)

    def match(self, question: str) -> dict[str, float]:
        """key -> how far (0…1) the question names the title; keys without any word in common are absent.

        The larger of two shares, both weighted by rarity: how much of the title stands in the question, and how long a
        run of the title does (康悦百万医疗 names 澄湖康悦百万医疗保险条款, though it is half of it).
        """
        text = normalise(question)
        found: Counter[str] = Counter()
        for gram in set(bigrams(question)):
            for key in self._by_gram.get(gram, ()):
                found[key] += self._rarity[gram]
        return {key: max(mass / self._mass[key], PART_NAME * min(1.0, self._run(text, key)[0] / self._enough))
                for key, mass in found.items() if mass > 0}

    def name_in(self, question: str) -> str:
        """The words of a question that name a document (安居贷, 康悦百万医疗), or an empty string."""
        text = normalise(question)
        mass, run = max((self._run(text, key) for key in self._text), default=(0.0, ""))
        return _with_kind(text, run) if mass >= NAME * self._enough else ""

    def _run(self, text: str, key: str) -> tuple[float, str]:
        """The rarest run of the title that stands in the text, with its rarity before it."""
        title, best = self._text[key], (0.0, "")
        start = 0
        while start < len(title) - 1:
            end = start + 2
            if title[start:end] not in text:
                start += 1
                continue
            while end < len(title) and title[start : end + 1] in text:
                end += 1
            mass = sum(self._pair_rarity.get(pair, 0.0) for pair in _pairs(title[start:end]))
            best = max(best, (mass, title[start:end]))
            start = end - 1
        return best

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


def _pairs(text: str) -> list[str]:
    """Neighbouring characters, letters among them (澄e贷), without blanks and marks."""
    return [text[i : i + 2] for i in range(len(text) - 1) if text[i : i + 2].isalnum()]


def _with_kind(text: str, run: str) -> str:
    """The run with the kind of product close behind it: 澄安重 in 澄安重疾险… becomes 澄安重疾险."""
    start = text.index(run)
    end = start + len(run)
    kind = None if _KIND.search(run[-2:]) else _KIND.match(text[end:])
    return text[start : end + (kind.end() if kind else 0)]


def _plain(title: str) -> str:
    return _DATE.sub(" ", _BRACKETED.sub(" ", title)) if len(_BRACKETED.sub("", title)) >= 4 else title
