"""An embedder that embeds each question once, for all systems and all later runs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from rag.models.embedder import E5_QUERY, Embedder
from rag.settings import Settings

GROUP = 128


class RememberingEmbedder(Embedder):
    """Questions' vectors are kept below `folder`, a file for each embedder version.

    With `remember` false it is an ordinary embedder, as timing needs it.
    """

    def __init__(self, settings: Settings, folder: Path):
        super().__init__(settings)
        self.file = folder / f"questions-{hashlib.sha256(self.version.encode()).hexdigest()[:12]}.npz"
        self._known: dict[str, np.ndarray] = {}
        self._asked: dict[str, None] | None = None
        self.remember = True
        if self.file.is_file():
            with np.load(self.file) as kept:
                self._known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))

    def embed_query(self, text: str) -> list[float]:
        if not self.remember:
            return super().embed_query(text)
        if text not in self._known:
            if self._asked is not None:
                self._asked[text] = None
                return [1.0] + [0.0] * (self.width - 1)
            self._known[text] = self.encode([E5_QUERY + text])[0]
        return self._known[text].tolist()

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return len(next(iter(self._known.values()))) if self._known else self.load().get_embedding_dimension()

    def rehearse(self, searches: Iterable[Callable[[], object]], report: Callable[[int, int], None]) -> None:
        """Run the searches once to learn which texts they embed, then embed those together: faster than one by one."""
        self._asked = {}
        try:
            for search in searches:
                search()
            asked = sorted(self._asked, key=len)
        finally:
            self._asked = None
        for start in range(0, len(asked), GROUP):
            group = asked[start : start + GROUP]
            self._known.update(zip(group, self.encode([E5_QUERY + text for text in group]), strict=True))
            report(min(start + GROUP, len(asked)), len(asked))
            self._keep()

    def _keep(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        arriving = self.file.with_suffix(f".{os.getpid()}.npz")
        np.savez(arriving, texts=np.array(list(self._known)), vectors=np.stack(list(self._known.values())))
        arriving.replace(self.file)
