"""The parts of a build, each kept in a file with the hash of what it was made from: what is there is not made again."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.data.record import Record, read_records, write_records

CODE = Path(__file__).parent


@dataclass
class Stage:
    """`records` of a part, what was `dropped` while making them, and other `facts` for the report."""

    name: str
    records: list[Record]
    dropped: Counter = field(default_factory=Counter)
    facts: dict[str, Any] = field(default_factory=dict)
    again: bool = False  # read from disk


Make = Callable[[Counter, dict[str, Any]], Iterable[Record]]


def stage(folder: Path, name: str, made_from: Any, make: Make) -> Stage:
    """The stage as kept in `folder` for the same `made_from` and the same code, else made now and kept."""
    key = digest([made_from, code_hash()])
    file, note = folder / f"{name}.jsonl", folder / f"{name}.json"
    if file.is_file() and note.is_file():
        kept = json.loads(note.read_text(encoding="utf-8"))
        if kept["key"] == key:
            return Stage(name, list(read_records(file)), Counter(kept["dropped"]), kept["facts"], True)
    dropped: Counter = Counter()
    facts: dict[str, Any] = {}
    records = list(make(dropped, facts))
    folder.mkdir(parents=True, exist_ok=True)
    note.unlink(missing_ok=True)  # a note never speaks of another file than the one beside it
    write_records(records, file)
    building = note.with_suffix(".building")
    building.write_text(json.dumps({"key": key, "dropped": dict(dropped), "facts": facts}, ensure_ascii=False), encoding="utf-8")
    building.replace(note)
    return Stage(name, records, dropped, facts)


def digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()


def file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def code_hash() -> str:
    """Of all that decides what is made: this package, the prompt, and the checks that an answer passes."""
    rag = CODE.parent.parent / "rag"
    files = [*CODE.rglob("*.py"), *(rag / "text").glob("*.py"), *(rag / "documents").glob("*.py"),
             *(rag / "answer").glob("*.py"), CODE.parent / "instructions.py"]
    return digest([(file.name, file_hash(file)) for file in sorted(files)])
