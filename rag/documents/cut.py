"""Cutting what is too long: text at sentences, tables at rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SENTENCE = re.compile(r"[^。！？!?]*[。！？!?]+[”’」』）)】]*|[^。！？!?]+$", re.DOTALL)
_CLAUSE = re.compile(r"[^；;]*[；;]+|[^；;]+$", re.DOTALL)
_COMMA = re.compile(r"[^，、,]*(?:[，、]|,(?!\d))+|[^，、,]+(?:,\d[^，、,]*)*$", re.DOTALL)


def cut_text(paragraphs: Sequence[str], limit: int) -> list[str]:
    """Parts of at most `limit` characters: between paragraphs, else between sentences, then clauses, then commas;
    a longer run without any is cut outside figures and Latin words."""
    parts: list[str] = []
    for paragraph in paragraphs:
        parts += _packed(_atoms(paragraph, limit), limit)
    return [part.strip() for part in parts if part.strip()]


def _atoms(text: str, limit: int) -> list[str]:
    if len(text) <= limit:
        return [text]
    for pattern in (re.compile(r"[^\n]*\n|[^\n]+$"), _SENTENCE, _CLAUSE, _COMMA):
        found = [part for part in pattern.findall(text) if part]
        if len(found) > 1 and sum(map(len, found)) == len(text):
            return [atom for part in found for atom in _atoms(part, limit)]
    return _hard(text, limit)


def _hard(text: str, limit: int) -> list[str]:
    made = []
    while len(text) > limit:
        at = limit
        while at > limit // 2 and re.match(r"[\w.,%‰]{2}", text[at - 1 : at + 1], re.ASCII):
            at -= 1
        made.append(text[:at])
        text = text[at:]
    return [*made, text]


def _packed(atoms: Sequence[str], limit: int) -> list[str]:
    """Neighbouring atoms together up to the limit, in parts of about one size."""
    total = sum(map(len, atoms))
    if total <= limit:
        return ["".join(atoms)]
    aim = total / -(-total // limit)
    made = [""]
    for atom in atoms:
        if made[-1] and (len(made[-1]) + len(atom) > limit or len(made[-1]) >= aim):
            made.append("")
        made[-1] += atom
    if len(made) > 1 and len(made[-1]) + len(made[-2]) <= limit:
        last = made.pop()
        made[-1] += last
    return made


@dataclass(frozen=True)
class TablePart:
    """Captions, header and a run of rows; `first` and `last` count the table's body rows from 0."""

    text: str
    first: int
    last: int


def cut_table(table: str, captions: Sequence[str], limit: int) -> list[TablePart]:
    """The table whole under its caption lines up to 1.5 × `limit`, else runs of rows, each under captions and header."""
    head = [*captions]
    rows = table.split("\n")
    header = rows[:2] if len(rows) > 1 and set(rows[1]) <= set("|-: ") else []
    body = rows[len(header) :]
    top = "\n".join([*head, *header])
    if (len(top) + len(table) <= 1.5 * limit or len(body) <= 1) and len(table) <= 3 * limit:
        return [TablePart("\n".join([*head, *rows]), 0, max(len(body) - 1, 0))]
    made: list[TablePart] = []
    run: list[str] = []
    room = max(round(1.3 * limit) - len(top), limit // 2)
    total = sum(len(row) + 1 for row in body)
    aim = total / max(1, -(-total // room))  # parts of about one size, no single row left over

    def flush(end: int) -> None:
        if run:
            made.append(TablePart("\n".join([top, *run]), end - len(run), end - 1))
            run.clear()

    for index, row in enumerate(body):
        size = sum(len(other) + 1 for other in run)
        if run and (size + len(row) > room or size + len(row) / 2 > aim):
            flush(index)
        if len(row) > 2 * limit and header:
            made += [TablePart(text, index, index) for text in _cut_row(row, head, header[0], limit)]
            continue
        run.append(row)
    flush(len(body))
    return made


def _cut_row(row: str, captions: Sequence[str], header: str, limit: int) -> list[str]:
    """One row too long for a piece: its cells as lines `header：value`, the first cell on every part."""
    names, values = _cells(header), _cells(row)
    values += [""] * (len(names) - len(values))
    lines = [f"{name}：{value}" if name else value for name, value in zip(names, values, strict=False) if value]
    first = lines[0] if lines and len(lines[0]) <= limit // 4 else ""
    made = []
    for line in lines[1:] if first else lines:
        for part in cut_text([line], limit):
            made.append("\n".join([*captions, *([first] if first else []), part]))
    return made


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]
