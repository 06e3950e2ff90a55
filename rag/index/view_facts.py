"""The facts of a snapshot's documents as the search holds them: which a filter leaves, and which edition answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from rag.index.asked import AskedTime, asked_time
from rag.index.catalogue import Catalogue
from rag.index.editions import Editions
from rag.index.facts import FactStore, SourceFacts
from rag.index.filter import Filter
from rag.index.folder import topic_of
from rag.index.product_names import ProductNames

FILTERS = 64  # are remembered


class ViewFacts:
    """What the search needs to know of every version of one snapshot.

    Of several documents of one content the first that the administrator has edited speaks for all, else one that lies in
    a topic's folder.
    """

    def __init__(self, held: Mapping[str, SourceFacts], sources: Mapping[str, list[str]]):
        """`held`: source -> facts. `sources`: version -> the sources of this content, in order."""
        self._held = held
        self._sources = {version: sorted(of, key=lambda one: (not held[one].edited, not topic_of(one)))
                         for version, of in sources.items()}
        self.titles = {version: held[of[0]].facts.title for version, of in self._sources.items()}
        self.called = ProductNames({version: (held[of[0]].facts.product, held[of[0]].facts.institution)
                                    for version, of in self._sources.items()})
        self.products = {version: self.called.product.get(version, "") for version in self._sources}
        self.product_names = tuple(sorted({name for name in self.products.values() if name}))
        self.editions = Editions({version: held[of[0]].facts for version, of in self._sources.items()})
        self._allowed: dict[Filter, frozenset[str]] = {}

    @classmethod
    def load(cls, catalogue: Catalogue, snapshot: int) -> ViewFacts:
        sources: dict[str, list[str]] = {}
        for entry in catalogue.entries(snapshot).values():
            sources.setdefault(entry.version, []).append(entry.source)
        return cls(FactStore(catalogue).of_sources(snapshot), sources)

    def allowed(self, where: Filter | None) -> frozenset[str] | None:
        """The versions a search may find: one document of that content has to fit. None: all of them."""
        if where is None or where == Filter():
            return None
        if where not in self._allowed:
            if len(self._allowed) >= FILTERS:
                self._allowed.clear()
            self._allowed[where] = frozenset(
                version for version, sources in self._sources.items()
                if any(where.fits(self._held[source].facts) for source in sources)
                and (where.on is None or self.editions.state(version, where.on).in_force))
        return self._allowed[where]

    def sources(self, version: str, where: Filter | None) -> list[str]:
        """The documents of this content, those that fit first."""
        return sorted(self._sources[version], key=lambda one: where is not None and not where.fits(self._held[one].facts))

    def begins_after(self, version: str, question: str, today: date) -> date | None:
        """The day from which a version holds, where the question is about a time before it; else None."""
        asked = asked_time(question, today)
        if asked.span is None or asked.edition or asked.loose or asked.both:
            return None
        return self.editions.begins_after(version, asked.span)

    def lapsed(self, version: str, question: str, today: date) -> str:
        """What became of a version that holds no longer, where the question is about today (已于2026-06-30到期); else empty."""
        asked = asked_time(question, today)
        if asked.span is not None or asked.edition or asked.old or asked.both:
            return ""
        state = self.editions.state(version, today)
        if state.why == "已到期":
            return f"已于{self._held[self._sources[version][0]].facts.expires}到期"
        return state.words if state.why in ("已被替代", "已废止") else ""

    def in_force_first(self, ranked: list, version_of: Mapping[int, str], question: str, where: Filter | None,
                       today: date) -> list:
        """(piece, score, …) rows in the order that the time asked about makes of them; what another edition answers is
        left out."""
        asked = AskedTime(both=True) if where and where.on else asked_time(question, today)
        shares: dict[str, float] = {}
        rows = []
        for piece, score, parts in ranked:
            version = version_of[piece]
            if version not in shares:
                shares[version] = self.editions.share(version, asked, today)
            if shares[version]:
                rows.append((piece, score * shares[version], parts))
        return sorted(rows, key=lambda row: (-row[1], row[0]))
