"""Real files of every format, written by the libraries that offices use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "data" / "corpus"


@pytest.fixture(scope="session")
def corpus() -> Path:
    if not CORPUS.is_dir():
        pytest.skip("the real documents of ../shared/data are not on this machine")
    return CORPUS


Draw = Callable[[Canvas], None]


@pytest.fixture
def make_pdf(tmp_path: Path) -> Callable[..., Path]:
    """`make_pdf(draw_page_1, draw_page_2, …)`: each gets a canvas with the Chinese font set at 10.5 points."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))

    def make(*pages: Draw, name: str = "sample.pdf", **options) -> Path:
        path = tmp_path / name
        canvas = Canvas(str(path), pagesize=A4, **options)
        for draw in pages:
            canvas.setFont("STSong-Light", 10.5)
            draw(canvas)
            canvas.showPage()
        canvas.save()
        return path

    return make


def write_lines(canvas: Canvas, lines: list[str], x: float = 72, top: float = 740, pitch: float = 18) -> float:
    """One string under the other; returns the height below the last one."""
    for line in lines:
        canvas.drawString(x, top, line)
        top -= pitch
    return top


def draw_table(
    canvas: Canvas,
    rows: list[list[str]],
    x: float = 72,
    top: float = 600,
    widths: tuple[float, ...] = (150, 150, 150),
    height: float = 22,
    spans: tuple[tuple[int, int, int, int], ...] = (),
) -> None:
    """A ruled table; `spans` are (row, column, rows, columns) of merged cells, whose inner rules are left out."""
    lefts = [x + sum(widths[:index]) for index in range(len(widths) + 1)]

    def merged(row: int, column: int) -> tuple[int, int, int, int]:
        for r, c, down, across in spans:
            if r <= row < r + down and c <= column < c + across:
                return r, c, down, across
        return row, column, 1, 1

    for r in range(len(rows)):
        for c in range(len(widths)):
            row, column, down, across = merged(r, c)
            if (row, column) == (r, c):
                canvas.rect(lefts[c], top - (r + down) * height, lefts[c + across] - lefts[c], down * height)
                canvas.drawString(lefts[c] + 5, top - r * height - 15, rows[r][c])
