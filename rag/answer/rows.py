"""The row that a question means, fetched from the whole table where the passage found holds only its neighbours.

A rate table of sixty ages is many pieces, all alike to a search; which row is meant is told by its label or its band.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.answer.injection import without_instructions
from rag.answer.labels import LEADING, aliases, said
from rag.index.hit import Hit, Section
from rag.text.bands import fit, quantities, row_bands
from rag.text.normalise import normalise
from rag.text.sentences import Unit, cells, split_units

TABLES = 3  # passages with tables that are looked through
MOST = 4  # rows added to each
CHARS = 12_000  # of a section are read


def with_rows(question: str, hits: Sequence[Hit], section_of: Callable[[int, int], Section | None]) -> list[Hit]:
    """The hits, those with tables together with the rows of the whole table that fit the question and were not read."""
    stated, text = quantities(question), normalise(question)
    left, done = TABLES, []
    seen: set[tuple[str, str]] = set()
    for hit in hits:
        table = next((u for s in hit.read for u in split_units(s.text) if u.kind == "row"), None)
        key = (hit.source, table.text.split("\n")[-3]) if table else None
        if table is None or key in seen or left == 0:
            done.append(hit)
            continue
        seen.add(key)
        left -= 1
        done.append(_with_rows(hit, section_of(hit.chunk_id, CHARS), stated, text))
    return done


def _with_rows(hit: Hit, section: Section | None, stated: list[tuple[float, str]], question: str) -> Hit:
    if section is None:
        return hit
    read = {line for s in hit.read for line in s.text.split("\n")}
    rows = [u for u in split_units(without_instructions(section.text)) if u.kind == "row"]
    worth = [(_worth(row, stated, question), row) for row in rows if row.text.split("\n")[-1] not in read]
    best = max((n for n, _ in worth), default=0)
    chosen = [row for n, row in worth if n == best][:MOST] if best else []
    if not chosen or best <= max((_worth(u, stated, question) for s in hit.read for u in split_units(s.text) if u.kind == "row"),
                                 default=0):
        return hit  # a row that was read fits as well
    parts = tuple(Section(row.text, section.headings, section.page, False) for row in chosen)
    return replace(hit, sections=(*hit.read, *parts))


def _worth(row: Unit, stated: list[tuple[float, str]], question: str) -> int:
    """How many of the first cells the question says, and whether its quantities lie in the row's bands."""
    values = cells(row.text.split("\n")[-1])[:LEADING]
    return sum(any(said(name, question) for name in aliases(value)) for value in values) + (
        fit(stated, row_bands(row.plain)) > 0 if stated else 0)
