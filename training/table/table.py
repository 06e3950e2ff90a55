"""The comparison as a table, with paired significance, and as a picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path

from rag.evaluate.report import table
from rag.evaluate.statistics import mcnemar, paired_difference
from training.table.run import Marks

# mark -> (heading, heading in the picture, how it is written)
COLUMNS = {
    "weights": ("参数（百万）", "weights (M)", lambda value: f"{value / 1e6:.0f}"),
    "perplexity": ("困惑度", "perplexity", "{:.2f}".format), "bits": ("每字比特", "bits a character", "{:.3f}".format),
    "choices": ("选择题", "multiple choice", "{:.1%}".format), "dialogues": ("生成：数字与拒答对", "generation right", "{:.1%}".format),
    "overlap": ("生成：ROUGE-L", "generation ROUGE-L", "{:.3f}".format), "assistant": ("助手做对", "assistant right", "{:.1%}".format),
    "refused_wrong": ("误拒", "false refusals", "{:.1%}".format), "refused_right": ("该拒则拒", "right refusals", "{:.1%}".format),
    "faithful": ("数字有据", "figures grounded", "{:.1%}".format), "seconds": ("每题中位秒", "median seconds", "{:.2f}".format)}
TESTED = ("choices", "dialogues", "overlap", "assistant", "refused_wrong", "refused_right")


@dataclass(frozen=True)
class Difference:
    """`second` less `first` over the questions both were asked, with its 95% bootstrap interval; McNemar's exact p where
    the mark is yes or no."""

    mark: str
    first: str
    second: str
    count: int
    difference: float
    low: float
    high: float
    p: float | None


def differences(marks: Sequence[Marks]) -> list[Difference]:
    """Every pair of models on every mark of questions."""
    found = []
    for mark in TESTED:
        for one, other in combinations([m for m in marks if m.rows.get(mark)], 2):
            both = [key for key in one.rows[mark] if key in other.rows[mark]]
            if not both:
                continue
            first, second = [one.rows[mark][key] for key in both], [other.rows[mark][key] for key in both]
            p = None
            if mark != "overlap":
                p = mcnemar(sum(b > a for a, b in zip(first, second, strict=True)),
                            sum(a > b for a, b in zip(first, second, strict=True)))
            found.append(Difference(mark, one.name, other.name, len(both), *paired_difference(second, first), p))
    return found


def write(marks: Sequence[Marks], out: Path) -> str:
    """Write table.md, table.json and table.png into `out`; returns the Markdown."""
    shown = [name for name in COLUMNS if any(name in one.figures for one in marks)]
    tested = differences(marks)
    text = table(["模型", *(COLUMNS[name][0] for name in shown)], (
        [one.name, *(COLUMNS[name][2](one.figures[name]) if name in one.figures else "—" for name in shown)] for one in marks))
    if tested:
        text += "\n\n" + table(["指标", "甲", "乙", "题数", "乙 − 甲", "95% 区间", "McNemar p"], (
            [COLUMNS[d.mark][0], d.first, d.second, str(d.count), f"{d.difference:+.3f}", f"[{d.low:+.3f}, {d.high:+.3f}]",
             "—" if d.p is None else f"{d.p:.3f}"] for d in tested))
    (out / "table.md").write_text(text + "\n", encoding="utf-8")
    (out / "table.json").write_text(json.dumps({
        "models": [{"name": one.name, **one.figures} for one in marks], "differences": [asdict(d) for d in tested]},
        ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    draw(marks, [name for name in shown if name != "weights"], out / "table.png")
    return text


def draw(marks: Sequence[Marks], shown: Sequence[str], file: Path) -> None:
    """A panel of bars for each mark, a bar for each model."""
    import numpy as np
    from matplotlib.figure import Figure

    if not shown:
        return
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
    figure = Figure(figsize=(4.2 * columns, 3.2 * rows), layout="constrained")
    panels = np.atleast_1d(figure.subplots(rows, columns)).ravel()
    for axes, name in zip(panels, shown, strict=False):
        here = [one for one in marks if name in one.figures]
        bars = axes.bar([one.name for one in here], [one.figures[name] for one in here], color="tab:blue")
        axes.bar_label(bars, [COLUMNS[name][2](one.figures[name]) for one in here])
        axes.set_title(COLUMNS[name][1])
        axes.tick_params(axis="x", rotation=20)
    for axes in panels[len(shown):]:
        axes.set_axis_off()
    figure.savefig(file, dpi=120)
