"""Questions made of an index itself, and another process that asks them while the index changes, as a bot would."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection
from typing import Any

from langchain_core.embeddings import Embeddings

from rag.evaluate.statistics import percentile
from rag.index.search import Searcher
from rag.settings import Settings

PAUSE = 0.05  # seconds between two questions while the index is rebuilt


def questions_of(searcher: Searcher, count: int) -> Iterable[str]:
    """Half name a document and one of its headings, half only say what a piece says."""
    view, draw = searcher.view(), random.Random(0)
    ids = view.pieces.tolist()
    for number, piece in enumerate(searcher.catalogue.pieces(draw.sample(ids, min(count, len(ids)))).values()):
        about = piece.headings[-1][-12:] if piece.headings else piece.text[:12]
        yield f"{view.facts.titles[piece.version]}的{about}" if number % 2 else f"{piece.text[:30]}是怎么规定的？"


class Asker:
    """A context: it has asked its first question when it is entered. `embedder` makes what embeds, over there."""

    def __init__(self, settings: Settings, embedder: Callable[[], Embeddings]):
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_ask, args=(theirs, settings, embedder), daemon=True)

    def __enter__(self) -> Asker:
        self._process.start()
        self._pipe.recv()
        return self

    def until(self, snapshot: str) -> dict[str, Any]:
        """Its figures, once it has answered from this snapshot."""
        self._pipe.send((snapshot, time.time()))
        return self._pipe.recv()

    def __exit__(self, *_: Any) -> None:
        self._process.join(10)
        if self._process.is_alive():
            self._process.terminate()


def _ask(pipe: Connection, settings: Settings, embedder: Callable[[], Embeddings]) -> None:
    searcher = Searcher(settings, embedder())
    questions = list(questions_of(searcher, 50))
    for question in questions:
        searcher.search(question, rerank=False)
    pipe.send("ready")
    taken, failed, seen, wanted = [], 0, {}, None
    while wanted is None or (wanted[0] not in seen and time.time() < wanted[1] + 60):
        for question in questions:
            started = time.perf_counter()
            try:
                searcher.search(question, rerank=False)
            except Exception:  # what is counted
                failed += 1
            taken.append(time.perf_counter() - started)
            seen.setdefault(searcher.snapshot(), time.time())
            if wanted is None and pipe.poll(PAUSE):
                wanted = pipe.recv()
            if wanted and wanted[0] in seen:
                break
    pipe.send({"asked": len(taken), "asked_failed": failed, "asked_s": (percentile(taken, 50), percentile(taken, 95)),
               "asked_slowest_s": max(taken), "follow_s": max(0.0, seen.get(wanted[0], float("inf")) - wanted[1])})
