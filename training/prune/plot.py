"""The picture of a pruning: how much each unit does, and which were kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

BARS = 200  # more units than this are drawn as a line


@dataclass(frozen=True)
class Panel:
    """One importance per unit, and the units that were kept (none: nothing is marked). Labels are English: any font has it."""

    scores: np.ndarray
    kept: Sequence[int]
    unit: str
    measure: str
    log: bool = False


def draw(panels: Sequence[Panel], file: Path) -> None:
    """Write the panels, one below the other, as PNG."""
    from matplotlib.figure import Figure  # not pyplot: no window, no state

    figure = Figure(figsize=(9, 3.2 * len(panels)), layout="constrained")
    for axes, panel in zip(np.atleast_1d(figure.subplots(len(panels), 1)), panels, strict=True):
        places = np.arange(len(panel.scores))
        kept = np.isin(places, list(panel.kept))
        if len(places) > BARS:
            axes.plot(places, panel.scores, color="tab:blue")
            if panel.kept:
                axes.axvline(len(panel.kept) - 0.5, color="tab:red", linestyle="--", label=f"{len(panel.kept)} kept")
        else:
            axes.bar(places[kept], panel.scores[kept], color="tab:blue", label="kept")
            axes.bar(places[~kept], panel.scores[~kept], color="tab:gray", label="dropped" if panel.kept else None)
        if panel.log:
            axes.set_yscale("log")
        axes.set_xlabel(panel.unit)
        axes.set_ylabel(panel.measure)
        if panel.kept:
            axes.legend()
    figure.savefig(file, dpi=120)
