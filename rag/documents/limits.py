"""How much one document may cost, and what is tried to read it."""

from __future__ import annotations

from dataclasses import dataclass

MAX_BYTES = 200 * 1024 * 1024
MAX_UNPACKED = 1024 * 1024 * 1024  # what the entries of an Office file may add up to
MAX_CHARS = 20_000_000  # text of one document; a book of a thousand pages has one million
MAX_ROWS = 200_000  # rows of one sheet


@dataclass(frozen=True)
class Limits:
    """`seconds` and `memory_mb` bind only where the document is read in a child process (`rag.documents.reader`)."""

    seconds: float = 120.0
    memory_mb: int = 2048
    pages: int = 3000
    ocr: bool = True
    ocr_page_seconds: float = 30.0  # added to `seconds` for every page or picture that is read by OCR
    ocr_pages: int = 500
    threads: int = 2  # of the OCR models


NO_OCR = Limits(ocr=False)
