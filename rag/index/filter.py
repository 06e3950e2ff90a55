"""Which documents a search may look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rag.documents.facts import Facts
from rag.errors import OdfinError
from rag.index.facts import checked_value
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
        return ((not self.topic or facts.topic == self.topic) and (not self.kind or facts.kind == self.kind)
                and (not self.institution or normalise(self.institution) in normalise(facts.institution))
                and (not self.product_code or normalise(self.product_code) in map(normalise, facts.product_code.split("、"))))
