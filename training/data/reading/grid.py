"""A table to ask about: where it stands, its columns, its rows, and how many leading columns tell the rows apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from training.data.reading.units import Column, is_bare, is_blank, read_column, said

_AGE = re.compile(r"年龄|周岁|岁$")
_POLICY_YEAR = re.compile(r"保单年度|保险年度|年末|第几年")
_TERM = re.compile(r"期数|分期")
_YEARS = re.compile(r"年限|年期|贷款期限|期限（年|年数")
_ATTRIBUTES = re.compile(r"(?:对照|对比|收费|费用)?(?:项目?|事项|要素|内容|指标)")
_GENERIC = re.compile(r"内容|规则|规定|标准|说明|要求|具体(?:内容|规定|规则)|收取标准|收费标准|金额|比例|数值|取值|结果|含义|要点")


@dataclass(frozen=True)
class Grid:
    """`rows` hold the cells as they stand; `keys` leading columns name a row. `shape` is equal for tables of one form."""

    source: str
    title: str
    headings: tuple[str, ...]
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    topic: str
    licence: str
    shape: str
    name: str = ""  # what a customer calls the product or document

    @cached_property
    def keys(self) -> int:
        """1 where the first column tells the rows apart, else 2; 0 where neither does."""
        for count in (1, 2):
            if count < len(self.header):
                seen = [row[:count] for row in self.rows]
                if len(set(seen)) == len(seen) and not any(is_blank(cell) for row in seen for cell in row):
                    return count
        return 0

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return tuple(read_column(name, self.caption) for name in self.header)

    def text(self, rows: Sequence[int]) -> str:
        """Caption, header and these rows in the table's order, as the assistant's evidence shows them."""
        head = [f"| {' | '.join(self.header)} |", "|" + " --- |" * len(self.header)]
        body = [f"| {' | '.join(self.rows[place])} |" for place in sorted(rows)]
        return "\n".join([*((self.caption,) if self.caption else ()), *head, *body])

    @cached_property
    def turned(self) -> bool:
        """Whether the rows are the attributes and the columns the things that have them (对照项目 | 甲款 | 乙款)."""
        return self.keys == 1 and len(self.header) > 2 and bool(_ATTRIBUTES.fullmatch(self.columns[0].name))

    def said(self, row: int, column: int) -> tuple[str, str]:
        """(thing, attribute) of a cell as one says them; the attribute is empty where only the row names it."""
        name = re.sub(r"\s+", "", self.columns[column].name)
        if self.turned:
            return name, self.label(row)
        return self.label(row), "" if len(self.header) - self.keys == 1 and _GENERIC.fullmatch(name) else name

    def label(self, row: int) -> str:
        """What one calls the row: 25周岁, 第5个保单年度, 账单分期12期."""
        return "".join(self._called(place, self.rows[row][place]) for place in range(self.keys))

    def _called(self, place: int, cell: str) -> str:
        name = self.header[place]
        if not is_bare(cell):
            return cell if place == 0 or len(cell) > 3 else f"{self.columns[place].name}{cell}"
        if _AGE.search(name):
            return f"{cell}岁"
        if _POLICY_YEAR.search(name):
            return f"第{cell}个保单年度末"
        if _TERM.search(name):
            return f"{cell}期"
        if _YEARS.search(name):
            return f"{cell}年"
        return f"{self.columns[place].name}{cell}{self.columns[place].unit}"

    def value(self, row: int, column: int) -> str:
        """The cell as one says it, with its unit."""
        return said(self.rows[row][column], self.columns[column], self.text([row]))

    def full(self, row: int, column: int) -> bool:
        """Whether the cell says something."""
        return not is_blank(self.rows[row][column])
