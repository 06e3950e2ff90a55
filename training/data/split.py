"""Training, validation and held-out records, parted by document, so that no document is in two of them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from training.data.record import Record

TRAIN, VALIDATION, HELD_OUT = "train", "validation", "held_out"


@dataclass(frozen=True)
class Shares:
    """`validation` and `held_out` are shares of the documents; `shapes` are the table shapes that are all held out."""

    validation: float = 0.04
    held_out: float = 0.06
    shapes: Collection[str] = ()


def place(document: str) -> float:
    """Where a document falls between 0 and 1: the same in every run and on every machine."""
    return int(hashlib.sha256(document.encode()).hexdigest()[:8], 16) / 2**32


def part_of(record: Record, shares: Shares) -> str:
    """The part a record belongs to."""
    if record.shape and record.shape in shares.shapes:
        return HELD_OUT
    at = place(record.document)
    if at < shares.held_out:
        return HELD_OUT
    return VALIDATION if at < shares.held_out + shares.validation else TRAIN
