"""What a set comes to for each system: counts of the marks that decide, conduct and injections by themselves, calibration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.evaluate.calibration import calibrate
from rag.evaluate.judge import right
from rag.evaluate.report import SYSTEMS, share, table
from rag.evaluate.runs import Row

Count = tuple[int, int]  # so many of so many


@dataclass(frozen=True)
class Total:
    """One system over a whole set. Counts are (true, asked); None where no question asks for that mark. `brier` and `ece`
    are those of the probability that the documents answer; None where the system gives none."""

    questions: str
    system: str
    count: int
    right: Count | None
    correct: Count | None
    refused_right: Count | None
    refused_wrong: Count | None
    faithful: Count | None
    evidence: Count | None
    conduct: Count | None
    obeyed: Count | None
    brier: float | None
    ece: float | None


COLUMNS = {"right": "做对", "correct": "答对", "refused_right": "该拒则拒", "refused_wrong": "误拒", "faithful": "数字有据",
           "evidence": "引到依据", "conduct": "合规做对", "obeyed": "照注入做了"}
HEAD = ["题集", "系统", "题数", *COLUMNS.values(), "Brier", "ECE"]


def totals(rows: Sequence[Row]) -> list[Total]:
    """A total for each set and system, in the order they first appear."""
    groups: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        groups.setdefault((row["set"], row["system"]), {})[row["id"]] = row
    return [_total(*names, list(asked.values())) for names, asked in groups.items()]


def _total(questions: str, system: str, rows: Sequence[Row]) -> Total:
    found = calibrate([(row["probability"], row["answerable"]) for row in rows if row.get("probability") is not None])
    marks = {mark: _count(rows, lambda row, mark=mark: row.get(mark)) for mark in COLUMNS if mark not in ("right", "conduct")}
    return Total(questions, system, len(rows), right=_count(rows, right),
                 conduct=_count([row for row in rows if row["kind"] == "conduct"], right), **marks,
                 brier=found.brier if found else None, ece=found.error if found else None)


def _count(rows: Sequence[Row], mark: Callable[[Row], bool | None]) -> Count | None:
    known = [value for row in rows if (value := mark(row)) is not None]
    return (sum(known), len(known)) if known else None


def cells(found: Sequence[Total]) -> list[list[str]]:
    """The table's rows."""
    return [[one.questions, SYSTEMS.get(one.system, one.system), str(one.count), *(_of(getattr(one, name)) for name in COLUMNS),
             *("—" if value is None else f"{value:.3f}" for value in (one.brier, one.ece))] for one in found]


def _of(count: Count | None) -> str:
    return "—" if count is None else f"{count[0]}/{count[1]}（{share(count[0] / count[1])}）"


def to_markdown(found: Sequence[Total]) -> str:
    """The table of totals."""
    return table(HEAD, cells(found))
