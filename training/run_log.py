"""The course of a run: `metrics.jsonl` (one row a step or validation) and the same in TensorBoard."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

METRICS = "metrics.jsonl"


class RunLog:
    """Writes below `folder`. A resumed run forgets what was logged after its checkpoint, and logs it again."""

    def __init__(self, folder: Path, resumed_at: int, say: Callable[[str], None]):
        from torch.utils.tensorboard import SummaryWriter

        folder.mkdir(parents=True, exist_ok=True)
        self.path, self.say = folder / METRICS, say
        kept = [row for row in read(folder) if row["step"] <= resumed_at] if resumed_at else []
        building = self.path.with_suffix(".building")
        building.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
        building.replace(self.path)
        self._file = self.path.open("a", encoding="utf-8")
        self._board = SummaryWriter(str(folder / "tensorboard"), purge_step=resumed_at + 1 if resumed_at else None)

    def row(self, step: int, part: str, values: Mapping[str, float]) -> None:
        """`part` is "train" or "validation"; `values` by name, e.g. {"loss": 2.1, "ce": 2.1}."""
        self._file.write(json.dumps({"step": step, "part": part, **values}) + "\n")
        self._file.flush()
        for name, value in values.items():
            self._board.add_scalar(f"{part}/{name}", value, step)
        shown = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        self.say(f"[{step}] {part}  {shown}")

    def close(self) -> None:
        self._file.close()
        self._board.close()


def read(folder: Path) -> list[dict[str, Any]]:
    """All rows so far; a line cut short by a kill is left out."""
    path = folder / METRICS
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return rows
