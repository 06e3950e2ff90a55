"""The row that a question means, fetched from the whole table where the passage found holds only its neighbours.

A rate table of sixty ages is many pieces, all alike to a search; which row is meant is told by its label or its band.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from rag.answer.columns import most_parts
from rag.answer.injection import without_instructions
from rag.answer.labels import LEADING, aliases, said
from rag.index.hit import Hit, Section
from rag.text.bands import fit, quantities
from rag.text.normalise import normalise
from rag.text.row_bands import row_bands
from rag.text.sentences import Unit, cells, split_units

PIECES = 2  # of one table are read
BESIDE = 120  # characters at most stand beside the table in a piece of it
SECTIONS = 4  # sections with tables that are looked through
MOST = 4  # rows added to each
CHARS = 40_000  # of a section are read


def few_of_each_table(hits: Iterable[Hit], most: int) -> list[Hit]:
    """The first `most` hits, of one table PIECES at most.

    A rate table of sixty ages would fill all places; the row that is meant is fetched by `with_rows`.
    """
    kept: list[Hit] = []
    seen: Counter[tuple[str, str]] = Counter()
    for hit in hits:
        table = next((row.text.rsplit("\n", 1)[0] for row in _rows(hit.piece)), None)
        if table and sum(len(line) for line in hit.piece.split("\n") if not line.lstrip().startswith("|")) <= BESIDE:
            seen[hit.source, table] += 1
            if seen[hit.source, table] > PIECES:
                continue
        kept.append(hit)
        if len(kept) == most:
            break
    return kept


def with_rows(question: str, hits: Sequence[Hit], section_of: Callable[[int, int], Section | None]) -> list[Hit]:
    """The hits, those with tables together with the rows of all tables of their section that fit the question and were
    not read."""
    left, done = SECTIONS, []
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for hit in hits:
        key = (hit.source, hit.headings)
        read = [row for part in hit.read for row in _rows(part.text)] if left and key not in seen else []
        if not read:
            done.append(hit)
            continue
        seen.add(key)
        left -= 1
        done.append(_with_rows(hit, read, section_of(hit.chunk_id, CHARS), _Worth(question)))
    return done


def _with_rows(hit: Hit, read: Sequence[Unit], section: Section | None, worth: _Worth) -> Hit:
    """The hit with those rows of its section that are worth more than all that were `read`."""
    if section is None:
        return hit
    known = {row.text for row in read}
    scored = [(worth(row), row) for row in _rows(without_instructions(section.text)) if row.text not in known]
    best = max((n for n, _ in scored), default=0)
    if best <= max(map(worth, read)):
        return hit
    chosen = [row for n, row in scored if n == best][:MOST]
    parts = tuple(Section(row.text, section.headings, section.page, False) for row in chosen)
    return replace(hit, sections=(*hit.read, *parts))


def _rows(text: str) -> list[Unit]:
    return [unit for unit in split_units(text) if unit.kind == "row"]


class _Worth:
    """How well a row fits a question: how many of its first cells the question says, whether its quantities lie in the
    row's bands, and how many parts of a column's name it says."""

    def __init__(self, question: str):
        self._stated, self._question = quantities(question), normalise(question)
        self._columns: dict[str, int] = {}  # the rows of one table share their header

    def __call__(self, row: Unit) -> int:
        lines = row.text.split("\n")
        values = cells(lines[-1])[:LEADING]
        if lines[-3] not in self._columns:
            self._columns[lines[-3]] = most_parts(cells(lines[-3])[1:], self._question)
        worth = sum(any(said(name, self._question) for name in aliases(value)) for value in values)
        worth += fit(self._stated, row_bands(row.plain)) > 0 if self._stated else 0
        return worth + self._columns[lines[-3]] if worth else 0
