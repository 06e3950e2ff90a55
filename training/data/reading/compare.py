"""Items that set two cells side by side, in one table or in the tables of two products, and that tell products apart."""

from __future__ import annotations

import random
from collections import defaultdict

from rag.answer.prompt import NO_ANSWER
from rag.text.figures import find_figures
from training.data.reading import asking
from training.data.reading.around import arranged, fitting, only_tempting, passage_of, rows_around, unit_of
from training.data.reading.cells import answers_alike, full_cells, stated
from training.data.reading.draft import Draft
from training.data.reading.grid import Grid
from training.data.reading.material import Material
from training.data.reading.persona import spoken, typed

_BOTH = ("{a}跟{b}的{c}一样吗", "{a}、{b}的{c}分别是什么", "{c}上{a}和{b}有什么区别", "{c}：{a}和{b}对比一下", "{b}与{a}的{c}有差别吗")
_WHICH = ("{a}和{b}，哪个{c}高", "{a}跟{b}的{c}一样吗", "{a}、{b}的{c}分别是多少", "{c}上{a}和{b}有什么区别", "{a}比{b}的{c}高还是低",
          "选{a}还是{b}，{c}哪个低一些", "{a}与{b}的{c}差别大吗", "{b}的{c}比{a}高吗", "{c}：{a}和{b}对比一下")
_MORE, _LESS = "更高", "更低"


def compare(grid: Grid, material: Material, chance: random.Random) -> Draft | None:
    """Two rows of one column."""
    places = full_cells(grid)
    if not places:
        return None
    r, c = chance.choice(places)
    if grid.turned:  # the things are the columns
        near = [(r, d) for d in range(1, len(grid.header)) if d != c and (r, d) in places]
    else:
        near = [(p, c) for p in range(max(0, r - 4), min(len(grid.rows), r + 5)) if p != r and (p, c) in places]
    if not near:
        return None
    other, d = chance.choice(near)
    (a, column), (b, _) = grid.said(r, c), grid.said(other, d)
    va, vb = grid.value(r, c), grid.value(other, d)
    kind = asking.kind_of(va)
    if max(len(va), len(vb)) > 30 or not column or kind != asking.kind_of(vb) or kind == asking.MARK:
        return None
    question = chance.choice(_BOTH if _higher(va, vb) is None and va != vb else _WHICH).format(a=a, b=b, c=column)
    answer = compared(a, b, column, va, vb, question, chance)
    shown = fitting(grid, rows_around(grid, r, chance.randint(1, 3), chance), {r, other})
    passages, gold = arranged([passage_of(grid, shown)], material, grid.topic, answers_alike(grid, r, c), chance)
    return Draft("compare", typed(spoken(question, chance, 0.3), chance), answer, passages, gold, grid.source, grid.topic,
                 grid.licence, "", (grid.text(sorted({r, other})),), tuple(dict.fromkeys((va, vb))), shape=grid.shape)


def compared(a: str, b: str, column: str, va: str, vb: str, question: str, chance: random.Random) -> str:
    """The sentence that compares: alike, or both values, and which is higher where that was asked and is plain."""
    if va == vb:
        return chance.choice((f"一样，{a}和{b}的{column}都是{va}。", f"{a}和{b}一样，{column}都为{va}。", f"一样，都是{va}。"))
    opening = "不一样，" if "一样" in question else ""
    both = chance.choice((f"{a}的{column}为{va}，{b}为{vb}", f"{a}{va}，{b}{vb}", f"{column}方面，{a}是{va}，{b}是{vb}"))
    higher = _higher(va, vb)
    if higher is None or not any(word in question for word in ("高", "低", "区别", "差别")):
        return f"{opening}{both}。"
    more, less = (a, b) if higher else (b, a)
    return f"{opening}{both}，{more + _MORE if '低一些' not in question else less + _LESS}。"


