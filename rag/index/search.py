"""Search over the live snapshot: dense and keyword retrievers propose pieces, one score orders them."""

from __future__ import annotations

import heapq
import logging
import math
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain, islice

import numpy as np

from rag.errors import IndexMissingError, OdfinError
from rag.index.asked import asked_time, timeless_question, without_edition
from rag.index.catalogue import Catalogue
from rag.index.changes import NoticedChange, noticed_changes
from rag.index.codes import coded
from rag.index.filter import Filter
from rag.index.hit import Hit, Section
from rag.index.lexicon.lexicon import Lexicon
from rag.index.lexicon.store import LexiconStore
from rag.index.passages import MovedError, read_passages, whole_section
from rag.index.postings import GRAMS, WORDS
from rag.index.records import Piece
from rag.index.reorder import reordered
from rag.index.titles import PRODUCT
from rag.index.view import Scope, View, load_view
from rag.models.embedder import Embedder
from rag.models.reranker import PIECE_TOKENS, open_reranker
from rag.models.token_reader import MAX_TOKENS
from rag.settings import Settings
from rag.text.codes import without_codes
from rag.text.normalise import normalise, tight
from rag.text.tokens import bigrams, content_words

log = logging.getLogger(__name__)

NAMED = 0.6  # a title is named by a question that holds so much of it, weighted by rarity
HINTED = 0.35  # from here on its pieces are looked at, whatever the retrievers propose: so many, of so many documents
NAMED_PIECES, NAMED_DOCUMENTS = 400, 5
SAID_PIECES = 200  # that say a product's name; what more say is no name
GATHER, BLOCK = 0.5, 1024  # a smaller share of the vectors is gathered, in blocks that stay in the cache
TIE = 1e-5  # sums of the same shares in another order differ by less
PATIENCE = 1.0  # seconds a question waits for a new snapshot to be read


@dataclass(frozen=True)
class Weights:
    """How much each share counts. Tuned on the development sets (bank-card FAQ, insurance clauses); `odfin eval SET --parts
    fusion` measures them beside others.

    The title's share counts by its cube: half a name is next to nothing, a whole one decides.
    """

    dense: float = 1.0
    heading: float = 1.0
    words: float = 0.25
    grams: float = 0.5
    title: float = 3.0
    expansion: float = 0.5  # of what the question's own words are worth to BM25, the documents' words for them


_YEAR = re.compile(r"(?:19|20)\d\d")  # a rule that states no year is read without the time that was asked about


