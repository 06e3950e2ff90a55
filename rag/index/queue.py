"""One queue for everybody who wants the index brought up to date: the command line, the console, a watched folder.

A run serves every request made before it began. Whoever asks while one is going on, in whatever process, need not wait:
the request is noted in the catalogue, and the run under way is followed by one more.
"""

from __future__ import annotations

from rag.index.catalogue import Catalogue
from rag.index.snapshots import rolled_back_to


class Queue:
    """Two counters: requests made, and requests that a run had seen when it began and has finished."""

    def __init__(self, catalogue: Catalogue):
        self._catalogue = catalogue

    def request(self) -> None:
        """Ask for a run."""
        with self._catalogue.transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('requested', ?)", (str(self.requested() + 1),))

    def requested(self) -> int:
        """How often a run was asked for; a run takes this number when it begins…"""
        return int(self._catalogue.meta("requested") or 0)

    def served(self, requested: int) -> None:
        """…and hands it back when it has ended."""
        self._catalogue.set_meta("served", str(requested))

    def pending(self) -> bool:
        """Whether somebody waits for a run; nobody does while a roll-back holds the index."""
        return self.requested() > int(self._catalogue.meta("served") or 0) and rolled_back_to(self._catalogue) is None
