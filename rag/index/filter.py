"""Which documents a search may look at, and the facts of a snapshot's versions as the search holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rag.documents.facts import Facts
from rag.errors import OdfinError
from rag.index.asked import AskedTime, asked_time
from rag.index.editions import Editions
from rag.index.facts import FactStore, checked_value
from rag.text.normalise import normalise


@dataclass(frozen=True)
class Filter:
    """Every field given must fit. `institution` is a part of the name, `product_code` a whole code; `on`: in force that
    day (what names no dates is)."""

    topic: str = ""
    kind: str = ""
    institution: str = ""
    product_code: str = ""
    on: date | None = None

    @classmethod
    def read(cls, topic: str = "", kind: str = "", institution: str = "", product_code: str = "", on: str = "") -> Filter | None:
        """A filter from words a person typed, None where all are empty. Raises OdfinError with one line."""
        if not any((topic, kind, institution, product_code, on)):
            return None
        try:
            day = date.fromisoformat(checked_value("effective", on)) if on else None
        except OdfinError as error:
            raise OdfinError(f"看不懂日期“{on[:30]}”；请写成 2026-01-15 或 2026年1月15日") from error
        return cls(checked_value("topic", topic), checked_value("kind", kind), institution.strip(), product_code.strip(), day)

    def fits(self, facts: Facts) -> bool:
        """Whether the facts fit, the day of force apart."""
        codes = {normalise(code) for code in facts.product_code.split("、")}
        return ((not self.topic or facts.topic == self.topic) and (not self.kind or facts.kind == self.kind)
                and normalise(self.institution) in normalise(facts.institution)
                and (not self.product_code or normalise(self.product_code) in codes))


class VersionFacts:
    """What the search needs to know of every version of one snapshot, at one generation of the facts."""

    def __init__(self, generation: int, facts: Mapping[str, Facts]):
        self.generation = generation
        self.facts = facts
        self.editions = Editions(facts)

    @classmethod
    def load(cls, store: FactStore, snapshot: int, sources_of_version: Mapping[str, Sequence[str]]) -> VersionFacts:
        """Of several documents of one content the first that the administrator has edited speaks for all."""
        generation = store.generation()
        held = store.of_sources(snapshot)
        chosen = {version: next((s for s in sources if held[s].edited), sources[0])
                  for version, sources in sources_of_version.items()}
        return cls(generation, {version: held[source].facts for version, source in chosen.items()})

    def titles(self) -> dict[str, str]:
        return {version: facts.title for version, facts in self.facts.items()}

    def allowed(self, where: Filter | None, today: date) -> frozenset[str] | None:
        """The versions a search may find; None: all of them."""
        if where is None or where == Filter():
            return None
        return frozenset(version for version, facts in self.facts.items() if where.fits(facts)
                         and (where.on is None or self.editions.state(version, where.on).in_force))

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


