"""Tables in plain text: columns set apart by blanks or tabs, and cells that an extraction wrote one to a line.

Only what can be told for certain becomes a table; every other line stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.documents.lines import ends_sentence, join
from rag.documents.plain_cells import STARTER, is_plain_figure, named_columns, whole_names
from rag.documents.tables import is_figure, to_markdown

_UNIT = re.compile(r"[（(]?\s*(?:单位|币种|金额单位)\s*[:：].{1,20}")
_LONGEST_LABEL = 44
LEAST_STEPS = 4  # rows with their header, from which on steps in the first column are a table whatever the others hold
LONGEST_CELL = 200  # of a table whose columns are set apart by tabs, in characters
_DIGIT = re.compile(r"\d")
_DRAWN_CELL = re.compile("[│┃]")
_ITEM = re.compile(r"[（(]?[一二三四五六七八九十\d]{1,3}[）)、.．]?|第[^第]{1,4}[条章节]|[●•·○■◆▪-]")  # 一、<tab>投保范围
_DRAWN = re.compile(r"\s*[-=_—─━┌┬┐├┼┤└┴┘┏┳┓┣╋┫┗┻┛+]{5,}[-=_—─━┌┬┐├┼┤└┴┘┏┳┓┣╋┫┗┻┛+\s]*")


def separate_tables(lines: Sequence[str]) -> list[str]:
    """Lines before blanks are closed up: runs of lines with steady columns set apart by tabs or blanks become tables."""
    made: list[str] = []
    run: list[list[str]] = []
    raw: list[str] = []

    def flush() -> None:
        made.extend(["", *to_markdown(run).split("\n"), ""] if _is_table(run, raw) else raw)
        run.clear()
        raw.clear()

    for line in lines:
        if _DRAWN.fullmatch(line):
            (raw if run else made).append(line)
            continue
        cells = _cells(line)
        if not cells:
            flush()
            made.append(line)
            continue
        if run and len(run[0]) != len(cells):
            flush()
        run.append(cells)
        raw.append(line)
    flush()
    return made


def _cells(line: str) -> list[str]:
    """A line's columns; none where it has no two, or they are words of a text that were merely set apart."""
    words = line.replace("│", "\t").replace("┃", "\t")
    tabbed = "\t" in words.strip()
    # two tabs hold an empty cell, blanks more or less are one gap
    cells = [cell.strip() for cell in (words.strip(" \u3000").split("\t") if tabbed else re.split(r"[ \u3000]{2,}", words.strip()))]
    if sum(map(bool, cells)) < 2 or "|" in line:
        return []
    if tabbed and not _DRAWN_CELL.search(line):
        return [] if any(len(cell) > LONGEST_CELL for cell in cells) or (len(cells) == 2 and _ITEM.fullmatch(cells[0])) else cells
    return [] if any(ends_sentence(cell) or len(cell) > 30 for cell in cells) else cells


def _is_table(run: Sequence[Sequence[str]], lines: Sequence[str]) -> bool:
    if len(run) < 3:
        return False
    if all("\t" in line for line in lines) and all(0 < len(cell) <= _LONGEST_LABEL for cell in run[0]):
        return True
    if len(run) >= LEAST_STEPS and not any(map(_DIGIT.search, run[0])) and all(_DIGIT.search(row[0]) for row in run[1:]):
        return True  # 20分以下, 20分至36分 … under 得分区间
    body = [cell for row in run[1:] for cell in row[1:]]
    return sum(map(is_figure, body)) >= 0.6 * len(body) or (len(run[0]) >= 3 and max(map(len, body)) <= 12)


@dataclass
class _Group:
    """Text lines followed by lines of figures; `start` is the first line's index, `end` is after the last one."""

    start: int
    end: int
    words: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)  # the line of each of the words
    figures: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        text = ""
        for word in self.words:
            text = join(text, word) if text else word
        return text

    @property
    def opens(self) -> bool:
        """Whether a new table begins here."""
        return any(_UNIT.fullmatch(word) or STARTER.fullmatch(word) for word in self.words)

    @property
    def is_row(self) -> bool:
        return (
            bool(self.words and self.figures)
            and len(self.words) <= 5
            and len(self.label) <= _LONGEST_LABEL
            and not re.search(r"[。；！？]", self.label)
        )


class CellTables:
    """Tables whose cells stand one to a line; asked page by page, so that a header is known on the next page."""

    def __init__(self) -> None:
        self._header: list[str] = []  # of a table that reached the end of the page before

    def rebuild(self, lines: Sequence[str]) -> list[str]:
        """The page's lines with every table that is clear as a pipe table: rows of a label and always as many figures
        under a header of as many names."""
        groups = _with_dashes_apart(_groups(lines))
        made: list[str] = []
        done = 0  # lines written so far
        carried, self._header = self._header, []
        index = 0
        while index < len(groups):
            count = len(groups[index].figures)
            last = index
            while last + 1 < len(groups) and len(groups[last + 1].figures) == count and groups[last + 1].is_row:
                last += 1
            known = carried if index or not _has_prose(lines[: groups[0].start]) else []
            cut = bool(known) or (count > 1 and not _has_prose(lines[groups[last].end :]))
            table = self._table(groups[index : last + 1], count, known, cut)
            if table is None:
                # one row with a cell left out does not end its table: the rows below have the same columns
                carried = carried if carried and groups[index].is_row and not groups[index].opens else []
                index += 1
                continue
            start, header, rows = table
            made += [*lines[done:start], "", *to_markdown([header, *rows], 1).split("\n"), ""]
            done = groups[last].end
            carried = header
            if not _has_prose(lines[done:]):
                self._header = header
            index = last + 1
        return [*made, *lines[done:]]

    def _table(
        self, groups: Sequence[_Group], count: int, carried: list[str], cut: bool
    ) -> tuple[int, list[str], list[list[str]]] | None:
        """(line at which the table begins, header, rows), or None where header or rows are not clear. One row is enough
        where the page end cut the others off."""
        first = groups[0]
        if count == 0 or len(groups) < (1 if cut else 2 if count > 1 else 4):
            return None
        rows = [[_without_section(group.words), *group.figures] for group in groups]
        if (
            carried
            and len(carried) == count + 1
            and first.is_row
            and len(first.words) <= 2
            and not STARTER.fullmatch(first.words[0])
        ):
            return first.start, carried, rows
        found = _header(first.words, count, groups[1:])
        if found is None:
            return None
        at, header, label = found
        rows[0][0] = label
        if not all(len(row[0]) <= _LONGEST_LABEL and not re.fullmatch(r"[（(][^）)]*[）)]", row[0]) for row in rows):
            return None
        if count == 1 and not _measured([row[1] for row in rows]):
            return None  # numbers of a list, most likely
        return first.places[at], header, rows


