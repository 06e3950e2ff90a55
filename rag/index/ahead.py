"""Embedding begins while documents are still being read: the parser has a process of its own, the model need not wait.

Only a run that has much to embed starts the thread. What is not done when reading ends is left to `complete.add_missing`.
"""

from __future__ import annotations

import threading

from rag.index.complete import Stores, embed
from rag.models.embedder import Embedder

BATCH = 128  # pieces that make a beginning worth while; meanwhile more gather, so that the next batch is larger


class Ahead:
    """A context: `offer` what was stored; on leaving, the thread ends at its next group of texts."""

    def __init__(self, stores: Stores, embedder: Embedder):
        self._stores, self._embedder = stores, embedder
        self._offered: list[str] = []
        self._pieces = 0
        self._change = threading.Condition()
        self._over = False
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None

    def __enter__(self) -> Ahead:
        return self

    def offer(self, version: str, pieces: int) -> None:
        """This version is in the catalogue. Raises what the thread has met with (a model that is missing, a full disk)."""
        with self._change:
            self._offered.append(version)
            self._pieces += pieces
            if self._pieces >= BATCH:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="embed-ahead", daemon=True)
                    self._thread.start()
                self._change.notify()
        if self._error is not None:
            raise self._error

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._change:
            self._over = True
            self._change.notify()
        if self._thread is not None:
            self._thread.join()
        if self._error is not None and kind is None:
            raise self._error

    def _work(self) -> None:
        try:
            while True:
                with self._change:
                    self._change.wait_for(lambda: self._over or self._pieces >= BATCH)
                    if self._over:
                        return
                    versions, self._offered, self._pieces = self._offered, [], 0
                embed(self._stores, self._embedder, self._stores.catalogue.vectors_of(versions), stopped=lambda: self._over)
        except BaseException as error:  # it is raised where the run goes on
            self._error = error
        finally:
            self._stores.catalogue.close()  # this thread's connection
