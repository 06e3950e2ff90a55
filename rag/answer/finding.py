"""What the documents hold for a question: how it may be meant, what is found for each reading, and which is taken."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence

from rag.answer import refusal
from rag.answer.ambiguity import Choice, choice
from rag.answer.candidates import asks_items
from rag.answer.compared import compared_words
from rag.answer.comparison import Comparison, comparison
from rag.answer.compose import Found, first_cited
from rag.answer.evidence import Evidence, select
from rag.answer.follow_up import readings
from rag.answer.injection import disarmed
from rag.answer.labels import Group, groups_of
from rag.answer.lists import completed, items_meant
from rag.answer.products import known_products, of_the_named
from rag.answer.referent import Groups
from rag.answer.result import Turn
from rag.answer.risk_levels import Rated, compared_investments, compares
from rag.answer.rows import few_of_each_table, with_rows
from rag.answer.side import Naming, Side
from rag.answer.sides import sides
from rag.answer.sums import asks_sum
from rag.answer.unknown_name import (
    named_elsewhere,
    unknown_edition,
    unknown_law,
    unknown_name,
    unknown_number,
    unknown_of_house,
    unknown_year,
)
from rag.calculate.again import again
from rag.index.hit import Hit
from rag.index.search import Searcher
from rag.settings import Settings
from rag.text.normalise import normalise
from rag.text.tokens import bigrams

CLEARLY = 0.45  # probability from which on a question is read into the talk before it
LOOKED = 8  # times the passages that are read are looked at, pieces of one table counting once
ABOUT = 0.6  # share of its character pairs from which on words speak of a thing


class Finder:
    """Thread-safe; holds nothing of a question."""

    def __init__(self, settings: Settings, searcher: Searcher):
        self.settings = settings
        self.searcher = searcher
        self.judge = searcher.judge if searcher.reranker else None

    def ways(self, question: str, history: Sequence[Turn]) -> list[str]:
        """The questions that stand alone which may be meant, the plain one first; `question` without instructions."""
        if not history or asks_sum(question, certain=True):
            return [question]
        if changed := again([turn.content for turn in history if turn.role == "user"], question):
            return [changed]
        return readings(question, history, self.searcher.name_in, functools.cache(self._groups))

    def find(self, ways: Sequence[str], heard: str = "") -> Found:
        """Of the readings (as `ways` gives them) the one that the documents answer better. `heard`: all that was said; a
        reading may put words together that nobody said, and such a name is no unknown one."""
        groups = functools.cache(self._groups)
        found = [self._found(asked, groups, heard) for asked in ways]
        alone, best = found[0], max(found, key=lambda one: one.probability)
        if alone is not found[-1] and found[-1].probability >= CLEARLY and _goes_on(ways[0], found[-1]):
            return found[-1]
        # Any words find something when the matter before is put to them: that must be clearly the better reading.
        return best if clearly_better(best, alone) else alone

    def settled(self, found: Found, history: Sequence[Turn]) -> tuple[Found, Choice | None]:
        """What was found, and the products of which one may be meant; where the talk has named one, that one's."""
        if (not self.settings.choices or self.judge is None or found.compared or asks_sum(found.asked)
                or found.probability < refusal.AT_ONCE):
            return found, None
        products = known_products(self.searcher.view().facts.product_names)
        open_ = choice(found, self.searcher, self.judge, products)
        if open_ and open_.open and (meant := open_.named_in(history, products)):
            return self._found(f"{meant}，{found.asked}", functools.cache(self._groups)), None
        return found, open_

    def investments(self, asked: str) -> list[Rated]:
        """The investment products that a question compares, with their risk levels; none where it compares no two."""
        return compared_investments(asked, self.searcher, functools.cache(self._groups)) if compares(asked) else []

    def _found(self, asked: str, groups: Groups, heard: str = "") -> Found:
        """What is found for a question that stands alone."""
        compared = None if asks_sum(asked) else comparison(asked, self.searcher.name_in, groups)
        there = self._sides(compared) if compared else []
        if there and (all(side.found for side in there) or all(self.searcher.name_in(side.member) for side in there)):
            words = compared_words(compared, there)
            if words:
                first = max(there, key=lambda side: side.probability)
                hits = tuple(hit for side in there for hit in side.hits)
                return Found(asked, hits, first.evidence, first.probability, words)
        hits = self._hits(asked)
        called = self.searcher.view().facts.called
        known = called.named(asked)
        evidence = select(asked, hits, self.searcher.rarity, self.judge, only=of_the_named(asked, known, called, hits))
        elsewhere = self._named_elsewhere(asked, hits, evidence, known)
        if meant_hits := {number for number, hit in enumerate(hits) if hit.title in elsewhere}:
            evidence = select(asked, hits, self.searcher.rarity, self.judge, only=lambda one: one.hit in meant_hits)
        meant = () if asks_items(asked) else (items_meant(asked, self.searcher.rarity),)
        if self.settings.complete_lists:
            evidence = completed(evidence, hits, self.searcher.section, *meant, question=asked)
        unknown = self._unknown(asked, hits, evidence, known)
        if heard and unknown not in normalise(heard):
            unknown = ""
        astray = bool(elsewhere) and not meant_hits
        probability = refusal.answerable(asked, hits, self.searcher.rarity, evidence, bool(unknown) or astray)
        return Found(asked, hits, evidence, probability, unknown=unknown)

    def _unknown(self, asked: str, hits: Sequence[Hit], evidence: Evidence, known: Mapping[str, Sequence[str]]) -> str:
        """A product or law that the question names and no document is about; "" where there is none."""
        facts = self.searcher.view().facts
        found = "\n".join(words for citation in evidence.citations for words in (citation.title, citation.text))
        return (unknown_name(asked, self.searcher.frequency, {hit.title for hit in hits}, known, facts.product_names)
                or unknown_edition(asked, self.searcher.frequency, known, facts.titles.values())
                or unknown_year(asked, known, facts.editions.years)
                or unknown_number(asked, self.searcher.name_in(asked), [(hit.title, hit.text) for hit in hits])
                or unknown_of_house(asked, facts.called.houses, (*facts.titles.values(), *facts.product_names), known)
                or unknown_law(asked, facts.titles.values(), found))

    def _named_elsewhere(self, asked: str, hits: Sequence[Hit], evidence: Evidence, known: Iterable[str]) -> frozenset[str]:
        """The titles of the documents that the question names, where the words found stand in another product's."""
        first = first_cited(hits, evidence.citations)
        if first is None or not first.product:
            return frozenset()
        own = (text for hit in hits if hit.source == first.source
               for text in (hit.title, hit.text, *(section.text for section in hit.read)))
        return named_elsewhere(asked, own, first.title, self.searcher.view().facts.titles.values(), known)

    def _sides(self, compared: Comparison) -> list[Side]:
        """What is found for each of the compared things."""
        view = self.searcher.view()
        naming = Naming(self.searcher.lexicon.current().translated, self.searcher.name_in,
                        lambda text: frozenset(key for keys in view.facts.called.named(text).values() for key in keys),
                        lambda hit: view.version_of_piece.get(hit.chunk_id, ""))
        return sides(compared, self._hits, self.searcher.rarity, self.judge, naming)

    def _hits(self, asked: str) -> tuple[Hit, ...]:
        """The passages for a question without instructions, with the rows of their tables that it means."""
        most = self.settings.read_passages
        hits = disarmed(self.searcher.search(asked, LOOKED * most, rerank=False,
                                             taken=functools.partial(few_of_each_table, most=most)))
        return tuple(with_rows(asked, hits, self.searcher.section) if self.settings.fetch_rows else hits)

    def _groups(self, text: str) -> list[Group]:
        """The names of one kind in the tables found for a text."""
        return groups_of(hit.text for hit in self.searcher.search(text, self.settings.top_k, rerank=False))


def clearly_better(other: Found, than: Found) -> bool:
    """Whether another reading of a question is answered, and no worse."""
    return other.probability >= max(CLEARLY, than.probability)


def _goes_on(question: str, found: Found) -> bool:
    """Whether what was found for a question read into the talk before it speaks of what the talk was about."""
    about = set(bigrams(found.asked.removesuffix(question)))
    first = found.evidence.citations[:1]
    words = "\n".join(" ".join((c.title, c.edition, *c.headings, c.text)) for c in first)
    return bool(about) and len(about & set(bigrams(words))) >= ABOUT * len(about)
