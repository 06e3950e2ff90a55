"""Which documents a question names: its words against their titles."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from rag.index.product_names import BRACKETED, ProductNames
from rag.text.normalise import normalise
from rag.text.tokens import bigrams

WHOLE_NAME = 4.5  # so many character pairs that no other title has name a document…
PART_NAME = 0.8  # …nearly as well as its whole title, which still goes before: names of one series share long runs
PRODUCT = 0.8  # at least so far a document is named by the name of its product
TINY = 1e-9  # the same sum in another order
FEW = 3  # documents of one issuer, up to which its name names them
NAME = 0.25  # of that is enough for a name that the next question leans on
_KIND = re.compile(r"[\u3400-\u9fff]{0,2}?(保险|险|贷款|贷|卡|基金|理财)|[a-z][类款]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ISSUER = re.compile(r"[\u3400-\u9fff()]{2,24}?(?:有限责任公司|有限公司|股份公司)")
_SAID = 4  # characters of an issuer's name, from its beginning, that say it: 西部证券, 厦门金圆


class TitleMatcher:
    """Built once a snapshot over its titles; `match` looks closely only at the few that may be named.

    A title counts by its rare character pairs: 保险条款 says nothing among insurance clauses, 寰球臻享 says all.
    """

    def __init__(self, titles: Mapping[str, str], products: ProductNames | None = None):
        """`titles`: key (a version) -> title."""
        self._products = products or ProductNames({})
        self._keys = list(titles)
        self._grams = {key: frozenset(bigrams(_plain(title))) for key, title in titles.items()}
        self._text = {key: normalise(_plain(title)) for key, title in titles.items()}
        count = Counter(gram for grams in set(self._grams.values()) for gram in grams)
        kinds = max(1, len(set(self._grams.values())))
        self._rarity = {gram: math.log((kinds + 1) / (n + 0.5)) for gram, n in count.items()}
        self._mass = np.array([sum(self._rarity[g] for g in grams) or 1.0 for grams in self._grams.values()])
        self._enough = WHOLE_NAME * math.log(kinds + 1)
        pairs = Counter(pair for text in set(self._text.values()) for pair in set(_pairs(text)))
        self._pair_rarity = {pair: math.log((kinds + 1) / (n + 0.5)) for pair, n in pairs.items()}
        issuers = {key: found.group() for key, text in self._text.items() if (found := _ISSUER.match(text))}
        of = Counter(name[:_SAID] for name in issuers.values())
        self._issuers = {key: name[:_SAID] for key, name in issuers.items() if of[name[:_SAID]] <= FEW}
        self._by_gram = _places(self._grams.values())
        self._by_pair = _places(map(_pairs, self._text.values()))

    def match(self, question: str) -> dict[str, float]:
        """key -> how far (0…1) the question names the title; keys without any word in common are absent.

        The larger of two shares, both weighted by rarity: how much of the title stands in the question, and how long a
        run of the title does (康悦百万医疗 names 澄湖康悦百万医疗保险条款, though it is half of it). Documents of a product
        that is called by its name are named in any case, and before others that share words with it; so are the few of an
        issuer whose name their titles begin with (西部证券 of 西部证券股份有限公司…募集说明书).
        """
        text = normalise(question)
        mass = self._sum(set(bigrams(question)), self._by_gram, self._rarity)
        share = mass / self._mass
        most = PART_NAME * np.minimum(1.0, self._longest(text) / self._enough)
        found = {}
        for place in np.flatnonzero(mass > 0).tolist():
            key = self._keys[place]
            found[key] = float(share[place])
            if most[place] > share[place]:  # only then can the run decide
                found[key] = max(found[key], PART_NAME * min(1.0, self._run(text, key)[0] / self._enough))
        issued = [key for key, issuer in self._issuers.items() if issuer in text]
        for keys in (issued, *(self._meant(text, keys) for keys in self._products.named(question).values())):
            for key in keys:
                found[key] = PRODUCT + (1.0 - PRODUCT) * found.get(key, 0.0)
        return found

    def _meant(self, text: str, keys: Iterable[str]) -> list[str]:
        """Of the documents of products that go by one name those of the product that the text says more of: 爱家守护两全."""
        runs: dict[str, float] = {}
        for key in keys:
            product = self._products.product[key]
            runs[product] = max(runs.get(product, 0.0), self._run(text, key)[0])
        most = max(runs.values())
        return [key for key in keys if runs[self._products.product[key]] >= most - TINY]

    def name_in(self, question: str) -> str:
        """The words of a question that name a document (安居贷, 康悦百万医疗), or an empty string."""
        text = normalise(question)
        if called := self._products.named(question):
            return _with_kind(text, max(called, key=len))
        longest = self._longest(text)
        mass, run = 0.0, ""
        for place in np.argsort(-longest, kind="stable").tolist():
            if longest[place] < mass:
                break
            mass, run = max((mass, run), self._run(text, self._keys[place]))
        return _with_kind(text, run) if mass >= NAME * self._enough else ""

    def _longest(self, text: str) -> np.ndarray:
        """No run of a title in the text is worth more than this: float, one a title."""
        return self._sum(set(_pairs(text)), self._by_pair, self._pair_rarity) + TINY

    def _sum(self, grams: Iterable[str], places: Mapping[str, np.ndarray], rarity: Mapping[str, float]) -> np.ndarray:
        total = np.zeros(len(self._keys))
        for gram in grams:
            if gram in places:
                np.add.at(total, places[gram], rarity[gram])
        return total

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


def _places(texts: Iterable[Iterable[str]]) -> dict[str, np.ndarray]:
    """gram -> the numbers of the texts it stands in, as often as it does."""
    places: dict[str, list[int]] = {}
    for number, grams in enumerate(texts):
        for gram in grams:
            places.setdefault(gram, []).append(number)
    return {gram: np.array(numbers) for gram, numbers in places.items()}


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
    return _DATE.sub(" ", BRACKETED.sub(" ", title)) if len(BRACKETED.sub("", title)) >= 4 else title
