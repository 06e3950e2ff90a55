"""Tasks over a table: extraction to JSON, a summary, and multiple choice with its reason."""

from __future__ import annotations

import json
import random
from decimal import Decimal

from rag.text.figures import find_figures
from training.data.reading.around import ROOM, rows_around, tokens
from training.data.reading.cells import full_cells
from training.data.reading.grid import Grid
from training.data.record import Record

_EXTRACT = ("把{r}这一行整理成JSON", "抽取{r}的信息，按JSON输出", "请把资料里{r}的各项写成JSON，键用列名", "以JSON格式列出{r}的{c}", "提取{r}的字段（JSON）")
_SUMMARISE = ("用一两句话概括这张表", "这张表主要说了什么", "请总结表格内容", "简单概括一下资料里的表", "表里讲的是啥，概括一下")
_CHOOSE = ("依据资料，{r}的{c}是：", "{r}的{c}为（　）。", "下列哪一项是{r}的{c}？", "资料里{r}的{c}是哪个？")


def extraction(grid: Grid, chance: random.Random) -> Record | None:
    """One row as a JSON object: keys are the column names, values the cells as they stand."""
    if not grid.keys or grid.turned:
        return None
    r = chance.randrange(len(grid.rows))
    columns = [c for c in range(len(grid.header)) if grid.full(r, c)]
    if len(columns) < 2 or sum(len(grid.rows[r][c]) for c in columns) > 150:
        return None
    shown = grid.text(rows_around(grid, r, 3, chance))
    asked = chance.choice(_EXTRACT).format(r=grid.label(r), c="、".join(grid.columns[c].name for c in columns[1:4]))
    if "以JSON格式列出" in asked:
        columns = [columns[0], *columns[1:4]]
    answer = json.dumps({grid.columns[c].name: grid.value(r, c) for c in columns}, ensure_ascii=False)
    return _record(grid, "extraction", f"{asked}。\n【资料】\n{shown}", answer, (grid.text([r]),), chance)


def summary(grid: Grid, chance: random.Random) -> Record | None:
    """How many rows of what, which columns, and the range of one numeric column."""
    if not grid.keys or len(grid.rows) < 3 or grid.turned:
        return None
    rows = list(range(min(len(grid.rows), 8)))
    if len(rows) < len(grid.rows) or tokens(grid.text(rows)) > ROOM:
        return None
    what, names = grid.columns[0].name, [grid.columns[c].name for c in range(grid.keys, len(grid.header))]
    said = f"表中按{what}列出{len(rows)}项的{'、'.join(names[:4])}"
    for c in range(grid.keys, len(grid.header)):
        values = [(_number(grid.value(r, c)), r) for r in rows]
        if all(value is not None for value, _ in values) and len({value for value, _ in values}) > 1:
            (_, low), (_, high) = min(values), max(values)
            said += f"。其中{grid.columns[c].name}最低的是{grid.label(low)}（{grid.value(low, c)}），最高的是{grid.label(high)}（{grid.value(high, c)}）"
            break
    return _record(grid, "summary", f"{chance.choice(_SUMMARISE)}。\n【资料】\n{grid.text(rows)}", f"{said}。", (grid.text(rows),), chance)


def choice(grid: Grid, chance: random.Random) -> Record | None:
    """Four values of one column to choose from, with the row that decides."""
    if not (places := full_cells(grid)):
        return None
    r, c = chance.choice(places)
    (thing, attribute), value = grid.said(r, c), grid.value(r, c)
    others = sorted({grid.value(p, c) for p in range(len(grid.rows)) if grid.full(p, c)} - {value})
    if len(others) < 2 or not attribute or len(value) > 40:
        return None
    options = [value, *chance.sample(others, min(3, len(others)))]
    chance.shuffle(options)
    letter = "ABCD"[options.index(value)]
    listed = "\n".join(f"{'ABCD'[i]}. {option}" for i, option in enumerate(options))
    asked = chance.choice(_CHOOSE).format(r=thing, c=attribute)
    shown = grid.text(rows_around(grid, r, 4, chance))
    return _record(grid, "multiple_choice", f"{asked}\n{listed}\n【资料】\n{shown}", f"资料写明{thing}的{attribute}为{value}。\n答案：{letter}",
                   (grid.text([r]),), chance)


def _number(value: str) -> Decimal | None:
    found = find_figures(value)
    return found[0].value if len(found) == 1 and isinstance(found[0].value, Decimal) else None


def _record(grid: Grid, task: str, asked: str, answer: str, evidence: tuple[str, ...], chance: random.Random) -> Record | None:
    if tokens(asked) + tokens(answer) > ROOM + 20:
        return None
    messages = ({"role": "user", "content": asked}, {"role": "assistant", "content": answer})
    return Record(messages, task, "", grid.licence, grid.source, grid.topic, task, grid.shape, evidence)
