"""Characters to lines, lines to paragraphs, for one column of text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from rag.documents.lines import close_up, ends_sentence, join, starts_item
from rag.documents.pdf_glyphs import Glyph

# dots set under each character for emphasis come out between the characters
_EMPHASIS = re.compile(r"(?:[\u3000-\u9fff，。][．.]){4,}")


@dataclass
class Segment:
    x0: float
    x1: float
    text: str


NUMBERED_CELL = re.compile(r"\d{1,3}[、.．]\s?[^\d\s]|[（(]\d{1,3}[）)]")


@dataclass
class Line:
    y: float
    size: float
    segments: list[Segment] = field(default_factory=list)
    marker: str = ""  # a raised figure at the very beginning: the number of a footnote

    @property
    def x0(self) -> float:
        return self.segments[0].x0

    @property
    def x1(self) -> float:
        return self.segments[-1].x1

    @property
    def text(self) -> str:
        text = ""
        for segment in self.segments:
            text = f"{text} {segment.text}" if text else segment.text
        text = _EMPHASIS.sub(lambda match: match[0].replace("．", ""), text)
        return close_up(text)


def glyph_rows(glyphs: Iterable[Glyph]) -> list[Line]:
    """Lines from top to bottom. Raised figures after Chinese words (footnote numbers) are left out; other raised
    figures stay, as superscripts."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda glyph: (glyph.y, glyph.x0)):
        if rows:
            main = max(rows[-1], key=lambda other: other.size)
            if abs(glyph.y - main.y) <= 0.45 * max(main.size, glyph.size):
                rows[-1].append(glyph)
                continue
        rows.append([glyph])
    for above, below in itertools.pairwise(rows):
        if _is_raised(above, below):
            below += above
            above.clear()
    return [line for row in rows if row and (line := _line(row))]


def _is_raised(above: list[Glyph], below: list[Glyph]) -> bool:
    """Whether `above` holds nothing but raised figures of the line `below`."""
    if not above or not all(glyph.text.isdigit() for glyph in above):
        return False
    size = max(glyph.size for glyph in below)
    return (
        all(glyph.size <= 0.8 * size for glyph in above) and max(glyph.y for glyph in below) - above[0].y < 0.9 * size
    )


_RAISED = str.maketrans("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ")


def _line(row: list[Glyph]) -> Line | None:
    row.sort(key=lambda glyph: glyph.x0)
    size = median(glyph.size for glyph in row)
    big = [glyph for glyph in row if glyph.size >= 0.8 * max(size, 1)] or row
    base = median(glyph.y for glyph in big)
    line = Line(base, size)
    text, start, end = "", 0.0, 0.0
    for glyph in row:
        raised = glyph.size < 0.8 * size and glyph.y < base - 0.15 * size and glyph.text in "0123456789*①②③④⑤⑥⑦⑧⑨"
        if raised and glyph.text.isdigit():
            if not text and not line.segments:
                line.marker += glyph.text
                continue
            before = text[-1:]
            if not before or before not in "0123456789mMxn⁰¹²³⁴⁵⁶⁷⁸⁹⁻":
                end = max(end, glyph.x1)
                continue
            mark = glyph.text.translate(_RAISED)
        else:
            mark = glyph.text
        gap = glyph.x0 - end
        if text and gap > 0.55 * size:
            line.segments.append(Segment(start, end, text))
            text = ""
        if not text:
            start = glyph.x0
        elif gap > (0.12 if glyph.spaced else 0.22) * size and _wants_space(text, glyph):
            text += " "
        text += mark
        end = glyph.x1
    if text:
        line.segments.append(Segment(start, end, text))
    return line if line.segments else None


def _wants_space(left: str, glyph: Glyph) -> bool:
    """Between Latin words; between Chinese characters where the file has a space (justified text only has gaps)."""
    right = glyph.text[0]
    if left[-1].isascii() and right.isascii():
        return left[-1].isalnum() and right.isalnum()
    if _NUMBER_ALONE.fullmatch(left):
        return True
    return glyph.spaced and not left[-1].isascii() and not right.isascii()


def paragraph_text(lines: Sequence[Line], left: float | None = None, right: float | None = None) -> list[str]:
    """Paragraphs of one column between `left` and `right` (None: taken from the lines)."""
    return [text for text, _ in paragraphs(lines, left, right)]


