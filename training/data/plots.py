"""The report's pictures. Chinese names stand in them where a Chinese font is installed, else the rows' numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

FONTS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Zen Hei", "SimHei",
         "Droid Sans Fallback")


def _figure(width: float, height: float):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import font_manager
    from matplotlib.figure import Figure

    named = {font.name for font in font_manager.fontManager.ttflist}
    font = next((name for name in FONTS if name in named), None)
    if font:
        matplotlib.rcParams["font.sans-serif"] = [font, "DejaVu Sans"]
        matplotlib.rcParams["axes.unicode_minus"] = False
    return Figure(figsize=(width, height), layout="constrained"), bool(font)


def bars(groups: Mapping[str, Counter], file: Path, columns: int = 2) -> Path:
    """One panel of horizontal bars a group, the largest on top."""
    shown = {name: counts.most_common(16) for name, counts in groups.items() if counts}
    lines = -(-len(shown) // columns)
    figure, chinese = _figure(6 * columns, max(2.4, 3.2 * lines))
    for place, (name, counts) in enumerate(shown.items(), 1):
        axes = figure.add_subplot(lines, columns, place)
        labels = [label if chinese or label.isascii() else f"#{number}" for number, (label, _) in enumerate(counts, 1)]
        axes.barh(range(len(counts)), [count for _, count in counts], color="#3b6ea5")
        axes.set_yticks(range(len(counts)), labels, fontsize=8)
        axes.invert_yaxis()
        axes.set_title(name if chinese or name.isascii() else f"{place}", fontsize=10)
        for row, (_, count) in enumerate(counts):
            axes.text(count, row, f" {count}", va="center", fontsize=7)
        axes.margins(x=0.14)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, dpi=110, metadata={"Software": None})
    return file


def histograms(groups: Mapping[str, Sequence[float]], file: Path, limit: float | None = None) -> Path:
    """One histogram a group side by side; `limit` is drawn as a line."""
    figure, chinese = _figure(4.2 * len(groups), 3)
    for place, (name, values) in enumerate(groups.items(), 1):
        axes = figure.add_subplot(1, len(groups), place)
        axes.hist(list(values), bins=40, color="#3b6ea5")
        axes.set_title(name if chinese or name.isascii() else f"{place}", fontsize=10)
        if limit is not None and place == 1:
            axes.axvline(limit, color="#b3362b", linewidth=1)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, dpi=110, metadata={"Software": None})
    return file
