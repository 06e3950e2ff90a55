"""Plots of a report, as SVG to stand inside an HTML page.

Words stay words (`svg.fonttype: none`): the reader's browser sets them in its own Chinese font, wherever the plot was made.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping, Sequence

import matplotlib
from matplotlib.figure import Figure

from rag.evaluate.calibration import Calibration

COLOURS = ("#2b6cb0", "#c05621", "#2f855a", "#6b46c1", "#b83280", "#718096")
Interval = tuple[str, float, float, float]  # label, value, lower, upper end


def shares(title: str, bars: Sequence[Interval]) -> str:
    """Horizontal bars of shares (0…1) with their intervals."""
    figure, axes = _sheet(title, 0.9 + 0.34 * len(bars))
    _intervals(axes, bars, bar=True)
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    return _svg(figure, title)


def differences(title: str, rows: Sequence[Interval]) -> str:
    """Differences with their intervals about zero."""
    figure, axes = _sheet(title, 0.9 + 0.34 * len(rows))
    _intervals(axes, rows, bar=False)
    axes.axvline(0, color="#4a5568", linewidth=0.8)
    return _svg(figure, title)


def distribution(title: str, seconds: Mapping[str, Sequence[float]]) -> str:
    """The share of answers that were there after so many seconds, a line for each name."""
    figure, axes = _sheet(title, 3.0)
    for colour, (name, values) in zip(_colours(len(seconds)), seconds.items(), strict=True):
        axes.ecdf(list(values), color=colour, label=name)
    axes.set_xlabel("秒")
    axes.set_ylabel("已完成的比例")
    axes.set_xlim(left=0)
    axes.legend(frameon=False)
    axes.grid(alpha=0.3)
    return _svg(figure, title)


def reliability(title: str, found: Calibration) -> str:
    """What was said against what came true; on the diagonal the probability can be taken at its word."""
    figure, axes = _sheet(title, 3.4)
    axes.plot([0, 1], [0, 1], color="#a0aec0", linestyle="--", linewidth=1)
    said, true = [b.said for b in found.bins], [b.true for b in found.bins]
    spread = [[max(0, b.true - b.low) for b in found.bins], [max(0, b.high - b.true) for b in found.bins]]
    axes.errorbar(said, true, yerr=spread, marker="o", color=COLOURS[0], capsize=3)
    for b in found.bins:
        axes.annotate(str(b.count), (b.said, b.true), textcoords="offset points", xytext=(6, -10), fontsize=8)
    axes.set(xlim=(0, 1), ylim=(-0.02, 1.02), xlabel="系统给出的可回答概率", ylabel="实际可回答的比例")
    axes.grid(alpha=0.3)
    return _svg(figure, title)


def coverage(title: str, curves: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Risk against coverage, a line for each name."""
    figure, axes = _sheet(title, 3.4)
    for colour, (name, points) in zip(_colours(len(curves)), curves.items(), strict=True):
        axes.plot([x for x, _ in points], [y for _, y in points], color=colour, label=name)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="回答了的比例（从最有把握的答起）", ylabel="其中答错的比例")
    axes.legend(frameon=False)
    axes.grid(alpha=0.3)
    return _svg(figure, title)


def _intervals(axes, rows: Sequence[Interval], *, bar: bool) -> None:
    places = range(len(rows))
    values = [value for _, value, _, _ in rows]
    spread = [[max(0, v - low) for _, v, low, _ in rows], [max(0, high - v) for _, v, _, high in rows]]
    if bar:
        axes.barh(places, values, color=COLOURS[0], alpha=0.75, height=0.62)
    axes.errorbar(values, places, xerr=spread, fmt="none" if bar else "o", color="#1a202c", capsize=3, linewidth=1)
    axes.set_yticks(places, [label for label, *_ in rows])
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)


def _colours(count: int) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(count)]


def _sheet(title: str, height: float):
    figure = Figure(figsize=(7.2, height))
    axes = figure.add_axes((0.31, 0.55 / height, 0.65, 1 - 0.95 / height))
    axes.set_title(title, fontsize=11)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _svg(figure: Figure, title: str) -> str:
    out = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": title}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # measured without the font that the browser will use
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    return re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
