"""What stands around the answer: passages that tempt, in an order in which the right one is mostly, not always, first."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Sequence

from training.data.reading.draft import Passage
from training.data.reading.grid import Grid
from training.data.reading.material import Material

ROOM = 365  # estimated tokens that all passages may take, so that the whole fits 512 with prompt and answer
FIRST = 0.7  # share of items whose right passage is the first


def tokens(text: str) -> float:
    """About how many tokens of Qwen2's vocabulary a text is: every digit is one, Chinese runs to 0.66 a character."""
    digits = sum("0" <= char <= "9" for char in text)
    chinese = sum("㐀" <= char <= "鿿" for char in text)
    return digits + 0.66 * chinese + 0.55 * (len(text) - digits - chinese)


def rows_around(grid: Grid, row: int, most: int, chance: random.Random) -> list[int]:
    """The row and up to `most` − 1 of its nearest neighbours."""
    first = max(0, row - chance.randrange(most))
    return fitting(grid, range(first, min(first + most, len(grid.rows))), {row})


def fitting(grid: Grid, rows: Iterable[int], keep: Collection[int]) -> list[int]:
    """Of the rows as many as fit ROOM, those of `keep` in any case: the furthest from them go first."""
    shown = sorted({*rows, *keep})
    while len(shown) > len(keep) and tokens(grid.text(shown)) + tokens(grid.title) > ROOM:
        shown.remove(max((p for p in shown if p not in keep), key=lambda p: min(abs(p - k) for k in keep)))
    return shown


def passage_of(grid: Grid, rows: Sequence[int]) -> Passage:
    return Passage(grid.source, grid.title, grid.headings, grid.text(rows))


def unit_of(grid: Grid, row: int) -> str:
    """The row under its caption and header, as the assistant's checks read it."""
    return grid.text([row])


def arranged(gold: Sequence[Passage], material: Material, topic: str, answers: Callable[[Passage], bool],
             chance: random.Random, most: int = 3) -> tuple[tuple[Passage, ...], tuple[int, ...]]:
    """The passages that answer among others that do not, and their places. `answers` refuses a tempting passage."""
    wanted = chance.choices((0, 1, 2), (30, 35, 35))[0]
    chosen = list(gold)
    room = ROOM - sum(tokens(p.text) + tokens(p.title) for p in chosen)
    for passage in material.tempting(gold[0].source, topic, 6, chance):
        if len(chosen) >= min(most, len(gold) + wanted):
            break
        cost = tokens(passage.text) + tokens(passage.title)
        if cost <= room and passage.text not in {p.text for p in chosen} and not answers(passage):
            chosen.append(passage)
            room -= cost
    order = list(range(len(chosen)))
    if chance.random() > FIRST:
        chance.shuffle(order)
    return tuple(chosen[i] for i in order), tuple(sorted(order.index(i) for i in range(len(gold))))


def only_tempting(source: str, topic: str, material: Material, answers: Callable[[Passage], bool],
                  chance: random.Random, first: Sequence[Passage] = ()) -> tuple[Passage, ...]:
    """Passages for a question that none of them answers; `first` are among them."""
    chosen = list(first)
    room = ROOM - sum(tokens(p.text) + tokens(p.title) for p in chosen)
    wanted = max(len(chosen), chance.choices((1, 2, 3), (35, 35, 30))[0])
    for passage in material.tempting(source, topic, 8, chance):
        if len(chosen) >= wanted:
            break
        cost = tokens(passage.text) + tokens(passage.title)
        if cost <= room and passage.text not in {p.text for p in chosen} and not answers(passage):
            chosen.append(passage)
            room -= cost
    return tuple(chosen)
