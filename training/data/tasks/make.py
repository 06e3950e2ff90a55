"""So many records of each other task, drawn from the material, the same for the same seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from training.data.reading.material import Material
from training.data.record import Record
from training.data.synthetic.paper import PLACES
from training.data.tasks import over_tables, over_words, sums

NAME = "tasks"
TABLE_TASKS: dict[str, Callable] = {"extraction": over_tables.extraction, "summary": over_tables.summary,
                                    "multiple_choice": over_tables.choice, "calculator": sums.calculator}
TRIES = 40  # draws for each record before the material counts as used up
MISSES = 3  # draws in which a table gave nothing, after which it is left out


def make(counts: Mapping[str, int], materials: Sequence[Material], reading: Sequence[Record],
         questions: Sequence[tuple[str, str, str, str]], seed: int) -> Iterator[Record]:
    """`counts` by task; `reading` are checked items to cite; `questions` (question, topic, document, licence)."""
    grids = [grid for material in materials for grid in material.grids if grid.keys]
    for task, maker in TABLE_TASKS.items():
        yield from _named(_over(maker, grids, counts.get(task, 0), random.Random(f"{seed}/{task}")))
    chance = random.Random(f"{seed}/words")
    cited = [record for record in reading if over_words.place_of(record)] if counts.get("cited_reading") else []
    for record in chance.sample(cited, min(len(cited), counts.get("cited_reading", 0))):
        yield from _named([over_words.with_citation(record, over_words.place_of(record), chance)])
    asked = chance.sample(list(questions), min(len(questions), counts.get("classification", 0)))
    yield from _named(r for one in asked if (r := over_words.topic_question(*one, chance)))
    yield from _named(over_words.news(counts.get("sentiment", 0), PLACES, seed))


def _over(maker: Callable, grids: Sequence, count: int, chance: random.Random) -> Iterator[Record]:
    found, left = 0, list(grids)
    misses: Counter[int] = Counter()
    for _ in range(count * TRIES + MISSES * len(grids)):
        if found == count or not left:
            return
        at = chance.randrange(len(left))
        if (record := maker(left[at], chance)) is not None:
            found += 1
            yield record
            continue
        misses[id(left[at])] += 1
        if misses[id(left[at])] == MISSES:
            left[at] = left[-1]
            left.pop()


def _named(records) -> Iterator[Record]:
    for record in records:
        yield replace(record, source=NAME)
