"""Reading items by the thousand: drawn by kind and by document, checked, no two alike, the same for the same seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from training.data.reading import banded, cells, choices, clauses, compare
from training.data.reading.draft import Draft
from training.data.reading.grid import Grid
from training.data.reading.material import Clauses, Material
from training.data.reading.verify import fault

Maker = Callable[..., Draft | None]

# What is drawn, how often, and from what. Refusals are about a fifth.
_DRAWS: tuple[tuple[str, Maker, int], ...] = (
    ("grid", cells.cell, 24), ("grid", cells.row, 7), ("grid", banded.condition, 14), ("grid", choices.listed, 9),
    ("grid", choices.yes_no, 9), ("grid", compare.compare, 9), ("grid", cells.neighbour, 8), ("grid", banded.outside, 3),
    ("grid", cells.missing, 3), ("clause", clauses.clause, 30), ("clause", clauses.next_door, 6), ("clause", clauses.absent, 5),
    ("twins", compare.Twins.multi, 7), ("twins", compare.Twins.other_product, 2),
)  # fmt: skip
TRIES = 60  # draws that may fail for each item before the material counts as used up


@dataclass
class Generated:
    """`drafts` that passed; `dropped` counts why others did not; `short` where the material gave fewer than asked."""

    drafts: list[Draft] = field(default_factory=list)
    dropped: Counter = field(default_factory=Counter)
    short: bool = False


def generate(parts: Sequence[tuple[str, Material, int]], seed: int) -> Generated:
    """Items of several materials: (name, material, how many of it). The name becomes the items' `source`."""
    made = Generated()
    asked: set[str] = set()
    for name, material, count in parts:
        chance = random.Random(f"{seed}/{name}")
        wanted = len(made.drafts) + count
        for draft in _drawn(material, chance, count * TRIES, made.dropped):
            key = alike(draft)
            if key in asked:
                made.dropped["重复的问题"] += 1
                continue
            asked.add(key)
            made.drafts.append(replace(draft, source=name))
            if len(made.drafts) >= wanted:
                break
        else:
            made.short = made.short or bool(count)
    return made


def alike(draft: Draft) -> str:
    """What makes two items the same: what is asked (signs and greetings aside) and what is answered."""
    asked = "".join(char for char in draft.question if char.isalnum())
    return f"{asked}\n{draft.answer}\n{draft.document}"


def _drawn(material: Material, chance: random.Random, tries: int, dropped: Counter) -> Iterator[Draft]:
    grids = [grid for grid in material.grids if grid.keys]
    turns = {"grid": _turns(grids, chance), "clause": _turns(material.clauses, chance)}
    twins = compare.Twins(material.grids)
    held = [("grid", bool(grids)), ("clause", bool(material.clauses)), ("twins", bool(twins.groups))]
    draws = [draw for draw in _DRAWS if dict(held)[draw[0]]]
    if not draws:
        return
    for _ in range(tries):
        kind, maker, _weight = chance.choices(draws, [weight for _, _, weight in draws])[0]
        draft = maker(twins, material, chance) if kind == "twins" else maker(next(turns[kind]), material, chance)
        if draft is None:
            continue
        if why := fault(draft):
            dropped[why] += 1
            continue
        yield draft


def _turns(things: Sequence[Grid] | Sequence[Clauses], chance: random.Random) -> Iterator:
    """Each in turn, shuffled anew every round; the larger ones come a little more often."""
    def worth(thing: Grid | Clauses) -> int:
        return 1 + (len(thing.rows) // 6 if isinstance(thing, Grid) else len(thing.units) // 4)

    bag = [thing for thing in things for _ in range(min(6, worth(thing)))]
    while bag:
        chance.shuffle(bag)
        yield from bag
