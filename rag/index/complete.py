"""Vectors for every piece: what is missing is computed, what no piece names is deleted, what was lost is noticed."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence

from rag.errors import OdfinError
from rag.index.catalogue import Catalogue, Snapshot
from rag.index.vectors import PREFIX, VectorStore, collection_name, collections, drop_collection
from rag.models.embedder import Embedder
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


def add_missing(catalogue: Catalogue, store: VectorStore, embedder: Embedder, versions: Sequence[str],
                tell: Tell = lambda *_: None) -> int:
    """Compute the vectors that the pieces of these versions name and the collection lacks. Returns how many.

    Only versions that are new are looked at, unless the collection is not what it was left as: then all of them.
    """
    whole = is_whole(catalogue, store)
    if not whole and store.count():
        log.warning("the stored vectors are not as they were left: every one is looked for")
        if not store.readable():
            store.start_anew()
    wanted = catalogue.vectors_of(catalogue.not_embedded(versions) if whole else versions)
    missing = sorted(wanted.keys() - store.present(list(wanted)))
    texts = {i: embedded_text(*wanted[i]) for i in missing}
    # Neighbours in length are padded least when embedded together.
    missing.sort(key=lambda i: (bool(wanted[i][1]), len(texts[i])))
    tell(0, len(missing))
    ids: list[str] = []
    vectors: list = []
    stored = time.monotonic()
    for start in range(0, len(missing), EMBED_GROUP):
        group = missing[start : start + EMBED_GROUP]
        bodies = [i for i in group if wanted[i][1]]
        headings = [i for i in group if not wanted[i][1]]
        if bodies:
            vectors += embedder.embed_documents([texts[i] for i in bodies])
        if headings:
            vectors += embedder.embed_questions([texts[i] for i in headings])
        ids += bodies + headings
        if len(ids) >= STORE_EVERY or time.monotonic() - stored > STORE_SECONDS:
            store.add(ids, vectors)
            ids, vectors, stored = [], [], time.monotonic()
        tell(min(start + EMBED_GROUP, len(missing)), len(missing))
    if ids:
        store.add(ids, vectors)
    catalogue.mark_embedded(versions)
    if missing or not whole:
        catalogue.moved()
        note_whole(catalogue, store)
    return len(missing)


def is_whole(catalogue: Catalogue, store: VectorStore) -> bool:
    """Whether the collection still holds what the last run left there; cheap enough for every start."""
    noted = catalogue.meta(f"stored:{store.name}")
    return noted.isdigit() and store.count() == int(noted) and store.readable()


def note_whole(catalogue: Catalogue, store: VectorStore) -> None:
    """The collection is complete as it is now."""
    catalogue.set_meta(f"stored:{store.name}", str(store.count()))


def sweep(catalogue: Catalogue, store: VectorStore) -> None:
    """Delete vectors that no piece names any more, and collections that no snapshot needs."""
    needed = {s.vectors for s in catalogue.snapshots()} | {store.name}
    names = [name for name in collections(store.folder) if name.startswith(PREFIX)]
    for name in set(names) - needed:
        drop_collection(store.folder, name)
    if orphans := catalogue.orphans():
        for name in needed.intersection(names):
            one = store if name == store.name else VectorStore(store.folder, name)
            whole = is_whole(catalogue, one)
            one.delete(orphans)
            if whole:
                note_whole(catalogue, one)
        catalogue.orphans_deleted(orphans)


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
    store = VectorStore(settings.home / "chroma", live.vectors)
    versions = sorted({entry.version for entry in catalogue.entries(live.id).values()})
    return add_missing(catalogue, store, embedder_of(catalogue, live, settings, embedder), versions, tell)
