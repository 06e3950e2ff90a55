"""What was found, as it is read: a piece with its neighbours, its document and the edition of it.

Small pieces are found better, longer passages hold the evidence more often.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from rag.index.catalogue import Catalogue, Piece
from rag.index.filter import Filter
from rag.index.hit import Hit, Section
from rag.index.view import View

PIECE_CHARS = 100  # a section of so many characters for each piece is looked for either side, at most REACH
REACH = 400
AT_ONCE = 24  # ranked pieces are fetched


class MovedError(Exception):
    """What this view names is gone: a newer snapshot answers."""


def read_passages(catalogue: Catalogue, view: View, ranked: list, chars: int, where: Filter | None, today: date,
                  copies: bool = False) -> Iterator[Hit]:
    """Ranked pieces, (piece id, score, parts) each, read as passages of about so many characters, each when it is asked for.

    `copies`: a piece that another document holds word for word is a hit of its own. Raises MovedError where the view's
    pieces are gone.
    """
    covered: set[tuple[str, int]] = set()
    seen_vectors: set[str] = set()
    for start in range(0, len(ranked), AT_ONCE):
        part = ranked[start : start + AT_ONCE]
        pieces = catalogue.pieces([piece for piece, _, _ in part])
        for number, score, parts in part:
            piece = pieces.get(number)
            if piece is None:
                raise MovedError
            if (piece.version, piece.position) in covered or piece.vector in seen_vectors:
                continue
            sections, positions = _read(catalogue, view, piece, chars)
            covered |= positions
            if not copies:
                seen_vectors.add(piece.vector)
            source, *also = view.facts.sources(piece.version, where)
            yield Hit(source, view.facts.titles[piece.version], piece.page, piece.headings, _passage(sections),
                      piece.text, round(score, 4), piece.kind, piece.id,
                      {k: round(v, 4) for k, v in parts.items()}, sections, tuple(also),
                      view.facts.editions.edition(piece.version, today), view.facts.products[piece.version])


def _read(catalogue: Catalogue, view: View, piece: Piece, chars: int) -> tuple[tuple[Section, ...], set[tuple[str, int]]]:
    """The piece with its neighbours, first those under its own heading.

    Also the (version, position) of those under its heading: they are no hits of their own any more. What stands
    under another heading may be the better answer to the same question, and is not hidden.
    """
    budget = chars - len(piece.text)
    numbers = [view.piece_at(piece.version, piece.position + step) for step in (1, 2, 3, -1, -2, -3)]
    around = {p.position: p for p in catalogue.pieces([n for n in numbers if n]).values()}
    taken = {piece.position: piece}
    first = last = piece.position
    for same_heading in (True, False):
        growing = True
        while growing and budget > 0:
            growing = False
            for position in (last + 1, first - 1):
                other = around.get(position)
                if other is None or len(other.text) > budget:
                    continue
                if same_heading and other.headings != piece.headings:
                    continue
                taken[position] = other
                first, last = min(first, position), max(last, position)
                budget -= len(other.text)
                growing = True
    own = {(piece.version, p.position) for p in taken.values() if p.headings == piece.headings}
    return _sections([taken[position] for position in sorted(taken)], piece), own


def whole_section(catalogue: Catalogue, view: View, number: int, chars: int) -> Section | None:
    """The piece with all its neighbours under the same headings, up to about so many characters; None where it is gone."""
    piece = catalogue.pieces([number]).get(number)
    if piece is None or piece.version not in view.pieces_of_version:
        return None
    reach = min(REACH, chars // PIECE_CHARS)
    numbers = [view.piece_at(piece.version, piece.position + step) for step in range(-reach, reach + 1)]
    around = {p.position: p for p in catalogue.pieces([n for n in numbers if n]).values()}
    taken, budget = [piece], chars - len(piece.text)
    for step in (1, -1):
        position = piece.position + step
        while (other := around.get(position)) and other.headings == piece.headings and len(other.text) <= budget:
            taken.append(other)
            budget -= len(other.text)
            position += step
    taken.sort(key=lambda p: p.position)
    return Section("\n".join(p.text for p in taken), piece.headings, piece.page)


def _sections(pieces: Sequence[Piece], found: Piece) -> tuple[Section, ...]:
    sections: list[Section] = []
    for piece in pieces:
        last = sections[-1] if sections else None
        if last and (last.headings, last.page) == (piece.headings, piece.page):
            sections[-1] = Section(f"{last.text}\n{piece.text}", last.headings, last.page, last.found or piece is found)
        else:
            sections.append(Section(piece.text, piece.headings, piece.page, piece is found))
    return tuple(sections)


def _passage(sections: Sequence[Section]) -> str:
    """Sections as they are read: a heading stands before its section unless that begins with it."""
    lines: list[str] = []
    shown: tuple[str, ...] = ()
    for section in sections:
        lines.extend(h for h in section.headings if h not in shown and h not in section.text)
        shown = section.headings
        lines.append(section.text)
    return "\n".join(lines)
