"""What of a snapshot is held in memory, so that a question finds everything in place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from rag.index.catalogue import Catalogue, Snapshot, State
from rag.index.complete import embedder_of
from rag.index.matrix import Matrix
from rag.index.postings import Lengths
from rag.index.titles import TitleMatcher
from rag.index.view_facts import ViewFacts
from rag.models.embedder import Embedder
from rag.settings import Settings

SCOPES = 16  # kept of those that were asked for


@dataclass(frozen=True)
class Scope:
    """The pieces that a search is limited to. `vectors` are the rows of the matrix that they use, each once."""

    pieces: np.ndarray  # bool, one a piece
    vectors: np.ndarray


@dataclass(frozen=True)
class View:
    """What of a snapshot is held in memory. Arrays have one entry a piece, in the order of `pieces`."""

    state: State
    embedder: Embedder
    matrix: np.ndarray
    pieces: np.ndarray  # piece ids, rising
    body: np.ndarray  # rows of the matrix: its own vector's…
    heading: np.ndarray  # …and its heading's; -1 where there is none
    lengths: Lengths
    pieces_of_version: dict[str, list[int]]  # in the order of their positions, which count from 0
    version_of_piece: dict[int, str]
    facts: ViewFacts
    matcher: TitleMatcher
    scopes: dict[frozenset[str] | None, Scope] = field(default_factory=dict)  # made when first asked for

    @property
    def snapshot(self) -> Snapshot:
        return self.state.live

    def piece_at(self, version: str, position: int) -> int | None:
        pieces = self.pieces_of_version[version]
        return pieces[position] if 0 <= position < len(pieces) else None

    def scope(self, allowed: frozenset[str] | None) -> Scope:
        """The pieces of these versions; None: of all."""
        if allowed not in self.scopes:
            if allowed is None:
                mask = np.ones(len(self.pieces), dtype=bool)
            else:
                mask = np.fromiter((self.version_of_piece[piece] in allowed for piece in self.pieces.tolist()),
                                   dtype=bool, count=len(self.pieces))
            rows = np.unique(np.concatenate((self.body[mask], self.heading[mask])))
            if len(self.scopes) >= SCOPES:
                self.scopes.clear()
            self.scopes[allowed] = Scope(mask, rows[rows >= 0])
        return self.scopes[allowed]


def load_view(catalogue: Catalogue, settings: Settings, embedder: Embedder, before: View | None = None,
              vectors: bool = True) -> View:
    """Read the live snapshot, as of one moment. `vectors`: False where they are lost and only keywords can find anything.

    Of the view `before` only the facts are read again where nothing else has changed.

    Raises OSError where the file of vectors is lost or was written anew meanwhile, and OdfinError where the snapshot's
    vectors are of an embedder that is not known.
    """
    with catalogue.reading():
        state = catalogue.state()
        if before is not None and replace(before.state, facts=state.facts) == state:
            return _with_facts(catalogue, state, before)
        return _read(catalogue, state, settings, embedder, vectors)


def _with_facts(catalogue: Catalogue, state: State, view: View) -> View:
    facts = ViewFacts.load(catalogue, state.live.id)
    same = (facts.titles, facts.called) == (view.facts.titles, view.facts.called)
    matcher = view.matcher if same else TitleMatcher(facts.titles, facts.called)
    return replace(view, state=state, facts=facts, matcher=matcher)


def _read(catalogue: Catalogue, state: State, settings: Settings, embedder: Embedder, vectors: bool) -> View:
    live = state.live
    embedder = embedder_of(catalogue, live, settings, embedder)
    matrix = np.zeros((0, 1), dtype="float32")
    if vectors:
        matrix = Matrix(catalogue, settings.home / "vectors", live.vectors).open()
    keys = catalogue.piece_keys(live.id)
    numbers = np.array([(key[0], *key[2:]) for key in keys], dtype="int32").reshape(-1, 6)
    pieces, _, body, heading, words, grams = numbers.T
    body, heading = (np.where(rows < len(matrix), rows, -1) for rows in (body, heading))
    pieces_of_version: dict[str, list[int]] = {}
    for key in keys:
        pieces_of_version.setdefault(key[1], []).append(key[0])
    facts = ViewFacts.load(catalogue, live.id)
    return View(state, embedder, matrix, pieces, body, heading, Lengths(pieces, words, grams), pieces_of_version,
                {key[0]: key[1] for key in keys}, facts, TitleMatcher(facts.titles, facts.called))
