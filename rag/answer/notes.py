"""The note that a cell of a table is marked with (60①, 0.5%*, 三年期（注1）): it says for whom, or from when, the cell holds
another value, so that the cell alone may be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.answer.candidates import Scored
from rag.answer.columns import asked_columns
from rag.index.hit import Hit
from rag.text.sentences import Unit, split_units

# at the end of a cell, or before its bracket; a star between figures multiplies
_MARKED = re.compile(r"[①-⑳]|(?<!\d)(?<=.)[*＊※]{1,3}(?=$|[（(])|(?<=[\d%元年月日天次])[*＊※]{1,3}(?=$|[（(])|[（(\[【]注\s?\d{0,2}[)）\]】]$|注\s?\d{1,2}$")
_NOTE = re.compile(r"^\s*(?:[（(\[【]?注?\s?(?P<circled>[①-⑳])[)）\]】]?|(?P<star>[*＊※]{1,3})(?![*＊※])|[（(\[【]?(?P<said>注\s?\d{0,2})[)）\]】]?(?=[：:、.．\s]))")


def note_of(row: Scored, hits: Sequence[Hit], question: str) -> Scored | None:
    """The note that a cell of this row which would be shown is marked with; None where none is, or where it is not among
    the passages."""
    if row.unit.kind != "row":
        return None
    marks = [mark for _, value in asked_columns(row.unit, question) for mark in marks_of(value)]
    notes = {mark: note for mark, note in reversed([*_below(row, hits)])} if marks else {}  # of equal marks the first
    return next((notes[mark] for mark in marks if mark in notes), None)


def marks_of(cell: str) -> list[str]:
    """The marks in a cell, as a note begins with them."""
    return [_plain(match.group()) for match in _MARKED.finditer(cell) if match.start() or match.group()[0] in "（([【"]


def _below(row: Scored, hits: Sequence[Hit]) -> Iterator[tuple[str, Scored]]:
    """(mark, note) of what stands below the row, first in its own section, then in the following ones of its passage."""
    sections = hits[row.hit].read
    for part in range(row.section, len(sections)):
        for position, unit in enumerate(split_units(sections[part].text)):
            if unit.kind == "row" or (part == row.section and position <= row.position):
                continue
            for line in unit.text.split("\n"):
                if match := _NOTE.match(line):
                    mark = _plain(match["circled"] or match["star"] or match["said"])
                    yield mark, Scored(Unit(line.strip(), line.strip()), row.hit, part, position, row.score)


def _plain(mark: str) -> str:
    return re.sub(r"[\s（()）\[\]【】]", "", mark).replace("＊", "*")