def paragraphs(
    lines: Sequence[Line], left: float | None = None, right: float | None = None
) -> list[tuple[str, list[Line]]]:
    """Lines that go on in the next one are joined: a line ends its paragraph when it stops short of the right edge, or
    when the next line is indented, opens a numbered item after a full stop, or stands apart."""
    if not lines:
        return []
    left = min(line.x0 for line in lines) if left is None else left
    right = max(line.x1 for line in lines) if right is None else right
    gaps = [below.y - above.y for above, below in itertools.pairwise(lines) if below.y > above.y]
    pitch = median(gaps) if gaps else 0.0
    made: list[tuple[str, list[Line]]] = []
    for line in lines:
        if made and _goes_on(made[-1], line, left, right, pitch):
            text = (
                f"{made[-1][0]} {line.text}" if _NUMBER_ALONE.fullmatch(made[-1][0]) else join(made[-1][0], line.text)
            )
            made[-1] = (text, [*made[-1][1], line])
        else:
            made.append((line.text, [line]))
    return made


_NUMBER_ALONE = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,3}|第[一二三四五六七八九十百]+[条條章节節]")


def _goes_on(paragraph: tuple[str, list[Line]], line: Line, left: float, right: float, pitch: float) -> bool:
    text, lines = paragraph
    last = lines[-1]
    size = max(last.size, line.size)
    if _NUMBER_ALONE.fullmatch(text) and line.x0 - last.x0 < 40 * size and line.y - last.y < 3.5 * size:
        return True
    if line.marker or abs(last.size - line.size) > 0.18 * size:
        return False
    if line.y - last.y > max(1.9 * pitch, 2.4 * size):
        return False
    # a figure or a Latin word is not broken: it may leave more room than a Chinese character would
    word = re.match(r"[\x21-\x7e]*", line.text)[0]
    if right - last.x1 > (2.2 + 0.5 * min(len(word), 16) * (len(word) > 1)) * size:
        # short: only brackets and quotes left open, or a comma, carry on
        return text.endswith(("、", "，", "《", "（")) and right - last.x1 < 6 * size
    if len(last.segments) > 2 and len(line.segments) > 2:
        return False
    indent = line.x0 - left
    if ends_sentence(text):
        hanging = (len(lines) > 1 and abs(line.x0 - last.x0) < 0.6 * size) or indent < 0.6 * size
        return hanging and not starts_item(line.text) and not text.endswith(("：", ":"))
    if starts_item(line.text) and text.endswith(("）", ")")) and re.match(r"第[^条條]{1,6}[条條]", line.text):
        return False
    return not re.match(r"第[一二三四五六七八九十百]+[章节節编編]\s", line.text)


def in_columns(lines: Sequence[Line]) -> list[Line]:
    """A numbered list printed in columns, put one column under the other; other lines as they are."""
    made: list[Line] = []
    index = 0
    while index < len(lines):
        starts = _starts(lines[index])
        if len(starts) == 1 and index + 1 < len(lines):
            # the end of an item from the page before may stand beside the first one of this page
            below = _starts(lines[index + 1])
            starts = (
                below
                if len(below) > 1
                and len(lines[index].segments) > 1
                and any(abs(starts[0] - at) < 6 for at in below[1:])
                else []
            )
        if len(starts) < 2:
            made.append(lines[index])
            index += 1
            continue
        end = index
        while (
            end < len(lines)
            and _in_step(lines[end], starts[1:])
            and (end == index or lines[end].y - lines[end - 1].y < 3 * lines[end].size)
        ):
            end += 1
        edges = [float("-inf"), *(start - 6 for start in starts[1:]), float("inf")]
        for low, high in itertools.pairwise(edges):
            column = []
            for line in lines[index:end]:
                if parts := [part for part in line.segments if low <= part.x0 < high]:
                    column.append(Line(line.y, line.size, parts))
            made += _items(column)
        index = max(end, index + 1)
    return made


def _starts(line: Line) -> list[float]:
    return [part.x0 for part in line.segments if NUMBERED_CELL.match(part.text)]


def _in_step(line: Line, starts: Sequence[float]) -> bool:
    """Whether a line belongs to a list in columns, of which those after the first begin at `starts`."""
    if any(part.x0 < at - 6 and part.x1 > at + 2 for part in line.segments for at in starts):
        return False
    return any(abs(part.x0 - at) < 30 for part in line.segments for at in starts) or bool(
        NUMBERED_CELL.match(line.text)
    )


def _items(lines: Sequence[Line]) -> list[Line]:
    """The lines of one item of such a list as one line."""
    made: list[Line] = []
    for line in lines:
        if made and not NUMBERED_CELL.match(line.text):
            joined = Segment(made[-1].x0, made[-1].x0 + 1, join(made[-1].text, line.text))
            made[-1] = Line(line.y, line.size, [joined])
        else:
            made.append(Line(line.y, line.size, [Segment(line.x0, line.x0 + 1, line.text)]))
    return made
