"""A sum over a table: the formula is written, the calculator's result given, the answer said.

What is asked, and by which formula, is known from the making; the assistant's own calculator then has to find the same
row and the same result for the question, or there is no record.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from decimal import Decimal

from rag.answer.prompt import evidence_block
from rag.calculate.calculate import calculate
from rag.calculate.result import Calculation, yuan
from training.data.reading.around import passage_of, rows_around
from training.data.reading.grid import Grid
from training.data.record import Record
from training.data.tasks.formula import worked
from training.data.tasks.sum_kinds import KINDS, Sum

CALCULATOR = ("你是金融机构的客服助手。需要计算时，只写一行“计算：算式”，算式里只有数字和＋－×÷括号；得到【计算结果】后，用一句话回答。")
MOST_ROWS = 60  # as many units as the assistant reads for a sum
TRIES = 6  # amounts and days drawn before a table gives nothing: its bands hold only some


def calculator(grid: Grid, chance: random.Random) -> Record | None:
    """A question over the table that wants a sum, of one of the kinds that fit it."""
    kinds = list(KINDS)
    chance.shuffle(kinds)
    for kind in kinds:
        for _ in range(TRIES):
            if (asked := kind(grid, chance)) is None:
                break
            value = result_of(asked)
            if asked.lone or confirmed(asked, grid):
                return _record(asked, value, grid, chance)
    return None


def result_of(asked: Sum) -> str:
    """The value of the formula as amounts of money are written."""
    value = worked(asked.formula)
    return yuan(Decimal(value.numerator) / Decimal(value.denominator))


def confirmed(asked: Sum, grid: Grid) -> bool:
    """Whether the assistant's calculator, given the rows of the table, takes this row and comes to the same."""
    rows = [*range(min(len(grid.rows), MOST_ROWS))]
    done = calculate(f"{asked.question}？", _evidence(grid, rows))
    return (isinstance(done, Calculation) and done.evidence == (asked.row,)
            and bool(re.search(rf"(?<![\d,.]){re.escape(result_of(asked))}", done.text)))


def _evidence(grid: Grid, rows: Sequence[int]) -> list[str]:
    about = " ".join((grid.title, *grid.headings))
    return [f"{about}\n{grid.text([row])}" for row in rows]


def _record(asked: Sum, value: str, grid: Grid, chance: random.Random) -> Record:
    shown = passage_of(grid, rows_around(grid, asked.row, 3, chance)).cited(1)
    messages = (
        {"role": "system", "content": CALCULATOR},
        {"role": "user", "content": f"【资料】\n{evidence_block([shown])}\n【问题】{asked.question}？"},
        {"role": "assistant", "content": f"计算：{asked.formula}"},
        {"role": "user", "content": f"【计算结果】{value}"},
        {"role": "assistant", "content": asked.said.format(v=value)},
    )
    return Record(messages, "calculator", "", grid.licence, grid.source, grid.topic, asked.kind, grid.shape, (grid.text([asked.row]),))
