"""Tables in plain text: columns set apart by blanks or tabs, and cells that an extraction wrote one to a line.

Only what can be told for certain becomes a table; every other line stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.documents.lines import ends_sentence, join, without_space
from rag.documents.tables import is_figure, to_markdown

_FIGURE = re.compile(
    r"(?!\d{4}\s*年$)[-+−]?[\d,]+(?:\.\d+)?\s*(?:[%％‰]|[pP]{2}|个百分点|倍|次|年|元|万元|亿元)?|[-—–/]{1,4}|\([\d,]+(?:\.\d+)?\)|不适用|N/?A|[AB]{1,3}[+-]?|[是否有无√×]"
    r"|\d{4}[-./年]\d{1,2}(?:[-./月]\d{1,2}日?|月)?"
)
_STARTER = re.compile(
    r"(?:项\s*目|序\s*号|科\s*目|指\s*标|名\s*称|年\s*度|期\s*间|类\s*[别型]|产品|行业|地区|区域|股东|客户|报告期|财务指标|主要指标|时间|日期)"
    r"|.{0,8}(?:名称|类别|类型|项目|指标|简称|科目)"
)
_UNIT = re.compile(r"[（(]?\s*(?:单位|币种|金额单位)\s*[:：].{1,20}")
_LONGEST_LABEL = 44
_DRAWN = re.compile(r"\s*[-=_—─━┌┬┐├┼┤└┴┘┏┳┓┣╋┫┗┻┛+]{5,}[-=_—─━┌┬┐├┼┤└┴┘┏┳┓┣╋┫┗┻┛+\s]*")


def separate_tables(lines: Sequence[str]) -> list[str]:
    """Lines before blanks are closed up: runs of lines with steady columns set apart by tabs or blanks become tables."""
    made: list[str] = []
    run: list[list[str]] = []
    raw: list[str] = []

    def flush() -> None:
        body = [cell for row in run[1:] for cell in row[1:]]
        clear = len(run) >= 3 and (
            sum(map(is_figure, body)) >= 0.6 * len(body) or (len(run[0]) >= 3 and max(map(len, body)) <= 12)
        )
        made.extend(["", *to_markdown(run).split("\n"), ""] if clear else raw)
        run.clear()
        raw.clear()

    for line in lines:
        if _DRAWN.fullmatch(line):
            (raw if run else made).append(line)
            continue
        words = line.replace("│", "\t").replace("┃", "\t").strip()
        cells = [cell.strip() for cell in re.split(r"\s*\t\s*|[ \u3000]{2,}", words)] if words else []
        if len(cells) < 2 or "|" in line or any(ends_sentence(cell) or len(cell) > 30 for cell in cells):
            flush()
            made.append(line)
            continue
        if run and len(run[0]) != len(cells):
            flush()
        run.append(cells)
        raw.append(line)
    flush()
    return made


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
        groups = _groups(lines)
        made: list[str] = []
        done = 0  # lines written so far
        carried, self._header = self._header, []
        index = 0
        while index < len(groups):
            count = len(groups[index].figures)
            last = index
            while last + 1 < len(groups) and len(groups[last + 1].figures) == count and groups[last + 1].is_row:
                last += 1
            known = carried if index == 0 and not _has_prose(lines[: groups[0].start]) else []
            cut = bool(known) or (count > 1 and not _has_prose(lines[groups[last].end :]))
            table = self._table(groups[index : last + 1], count, known, cut)
            if table is None:
                index += 1
                carried = []
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
            and not _STARTER.fullmatch(first.words[0])
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
        figure = bool(_FIGURE.fullmatch(text))
        if not made or (not figure and made[-1].figures):
            made.append(_Group(index, index))
        if not made[-1].words and not made[-1].figures:
            made[-1].start = index
        (made[-1].figures if figure else made[-1].words).append(text)
        if not figure:
            made[-1].places.append(index)
        made[-1].end = index + 1
    return made


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
        if _STARTER.fullmatch(words[index]) and index != (unit or 0) + 1
    ]
    for start in starts:
        if len(words) - start > 3 * count + 8:
            continue
        for labels in (1, 2, 3):
            names = _whole(words[start : len(words) - labels])
            header = _named(names, count)
            label = words[len(words) - labels :]
            section = all(word.endswith(("：", ":")) for word in label[:-1])
            if header and (section or _wraps(label, below)):
                return start, header, _without_section(label)
    return None


def _wraps(label: Sequence[str], below: Sequence[_Group]) -> bool:
    """Whether these lines are one label that was too long for its column: other rows break at the same width."""
    if any(_STARTER.fullmatch(word) or re.search(r"\d{4}|占比|比例|金额|余额|比重|[%％]", word) for word in label):
        return False
    width = max(map(len, label))
    full = all(len(word) >= width - 2 for word in label[:-1])
    return full and any(len(row.words) > 1 and abs(len(row.words[0]) - len(label[0])) <= 2 for row in below)


def _whole(lines: Sequence[str]) -> list[str]:
    """Names of columns, put together where a bracket or a date shows that a line is only a part."""
    made: list[str] = []
    for line in lines:
        if made and (
            made[-1].count("（") + made[-1].count("(") > made[-1].count("）") + made[-1].count(")")
            or re.fullmatch(r"[（(][^）)]{1,8}[）)]|[末度初]|月末|年末|年度|月|[%％]|/.+", line)
            or (re.fullmatch(r"\d{4}\s*年?\s*\d{0,2}", made[-1]) and re.match(r"(?!\d{4})[\d年月末度初/-]", line))
            or (re.search(r"[/、及和与]$", made[-1]) and not re.match(r"\d{4}", line))
        ):
            made[-1] = join(made[-1], line)
        else:
            made.append(line)
    return made


def _named(names: list[str], count: int) -> list[str] | None:
    """One name for each column, from one row of names or from two (`2024年末` over `金额`, `占比`)."""
    if any(len(name) > 24 or re.search(r"[。；]|^序\s*号$", name) for name in names) or not names:
        return None
    at = next((index for index, name in enumerate(names) if _STARTER.fullmatch(name)), 0)
    if len(names) == count + 1:
        return names if at == 0 else None
    if len(names) == count and not _STARTER.fullmatch(names[0]):
        return ["", *names]
    first, rest = names[at], names[:at] + names[at + 1 :]
    if (
        count > 1
        and len(rest) == count + 1
        and re.search(r"\d{4}", rest[0])
        and not any(re.search(r"\d{4}", name) for name in rest[1:])
    ):
        return [first, *(f"{rest[0]} {name}" for name in rest[1:])]
    for groups in range(2, count // 2 + 1):
        size = count // groups
        if count % groups or len(rest) != groups + count:
            continue
        over, under = rest[:groups], rest[groups:]
        if (
            len({without_space(name) for name in under}) == size
            and under == under[:size] * groups
            and len(set(over)) == groups
        ):
            return [first, *(f"{name} {sub}" for name in over for sub in under[:size])]
    return None
