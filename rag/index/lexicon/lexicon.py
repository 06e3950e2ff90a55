"""What a question's words are called in the documents."""

from __future__ import annotations

from collections.abc import Iterable

from rag.index.lexicon.entries import Entry
from rag.text.normalise import normalise
from rag.text.tokens import bigrams, content_words


class Lexicon:
    """Entries made ready for questions. Of entries for one word the last one counts."""

    def __init__(self, entries: Iterable[Entry] = ()):
        self._terms = {one.word: one.terms for one in entries}
        self._longest = max(map(len, self._terms), default=0)

    def __len__(self) -> int:
        return len(self._terms)

    def matches(self, question: str) -> list[tuple[str, tuple[str, ...]]]:
        """(word, terms) of the entries whose word stands in the question: the longest at each place, left to right."""
        text, found, at = normalise(question), [], 0
        while at < len(text):
            word = next((text[at : at + length] for length in range(min(self._longest, len(text) - at), 1, -1)
                         if text[at : at + length] in self._terms), "")
            if word:
                found.append((word, self._terms[word]))
            at += len(word) or 1
        return found

    def terms(self, question: str) -> list[str]:
        """The documents' words for what the question says, each once, without those it says itself."""
        text = normalise(question)
        found = dict.fromkeys(term for _, terms in self.matches(question) for term in terms)
        return [term for term in found if normalise(term) not in text]

    def translated(self, question: str) -> str:
        """The question with the documents' first word in the place of each of the customer's: 解除合同要什么材料 for 退保要什么材料."""
        own = text = normalise(question)
        at = 0
        for word, terms in self.matches(question):
            at = text.index(word, at)
            if normalise(terms[0]) not in own:
                text = text[:at] + terms[0] + text[at + len(word) :]
                at += len(terms[0]) - len(word)
            at += len(word)
        return text

    def words(self, question: str) -> list[str]:
        """Further words to search for: those of the terms that the question does not have."""
        own = set(content_words(question))
        return [word for word in dict.fromkeys(w for term in self.terms(question) for w in content_words(term)) if word not in own]

    def bigrams(self, question: str) -> list[str]:
        """Further character pairs to search for."""
        own = set(bigrams(question))
        return [pair for pair in dict.fromkeys(g for term in self.terms(question) for g in bigrams(term)) if pair not in own]
