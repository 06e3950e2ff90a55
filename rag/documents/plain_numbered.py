"""Tables in plain text whose rows are numbered (序号, then 1, 2, 3 …) and whose cells an extraction wrote one to a line.

The numbers tell where a row begins; figures, and where long cells break, tell its columns apart. A row that can be cut
in more than one way stays as it is, between the parts of its table.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, combinations, pairwise
from typing import NamedTuple

from rag.documents.lines import join, starts_item, width, without_space
from rag.documents.plain_cells import (
    DAY_OR_CODE,
    TOTALS,
    is_measured,
    is_plain_figure,
    named_columns,
    suits,
    sums_row,
    whole_names,
)
from rag.documents.tables import to_markdown

_LONGEST_HEADER = 16  # lines
_LONGEST_ROW = 10  # lines more than a row has cells


# two cells on one line: 2026/12/20 原始取得, CN202411269636.6 一种方法
_NAMES_SIDE_BY_SIDE = re.compile(r"(?<=[\u4e00-\u9fff]{2}) (?=[\u4e00-\u9fff]{2})")


class _Word(NamedTuple):
    """One filled line, or one part of it, and where it stands."""

    page: int
    line: int
    part: int
    text: str


@dataclass
class _Row:
    words: list[_Word]
    cells: list[str] | None  # with the number; None where they are not certain


@dataclass
class _Found:
    """A table: the words it takes up, its rows, and the repeated headers among them."""

    header: list[str]
    rows: list[_Row] = field(default_factory=list)
    gone: list[_Word] = field(default_factory=list)


def rebuild_numbered(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """The pages' lines with every such table as a pipe table, under its header on each page it reaches."""
    words = _words_of(pages)
    gone: set[_Word] = set()
    put: dict[tuple[int, int], list[str]] = {}
    at = 0
    while at < len(words):
        found = _read(words, at) if without_space(words[at].text) == "序号" else None
        if found is None:
            at += 1
            continue
        pages_with_rows = {row.words[0].page for row in found.rows if row.cells is not None}
        gone.update(word for word in found.gone if word.page in pages_with_rows)
        for rows in _parts(found.rows):
            table = to_markdown([found.header, *(row.cells for row in rows)], 1)
            first = found.gone[0] if rows is found.rows or rows[0] is found.rows[0] else rows[0].words[0]
            first = first if first.page == rows[0].words[0].page else rows[0].words[0]
            put[first.page, first.line] = ["", *table.split("\n"), ""]
            gone.update(word for row in rows for word in row.words)
        last = max(word for row in found.rows for word in row.words)
        while at < len(words) and words[at] <= last:
            at += 1
    left: dict[tuple[int, int], list[str]] = {}
    touched = {(word.page, word.line) for word in gone}
    for word in words:
        if (word.page, word.line) in touched and word not in gone:
            left.setdefault((word.page, word.line), []).append(word.text)
    return [
        [
            text
            for number, line in enumerate(lines)
            for text in (
                *put.get((page, number), ()),
                *(left.get((page, number), ()) if (page, number) in touched else (line,)),
            )
        ]
        for page, lines in enumerate(pages)
    ]


def _words_of(pages: Sequence[Sequence[str]]) -> list[_Word]:
    words: list[_Word] = []
    for page, lines in enumerate(pages):
        for line, text in enumerate(map(str.strip, lines)):
            before, _, after = text.partition(" ")
            if DAY_OR_CODE.fullmatch(before) and re.match("[\u4e00-\u9fff]", after):
                words += [_Word(page, line, 0, before), _Word(page, line, 1, after)]
            elif text:
                words.append(_Word(page, line, 0, text))
    return words


