"""Cutting a stream of text at the first stop word, without ever showing part of one."""

from __future__ import annotations

from collections.abc import Sequence


class StopWords:
    """Feed pieces, show what comes back. After `found` nothing more comes."""

    def __init__(self, words: Sequence[str]):
        self._words = [word for word in words if word]
        self._held = ""
        self.found = False

    def feed(self, piece: str) -> str:
        """The text that is certainly before any stop word."""
        if self.found:
            return ""
        text = self._held + piece
        starts = [at for word in self._words if (at := text.find(word)) >= 0]
        if starts:
            self.found, self._held = True, ""
            return text[:min(starts)]
        keep = max((length for word in self._words for length in range(1, len(word))
                    if text.endswith(word[:length])), default=0)
        self._held = text[len(text) - keep:]
        return text[:len(text) - keep]

    def rest(self) -> str:
        """What was held back, once no more text comes."""
        held, self._held = self._held, ""
        return held
