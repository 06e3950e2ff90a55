"""Lines that quote a table's row cell by cell, 列名：值；列名：值: each cell is held against the row that the first one names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rag.text.table_cells import Table

_MARKS = re.compile(r"\s*(?:\[\d+\]|【\d+】)\s*$")


def quoted_from_row(line: str, at: int, tables: Iterable[Table]) -> bool | None:
    """Whether the 列名：值 of `line` at offset `at` stands in a row that the first pair of the line names.

    None where the line quotes no row: fewer than two pairs, names that are no columns, a first pair that no row has.
    Words before the first name (a caption, a title) are passed over. In a table of names and values side by side one pair
    is a quotation.
    """
    parts = _MARKS.sub("", line).split("；")
    if len(parts) == 1 and any(_beside(parts[0].strip(), row) for table in tables for row in _lines(table)):
        return True
    if len(parts) < 2 or not all("：" in part for part in parts):
        return None
    mine = min(line.count("；", 0, at), len(parts) - 1)
    rows = [row for table in tables if _names(parts, table) for row in _rows(table) if parts[0].strip().endswith(tuple(row))]
    if not rows:
        return None
    whole = [row for row in rows if all(part.strip() in row for part in parts[1:])]
    if mine == 0 or "：" in line[at:].split("；")[0]:  # what says which row, and a column's name, are there
        return True
    return any(parts[mine].strip() in row for row in whole or rows)


@lru_cache(maxsize=128)
def _lines(table: Table) -> tuple[tuple[str, ...], ...]:
    """Its lines as cells, the header's among them."""
    rows: dict[int, list[str]] = {-1: list(table.header)}
    for cell in table.cells:
        rows.setdefault(cell.row, []).append(cell.text)
    return tuple(map(tuple, rows.values()))


def _beside(pair: str, row: Sequence[str]) -> bool:
    """Whether a line of names and values (| 风险等级 | R4 | 币种 | 人民币 |) holds this 名：值."""
    return len(row) >= 4 and len(row) % 2 == 0 and any(f"{row[i]}：{row[i + 1]}" == pair for i in range(0, len(row), 2))


@lru_cache(maxsize=128)
def _rows(table: Table) -> tuple[frozenset[str], ...]:
    """Every row as the pairs it may be quoted by."""
    return tuple(frozenset(f"{name}：{text}" for name, text in zip(table.header, row, strict=False) if name and text)
                 for row in _lines(table)[1:])


def _names(parts: list[str], table: Table) -> bool:
    """Whether every pair's name is a column of the table."""
    first, *others = (part.rpartition("：")[0].strip() for part in parts)
    return any(name and first.endswith(name) for name in table.header) and all(name in table.header for name in others)