class Searcher:
    """Answers from the live snapshot, and moves to a new one by itself when it is published. Thread-safe.

    A question waits `PATIENCE` seconds at most for a new snapshot to be read; a large one is read beside the questions,
    which the one before still answers.
    """

    def __init__(self, settings: Settings, embedder: Embedder | None = None, weights: Weights | None = None):
        self.settings = settings
        self.embedder = self._configured = embedder or Embedder(settings)
        self.weights = weights or Weights()
        self.reranker = open_reranker(settings, self.embedder)
        self.catalogue = Catalogue(settings.home / "catalogue.db")
        self.lexicon = LexiconStore(settings)
        self.today: Callable[[], date] = date.today
        self._view: View | None = None
        self._lock = threading.Lock()
        self._moving = threading.Lock()
        self._loading: threading.Thread | None = None
        self._changes: tuple[View | None, tuple[NoticedChange, ...]] = (None, ())

    # -- the live snapshot ----------------------------------------------------------------------------------------

    def view(self, patience: float | None = PATIENCE) -> View:
        """The live snapshot, or the one before while it is read. Raises IndexMissingError where nothing is published.

        `patience`: wait so many seconds at most for the new one; None: as long as it takes.
        """
        state = self.catalogue.state()
        if state.live is None:
            raise IndexMissingError("还没有索引；请先运行 odfin index，或在控制台“知识库”页点“重新索引”")
        view = self._view
        if view is not None and view.state == state:
            return view
        if view is None or patience is None:
            return self._move()
        with self._lock:
            if self._loading is None or not self._loading.is_alive():
                self._loading = threading.Thread(target=self._move_aside, name="read-snapshot", daemon=True)
                self._loading.start()
            loading = self._loading
        loading.join(patience)
        return self._view

    def ground(self) -> tuple:
        """Equal as long as a question finds the same: the snapshot with its facts, the lexicon and the day."""
        return self.view().state, self.lexicon.version, self.today()

    def snapshot(self) -> str:
        """The id of the snapshot that answers now."""
        return str(self.view().snapshot.id)

    def _move_aside(self) -> None:
        try:
            self._move()
        except Exception:  # the view before goes on answering
            log.exception("the new snapshot cannot be read")

    def _move(self) -> View:
        with self._moving:
            if self._view is None or self._view.state != self.catalogue.state():
                self._view = self._load()
                self.embedder = self._view.embedder
            return self._view

    def _load(self) -> View:
        for _ in range(2):
            try:
                return load_view(self.catalogue, self.settings, self._configured, self._view)
            except OSError:  # written anew while it was read, perhaps
                log.warning("the file of vectors cannot be read", exc_info=True)
        log.error("the vectors are lost: only keywords find anything; odfin index makes them again")
        return load_view(self.catalogue, self.settings, self._configured, vectors=False)

    # -- search ---------------------------------------------------------------------------------------------------

    def search(self, question: str, top_k: int | None = None, where: Filter | None = None,
               rerank: bool = True, copies: bool = False,
               taken: Callable[[Iterator[Hit]], list[Hit]] = list) -> list[Hit]:
        """The best passages for a question, best first; none for an empty question or index.

        `rerank`: the first `settings.rerank_hits` are put in order by the reranker, about 30 ms each on two cores; not
        worth it for a caller that reads their sentences with it anyway. `copies`: the same words in another document are
        a hit of their own. `taken`: which of those `top_k` the caller takes, who may stop early: each is read when it is
        asked for, and reading costs more than finding.

        `where` limits it to documents that fit. Of several editions of a law or product the one in force answers, unless
        the question is about another time.
        """
        top_k = top_k or self.settings.top_k
        question = normalise(question).strip()
        if not question:
            return []
        view = self.view()
        for _ in range(3):
            try:
                ranked = self._rank(view, question, where)
                first = self.settings.rerank_hits if rerank and self.reranker else 0
                hits = read_passages(self.catalogue, view, ranked, self.settings.passage_chars, where, self.today(), copies)
                best = self._reordered(question, list(islice(hits, first)))
                return taken(islice(chain(best, hits), top_k))
            except MovedError:
                view = self.view(patience=None)
        raise OdfinError("索引正在频繁更新，请稍后再试")

    def _reordered(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        return reordered(question, hits, partial(self.judge, max_tokens=PIECE_TOKENS)) if hits else []

    def _rank(self, view: View, question: str, where: Filter | None) -> list[tuple[int, float, dict[str, float]]]:
        mode, limit = self.settings.retrieval, self.settings.candidates
        allowed = view.facts.allowed(where)
        scope = view.scope(allowed)
        named = view.matcher.match(question) if self.settings.search_names else {}
        for version in chain(*self._coded(question, view).values()):
            named[version] = max(named.get(version, 0.0), PRODUCT)
        if allowed is not None:
            named = {version: share for version, share in named.items() if version in allowed}
        best = max(named, key=named.get, default="")
        body = question
        candidates: set[int] = set()
        if best and named[best] >= NAMED:
            # The name has done its work: inside the documents it names, the other words decide.
            body = view.matcher.without(question, best) or question
        for version in heapq.nlargest(NAMED_DOCUMENTS, named, key=named.get):
            if named[version] >= HINTED:
                candidates.update(view.pieces_of_version[version][:NAMED_PIECES])
        said = self._said(question, view, scope) if self.settings.search_names else set()
        candidates |= said
        words: dict[int, float] = {}
        grams: dict[int, float] = {}
        if mode != "dense":
            lexicon = self.lexicon.current() if self.settings.lexicon_for != "reranker" else Lexicon()
            words = self._keyword(view, scope, WORDS, content_words(body), lexicon.words(body), 4 * limit)
            grams = self._keyword(view, scope, GRAMS, bigrams(body), lexicon.bigrams(body), 4 * limit)
            for scores in (words, grams):
                candidates.update(list(scores)[: _cut(list(scores.values()), limit)])
        cosines: dict[int, tuple[float, float]] = {}
        if mode != "keyword" and len(view.matrix):
            cosines = self._cosines(view, scope, view.embedder.embed_query(body), candidates, limit)
            candidates |= cosines.keys()
        ranked = self._fuse(view, candidates, cosines, words, grams, named, said)
        if not self.settings.editions:
            return ranked
        return view.facts.in_force_first(ranked, view.version_of_piece, question, where, self.today())

    def _coded(self, question: str, view: View) -> dict[str, list[str]]:
        """code -> versions that it names; none where names decide nothing."""
        return coded(question, self.catalogue, view) if self.settings.search_names else {}

    def _said(self, question: str, view: View, scope: Scope) -> set[int]:
        """The pieces that say the name of a product which the question names, in papers that are of no other product: a
        notice, a price list."""
        found: set[int] = set()
        for name, versions in view.facts.called.named(question).items():
            products = {view.facts.products[version] for version in versions} | {""} | view.facts.called.kinds
            pieces = [piece for piece in self.catalogue.holding(GRAMS, bigrams(name))
                      if piece in view.version_of_piece and view.facts.products[view.version_of_piece[piece]] in products]
            if len(pieces) <= SAID_PIECES:
                found |= {number for number, piece in self.catalogue.pieces(pieces).items()
                          if scope.pieces[view.lengths.row[number]] and name in tight("\n".join((*piece.headings, piece.text)))}
        return found

    def _keyword(self, view: View, scope: Scope, field: int, tokens: Sequence[str], further: Sequence[str],
                 limit: int) -> dict[int, float]:
        """piece -> BM25, the best pieces of the scope first. `further` tokens count `Weights.expansion` of the others."""
        scores = self.catalogue.keywords(field, tokens, view.lengths)
        if further:
            scores = scores + self.weights.expansion * self.catalogue.keywords(field, further, view.lengths)
        scores = np.where(scope.pieces, scores, 0.0)
        best = _largest(scores, limit)
        return {int(view.pieces[row]): float(scores[row]) for row in best if scores[row] > 0}

    def _cosines(self, view: View, scope: Scope, query: Sequence[float], candidates: set[int],
                 limit: int) -> dict[int, tuple[float, float]]:
        """piece -> (cosine of its words, cosine of its heading; -1 where it has none), for the nearest pieces and for
        those that others proposed."""
        cosine = np.full(len(view.matrix) + 1, -1.0, dtype="float32")  # the last is row -1: there is none
        asked = np.asarray(query, dtype="float32")
        if len(scope.vectors) > len(view.matrix) * GATHER:
            np.dot(view.matrix, asked, out=cosine[:-1])
        else:
            for start in range(0, len(scope.vectors), BLOCK):
                rows = scope.vectors[start : start + BLOCK]
                cosine[rows] = view.matrix[rows] @ asked
        headings = view.heading if self.settings.search_headings else np.full_like(view.heading, -1)
        nearest = scope.vectors[_largest(cosine[scope.vectors], limit)]
        found = {int(view.lengths.row[piece]) for piece in candidates}
        near = np.zeros(len(cosine), dtype=bool)
        near[nearest] = True
        shared: Counter[int] = Counter()  # a heading that many pieces share proposes only so many
        for row in np.flatnonzero((near[view.body] | near[headings]) & scope.pieces).tolist():
            vector = view.body[row] if near[view.body[row]] else headings[row]
            shared[vector] += 1
            if shared[vector] <= limit:
                found.add(row)
        return {int(view.pieces[row]): (float(cosine[view.body[row]]), float(cosine[headings[row]])) for row in found}

    def _fuse(self, view: View, candidates: set[int], cosines: dict[int, tuple[float, float]], words: dict[int, float],
              grams: dict[int, float], named: dict[str, float], said: Set[int]) -> list[tuple[int, float, dict[str, float]]]:
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
                "title": max(named.get(view.version_of_piece[piece], 0.0), PRODUCT if piece in said else 0.0),
            }
            shares = parts | {"title": parts["title"] ** 3}
            score = sum(getattr(weights, name) * value for name, value in shares.items()) / total
            parts["cosine"] = max(body, heading)
            ranked.append((piece, score, parts))
        ranked.sort(key=lambda row: (-row[1], row[0]))
        return ranked

    def begins_after(self, hit: Hit, question: str) -> date | None:
        """The day from which a hit's document holds, where the question is about a time before it; else None."""
        view = self.view()
        version = view.version_of_piece.get(hit.chunk_id)
        return view.facts.begins_after(version, question, self.today()) if version else None

    def pieces_beside(self, hit: Hit) -> Iterable[Piece]:
        """The stored pieces of a hit's document, in order; none where it is gone meanwhile."""
        view = self.view()
        numbers = view.pieces_of_version.get(view.version_of_piece.get(hit.chunk_id, ""), [])
        return sorted(self.catalogue.pieces(numbers).values(), key=lambda piece: piece.position)

    def pieces_saying(self, words: str) -> list[Piece]:
        """The stored pieces, in order, of the live snapshot's documents in force that say these words."""
        view, plain = self.view(), normalise(words)
        numbers = [piece for piece in self.catalogue.holding(GRAMS, bigrams(plain)) if piece in view.version_of_piece]
        return [piece for piece in self.catalogue.pieces(sorted(numbers)).values()
                if plain in normalise(piece.text) and view.facts.editions.state(piece.version, self.today()).in_force]

    def lapsed(self, hit: Hit, question: str) -> str:
        """What became of a hit's document that holds no longer, where the question is about today; else empty."""
        view = self.view()
        version = view.version_of_piece.get(hit.chunk_id)
        return view.facts.lapsed(version, question, self.today()) if version else ""

    def changes(self) -> tuple[NoticedChange, ...]:
        """What the live snapshot's notices say has changed; read once a snapshot."""
        if not self.settings.notices:
            return ()
        view = self.view()
        if self._changes[0] is not view:
            self._changes = view, noticed_changes(self.catalogue, view)
        return self._changes[1]

    def judge(self, question: str, texts: Sequence[str], max_tokens: int = MAX_TOKENS) -> np.ndarray:
        """How well each text answers a question, as logits (len(texts),): the reranker's, for the question as it is put
        and in the documents' words. The second costs next to nothing, for the texts are read already. Sentences are read
        again together with the question, put as the best of them answers it."""
        ways = self._ways(question, texts)
        logits = [np.where(may, self.reranker.scores(way, texts, max_tokens), -np.inf) for way, may in ways]
        best = np.max(logits, axis=0)
        if max_tokens != MAX_TOKENS or not len(texts):
            return best
        way, _ = ways[int(np.argmax([one[best.argmax()] for one in logits]))]
        return self.reranker.read_again(way, texts, best)

    def _ways(self, question: str, texts: Sequence[str]) -> list[tuple[str, np.ndarray]]:
        """The ways in which a question is read, the plain one first, each with the texts (bool) that it may be read with."""
        every = np.ones(len(texts), dtype=bool)
        ways = [(question, every)]
        translated = self.lexicon.current().translated(question)
        if translated != normalise(question) and self.settings.lexicon_for != "search":
            ways.append((translated, every))
        if timeless := timeless_question(question, self.today()):  # the time has chosen the edition already
            now = asked_time(question, self.today()).span is None  # 2026年7月以后: no table of 2025 is meant
            other = [bool(_years(text) - _years(question)) if now else bool(_years(text.partition("\n")[2])) for text in texts]
            ways.append((timeless, ~np.array(other, dtype=bool)))
        view = self.view()
        if codes := self._coded(question, view):  # no sentence repeats the code of its own paper
            titles = tuple(view.facts.titles[version] for version in chain(*codes.values()))
            ways.append((without_codes(question), np.array([text.startswith(titles) for text in texts], dtype=bool)))
        called = view.facts.called.named(question)
        if called and self._holds(view, chain(*called.values()), question):  # nor the name of its own product
            titles = tuple({view.facts.titles[version] for versions in called.values() for version in versions})
            own = [text.startswith(titles) or any(name in normalise(text) for name in called) for text in texts]
            ways.append((_without(without_edition(timeless or question, self.today()), called), np.array(own, dtype=bool)))
        return ways

    def _holds(self, view: View, versions: Iterable[str], question: str) -> bool:
        """Whether the edition that a question names is one of these; true where it names none."""
        asked = asked_time(question, self.today())
        return not asked.edition or any(asked.span.year in view.facts.editions.years(version) for version in versions)

    def section(self, piece: int, chars: int = 4000) -> Section | None:
        """The whole section that a piece stands in, up to about so many characters; None where it is gone meanwhile."""
        return whole_section(self.catalogue, self.view(), piece, chars)

    def name_in(self, question: str) -> str:
        """The words of a question that name a document of the live snapshot, or an empty string."""
        view = self.view()
        return view.matcher.name_in(question) or next(iter(self._coded(question, view)), "")

    def rarity(self, tokens: Sequence[str]) -> dict[str, float]:
        """Inverse document frequency of tokens over the snapshot's pieces: log(1 + N / (1 + n)), at least 0."""
        view = self.view()
        pieces = max(1, view.snapshot.chunks)
        return {t: math.log(1 + pieces / (1 + n)) for t, n in self.catalogue.frequency(tokens, view.lengths).items()}

    def frequency(self, tokens: Sequence[str]) -> dict[str, int]:
        """In how many pieces of the live snapshot each token stands."""
        return self.catalogue.frequency(tokens, self.view().lengths)


def _years(text: str) -> set[str]:
    return set(_YEAR.findall(text))


def _without(text: str, names: Iterable[str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    return text.strip(" ,，的")


def _largest(values: np.ndarray, count: int) -> np.ndarray:
    """The places of the largest values, largest first, with those that tie with the last; of equal ones the first."""
    places = np.arange(len(values))
    if len(values) > 2 * count:
        places = np.argpartition(-values, 2 * count - 1)[: 2 * count]
    places = places[np.lexsort((places, -values[places]))]
    return places[: _cut(values[places], count)]


def _cut(ordered: Sequence[float], count: int) -> int:
    """Where to cut values that fall: after `count`, but not between two that tie, because which of these stands first
    hangs on the order in which the pieces were stored."""
    end = min(count, len(ordered))
    while 0 < end < len(ordered) and ordered[end] >= ordered[count - 1] - TIE:
        end += 1
    return end
