"""Which way up a scanned page lies, by its lines: the text detector gives boxes, the line classifier says 0 or 180 degrees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

_MOST = 12  # lines that are asked
_LONG = 2.0  # times as long as high: shorter boxes hold a character or two, which may be upright either way
_DARK_EDGE = 3  # dots around a box that belong to its line


def quarter_turns(engine, picture: numpy.ndarray, boxes: Sequence[Sequence[Sequence[float]]]) -> int:
    """How many quarter turns against the clock put `picture` upright (0 to 3). `boxes` are four corners a line of text
    as the engine found them; a page of fewer than three long lines is taken as it is."""
    spans = [_span(box) for box in boxes]
    level = [span for span in spans if span[2] - span[0] >= _LONG * (span[3] - span[1])]
    upright = [span for span in spans if span[3] - span[1] >= _LONG * (span[2] - span[0])]
    lying = _length(upright) > _length(level)
    lines = sorted(upright if lying else level, key=lambda span: max(span[2] - span[0], span[3] - span[1]), reverse=True)
    if len(lines) < 3:
        return 0
    votes = 0
    for x0, y0, x1, y1 in lines[:_MOST]:
        strip = picture[max(y0 - _DARK_EDGE, 0) : y1 + _DARK_EDGE, max(x0 - _DARK_EDGE, 0) : x1 + _DARK_EDGE]
        strip = numpy.ascontiguousarray(numpy.rot90(strip)) if lying else strip
        answer = engine(strip, use_det=False, use_cls=True, use_rec=False).cls_res
        votes += sum((score if label == "180" else -score) for label, score in answer or [])
    return (1 if lying else 0) + (2 if votes > 0 else 0)


def _span(box: Sequence[Sequence[float]]) -> tuple[int, int, int, int]:
    """The smallest upright rectangle around four corners: x0, y0, x1, y1 in dots."""
    return (
        round(min(x for x, _ in box)), round(min(y for _, y in box)),
        round(max(x for x, _ in box)), round(max(y for _, y in box)),
    )  # fmt: skip


def _length(spans: Sequence[tuple[int, int, int, int]]) -> int:
    return sum(max(x1 - x0, y1 - y0) for x0, y0, x1, y1 in spans)
