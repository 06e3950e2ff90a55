"""Vectors for every piece: what is missing is computed, what was lost is noticed and made again."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.errors import OdfinError
from rag.index.catalogue import Catalogue, Snapshot
from rag.index.matrix import Matrix
from rag.index.vectors import VectorStore, collection_name
from rag.models.embedder import Embedder
from rag.models.heap import give_back
from rag.settings import Settings

log = logging.getLogger(__name__)

EMBED_GROUP = 32
STORE_EVERY = 512  # vectors, or…
STORE_SECONDS = 5.0  # …so long at most is lost when a run is killed

Tell = Callable[[int, int], None]  # done, of how many


def embedded_text(headings: Sequence[str], text: str) -> str:
    """What is embedded of a piece: its last two headings and its words; of a heading (`text` is empty): itself.

    The title is not part of it: it is a field of its own.
    """
    return "\n".join((*headings[-2:], text)) if text else headings[-1]


@dataclass(frozen=True)
class Stores:
    """Where the vectors of one collection are: Chroma, which only the indexing run opens, and the copy for searches."""

    catalogue: Catalogue
    chroma: VectorStore
    matrix: Matrix

    @classmethod
    def open(cls, catalogue: Catalogue, home: Path, collection: str) -> Stores:
        return cls(catalogue, VectorStore(home / "chroma", collection), Matrix(catalogue, home / "vectors", collection))

    def add(self, ids: Sequence[str], vectors) -> None:
        self.chroma.add(ids, vectors)
        self.matrix.add(ids, vectors)

    def whole(self) -> bool:
        """Whether both hold what the last run left in them; cheap enough for every run."""
        noted = self.catalogue.meta(f"stored:{self.chroma.name}")
        return (noted.isdigit() and self.chroma.count() == int(noted) == self.matrix.count()
                and self.chroma.readable() and self.matrix.readable())

    def made_whole(self) -> bool:
        """The same; where they do not, they are made to agree before anything is added to them."""
        whole = self.whole()
        if not whole:
            self.agree()
        return whole

    def note_whole(self) -> None:
        self.catalogue.set_meta(f"stored:{self.chroma.name}", str(self.chroma.count()))

    def agree(self) -> None:
        """Let each have what the other has, where a run was killed or files were lost; nothing is embedded.

        What no piece names goes from both.
        """
        if not self.matrix.readable():
            log.warning("the file of vectors is lost; it is made again")
            self.matrix.start_anew()
        if not self.chroma.readable():
            log.warning("Chroma's files are damaged; they are made again")
            self.chroma.start_anew()
        named, rows, here = self.catalogue.vectors(), set(self.matrix.rows()), self.chroma.ids()
        self.matrix.forget(rows - named)
        self.chroma.delete(sorted(here - named))
        rows, here = rows & named, here & named
        if lacking := sorted(here - rows):
            copies = self._rescued(lacking)
            self.matrix.add(list(copies), list(copies.values()))
        if lacking := sorted(rows - self.chroma.ids()):
            copies = self.matrix.get(lacking)
            self.chroma.add(list(copies), list(copies.values()))

    def _rescued(self, ids: list[str]) -> dict[str, np.ndarray]:
        try:
            return self.chroma.get(ids)
        except Exception:  # Chroma raises whatever its storage does; what cannot be read is computed again
            log.warning("some vectors cannot be read from Chroma; it is made again", exc_info=True)
            self.chroma.start_anew()
            return {}


def add_missing(stores: Stores, embedder: Embedder, versions: Sequence[str], besides: Collection[str] = (),
                tell: Tell = lambda *_: None, whole: bool = True) -> int:
    """Compute the vectors that the pieces of these versions name and that are not stored. Returns how many.

    Only versions that are new and those of `besides` are looked at, unless the stores are not what they were left as:
    `whole` is what `Stores.made_whole` said when the run began.
    """
    catalogue = stores.catalogue
    looked_at = {*catalogue.not_embedded(versions), *besides} if whole else set(versions)
    made = embed(stores, embedder, catalogue.vectors_of(looked_at), tell)
    catalogue.mark_embedded(looked_at)
    if looked_at or not whole:
        stores.note_whole()
        catalogue.moved()
    return made


def embed(stores: Stores, embedder: Embedder, wanted: Mapping[str, tuple[list[str], str]], tell: Tell = lambda *_: None,
          stopped: Callable[[], bool] = lambda: False) -> int:
    """Compute and store those of `wanted` (vector id -> headings, text) that are not stored; returns how many were missing.

    Once `stopped` is true no further group is computed; what was is stored.
    """
    missing = sorted(wanted.keys() - stores.matrix.present(wanted))
    texts = {i: embedded_text(*wanted[i]) for i in missing}
    # Neighbours in length are padded least when embedded together. The longest go first: what they leave in memory is
    # large enough for all that follows, while ever longer texts would find every hole a little too small.
    missing.sort(key=lambda i: (bool(wanted[i][1]), len(texts[i])), reverse=True)
    tell(0, len(missing))
    ids: list[str] = []
    vectors: list = []
    stored = time.monotonic()
    for start in range(0, len(missing), EMBED_GROUP):
        if stopped():
            break
        group = missing[start : start + EMBED_GROUP]
        bodies = [i for i in group if wanted[i][1]]
        headings = [i for i in group if not wanted[i][1]]
        if bodies:
            vectors += embedder.embed_documents([texts[i] for i in bodies])
        if headings:
            vectors += embedder.embed_questions([texts[i] for i in headings])
        ids += bodies + headings
        if len(ids) >= STORE_EVERY or time.monotonic() - stored > STORE_SECONDS:
            stores.add(ids, vectors)
            give_back()
            ids, vectors, stored = [], [], time.monotonic()
        tell(min(start + EMBED_GROUP, len(missing)), len(missing))
    if ids:
        stores.add(ids, vectors)
    if missing:
        give_back()
    return len(missing)


# -- which embedder a snapshot's vectors come from ------------------------------------------------------------------


def note_embedder(catalogue: Catalogue, settings: Settings, embedder: Embedder) -> None:
    """So that this collection can be searched after the setting has changed."""
    fact = json.dumps({"embedder": settings.embedder, "embed_max_tokens": settings.embed_max_tokens})
    key = f"embedder:{collection_name(embedder.version)}"
    if catalogue.meta(key) != fact:
        catalogue.set_meta(key, fact)


def embedder_of(catalogue: Catalogue, snapshot: Snapshot, settings: Settings, present: Embedder) -> Embedder:
    """`present` if the snapshot's vectors are of its making, else the embedder that made them. Raises OdfinError."""
    if collection_name(present.version) == snapshot.vectors:
        return present
    fact = catalogue.meta(f"embedder:{snapshot.vectors}")
    if fact:
        other = Embedder(settings.model_copy(update=json.loads(fact)))
        if collection_name(other.version) == snapshot.vectors:
            return other
    raise OdfinError(f"快照 {snapshot.id} 是用另一个向量模型建的，而设置里是 {present.name}；请运行 odfin index 重建")


def repair(catalogue: Catalogue, settings: Settings, embedder: Embedder, tell: Tell = lambda *_: None) -> int:
    """Compute again what the live snapshot has lost of its vectors; returns how many. The caller holds the index lock."""
    live = catalogue.live()
    if live is None:
        return 0
    stores = Stores.open(catalogue, settings.home, live.vectors)
    versions = sorted({entry.version for entry in catalogue.entries(live.id).values()})
    return add_missing(stores, embedder_of(catalogue, live, settings, embedder), versions, tell=tell,
                       whole=stores.made_whole())


def needs_repair(catalogue: Catalogue, settings: Settings) -> bool:
    """Whether a search over the live snapshot would lack vectors; cheap enough for every start."""
    live = catalogue.live()
    if live is None:
        return False
    matrix = Matrix(catalogue, settings.home / "vectors", live.vectors)
    return not matrix.readable() or catalogue.lacks_rows(live)