def _parts(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Runs of certain rows that begin on one page."""
    run: list[_Row] = []
    for row in rows:
        if run and (row.cells is None or row.words[0].page != run[-1].words[0].page):
            yield run
            run = []
        if row.cells is not None:
            run.append(row)
    if run:
        yield run


def _read(words: Sequence[_Word], at: int) -> _Found | None:
    """The table whose header begins with the word at `at`, if it has two numbered rows or more and most are certain."""
    one = next((k for k in range(at + 2, min(at + _LONGEST_HEADER, len(words))) if words[k].text == "1"), None)
    if one is None:
        return None
    names = [word.text for word in words[at + 1 : one]]
    if any(len(name) > 24 or name.startswith(("|", "#")) or set(name) & set("。；！？") for name in names):
        return None
    head = [without_space(word.text) for word in words[at:one]]
    rows, gone = _cut(words, one, len(names), head)
    if len(rows) < 2:
        return None
    form = _form([[word.text for word in row[1:]] for row in rows[:-1]], names)
    if form is None:
        return None
    header, figures, widths = form
    found = _Found(["序号", *header], gone=[*words[at:one], *gone])
    for number, row in enumerate(rows[:-1], 1):
        found.rows.append(_row(number, row, figures, widths))
    _finish(found, rows[-1], len(rows), figures, widths)
    if not found.rows or sum(row.cells is not None for row in found.rows) < max(2, 0.5 * len(found.rows)):
        return None
    return found


def _form(rows: Sequence[list[str]], names: list[str]) -> tuple[list[str], list[bool], list[int]] | None:
    """(names of the columns, which hold figures, how wide each is), from the rows of the usual length."""
    sizes = Counter(map(len, rows))
    apart = [part for name in names for part in _NAMES_SIDE_BY_SIDE.split(name)]
    headers = [apart, whole_names(apart), names, whole_names(names)]
    for size in sizes:  # 本次发行前, 本次发行后 over 数量, 比例, 数量, 比例
        over = named_columns(whole_names(names), size - 1)
        headers += [over] if over and over[0] and size < len(names) else []
    usual_size = sizes.most_common(1)[0][0]
    exact = [(header, len(header)) for header in headers if sizes[len(header)] >= max(2, 0.3 * len(rows))]
    for header, size in [*exact, *((header, usual_size) for header in headers)]:
        usual = [row for row in rows if len(row) == size]
        count = len(header)
        if not 2 <= count <= size <= count + 3:
            continue
        # which of the columns take several lines in every row of this length
        shapes = [
            shape
            for cuts in combinations(range(1, size), count - 1)
            if sum(_fits(row, shape := _sizes(cuts, size)) for row in usual) >= 0.9 * len(usual)
        ]
        if len(shapes) != 1 or (size > count and len(usual) < 3):
            continue
        cells = [_grouped(row, shapes[0]) for row in usual]
        figures = [sum(len(row[c]) == 1 and is_measured(row[c][0]) for row in cells) >= 0.8 * len(cells) for c in range(count)]
        widths = [max(width(row[c][0]) for row in cells) for c in range(count)]
        if not all(suits(name, ["".join(row[c]) for row in cells]) for c, name in enumerate(header)):
            return None
        return header, figures, widths
    return None


def _sizes(cuts: Sequence[int], size: int) -> tuple[int, ...]:
    return tuple(b - a for a, b in pairwise((0, *cuts, size)))


def _grouped(row: Sequence[str], shape: Sequence[int]) -> list[Sequence[str]]:
    ends = list(accumulate(shape))
    return [row[end - taken : end] for end, taken in zip(ends, shape, strict=True)]


def _fits(row: Sequence[str], shape: Sequence[int]) -> bool:
    """Whether the lines of each cell of several could be one cell's: no figures, and none longer than the first."""
    return all(
        len(part) == 1 or (_is_one_cell(part, 0) and not any(map(is_measured, part))) for part in _grouped(row, shape)
    )


_TO = re.compile(r"[至到]\s?\d")
_NEXT = re.compile(r"[\x21-\x7e]+|.[，。；：、）》”]*")


def _is_one_cell(lines: Sequence[str], least: int) -> bool:
    """Whether each line but the last is as wide as its column, which is at least as wide as `least` and the other lines:
    the first character or word of the next line would not have gone into it."""
    full = max(least, *map(width, lines)) if len(lines) > 1 else 0
    return not any(_TO.match(after) for after in lines) and all(
        width(line) + width(_NEXT.match(after)[0]) >= full - 1 and width(line) >= 0.6 * full
        for line, after in pairwise(lines)
        if _NEXT.match(after)
    )


def _cut(words: Sequence[_Word], one: int, most: int, head: Sequence[str]) -> tuple[list[list[_Word]], list[_Word]]:
    """(the words of each row after its number, repeated headers). The last row goes on as far as a row might. Rows that
    have the size of those before them are preferred: a cell may hold the next number, too."""
    rows: list[list[_Word]] = []
    gone: list[_Word] = []
    at, number = one, 1
    while True:
        row: list[_Word] = [words[at]]
        ends: list[tuple[int, int]] = []  # (length of the row, place of the next number)
        k = at + 1
        while k < len(words) and len(row) <= most + _LONGEST_ROW and not words[k].text.startswith(("|", "#")):
            if [without_space(word.text) for word in words[k : k + len(head)]] == list(head):
                if words[k].page == words[k - 1].page:
                    break  # another table
                gone += words[k : k + len(head)]
                k += len(head)
                continue
            if words[k].text == str(number + 1) and len(row) > 2:
                ends.append((len(row), k))
            row.append(words[k])
            k += 1
        if not ends:
            rows.append(row)
            last = row[-1]
            return rows, [word for word in gone if word < last]
        usual = Counter(len(other) for other in rows).most_common(1)
        length, at = next((end for end in ends if usual and end[0] == usual[0][0]), ends[0])
        rows.append(row[:length])
        number += 1


_GLUED = re.compile(r"[-\d.,%％/至]{2,} (?!年|月|日|元|万|亿|股|个|名|项|家|户|期|号|平方|吨|米|辆|岁|楼|层|室|幢|栋|座)\S|.*[\u4e00-\u9fff]{4} [\u4e00-\u9fff]{4}")


def _row(number: int, words: Sequence[_Word], figures: Sequence[bool], widths: Sequence[int]) -> _Row:
    return _Row(list(words), _cells(number, [word.text for word in words[1:]], figures, widths))


def _cells(number: int | str, texts: list[str], figures: Sequence[bool], widths: Sequence[int]) -> list[str] | None:
    if any(_GLUED.match(text) or _TO.match(text) for text in texts):
        return None
    cut = list(_ways(texts, figures, widths))
    return [str(number), *cut[0]] if len(cut) == 1 else None


def _ways(texts: Sequence[str], figures: Sequence[bool], widths: Sequence[int]) -> Iterator[list[str]]:
    """Every way to give each column one line, or several where a long cell breaks at the width of its column."""
    if not figures:
        if not texts:
            yield []
        return
    for taken in range(1, len(texts) - len(figures) + 2):
        part = texts[:taken]
        if figures[0] and (taken > 1 or not is_measured(part[0])):
            return
        if _is_one_cell(part, widths[0]):
            cell = ""
            for line in part:
                cell = join(cell, line) if cell else line
            for rest in _ways(texts[taken:], figures[1:], widths[1:]):
                yield [cell, *rest]


def _finish(found: _Found, words: list[_Word], number: int, figures: Sequence[bool], widths: Sequence[int]) -> None:
    """The last numbered row, whose end no number tells, and the row of sums below it."""
    count = len(figures)
    texts = [word.text for word in words[1:]]
    total = next((k for k, text in enumerate(texts) if without_space(text) in TOTALS), None)
    for end in [total] if total is not None and total >= count else range(count, min(len(texts), count + 6) + 1):
        row = _row(number, words[: end + 1], figures, widths)
        if row.cells is None:
            continue
        after = texts[end] if end < len(texts) else ""
        if end == total or figures[-1] or not after or starts_item(after) or len(after) > 28 or (
            words[end + 1].page != words[end].page
        ):  # fmt: skip
            found.rows.append(row)
            break
    else:
        return
    if total is not None and end == total:
        sums = [text for text in texts[total + 1 : total + 1 + count]]
        sums = sums[: next((k for k, text in enumerate(sums) if not is_plain_figure(text)), len(sums))]
        cells = sums_row(sums, figures)
        if cells:
            used = words[total + 1 : total + 2 + len(sums)]
            found.rows.append(_Row(used, [without_space(texts[total]), *cells]))
