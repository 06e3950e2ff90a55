"""What the documents of a snapshot say has changed: a later notice's 由0.5%调整为0.45% is to be told with the paper that still
says 0.5%.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rag.index.catalogue import Catalogue
from rag.index.postings import GRAMS
from rag.index.view import View
from rag.text.changes import SIGNS, Change, find_changes


@dataclass(frozen=True)
class NoticedChange:
    """A change as a piece of a document's `version` states it. `begins`: the day it names, else the document's. `named`:
    versions of the products that the statement, or else its document, names; empty where it names none."""

    change: Change
    version: str
    headings: tuple[str, ...]
    page: int | None
    begins: date | None
    named: frozenset[str]


def noticed_changes(catalogue: Catalogue, view: View) -> tuple[NoticedChange, ...]:
    """Every change of a figure that a notice states, or another document with its day; what a prospectus tells of the
    past is none."""
    facts = view.facts
    pieces = {piece for sign in SIGNS for piece in catalogue.holding(GRAMS, [sign]) if piece in view.version_of_piece}
    found = []
    for piece in catalogue.pieces(sorted(pieces)).values():
        for change in find_changes(piece.text):
            if change.begins is None and not facts.editions.is_notice(piece.version):
                continue
            said = facts.called.said(" ".join((change.unit.text, *piece.headings))) or facts.called.said(facts.titles[piece.version])
            named = frozenset(version for versions in said.values() for version in versions)
            begins = change.begins or facts.editions.start(piece.version)
            found.append(NoticedChange(change, piece.version, piece.headings, piece.page, begins, named))
    return tuple(found)
