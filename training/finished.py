"""What a finished run leaves for its card: `finished.json`, beside the recipe, the log and the weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rag.models.store import sha256_of
from training import memory
from training.recipe import Data
from training.run_log import read

FINISHED = "finished.json"
MANIFEST = "manifest.json"  # what `odfin train data` lays beside the data it built


def data_of(data: Data) -> list[dict[str, Any]]:
    """The run's data files as they are now: part, name, lines, sha256; of those that `odfin train data` built, "made" too:
    the manifest's sha256 and the recipe in it. Names only, no folders of this machine."""
    return [{"part": part, **file_of(path)} for part, path in (("train", data.train), ("validation", data.validation)) if path]


def file_of(path: Path) -> dict[str, Any]:
    """One data file as `data_of` tells it, without its part."""
    found: dict[str, Any] = {"file": path.name, "lines": _lines(path), "sha256": sha256_of(path)}
    manifest = path.parent / MANIFEST
    if manifest.is_file():
        said = json.loads(manifest.read_text(encoding="utf-8"))
        if said.get("outputs", {}).get(path.name) == found["sha256"]:
            found["made"] = {"manifest_sha256": sha256_of(manifest), "recipe": said.get("recipe", {})}
    return found


def write(folder: Path, best: dict[str, float], data: list[dict[str, Any]]) -> None:
    """Write it: steps taken, the last step's losses, the best validation, the most memory, `data` (from before the run).

    A run that was found done already keeps what it said when it ended.
    """
    rows = [row for row in read(folder) if row["part"] == "train"]
    last = {name: value for name, value in rows[-1].items() if name != "part"} if rows else {}
    told = {"best": best, "steps": last.get("step", 0), "last": last, "memory": memory.peak(), "data": data}
    file = folder / FINISHED
    if file.is_file():
        before = json.loads(file.read_text(encoding="utf-8"))
        if all(before.get(name) == told[name] for name in ("best", "steps")):
            return
    building = file.with_suffix(".building")
    building.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    building.replace(file)


def _lines(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines)
