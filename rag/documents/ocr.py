"""Pictures of text to characters and rules with their places, so that scans are read like printed PDF pages.

rapidocr brings its models (PP-OCRv6 small, Apache-2.0) in its own package; nothing is fetched. Imported on first use.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from statistics import median

import numpy

from rag.documents.lines import width
from rag.documents.ocr_turns import quarter_turns
from rag.documents.pdf_glyphs import Glyph, PagePrint, Rule

DOTS_PER_POINT = 200 / 72
_LEAST_RULE = 60  # dots; shorter strokes belong to characters
_TELLING, _WELL = 5, 0.8  # characters of a line, and how surely: upright such lines reach .97, upside down .67
_CHINESE, _ANY = re.compile(r"[一-鿿]"), re.compile(r".")


def read_picture(picture: numpy.ndarray, dots_per_point: float = DOTS_PER_POINT, threads: int = 2) -> PagePrint:
    """What is printed on `picture` (height × width × 3, BGR), in points. A slight tilt of the scan is put right, and a
    page that lies on its side or upside down is turned upright."""
    engine = _engine(threads)
    found = _read(engine, picture)
    if turns := quarter_turns(engine, picture, [] if found.boxes is None else found.boxes.tolist()):
        picture, found = _clearer(engine, picture, found, turns)
    if _upside_down(found):
        picture, found = _clearer(engine, picture, found, 2)
    height, across = picture.shape[:2]
    boxes = [] if found.boxes is None else found.boxes.tolist()
    texts = [] if found.txts is None else list(found.txts)
    tilt = _tilt(boxes)
    turn = _turned(across / 2, height / 2, -tilt)
    strips = []
    for box, text in zip(boxes, texts, strict=True):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = (turn(*point) for point in box)
        strips.append(((ax + dx) / 2, (bx + cx) / 2, (ay + by) / 2, (cy + dy) / 2, text))
    # boxes fit their line more or less tightly; the width of Chinese characters tells their size
    sizes = [2 * (right - left) / width(text) for left, right, _, _, text in strips if width(text) >= 12]
    usual = median(sizes or [0.75 * (bottom - top) for _, _, top, bottom, _ in strips] or [0.0])
    usual_height = median([bottom - top for _, _, top, bottom, _ in strips] or [1.0])
    glyphs: list[Glyph] = []
    for left, right, top, bottom, text in strips:
        share = (bottom - top) / usual_height
        size = usual if 0.75 < share < 1.3 else usual * share
        glyphs += _spread(text, left, right, (top + bottom) / 2 + 0.36 * size, size, dots_per_point)
    rules = _rules(picture, tilt, dots_per_point)
    return PagePrint(across / dots_per_point, height / dots_per_point, glyphs, rules, 1)


def _read(engine, picture: numpy.ndarray):
    # every part is named: the engine keeps what it was told last, and the turns are found by one part alone. No line is
    # turned by itself: the classifier takes short ones for upside down, and 90% is then read %06
    return engine(picture, use_det=True, use_cls=False, use_rec=True)


def _upside_down(found) -> bool:
    """Whether the page may lie upside down: no line that is long enough to tell is recognised well."""
    return bool(found.txts) and not any(
        len(text) >= _TELLING and score >= _WELL for text, score in zip(found.txts, found.scores, strict=True))


def _clearer(engine, picture: numpy.ndarray, found, turns: int):
    """The picture after quarter turns against the clock with what is found there, unless less is recognised than before.

    Upside down, figures are read as well as upright (90% as %06), Chinese characters are not: they have to be clearer.
    On its side, a page set in columns from top to bottom looks like one that lies so, and is read either way.
    """
    turned = numpy.ascontiguousarray(numpy.rot90(picture, turns))
    again = _read(engine, turned)
    if turns == 2:
        better = _certain(again, _CHINESE) > 1.2 * _certain(found, _CHINESE)
    else:
        better = _certain(again, _ANY) >= 0.9 * _certain(found, _ANY)
    return (turned, again) if better else (picture, found)


def _certain(found, kind: re.Pattern) -> float:
    """How many characters of a kind are recognised, weighted by how surely."""
    return sum(len(kind.findall(text)) * score for text, score in zip(found.txts or (), found.scores or (), strict=True))


@lru_cache(maxsize=1)
def _engine(threads: int):
    from rapidocr import RapidOCR

    options = {"Global.log_level": "critical", "EngineConfig.onnxruntime.intra_op_num_threads": threads,
               "EngineConfig.onnxruntime.inter_op_num_threads": 1}  # fmt: skip
    return RapidOCR(params=options)


def _tilt(boxes: list) -> float:
    """Degrees by which the long lines of the page rise or fall; 0 where that is too little to matter."""
    angles = [
        math.degrees(math.atan2(by - ay, bx - ax))
        for (ax, ay), (bx, by), (_, cy), _ in boxes
        if bx - ax > 6 * abs(cy - by)
    ]
    angle = median(angles) if angles else 0.0
    return angle if 0.2 < abs(angle) < 15 else 0.0


def _turned(x0: float, y0: float, degrees: float):
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return lambda x, y: (x0 + (x - x0) * cos - (y - y0) * sin, y0 + (x - x0) * sin + (y - y0) * cos)


def _spread(text: str, left: float, right: float, base: float, size: float, scale: float) -> list[Glyph]:
    """The characters of one line side by side; a Chinese one is twice as wide as a Latin one."""
    made: list[Glyph] = []
    total = width(text) or 1
    at, spaced = left, False
    for char in text:
        step = width(char) * (right - left) / total
        if char.isspace():
            spaced = True
        else:
            made.append(Glyph(char, at / scale, (at + step) / scale, base / scale, size / scale, spaced))
            spaced = False
        at += step
    return made


def _rules(picture: numpy.ndarray, tilt: float, scale: float) -> list[Rule]:
    import cv2

    ink = cv2.adaptiveThreshold(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), 255, cv2.ADAPTIVE_THRESH_MEAN_C,
                                cv2.THRESH_BINARY_INV, 31, 15)  # fmt: skip
    height, across = ink.shape
    if tilt:
        ink = cv2.warpAffine(ink, cv2.getRotationMatrix2D((across / 2, height / 2), tilt, 1.0), (across, height))
    made: list[Rule] = []
    for level in (True, False):
        shape = (_LEAST_RULE, 1) if level else (1, _LEAST_RULE)
        lines = cv2.morphologyEx(ink, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, shape))
        # a rule that is not quite straight comes in pieces
        lines = cv2.dilate(lines, cv2.getStructuringElement(cv2.MORPH_RECT, (9, 3) if level else (3, 9)))
        for x, y, w, h, _ in cv2.connectedComponentsWithStats(lines)[2][1:].tolist():
            if level and h <= 16:
                made.append(Rule(x / scale, (y + h / 2) / scale, (x + w) / scale, (y + h / 2) / scale))
            elif not level and w <= 16:
                made.append(Rule((x + w / 2) / scale, y / scale, (x + w / 2) / scale, (y + h) / scale))
    return made
