"""Characters and rules of one PDF page, with where they stand. Coordinates are points, y grows downwards."""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from rag.documents.lines import clean

_LEAST_RULE = 4.0  # points; shorter strokes are marks, not rules


class Glyph(NamedTuple):
    text: str
    x0: float
    x1: float
    y: float  # baseline
    size: float  # em in points
    spaced: bool = False  # a space character stands before it in the file


class Rule(NamedTuple):
    """A horizontal (`y0 == y1`) or vertical (`x0 == x1`) line."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass
class PagePrint:
    width: float
    height: float
    glyphs: list[Glyph]
    rules: list[Rule]
    images: int
    picture: float = 0.0  # the largest image's share of the page
    unreadable: int = 0  # characters that the file's fonts do not name, and drawings in their place
    beside: list[PagePrint] = field(default_factory=list)  # what stands at a right angle to the rest: a table on its side

    @property
    def without_words(self) -> bool:
        """Whether the page shows something, and next to none of it is text."""
        if self.picture > 0.5 and len(self.glyphs) < 40:
            return True  # a scanner's own mark may be all the text there is
        return len(self.glyphs) < 10 and (self.images > 0 or self.unreadable > 30)


_BESIDE = 40  # characters at a right angle to the others that are more than a note in the margin


def read_page(page: pdfium.PdfPage) -> PagePrint:
    """Everything on the page as if held so that most of its characters stand upright, whichever way the page is shown;
    text set at another angle (watermarks) is left out."""
    textpage = page.get_textpage()
    try:
        ways = _ways(textpage)
        main = max(ways, key=ways.__getitem__, default=page.get_rotation())
        printed = _held(page, textpage, main, True)
        printed.beside = [
            _held(page, textpage, way, False) for way, count in sorted(ways.items()) if way != main and count >= _BESIDE
        ]
        return printed
    finally:
        textpage.close()


def _ways(textpage: pdfium.PdfTextPage) -> Counter[int]:
    """How many characters stand upright after a turn by 0, 90, 180 and 270 degrees clockwise."""
    ways: Counter[int] = Counter()
    for index in range(textpage.count_chars()):
        angle = raw.FPDFText_GetCharAngle(textpage.raw, index)
        if angle >= 0 and raw.FPDFText_GetUnicode(textpage.raw, index) > 32:
            quarter = round(angle / (math.pi / 2))
            if abs(angle - quarter * math.pi / 2) < _ASKEW:
                ways[-quarter % 4 * 90] += 1
    return ways


_ASKEW = math.radians(8)


def _held(page: pdfium.PdfPage, textpage: pdfium.PdfTextPage, rotation: int, main: bool) -> PagePrint:
    """The page turned by `rotation` degrees; characters whose angle nobody knows go with the `main` ones."""
    left, bottom, right, top = page.get_mediabox()
    crop = page.get_cropbox()
    left, bottom, right, top = max(left, crop[0]), max(bottom, crop[1]), min(right, crop[2]), min(top, crop[3])

    def place(x: float, y: float) -> tuple[float, float]:
        if rotation == 90:
            return y - bottom, x - left
        if rotation == 180:
            return right - x, y - bottom
        if rotation == 270:
            return top - y, right - x
        return x - left, top - y

    width, height = (right - left, top - bottom) if rotation in (0, 180) else (top - bottom, right - left)
    glyphs, nameless = _glyphs(textpage, rotation, place, main)
    rules, images, largest, drawings = _rules(page, place)
    return PagePrint(
        width,
        height,
        [glyph for glyph in glyphs if -5 <= glyph.x0 <= width + 5 and -5 <= glyph.y <= height + 5],
        rules,
        images,
        largest / max(width * height, 1.0),
        nameless + drawings,
    )


def _glyphs(textpage: pdfium.PdfTextPage, rotation: int, place, main: bool) -> tuple[list[Glyph], int]:
    """Characters in the order of the file, and how many there are without a name in Unicode."""
    handle = textpage.raw
    box, x, y, matrix = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double(), raw.FS_MATRIX()
    made: list[Glyph] = []
    high, spaced, nameless = "", False, 0
    for index in range(textpage.count_chars()):
        code = raw.FPDFText_GetUnicode(handle, index)
        if code <= 32 or code == 0xA0 or code == 0x3000:
            spaced = spaced or raw.FPDFText_IsGenerated(handle, index) == 0
            continue
        if 0xD800 <= code < 0xDC00:
            high = chr(code)
            continue
        text = chr(code)
        if high:
            text, high = (high + text).encode("utf-16", "surrogatepass").decode("utf-16", "replace"), ""
        text = clean(text).strip()
        if not text or text == "\ufffd":
            nameless += 1
            continue
        angle = raw.FPDFText_GetCharAngle(handle, index)
        apart = abs((angle + math.radians(rotation) + math.pi) % math.tau - math.pi)
        if not (main if angle < 0 else apart < _ASKEW):
            continue
        raw.FPDFText_GetLooseCharBox(handle, index, box)
        raw.FPDFText_GetCharOrigin(handle, index, x, y)
        x0, y0 = place(box.left, box.bottom)
        x1, y1 = place(box.right, box.top)
        _, base = place(x.value, y.value)
        x0, x1 = min(x0, x1), max(x0, x1)
        raw.FPDFText_GetMatrix(handle, index, matrix)
        size = raw.FPDFText_GetFontSize(handle, index) * math.hypot(matrix.b, matrix.d) or abs(y1 - y0)
        made.append(Glyph(text, x0, x1, base, size, spaced))
        spaced = False
    return _once(made), nameless


def _once(glyphs: list[Glyph]) -> list[Glyph]:
    """Bold made by printing a character twice, a hair apart, is one character."""
    seen: dict[tuple[str, int, int], list[Glyph]] = {}
    made = []
    for glyph in glyphs:
        column, row = round(glyph.x0 / 4), round(glyph.y / 4)
        near = [
            other
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            for other in seen.get((glyph.text, column + dx, row + dy), ())
        ]
        if any(
            abs(other.x0 - glyph.x0) < 0.12 * glyph.size and abs(other.y - glyph.y) < 0.12 * glyph.size
            for other in near
        ):
            continue
        seen.setdefault((glyph.text, column, row), []).append(glyph)
        made.append(glyph)
    return made


def _rules(page: pdfium.PdfPage, place) -> tuple[list[Rule], int, float, int]:
    """Rules, number of images, area of the largest one in square points, number of curved drawings."""
    made: list[Rule] = []
    images, largest, drawings = 0, 0.0, 0
    x, y = ctypes.c_float(), ctypes.c_float()
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        if item.type == raw.FPDF_PAGEOBJ_IMAGE:
            images += 1
            left, bottom, right, top = item.get_bounds()
            largest = max(largest, abs((right - left) * (top - bottom)))
            continue
        count = raw.FPDFPath_CountSegments(item)
        if count > 400:
            drawings += 1
            continue
        raw.FPDFPath_GetDrawMode(item, fill, stroke)
        matrix = item.get_matrix()
        outer = item.container
        while outer is not None:
            matrix = matrix.multiply(outer.get_matrix())
            outer = outer.container
        points: list[tuple[float, float]] = []
        strokes: list[tuple[tuple[float, float], tuple[float, float]]] = []
        start = (0.0, 0.0)
        for index in range(count):
            segment = raw.FPDFPath_GetPathSegment(item, index)
            raw.FPDFPathSegment_GetPoint(segment, x, y)
            point = place(*matrix.on_point(x.value, y.value))
            kind = raw.FPDFPathSegment_GetType(segment)
            if kind == raw.FPDF_SEGMENT_MOVETO:
                start = point
            elif kind == raw.FPDF_SEGMENT_LINETO and points:
                strokes.append((points[-1], point))
            points.append(point)
            if raw.FPDFPathSegment_GetClose(segment):
                strokes.append((point, start))
        if not points:
            continue
        x0, x1 = min(p[0] for p in points), max(p[0] for p in points)
        y0, y1 = min(p[1] for p in points), max(p[1] for p in points)
        if min(x1 - x0, y1 - y0) <= 2.5 and count <= 12:  # a thin box or a single stroke
            if x1 - x0 >= max(_LEAST_RULE, y1 - y0):
                made.append(Rule(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2))
            elif y1 - y0 >= _LEAST_RULE:
                made.append(Rule((x0 + x1) / 2, y0, (x0 + x1) / 2, y1))
            continue
        drawings += count > 6
        if not stroke.value:
            continue  # shading
        for (ax, ay), (bx, by) in strokes:
            if abs(ay - by) <= 1 and abs(ax - bx) >= _LEAST_RULE:
                made.append(Rule(min(ax, bx), (ay + by) / 2, max(ax, bx), (ay + by) / 2))
            elif abs(ax - bx) <= 1 and abs(ay - by) >= _LEAST_RULE:
                made.append(Rule((ax + bx) / 2, min(ay, by), (ax + bx) / 2, max(ay, by)))
    return made, images, largest, drawings
