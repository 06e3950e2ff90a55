"""Lines that quote a table's row cell by cell, 列名：值；列名：值: what is quoted so cannot be misplaced."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from rag.text.table_cells import Cell, Table

_MARKS = re.compile(r"\s*(?:\[\d+\]|【\d+】)\s*$")


def quotes_a_row(line: str, tables: Iterable[Table]) -> bool:
    """Whether every 列名：值 of `line` is a cell of one and the same row under that very name.

    Words before the first name (a caption, a title) are passed over; a citation mark at the end as well.
    """
    parts = [part for part in _MARKS.sub("", line).split("；") if part.strip()]
    if len(parts) < 2 or not all("：" in part for part in parts):
        return False
    return any(_holds(row, table, parts) for table in tables for row in _rows(table))


@lru_cache(maxsize=128)
def _rows(table: Table) -> tuple[tuple[Cell, ...], ...]:
    rows: dict[int, list[Cell]] = {}
    for cell in table.cells:
        rows.setdefault(cell.row, []).append(cell)
    return tuple(tuple(row) for row in rows.values())


def _holds(row: tuple[Cell, ...], table: Table, parts: list[str]) -> bool:
    """The cells in their order, some perhaps left out; only the first may have other words before its name."""
    at = 0
    for number, part in enumerate(parts):
        while at < len(row) and not _says(part.strip(), _name(table, row[at]), row[at].text, number == 0):
            at += 1
        if at == len(row):
            return False
        at += 1
    return True


def _name(table: Table, cell: Cell) -> str:
    return table.header[cell.column] if cell.column < len(table.header) else ""


def _says(part: str, name: str, value: str, first: bool) -> bool:
    said = f"{name}：{value}"
    return bool(name and value) and (part.endswith(said) if first else part == said)
