"""Which questions can be asked over which passages: those whose evidence stands there, and nothing else that answers.

A question moves to another's passages only where the very lines it was verified against stand under the same heading,
and every other passage there is of the same document or stood beside it before: no other product's table can answer it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from training.data.record import Record

_TITLE = re.compile(r"《(.*?)》")


@dataclass(frozen=True)
class _Read:
    """One question with its passages: heading -> lines; `gold` is the heading its evidence stands under."""

    passages: Mapping[str, frozenset[str]]
    evidence: frozenset[str]
    gold: str | None


class SamePassages:
    """Looks among `records` for questions over a given record's passages.

    Left out are answers that name passages by number, and conversations of more than one question.
    """

    def __init__(self, records: Sequence[Record]):
        self._read = {record.id: read for record in records if (read := _read(record))}
        self._by_heading: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            read = self._read.get(record.id)
            if read and read.gold:
                self._by_heading[read.gold].append(record)

    def others(self, record: Record) -> Iterator[Record]:
        """Records, as they are, whose questions the passages of `record` answer, too."""
        here = self._read.get(record.id)
        if here is None:
            return
        for heading, lines in here.passages.items():
            for other in self._by_heading.get(heading, ()):
                read = self._read[other.id]
                if other.id == record.id or other.messages[0] != record.messages[0] or not read.evidence <= lines:
                    continue
                if all(_document(one) == _document(heading) or one in read.passages for one in here.passages):
                    yield other


def over(record: Record, other: Record) -> Record:
    """The question of `other`, asked over the passages of `record`."""
    return replace(other, messages=(*record.asking(other.question)[:-1], other.messages[-1]))


def _read(record: Record) -> _Read | None:
    if len(record.messages) != 3 or record.task not in ("reading", "refusal") or not record.passages:
        return None
    passages = {}
    for part in record.passages:
        heading, _, text = part.partition("\n")
        passages[heading] = _lines(text)
    evidence = frozenset().union(*map(_lines, record.evidence))
    gold = [heading for heading, lines in passages.items() if evidence and evidence <= lines]
    return _Read(passages, evidence, gold[0] if len(gold) == 1 and record.task == "reading" else None)


def _lines(text: str) -> frozenset[str]:
    return frozenset(filter(None, (line.strip() for line in text.splitlines())))


def _document(heading: str) -> str:
    return found[1] if (found := _TITLE.match(heading)) else heading
