"""Search over the live snapshot: dense and keyword retrievers propose pieces, one score orders them.

A found piece is read with its neighbours: small pieces are found better, longer passages hold the evidence more often.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from rag.errors import IndexMissingError
from rag.index.catalogue import Catalogue, Piece, Snapshot
from rag.index.facts import FactStore
from rag.index.filter import Filter, VersionFacts
from rag.index.hit import Hit, Section
from rag.index.titles import TitleMatcher
from rag.index.vectors import VectorStore
from rag.models.embedder import Embedder
from rag.settings import Settings
from rag.text.normalise import normalise
from rag.text.tokens import bigrams, content_words

log = logging.getLogger(__name__)

NAMED = 0.6  # a title is named by a question that holds so much of it, weighted by rarity
HINTED = 0.35  # from here on its pieces are looked at, whatever the retrievers propose: so many, of so many documents
NAMED_PIECES, NAMED_DOCUMENTS = 400, 5
FEW_PIECES = 3000  # where a filter leaves so few, their vectors are all compared: the nearest of all may hold none


@dataclass(frozen=True)
class Weights:
    """How much each share counts. Tuned on the development sets (bank-card FAQ, insurance clauses); see README.

    The title's share counts by its cube: half a name is next to nothing, a whole one decides.
    """

    dense: float = 1.0
    heading: float = 1.0
    words: float = 0.25
    grams: float = 0.5
    title: float = 3.0


@dataclass(frozen=True)
class _View:
    """What of a snapshot is held in memory."""

    snapshot: Snapshot
    pieces_of_vector: dict[str, list[int]]
    vectors_of_piece: dict[int, tuple[str, str]]  # its own and its heading's ("" where there is none)
    pieces_of_version: dict[str, list[int]]
    version_of_piece: dict[int, str]
    piece_at: dict[tuple[str, int], int]
    sources_of_version: dict[str, list[str]]
    titles: dict[str, str]
    matcher: TitleMatcher
    facts: VersionFacts


class Searcher:
    """Answers from the live snapshot, and moves to a new one by itself when it is published. Thread-safe."""

    def __init__(self, settings: Settings, embedder: Embedder | None = None, weights: Weights | None = None):
        self.settings = settings
        self.embedder = embedder or Embedder(settings)
        self.weights = weights or Weights()
        self.catalogue = Catalogue(settings.home / "catalogue.db")
        self._store: VectorStore | None = None
        self._view: _View | None = None
        self._lock = threading.Lock()
        self.facts = FactStore(self.catalogue)
        self.today: Callable[[], date] = date.today

    # -- the live snapshot ----------------------------------------------------------------------------------------

    def view(self) -> _View:
        """The live snapshot. Raises IndexMissingError where nothing has been published."""
        live = self.catalogue.live()
        if live is None:
            raise IndexMissingError("还没有索引；请先运行 odfin index，或在控制台“知识库”页点“重新索引”")
        view = self._view
        if view is None or view.snapshot.id != live.id:
            with self._lock:
                if self._view is None or self._view.snapshot.id != live.id:
                    self._view = self._load(live)
                view = self._view
        return view if view.facts.generation == self.facts.generation() else self._with_facts(view)

    def _with_facts(self, view: _View) -> _View:
        """The same snapshot after facts have been read or edited."""
        with self._lock:
            facts = VersionFacts.load(self.facts, view.snapshot.id, view.sources_of_version)
            titles = facts.titles()
            matcher = view.matcher if titles == view.titles else TitleMatcher(titles)
            fresh = replace(view, facts=facts, titles=titles, matcher=matcher)
            if self._view is view:
                self._view = fresh
            return fresh

    def snapshot(self) -> str:
        """The id of the snapshot that answers now."""
        return str(self.view().snapshot.id)

    def _load(self, live: Snapshot) -> _View:
        if self._store is None or self._store.name != live.vectors:
            self._store = VectorStore(self.settings.home / "chroma", live.vectors)
        else:
            self._store.reopen()  # another process may have written what this one's handles do not show
        pieces_of_vector: dict[str, list[int]] = {}
        pieces_of_version: dict[str, list[int]] = {}
        vectors_of_piece, version_of_piece, piece_at = {}, {}, {}
        for piece, version, vector, heading, position in self.catalogue.piece_keys(live.id):
            for one in filter(None, (vector, heading)):
                pieces_of_vector.setdefault(one, []).append(piece)
            pieces_of_version.setdefault(version, []).append(piece)
            vectors_of_piece[piece], version_of_piece[piece] = (vector, heading), version
            piece_at[version, position] = piece
        sources: dict[str, list[str]] = {}
        for entry in self.catalogue.entries(live.id).values():
            sources.setdefault(entry.version, []).append(entry.source)
        facts = VersionFacts.load(self.facts, live.id, sources)
        titles = facts.titles()
        return _View(live, pieces_of_vector, vectors_of_piece, pieces_of_version, version_of_piece, piece_at, sources,
                     titles, TitleMatcher(titles), facts)

    # -- search ---------------------------------------------------------------------------------------------------

    def search(self, question: str, top_k: int | None = None, where: Filter | None = None) -> list[Hit]:
        """The best passages for a question, best first; none for an empty question or index.

        Of several editions of a law or product the one in force answers, unless the question is about another time.
        """
        top_k = top_k or self.settings.top_k
        question = normalise(question).strip()
        if not question:
            return []
        view = self.view()
        ranked = self._rank(view, question, where)
        return self._passages(view, ranked, top_k)

    def _rank(self, view: _View, question: str, where: Filter | None = None) -> list[tuple[int, float, dict[str, float]]]:
        mode, limit = self.settings.retrieval, self.settings.candidates
        allowed = view.facts.allowed(where, self.today())
        named = view.matcher.match(question)
        if allowed is not None:
            named = {version: share for version, share in named.items() if version in allowed}
        best = max(named, key=named.get, default="")
        body = question
        candidates: set[int] = set()
        if best and named[best] >= NAMED:
            # The name has done its work: inside the documents it names, the other words decide.
            body = view.matcher.without(question, best) or question
        for version in sorted(named, key=named.get, reverse=True)[:NAMED_DOCUMENTS]:
            if named[version] >= HINTED:
                candidates.update(view.pieces_of_version[version][:NAMED_PIECES])
        words: dict[int, float] = {}
        grams: dict[int, float] = {}
        if mode != "dense":
            words = dict(self.catalogue.keyword("word_index", content_words(body), 4 * limit, view.snapshot.id, allowed))
            grams = dict(self.catalogue.keyword("gram_index", bigrams(body), 4 * limit, view.snapshot.id, allowed))
            candidates |= set(list(words)[:limit]) | set(list(grams)[:limit])
        cosines: dict[int, tuple[float, float]] = {}
        if mode != "keyword":
            cosines = self._cosines(view, self.embedder.embed_query(body), candidates, limit, allowed)
            candidates |= cosines.keys()
        ranked = self._fuse(view, candidates, cosines, words, grams, named)
        return view.facts.in_force_first(ranked, view.version_of_piece, question, where, self.today())

    def _cosines(self, view: _View, query: Sequence[float], candidates: set[int], limit: int,
                 allowed: Collection[str] | None = None) -> dict[int, tuple[float, float]]:
        """piece -> (cosine of its words, cosine of its heading; -1 where it has none), for the nearest pieces and for
        those that others proposed."""
        few = allowed is not None and sum(len(view.pieces_of_version[v]) for v in allowed) <= FEW_PIECES
        near = {} if few else self._nearest_live(view, query, limit, allowed)
        pieces = candidates | {piece for vector in near for piece in view.pieces_of_vector.get(vector, ())[:limit]
                               if allowed is None or view.version_of_piece[piece] in allowed}
        if few:
            pieces |= {piece for version in allowed for piece in view.pieces_of_version[version]}
        wanted = {vector for piece in pieces for vector in view.vectors_of_piece[piece] if vector}
        stored = self._store.get(sorted(wanted - near.keys()))
        asked = np.asarray(query, dtype="float32")
        near |= {vector: float(values @ asked) for vector, values in stored.items()}
        return {piece: tuple(near.get(v, -1.0) for v in view.vectors_of_piece[piece]) for piece in pieces}

    def _nearest_live(self, view: _View, query: Sequence[float], limit: int,
                      allowed: Collection[str] | None = None) -> dict[str, float]:
        """The nearest vectors of this snapshot: those of older ones lie in the same collection and are passed over."""
        count = limit
        while True:
            near = self._store.nearest(query, count)
            live = {vector: cosine for vector, cosine in near if (pieces := view.pieces_of_vector.get(vector))
                    and (allowed is None or any(view.version_of_piece[piece] in allowed for piece in pieces))}
            if len(live) >= limit or len(near) < count or (count >= 8 * limit and (live or allowed is None)):
                return live
            count *= 2

    def _fuse(self, view: _View, candidates: set[int], cosines: dict[int, tuple[float, float]], words: dict[int, float],
              grams: dict[int, float], named: dict[str, float]) -> list[tuple[int, float, dict[str, float]]]:
        """Weighted sum of shares (0…1): cosines between the candidates' lowest and highest, BM25 over its highest."""
        own = [body for body, _ in cosines.values() if body > -1.0]
        low = min(own, default=0.0)
        spread = max((max(pair) for pair in cosines.values()), default=1.0) - low or 1.0
        best_word, best_gram = max(words.values(), default=1.0), max(grams.values(), default=1.0)
        weights = self.weights
        total = weights.dense + weights.heading + weights.words + weights.grams
        ranked = []
        for piece in candidates:
            body, heading = cosines.get(piece, (low, -1.0))
            parts = {
                "dense": max(0.0, body - low) / spread,
                "heading": max(0.0, max(body, heading) - low) / spread,
                "words": words.get(piece, 0.0) / best_word,
                "grams": grams.get(piece, 0.0) / best_gram,
                "title": named.get(view.version_of_piece[piece], 0.0),
            }
            shares = parts | {"title": parts["title"] ** 3}
            score = sum(getattr(weights, name) * value for name, value in shares.items()) / total
            parts["cosine"] = max(body, heading)
            ranked.append((piece, score, parts))
        ranked.sort(key=lambda row: (-row[1], row[0]))
        return ranked

    def name_in(self, question: str) -> str:
        """The words of a question that name a document of the live snapshot, or an empty string."""
        return self.view().matcher.name_in(question)

    def rarity(self, tokens: Sequence[str]) -> dict[str, float]:
        """Inverse document frequency of tokens over the stored pieces: log(1 + N / (1 + n)), at least 0."""
        pieces = max(1, self.view().snapshot.chunks)
        return {t: math.log(1 + pieces / (1 + n)) for t, n in self.catalogue.frequency(tokens).items()}

    # -- passages -------------------------------------------------------------------------------------------------

    def _passages(self, view: _View, ranked: list, top_k: int) -> list[Hit]:
        hits: list[Hit] = []
        covered: set[tuple[str, int]] = set()
        seen_vectors: set[str] = set()
        for start in range(0, len(ranked), 4 * top_k):
            part = ranked[start : start + 4 * top_k]
            pieces = self.catalogue.pieces([piece for piece, _, _ in part])
            for number, score, parts in part:
                piece = pieces[number]
                if (piece.version, piece.position) in covered or piece.vector in seen_vectors:
                    continue
                sections, positions = self._read(view, piece)
                covered |= positions
                seen_vectors.add(piece.vector)
                source = view.sources_of_version[piece.version][0]
                hits.append(Hit(source, view.titles[piece.version], piece.page, piece.headings, _passage(sections),
                                piece.text, round(score, 4), piece.kind, piece.id,
                                {k: round(v, 4) for k, v in parts.items()}, sections,
                                view.facts.editions.edition(piece.version, self.today())))
                if len(hits) == top_k:
                    return hits
        return hits

    def _read(self, view: _View, piece: Piece) -> tuple[tuple[Section, ...], set[tuple[str, int]]]:
        """The piece with its neighbours, first those under its own heading.

        Also the (version, position) of those under its heading: they are no hits of their own any more. What stands
        under another heading may be the better answer to the same question, and is not hidden.
        """
        budget = self.settings.passage_chars - len(piece.text)
        numbers = [view.piece_at.get((piece.version, piece.position + step)) for step in (1, 2, 3, -1, -2, -3)]
        around = {p.position: p for p in self.catalogue.pieces([n for n in numbers if n]).values()}
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
