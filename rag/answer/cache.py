"""Answers kept for questions that mean the same: in memory, bounded, and only as long as nothing they stand on changes.

Kept under the meaning of the question as it stands alone. Another snapshot, edited facts, another lexicon or another day
(editions come into force) empties it. A question that holds personal data is neither kept nor looked up.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import replace

from rag.answer.meaning import meaning
from rag.answer.result import Answer
from rag.text.personal import mask_personal

KINDS = ("answer", "quote", "refusal", "calculation", "choice")  # what conduct says is made anew each time


class AnswerCache:
    """Thread-safe; keeps the `size` answers used last, none where that is 0."""

    def __init__(self, size: int):
        self._size = size
        self._kept: OrderedDict[Hashable, Answer] = OrderedDict()
        self._ground: Hashable = None
        self._lock = threading.Lock()

    def key(self, question: str, ways: Sequence[str]) -> Hashable | None:
        """What an answer is kept under: the ways in which a question may be meant, each as it stands alone, and where
        there are several the question itself. None where it is not to be kept."""
        asked = (*ways, question) if len(ways) > 1 else tuple(ways)
        meanings = tuple(map(meaning, asked))
        if not self._size or not all(meanings) or any(mask_personal(text) != text for text in (*ways, question)):
            return None
        return meanings

    def find(self, key: Hashable | None, ground: Hashable, question: str, talking: bool) -> Answer | None:
        """The answer kept under the key on the same ground, as one to this question; None where there is none.

        `talking`: there is a conversation before it, which may say which product is meant where that was left open.
        """
        with self._lock:
            self._stand_on(ground)
            kept = self._kept.get(key) if key else None
            if kept is None or (talking and kept.kind == "choice"):
                return None
            self._kept.move_to_end(key)
            return replace(kept, question=question)

    def keep(self, key: Hashable | None, ground: Hashable, answer: Answer) -> None:
        """Keep an answer that was made on this ground, without the customer's own wording."""
        if key is None or answer.kind not in KINDS:
            return
        with self._lock:
            if self._ground != ground:
                return  # the ground has moved meanwhile
            self._kept[key] = replace(answer, question="", usage={})
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)

    def __len__(self) -> int:
        return len(self._kept)

    def _stand_on(self, ground: Hashable) -> None:
        if self._ground != ground:
            self._kept.clear()
            self._ground = ground
