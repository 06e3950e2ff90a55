"""What a build was made from and what it made, by sha256: two builds of the same manifest are the same."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from rag.documents.load import SUFFIXES
from training.data.config import DataConfig
from training.data.files import data_files
from training.data.overlap import question_files, sets_of
from training.data.stages import code_hash, file_hash
from training.instructions import FOLDER, PAPERS

if TYPE_CHECKING:
    from training.data.build import Built

LIBRARIES = ("numpy", "pydantic", "rjieba", "matplotlib")


def inputs_of(config: DataConfig) -> dict[str, str]:
    """name -> sha256 of every file that goes in; names are relative to their folder, never paths of this machine."""
    found: dict[str, str] = {}

    def add(kind: str, base: Path, files: Iterable[Path]) -> None:
        for file in files:
            found[f"{kind}/{file.relative_to(base).as_posix() if file != base else file.name}"] = file_hash(file)

    documents = lambda folder: sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix.lower() in SUFFIXES)  # noqa: E731
    add("knowledge", config.knowledge, documents(config.knowledge))
    add("papers", PAPERS, documents(PAPERS))
    if config.laws:
        add("laws", config.laws, documents(config.laws))
    if config.own:
        add("instruction_set", FOLDER, sorted(FOLDER.rglob("*.jsonl")))
    for number, one in enumerate(config.imports, 1):
        add(f"import/{number}", one.path, data_files(one.path))
    for path in sets_of(config.evaluation):
        add("evaluation", path, question_files(path))
    return found


def write(built: Built, config: DataConfig, inputs: dict[str, str], outputs: Iterable[Path], folder: Path) -> Path:
    """manifest.json, without a time in it: the same inputs give the same manifest."""
    recipe = config.model_dump(mode="json", exclude={"knowledge", "laws", "evaluation", "imports"})
    recipe["imports"] = [one.model_dump(mode="json", exclude={"path"}) for one in config.imports]
    file = folder / "manifest.json"
    file.write_text(json.dumps({
        "counts": {part: len(records) for part, records in built.parts.items()},
        "sources": dict(sorted(Counter(r.source for r in built.records).items())),
        "licences": dict(sorted(Counter(r.licence for r in built.records).items())),
        "recipe": recipe, "code": code_hash(), "libraries": {name: version(name) for name in LIBRARIES},
        "inputs": inputs, "outputs": {path.name: file_hash(path) for path in outputs},
    }, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return file
