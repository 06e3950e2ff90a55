"""The instruction set beside an index of the documents that each part of it is over, for what is taught by searching."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from rag.index.build import Indexer, Progress
from rag.index.search import Searcher
from rag.models.embedder import Embedder
from rag.settings import Settings
from training.instructions import PAPERS, ground_of, read_items


def grounds(settings: Settings, items: Path, laws: Path | None, work: Path, embedder: Embedder,
            progress: Callable[[Progress], None]) -> Iterator[tuple[list[dict], Searcher]]:
    """(items, searcher) for `knowledge/`, for the papers and, where the folder of law texts is given, for the laws.

    The indexes lie below `work` and are kept for the next run.
    """
    files = sorted(items.glob("*.jsonl"))
    for name, folder in (("knowledge", settings.knowledge), ("papers", PAPERS), ("laws", laws)):
        if folder is None:
            continue
        own = settings.model_copy(update={"home": work / "index" / name, "rerank_hits": 0})
        Indexer(own, embedder).run(folder, progress)
        found = [item for item in read_items(files, laws) if ground_of(item) == name]
        yield found, Searcher(own, embedder)