def _higher(one: str, other: str) -> bool | None:
    """Whether the first value is higher; None where they cannot be compared."""
    left, right = find_figures(one), find_figures(other)
    if len(left) != 1 or len(right) != 1 or left[0].unit != right[0].unit or left[0].kind != right[0].kind:
        return None
    if isinstance(left[0].value, tuple) or isinstance(right[0].value, tuple) or left[0].value == right[0].value:
        return None
    return left[0].value > right[0].value


class Twins:
    """Tables of one form in different documents that share rows: where only the product's name tells which is meant."""

    def __init__(self, grids: list[Grid]):
        by_shape: dict[str, list[Grid]] = defaultdict(list)
        for grid in grids:
            if grid.keys and grid.name:
                by_shape[grid.shape].append(grid)
        self.groups = [group for _, group in sorted(by_shape.items()) if len({grid.name for grid in group}) > 1]

    def pick(self, chance: random.Random) -> tuple[Grid, Grid, int, int, int] | None:
        """Two of them, the rows with one label in both, and a column that is filled in both."""
        if not self.groups:
            return None
        one, other = chance.sample(chance.choice(self.groups), 2)
        if one.name == other.name or one.name in other.name or other.name in one.name or one.header != other.header:
            return None
        labels = {other.label(p): p for p in range(len(other.rows))}
        shared = [(p, labels[one.label(p)]) for p in range(len(one.rows)) if one.label(p) in labels]
        if not shared:
            return None
        r, s = chance.choice(shared)
        columns = [c for c in range(one.keys, len(one.header)) if one.full(r, c) and other.full(s, c)
                   and max(len(one.rows[r][c]), len(other.rows[s][c])) <= 40]
        return (one, other, r, s, chance.choice(columns)) if columns else None

    def multi(self, material: Material, chance: random.Random) -> Draft | None:
        """Both products' tables are there: one is asked for by name, or both are compared."""
        if (found := self.pick(chance)) is None:
            return None
        one, other, r, s, c = found
        (row, column), va, vb = one.said(r, c), one.value(r, c), other.value(s, c)
        about = f"{row}的{column}" if column else row
        shown = [passage_of(one, rows_around(one, r, 2, chance)), passage_of(other, rows_around(other, s, 2, chance))]
        alike = answers_alike(one, r, c)
        if chance.random() < 0.45:
            question = chance.choice(_BOTH if _higher(va, vb) is None and va != vb else _WHICH).format(
                a=one.name, b=other.name, c=about)
            answer = compared(one.name, other.name, about, va, vb, question, chance)
            passages, gold = arranged(shown, material, one.topic, alike, chance)
            units, must = (unit_of(one, r), unit_of(other, s)), tuple(dict.fromkeys((va, vb)))
        elif asking.kind_of(va) == asking.MARK or va == vb:
            return None
        else:
            question = asking.ask_cell(row, column, va, one.name, chance, named=True)
            passages, _ = arranged(shown, material, one.topic, alike, chance)
            gold = (passages.index(shown[0]),)
            answer = stated(chance.choice((row, f"{one.name}{row}")), column, va, one.columns[c].per, chance)
            units, must = (unit_of(one, r),), (va,)
        return Draft("multi", typed(spoken(question, chance, 0.2, keep=one.name), chance), answer, passages, gold, one.source,
                     one.topic, one.licence, "", units, must, shape=one.shape)

    def other_product(self, material: Material, chance: random.Random) -> Draft | None:
        """Only another product's table is there: to be refused."""
        if (found := self.pick(chance)) is None:
            return None
        one, other, r, s, c = found
        question = asking.ask_cell(*one.said(r, c), one.value(r, c), one.name, chance, named=True)
        passages = only_tempting(other.source, other.topic, material, lambda p: one.name in p.title + p.text, chance,
                                 (passage_of(other, rows_around(other, s, 3, chance)),))
        return Draft("absent", typed(spoken(question, chance, 0.2, keep=one.name), chance), NO_ANSWER, passages, (),
                     one.source, one.topic, one.licence, "", absent=(one.name,), shape=one.shape)
