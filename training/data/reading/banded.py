"""Items of condition: the question states an age, a term or an amount, and the row whose band holds it answers."""

from __future__ import annotations

import math
import random

from rag.answer.prompt import NO_ANSWER
from rag.text.bands import Band, fit, quantities
from rag.text.row_bands import row_bands
from training.data.reading import asking
from training.data.reading.around import arranged, only_tempting, passage_of, rows_around, unit_of
from training.data.reading.cells import LONGEST_CELL, answers_alike, stated
from training.data.reading.draft import Draft
from training.data.reading.grid import Grid
from training.data.reading.material import Material
from training.data.reading.persona import spoken, typed
from training.data.reading.units import is_bare

_ASKS = {
    "月": ("我持有了{x}，{c}{q}", "{x}的话{c}{q}", "满打满算{x}，{c}{q}", "我这个是{x}的，{c}{q}", "期限{x}，{c}{q}", "已经{x}了，{c}{q}"),
    "天": ("我拿了{x}，{c}{q}", "{x}的话{c}{q}", "才{x}，{c}{q}", "过了{x}，{c}{q}", "持有{x}{c}{q}"),
    "元": ("我有{x}，{c}{q}", "金额{x}，{c}{q}", "{x}的话{c}{q}", "要是{x}，{c}{q}", "我打算放{x}，{c}{q}", "{x}属于哪一档，{c}{q}"),
    "岁": ("我今年{x}，{c}{q}", "{x}的人{c}{q}", "我妈{x}，{c}{q}", "家里人{x}了，{c}{q}", "{x}，{c}{q}", "年纪{x}，{c}{q}"),
}


def condition(grid: Grid, material: Material, chance: random.Random) -> Draft | None:
    """A quantity inside one row's band. None where the table states no bands or the quantity fits several rows."""
    return _item(grid, material, chance, answered=True)


def outside(grid: Grid, material: Material, chance: random.Random) -> Draft | None:
    """The row whose band holds the quantity is not among those shown: to be refused."""
    return _item(grid, material, chance, answered=False)


def _item(grid: Grid, material: Material, chance: random.Random, *, answered: bool) -> Draft | None:
    banded = _bands(grid)
    if len(banded) < 2:
        return None
    r = chance.choice(sorted(banded))
    columns = [c for c in range(grid.keys, len(grid.header)) if grid.full(r, c) and len(grid.rows[r][c]) <= LONGEST_CELL]
    quantity = quantity_in(banded[r], chance)
    if not columns or quantity is None:
        return None
    c = chance.choice(columns)
    (label, column), value = grid.said(r, c), grid.value(r, c)
    if grid.turned or not column:
        return None
    kind = asking.kind_of(value)
    if kind == asking.MARK:
        return None
    ways = {"money": ("多少钱", "是多少"), "rate": ("是多少", "多少"), "time": ("多久", "是多少"), "words": ("怎么算", "是什么", "怎么规定的")}
    question = chance.choice(_ASKS[banded[r].unit]).format(x=quantity, c=column, q=chance.choice(ways.get(kind, ("是多少", "多少"))))
    others = grid.rows[r][: grid.keys - 1]  # where two columns name a row, the other one is said
    question = f"{''.join(others)}，{question}" if others else question
    if grid.name and chance.random() < 0.3:
        question = f"{grid.name}，{question}"
    question = typed(spoken(question, chance, 0.25, keep=quantity), chance)
    asked = quantities(question)
    if [p for p in range(len(grid.rows)) if grid.rows[p][: grid.keys - 1] == others
            and fit(asked, row_bands(_key(grid, p))) > 0] != [r]:
        return None
    alike = answers_alike(grid, r, c)
    if not answered:
        near = [p for p in range(max(0, r - 3), min(len(grid.rows), r + 4)) if p != r]
        shown = sorted(chance.sample(near, min(len(near), chance.randint(1, 3))))
        passages = only_tempting(grid.source, grid.topic, material, alike, chance, (passage_of(grid, shown),))
        return Draft("wrong_neighbour", question, NO_ANSWER, passages, (), grid.source, grid.topic, grid.licence, "",
                     shape=grid.shape, asks=tuple(asked))
    passages, gold = arranged([passage_of(grid, rows_around(grid, r, chance.randint(2, 4), chance))], material, grid.topic,
                              alike, chance)
    answer = chance.choice((f"{label}的{column}为{value.rstrip('。')}。", f"属于{label}这一档，{column}{value.rstrip('。')}。",
                            f"{label}，{column}{value.rstrip('。')}。", stated(label, column, value, grid.columns[c].per, chance)))
    return Draft("condition", question, answer, passages, gold, grid.source, grid.topic, grid.licence, "",
                 (unit_of(grid, r),), (value.rstrip("。"),), shape=grid.shape)


def _key(grid: Grid, row: int) -> str:
    place = grid.keys - 1
    return f"{grid.header[place]}：{grid.rows[row][place]}"


def _bands(grid: Grid) -> dict[int, Band]:
    """The one band of each row whose key states one."""
    found = {}
    for place in range(len(grid.rows)) if grid.keys else ():
        cell = grid.rows[place][grid.keys - 1]
        stated_bands = [] if is_bare(cell) else row_bands(_key(grid, place))
        if len(stated_bands) == 1 and stated_bands[0].unit in _ASKS:
            found[place] = stated_bands[0]
    return found


def quantity_in(band: Band, chance: random.Random) -> str | None:
    """A plausible quantity inside the band, as people say it."""
    low = band.low
    high = band.high if math.isfinite(band.high) else max(2 * low, low + 12)
    step = {"月": 1.0, "天": 1.0, "岁": 1.0, "元": _step(high)}[band.unit]
    first, last = math.ceil(low / step + (0 if low == 0 else 1e-9)), math.floor(high / step - 1e-9)
    if first > last:
        return None
    value = step * chance.randint(max(1, first), max(1, last))
    if not band.holds(value):
        return None
    if band.unit == "月":
        return f"{int(value // 12)}年" if value % 12 == 0 else f"{int(value)}个月"
    if band.unit == "元":
        return f"{value / 10000:g}万元" if value >= 10000 and value % 1000 == 0 else f"{value:g}元"
    return f"{value:g}{band.unit}"


def _step(high: float) -> float:
    return 10.0 ** max(0, math.floor(math.log10(max(high, 1))) - 1)
