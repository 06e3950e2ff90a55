"""Items that ask a table for one cell or one row: cell, date or period, row; and for a cell that is not there."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from rag.answer.prompt import NO_ANSWER
from rag.text.bands import quantities
from training.data.reading import asking
from training.data.reading.around import arranged, only_tempting, passage_of, rows_around, unit_of
from training.data.reading.draft import Draft, Passage
from training.data.reading.grid import Grid
from training.data.reading.material import Material
from training.data.reading.persona import spoken, typed

LONGEST_CELL = 70  # characters of a cell that an answer repeats
MOST_ROWS = 4


def full_cells(grid: Grid) -> list[tuple[int, int]]:
    """(row, column) of the cells that can be asked for."""
    return [(r, c) for r in range(len(grid.rows)) for c in range(grid.keys, len(grid.header))
            if grid.full(r, c) and len(grid.rows[r][c]) <= LONGEST_CELL] if grid.keys else []


def answers_alike(grid: Grid, row: int, column: int) -> Callable[[Passage], bool]:
    """Whether a passage may answer the same question: it holds the row's key and the column's name."""
    key, name = grid.rows[row][: grid.keys], grid.header[column]
    return lambda passage: name in passage.text and all(f"| {one} |" in passage.text or one in passage.text for one in key)


def says_product(grid: Grid, chance: random.Random, share: float = 0.3) -> bool:
    return bool(grid.name) and chance.random() < share


def cell(grid: Grid, material: Material, chance: random.Random) -> Draft | None:
    """One cell's value; `date` where it is a time."""
    if not (places := full_cells(grid)):
        return None
    r, c = chance.choice(places)
    (label, column), value = grid.said(r, c), grid.value(r, c)
    kind = asking.kind_of(value)
    if kind == asking.MARK:
        return None
    named = says_product(grid, chance)
    question = _question(asking.ask_cell(label, column, value, grid.name, chance, named=named), grid, chance)
    passages, gold = arranged([passage_of(grid, rows_around(grid, r, chance.randint(1, MOST_ROWS), chance))], material,
                              grid.topic, answers_alike(grid, r, c), chance)
    answer = stated(label, column, value, grid.columns[c].per, chance)
    return _draft("date" if kind in (asking.TIME, asking.DATE) else "cell", question, answer, passages, gold, grid,
                  (unit_of(grid, r),), (value,))


def stated(label: str, column: str, value: str, per: str, chance: random.Random) -> str:
    """An answer that states the value: alone, with its column, or as a whole sentence."""
    counted = f"{per}{value}" if per.startswith("每") else value
    end = "" if re.search(r"[。；）)]$", counted) and chance.random() < 0.5 else "。"
    if not column:
        form = chance.choice(("{v}", "{r}为{v}", "{r}是{v}", "{r}：{v}"))
        return form.format(v=counted.rstrip("。；"), r=label) + end
    form = chance.choices(("{v}", "{c}{v}", "{c}为{v}", "{c}是{v}", "{r}的{c}为{v}", "{r}，{c}{v}", "{r}{c}：{v}"),
                          (14, 12, 14, 12, 26, 12, 10))[0]
    return form.format(v=counted.rstrip("。；"), c=column, r=label) + end


def row(grid: Grid, material: Material, chance: random.Random) -> Draft | None:
    """All that a row says, where it has two to four columns."""
    if not grid.keys or grid.turned:
        return None
    r = chance.randrange(len(grid.rows))
    columns = [c for c in range(grid.keys, len(grid.header)) if grid.full(r, c)]
    if not 2 <= len(columns) <= 4 or sum(len(grid.rows[r][c]) for c in columns) > 110:
        return None
    label = grid.label(r)
    ways = ("{r}具体怎么规定的", "{r}是什么标准", "{r}都有哪些规定", "{r}的各项分别是多少", "讲讲{r}", "{r}这一行都写了什么", "介绍一下{r}", "{r}那一项的情况",
            "{r}怎么算", "{r}的{c}和{d}分别是什么", "{r}的{c}、{d}各是多少", "我想知道{r}的全部内容")
    question = chance.choice(ways).format(r=label, c=grid.columns[columns[0]].name, d=grid.columns[columns[1]].name)
    if grid.columns[columns[1]].name in question and grid.columns[columns[0]].name in question:
        columns = columns[:2]
    if says_product(grid, chance):
        question = f"{grid.name}{question}"
    parts = [f"{grid.columns[c].name}{chance.choice(('', '为', '是'))}{grid.value(r, c).rstrip('。')}" for c in columns]
    passages, gold = arranged([passage_of(grid, rows_around(grid, r, chance.randint(1, MOST_ROWS), chance))], material,
                              grid.topic, answers_alike(grid, r, columns[0]), chance)
    answer = chance.choice((f"{label}：", f"{label}的", "")) + chance.choice(("；", "，")).join(parts) + "。"
    return _draft("row", _question(question, grid, chance), answer, passages, gold, grid, (unit_of(grid, r),),
                  tuple(grid.value(r, c).rstrip("。") for c in columns))


def neighbour(grid: Grid, material: Material, chance: random.Random) -> Draft | None:
    """The neighbouring rows are there, the asked one is not: to be refused."""
    places = full_cells(grid)
    if len(grid.rows) < 3 or not places:
        return None
    r, c = chance.choice(places)
    near = [p for p in range(max(0, r - 3), min(len(grid.rows), r + 4)) if p != r]
    shown = sorted(chance.sample(near, min(len(near), chance.randint(1, 3))), key=lambda p: abs(p - r))
    value = grid.value(r, c)
    question = asking.ask_cell(*grid.said(r, c), value, grid.name, chance, named=says_product(grid, chance))
    passages = only_tempting(grid.source, grid.topic, material, answers_alike(grid, r, c), chance,
                             (passage_of(grid, shown),))
    question = _question(question, grid, chance)
    absent = tuple(f"|{key}|" if key.isascii() else key for key in grid.rows[r][: grid.keys][-1:])
    return _draft("wrong_neighbour", question, NO_ANSWER, passages, (), grid, absent=absent,
                  asks=tuple(quantities(grid.label(r))))


def missing(grid: Grid, material: Material, chance: random.Random) -> Draft | None:
    """Other passages of the document or topic, none with this cell: to be refused."""
    if not (places := full_cells(grid)):
        return None
    r, c = chance.choice(places)
    (label, column), value = grid.said(r, c), grid.value(r, c)
    question = asking.ask_cell(label, column, value, grid.name, chance, named=says_product(grid, chance, 0.5))
    key = grid.rows[r][grid.keys - 1]
    passages = only_tempting(grid.source, grid.topic, material, lambda p: key in p.text or grid.header[c] in p.text, chance)
    if not passages:
        return None
    return _draft("absent", _question(question, grid, chance), NO_ANSWER, passages, (), grid,
                  must=(f"{label}{column}{value}",))


def _question(question: str, grid: Grid, chance: random.Random) -> str:
    return typed(spoken(question, chance, 0.3, keep=grid.name), chance)


def _draft(kind: str, question: str, answer: str, passages: tuple[Passage, ...], gold: tuple[int, ...], grid: Grid,
           units: tuple[str, ...] = (), must: tuple[str, ...] = (), **more) -> Draft:
    return Draft(kind, question, answer, passages, gold, grid.source, grid.topic, grid.licence, "", units, must,
                 shape=grid.shape, **more)
