"""What share of a document's words is in at least one of its pieces."""

from __future__ import annotations

import re

from rag.documents.document import Chunk, Document


def words(text: str) -> str:
    return re.sub(r"[\s|]+|---|\[\^[^\]]*\]:|[*#>]|__", "", text)


def missing(document: Document, chunks: list[Chunk]) -> list[str]:
    """Stretches of eight characters of the text, headings apart, that no piece (with its headings) holds."""
    held = "\n".join(words(" ".join((*chunk.headings, chunk.text))) for chunk in chunks)
    everything = words("".join(chunk.text for chunk in chunks))
    lost = []
    at = 0  # the pieces come in the order of the text: the next stretch is mostly close behind the last one
    for page in document.pages:
        for line in page.text.split("\n"):
            if line.startswith("#"):
                continue
            text = words(line)
            for start in range(0, max(len(text) - 7, 1), 8):
                piece = text[start : start + 8]
                found = held.find(piece, at, at + 20_000)
                if found >= 0:
                    at = found
                elif piece and piece not in held and piece not in everything:
                    lost.append(piece)
    return lost


def covered(document: Document, chunks: list[Chunk]) -> float:
    total = sum(
        len(words(line)) for page in document.pages for line in page.text.split("\n") if not line.startswith("#")
    )
    return 1.0 - sum(map(len, missing(document, chunks))) / max(total, 1)
