"""Items of yes and no and of lists over tables: is it so, and which rows or columns are so."""

from __future__ import annotations

import random

from training.data.reading import asking
from training.data.reading.around import arranged, passage_of, rows_around, unit_of
from training.data.reading.cells import answers_alike, full_cells
from training.data.reading.draft import Draft
from training.data.reading.grid import Grid
from training.data.reading.material import Material
from training.data.reading.persona import spoken, typed

_FREE = ("免费", "免收", "不收", "不收取", "0")
_IS_IT = ("{r}的{c}是{v}吗", "{r}的{c}是不是{v}", "听说{r}的{c}是{v}，对吗", "{r}{c}{v}，没错吧", "我记得{r}的{c}是{v}，是这样吗", "{c}{v}，{r}也是吗",
          "朋友说{r}{c}是{v}，真的假的", "{r}的{c}应该是{v}吧", "{v}是{r}的{c}吗")


def yes_no(grid: Grid, material: Material, chance: random.Random) -> Draft | None:
    """Is the cell this value? Half of the time it is a neighbour's value, and the answer denies it."""
    places = full_cells(grid)
    if not places:
        return None
    r, c = chance.choice(places)
    (label, column), value = grid.said(r, c), grid.value(r, c)
    if not column:
        return _plain(grid, r, c, label, value, material, chance)
    if asking.kind_of(value) == asking.MARK:
        return _mark(grid, r, c, material, chance)
    if len(value) > 30:
        return None
    if value in _FREE and chance.random() < 0.6:
        question = chance.choice((f"{label}收{column}吗", f"{label}的{column}要钱吗", f"{label}{column}免费吗"))
        answer = f"{'免费' if question.endswith('免费吗') else '不收'}，{label}的{column}为{value}。"
    else:
        others = sorted({grid.value(p, c) for p in range(len(grid.rows)) if grid.full(p, c)} - {value})
        if others and chance.random() < 0.5:
            wrong = chance.choice(others)
            if len(wrong) > 30 or wrong in value or value in wrong:
                return None
            question = chance.choice(_IS_IT).format(r=label, c=column, v=wrong)
            answer = chance.choice((f"不是，{label}的{column}是{value}。", f"不对，{label}的{column}为{value}。", f"不是，是{value}。"))
        else:
            question = chance.choice(_IS_IT).format(r=label, c=column, v=value)
            answer = chance.choice((f"是的，{label}的{column}为{value}。", f"是，{column}为{value}。", f"对，{label}的{column}是{value}。"))
    return _over_row(grid, r, c, question, answer, (value,), material, chance)


def _mark(grid: Grid, r: int, c: int, material: Material, chance: random.Random) -> Draft | None:
    cell, (label, column) = grid.rows[r][c], grid.said(r, c)
    question = asking.ask_mark(label, column, chance)
    yes, no = ("要", "不要") if "要不要" in question else ("有", "没有") if "有" in question else ("能", "不能") if "能" in question else ("是", "不是")
    if len(cell) > 1:
        answer = f"{cell}，{label}的{column}为{cell}。" if chance.random() < 0.3 else f"{label}的{column}：{cell}。"
    else:
        answer = f"{yes if cell in asking.YES else no}，{label}的{column}一栏是“{cell}”。"
    return _over_row(grid, r, c, question, answer, (cell,), material, chance)


def _plain(grid: Grid, r: int, c: int, name: str, value: str, material: Material, chance: random.Random) -> Draft | None:
    """Of a table of 项目 and 规则: is it the value of its own row, or of the next one?"""
    others = [grid.value(p, c) for p in range(len(grid.rows)) if p != r and asking.kind_of(grid.value(p, c)) == asking.kind_of(value)]
    wrong = chance.choice(others) if others and chance.random() < 0.5 else ""
    if max(len(value), len(wrong)) > 30 or (wrong and (wrong in value or value in wrong)):
        return None
    question = chance.choice(("{r}是{v}吗", "{r}是不是{v}", "听说{r}{v}，对吗", "{r}应该是{v}吧")).format(r=name, v=wrong or value)
    answer = f"不是，{name}是{value}。" if wrong else chance.choice((f"是的，{name}是{value}。", f"对，{name}为{value}。"))
    return _over_row(grid, r, c, question, answer, (value,), material, chance)


