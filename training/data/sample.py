"""As many conversations of a data file as a token budget allows, evenly over what they practise.

Each pair of source and kind gets a share in proportion to the square root of its size (the tempered sampling of
multilingual pretraining, Conneau et al. 2020, with an exponent of 1/2), so that what the generator makes by the thousand
does not crowd out what was written by hand.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from rag.errors import OdfinError
from training.chat import Encoded, encode
from training.data.record import Record
from training.data.same_passages import SamePassages, over
from training.shared_prompt import share

AHEAD = 16  # records of one kind that are looked at for the passages most can be asked over


@dataclass(frozen=True)
class Sample:
    """The chosen records in random order, and their tokens: all (passages shared by several counted once), and those
    that are learnt."""

    records: tuple[Record, ...]
    tokens: int
    learnt: int


def draw(records: Sequence[Record], tokenizer: Any, tokens: int, max_length: int, seed: int, questions: int = 1) -> Sample:
    """Conversations of at most `max_length` tokens, of `tokens` tokens together.

    `questions` > 1: where the passages of a drawn conversation answer other conversations' questions too, up to so many
    are asked over them, and read in one row by `odfin train distill`. Raises OdfinError where not one fits.
    """
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        groups[_cell(record)].append(record)
    chance = random.Random(seed)
    weights = {cell: len(group) ** 0.5 for cell, group in groups.items()}
    for _, group in sorted(groups.items()):
        group.sort(key=lambda one: one.id)
        chance.shuffle(group)
    passages = SamePassages(records) if questions > 1 else None
    spent, used = dict.fromkeys(groups, 0.0), set()
    rank = lambda cell: (spent[cell] / weights[cell], cell)  # noqa: E731
    chosen: list[Record] = []
    total = learnt = 0
    while groups:
        cell = min(groups, key=rank)
        asked, row = [], None
        while groups[cell] and row is None:
            record, others = _most_asked(groups[cell], passages, used)
            if record.id in used:
                continue
            chance.shuffle(others)
            asked, row = _together(record, sorted(others, key=lambda one: rank(_cell(one))), tokenizer, max_length, questions)
        if row is None:
            del groups[cell]
            continue
        size = len(row.input_ids)
        if total + size > tokens:
            break
        total += size
        learnt += row.learnt
        for one in asked:
            spent[_cell(one)] += size / len(asked)
            used.add(one.id)
        chosen += [record, *(over(record, one) for one in asked[1:])]
    if not chosen:
        raise OdfinError(f"没有一段对话放得进 {max_length} 个词元、总共 {tokens} 个词元；请加大其中一个")
    chance.shuffle(chosen)
    return Sample(tuple(chosen), total, learnt)


def _most_asked(group: list[Record], passages: SamePassages | None, used: Collection[str]) -> tuple[Record, list[Record]]:
    """Takes one of the next AHEAD records out of `group`: the one whose passages answer the most other questions."""
    if passages is None:
        return group.pop(), []
    found = [[one for one in passages.others(record) if one.id not in used] for record in group[-AHEAD:]]
    best = max(range(len(found)), key=lambda place: len(found[place]))
    return group.pop(len(group) - len(found) + best), found[best]


def _together(record: Record, others: Sequence[Record], tokenizer: Any, max_length: int, questions: int
              ) -> tuple[list[Record], Encoded | None]:
    """The record and those of `others`, as they are, that fit in one row with it; and the row, None where the record is
    too long alone."""
    row = encode(record.messages, tokenizer, max_length)
    asked, parts = [record], [row]
    for one in others if row else ():
        if len(asked) == questions:
            break
        part = encode(over(record, one).messages, tokenizer, max_length)
        joined = share([*parts, part], max_length) if part else []
        if len(joined) == 1 and one.question not in {other.question for other in asked}:
            row = joined[0]
            asked.append(one)
            parts.append(part)
    return asked, row


def _cell(record: Record) -> tuple[str, str]:
    return record.source, record.kind