def _groups(lines: Sequence[str]) -> list[_Group]:
    made: list[_Group] = []
    for index, line in enumerate(lines):
        text = line.strip()
        if not text:
            last = made[-1].words[-1] if made and not made[-1].figures and made[-1].words else ""
            if last and (len(last) > 20 or (ends_sentence(last) and not last.endswith(("：", ":")))):
                made.append(_Group(index + 1, index + 1))
            continue
        if line.startswith(("|", "#")):
            made.append(_Group(index + 1, index + 1))
            continue
        parts = text.split()
        several = len(parts) > 1 and all(is_plain_figure(part) and re.search(r"\d|^[-—]$", part) for part in parts)
        figure = several or is_plain_figure(text)
        if not made or (not figure and made[-1].figures):
            made.append(_Group(index, index))
        if not made[-1].words and not made[-1].figures:
            made[-1].start = index
        (made[-1].figures if figure else made[-1].words).extend(parts if several else [text])
        if not figure:
            made[-1].places.append(index)
        made[-1].end = index + 1
    return _with_days_as_names(made)


_DAY = re.compile(r"\d{4}(?:[-./年]\d{1,2}){1,2}[月日]?")


def _with_days_as_names(groups: list[_Group]) -> list[_Group]:
    """`项目`, `2024.12.31`, `2023.12.31`, `存货`, …: days below the name of the first column are names of columns."""
    made: list[_Group] = []
    for group in groups:
        last = made[-1] if made else None
        if (
            last is not None
            and group.words
            and last.words
            and STARTER.fullmatch(last.words[-1])
            and len(last.figures) > 1
            and all(_DAY.fullmatch(figure) for figure in last.figures)
        ):
            last.places += [*range(last.end - len(last.figures), last.end), *group.places]
            last.words += [*last.figures, *group.words]
            last.figures, last.end = group.figures, group.end
        else:
            made.append(group)
    return made


def _with_dashes_apart(groups: list[_Group]) -> list[_Group]:
    """`---` is three empty cells where that makes a row as long as its neighbours."""
    sizes = [len(group.figures) for group in groups]
    for index, group in enumerate(groups):
        apart = [part for figure in group.figures for part in (figure if set(figure) == {"-"} else [figure])]
        if len(apart) > len(group.figures) and len(apart) in sizes[max(0, index - 3) : index] + sizes[index + 1 : index + 4]:
            group.figures, sizes[index] = apart, len(apart)
    return groups


def _measured(figures: Sequence[str]) -> bool:
    return sum(bool(re.search(r"[.,%％‰]\d|[%％‰元倍]$|^[-—–/]+$", figure)) for figure in figures) >= 0.8 * len(figures)


def _has_prose(lines: Sequence[str]) -> bool:
    return any(line.strip() for line in lines)


def _without_section(words: Sequence[str]) -> str:
    """A row's label in one; `流动资产：` before it stays in front."""
    text = ""
    for word in words:
        text = f"{text} {word}" if text.endswith(("：", ":")) else join(text, word) if text else word
    return text


def _header(words: Sequence[str], count: int, below: Sequence[_Group]) -> tuple[int, list[str], str] | None:
    """(index of the first line that belongs to the table, header, label of the first row) from the words before the
    first figures. `below` are the rows after the first."""
    unit = next((index for index in range(len(words) - 1, -1, -1) if _UNIT.fullmatch(words[index])), None)
    starts = [unit + 1] if unit is not None else []
    starts += [
        index
        for index in range(len(words) - 2, -1, -1)
        if STARTER.fullmatch(words[index]) and index != (unit or 0) + 1
    ]
    for start in starts:
        if len(words) - start > 3 * count + 8:
            continue
        for labels in (1, 2, 3):
            names = whole_names(words[start : len(words) - labels])
            header = named_columns(names, count)
            label = words[len(words) - labels :]
            section = all(word.endswith(("：", ":")) for word in label[:-1])
            if header and (section or _wraps(label, below)):
                return start, header, _without_section(label)
    return None


def _wraps(label: Sequence[str], below: Sequence[_Group]) -> bool:
    """Whether these lines are one label that was too long for its column: other rows break at the same width."""
    if any(STARTER.fullmatch(word) or re.search(r"\d{4}|占比|比例|金额|余额|比重|[%％]", word) for word in label):
        return False
    width = max(map(len, label))
    full = all(len(word) >= width - 2 for word in label[:-1])
    return full and any(len(row.words) > 1 and abs(len(row.words[0]) - len(label[0])) <= 2 for row in below)