def _over_row(grid: Grid, r: int, c: int, question: str, answer: str, must: tuple[str, ...], material: Material,
              chance: random.Random) -> Draft:
    if grid.name and chance.random() < 0.25:
        question = f"{grid.name}，{question}"
    passages, gold = arranged([passage_of(grid, rows_around(grid, r, chance.randint(1, 4), chance))], material, grid.topic,
                              answers_alike(grid, r, c), chance)
    return Draft("yes_no", typed(spoken(question, chance, 0.25, keep=grid.name), chance), answer, passages, gold, grid.source,
                 grid.topic, grid.licence, "", (unit_of(grid, r),), must, shape=grid.shape)


def listed(grid: Grid, material: Material, chance: random.Random) -> Draft | None:
    """Which of the rows shown have this value; or which columns of a row have a mark."""
    if grid.keys != 1 or len(grid.rows) < 3 or grid.turned:
        return None
    if chance.random() < 0.3 and (draft := _marked_columns(grid, material, chance)):
        return draft
    first = chance.randrange(max(1, len(grid.rows) - 4))
    shown = list(range(first, min(first + chance.randint(3, 6), len(grid.rows))))
    options = []
    for c in range(1, len(grid.header)):
        cells = [grid.rows[p][c] for p in shown]
        options += [(c, cell) for cell in sorted(set(cells)) if 1 < cells.count(cell) < len(shown) and 0 < len(cell) <= 16]
    if not options:
        return None
    c, cell = chance.choice(options)
    right = [p for p in shown if grid.rows[p][c] == cell]
    labels = [grid.label(p) for p in right]
    if sum(map(len, labels)) > 110:
        return None
    column, value, what = grid.columns[c].name.replace(" ", ""), grid.value(right[0], c), grid.columns[0].name
    if cell in ("—", "×"):
        return None
    question = chance.choice((f"{column}一栏打√的{what}有哪些", f"哪些{what}{column}要", f"{column}都要哪些{what}") if cell == "√" else (
        f"{column}是{value}的有哪些", f"哪些{what}的{column}是{value}", f"{column}{value}的{what}有哪几个", f"都有哪些{what}，{column}是{value}",
        f"哪几种{what}{column}为{value}", f"列一下{column}为{value}的{what}"))
    answer = chance.choice(("{l}。", "有{l}。", "{l}的{c}为{v}。", "包括{l}。")).format(l="、".join(labels), c=column, v=value)
    passages, gold = arranged([passage_of(grid, shown)], material, grid.topic, lambda p: grid.header[c] in p.text, chance)
    return Draft("list", typed(spoken(question, chance, 0.25), chance), answer, passages, gold, grid.source, grid.topic,
                 grid.licence, "", (grid.text(right),), tuple(labels), shape=grid.shape)


def _marked_columns(grid: Grid, material: Material, chance: random.Random) -> Draft | None:
    rows = [r for r in range(len(grid.rows)) if grid.rows[r].count("√") > 1 and "—" in grid.rows[r]]
    if not rows:
        return None
    r = chance.choice(rows)
    right = [c for c in range(1, len(grid.header)) if grid.rows[r][c] == "√"]
    names = [grid.columns[c].name.replace(" ", "") for c in right]
    label = grid.label(r)
    question = chance.choice((f"哪些情况要{label}", f"{label}在哪些情形下需要", f"什么时候要交{label}", f"{label}哪几项要"))
    passages, gold = arranged([passage_of(grid, rows_around(grid, r, 3, chance))], material, grid.topic,
                              answers_alike(grid, r, right[0]), chance)
    return Draft("list", typed(spoken(question, chance, 0.2), chance), f"{'、'.join(names)}。", passages, gold, grid.source,
                 grid.topic, grid.licence, "", (unit_of(grid, r),), tuple(names), shape=grid.shape)
