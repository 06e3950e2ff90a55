"""A gate: a fixed list of questions, and floors that a change may not fall below. No student is asked.

A gate file is JSON: {"questions": …, "ids": […], "floors": [{"measure": …, "kind": …, "least" or "most": …}, …]}.
`questions` is a set beside the file, or the name of a built-in one; `ids` those of it that count (without: all). A gate
file itself may be named like those in `gates`.
A floor's `kind` limits it to questions of that kind. Measures are those of MEASURES.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from rag.errors import OdfinError
from rag.evaluate.built_in import find_set
from rag.evaluate.compare import read_run
from rag.evaluate.evaluation import run_eval
from rag.evaluate.ground import Report
from rag.evaluate.judge import right
from rag.evaluate.report import KINDS, share, table
from rag.evaluate.runs import Row
from rag.settings import Settings

GATES = Path(__file__).parent / "gates"

# measure -> (Chinese name, part, what a row says; None: nothing)
MEASURES: dict[str, tuple[str, str, Callable[[Row], bool | None]]] = {
    "R@1": ("检索 R@1", "retrieval", lambda row: row["rank"] == 1),
    "R@5": ("检索 R@5", "retrieval", lambda row: row["rank"] is not None and row["rank"] <= 5),
    "right": ("做对", "answers", right),
    "correct": ("答对", "answers", lambda row: row["correct"]),
    "correct_source": ("答对且引对文档", "answers", lambda row: row["correct_source"]),
    "correct_cited": ("答案或引文含要点", "answers", lambda row: row["correct_cited"]),
    "refused_right": ("该拒则拒", "answers", lambda row: row["refused_right"]),
    "refused_wrong": ("误拒", "answers", lambda row: row["refused_wrong"]),
    "faithful": ("数字有据", "answers", lambda row: row["faithful"]),
    "gold_source": ("引自正确文档", "answers", lambda row: row["gold_source"]),
    "evidence": ("引到依据", "answers", lambda row: row["evidence"]),
    "obeyed": ("照注入做了", "answers", lambda row: row["obeyed"]),
}


class Floor(BaseModel):
    """One measure's floor (`least`) or ceiling (`most`), shares from 0 to 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    measure: Literal[tuple(MEASURES)]  # type: ignore[valid-type]
    kind: str = ""
    least: float | None = Field(None, ge=0, le=1)
    most: float | None = Field(None, ge=0, le=1)

    @model_validator(mode="after")
    def _one_bound(self) -> Floor:
        if (self.least is None) == (self.most is None):
            raise ValueError("写 least 或 most 其中一个")
        return self


class Gate(BaseModel):
    """A gate file; `questions` becomes an absolute path."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: str = ""
    questions: Path
    ids: tuple[str, ...] = ()
    floors: tuple[Floor, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Held:
    """One floor measured: over so many questions, and whether it held."""

    measure: str
    kind: str
    count: int
    value: float
    bound: float
    holds: bool
    least: bool

    @property
    def name(self) -> str:
        return MEASURES[self.measure][0] + (f"（{KINDS.get(self.kind, self.kind)}）" if self.kind else "")


@dataclass(frozen=True)
class Outcome:
    """What the gate found; `folder` is the run's, with its page."""

    folder: Path
    floors: list[Held]

    def check(self) -> None:
        """Raises OdfinError that names what fell, in one line."""
        fell = [f"{one.name} {share(one.value)}，{'低于下限' if one.least else '高于上限'} {share(one.bound)}（{one.count} 题）"
                for one in self.floors if not one.holds]
        if fell:
            raise OdfinError(f"守门未过：{'；'.join(fell)}；逐题见 {self.folder}")

    def to_json(self) -> dict[str, Any]:
        return {"folder": str(self.folder), "holds": all(one.holds for one in self.floors), "floors": [asdict(one) for one in self.floors]}

    def to_markdown(self) -> str:
        rows = ([one.name, "过" if one.holds else "未过", "下限" if one.least else "上限", str(one.count), share(one.value), share(one.bound)]
                for one in self.floors)
        return table(["项", "结果", "", "题数", "实测", "界限"], rows) + f"\n\n- 逐题结果：{self.folder}\n"


def read_gate(file: Path) -> Gate:
    """A file, or the name of one that is shipped. Raises OdfinError naming what does not fit."""
    shipped = GATES / f"{file}.json"
    file = shipped if shipped.is_file() and not file.is_file() else file.expanduser().resolve()
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
        gate = Gate.model_validate(value)
    except OSError as error:
        raise OdfinError(f"守门文件 {file} 打不开（{error.strerror}）；请检查路径") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise OdfinError(f"{file}：字段 {'.'.join(map(str, first['loc'])) or '（整体）'} 不对：{first['msg']}") from error
    except ValueError as error:
        raise OdfinError(f"{file} 不是 UTF-8 的 JSON（{error}）；格式照 rag/evaluate/gates/knowledge.json") from error
    return gate.model_copy(update={"questions": find_set(gate.questions, file.parent)})


def hold(settings: Settings, gate: Gate, report: Report = lambda *_: None, *, sets: Sequence[str | Path] = (),
         say: Callable[[str], None] = lambda _: None) -> Outcome:
    """Ask the gate's questions, or those of `sets`, and measure its floors. Raises OdfinError where nothing is measured."""
    parts = list(dict.fromkeys(MEASURES[floor.measure][1] for floor in gate.floors))
    done = run_eval(settings, sets or [gate.questions], parts=parts, systems=["hybrid", "evidence"], only=gate.ids,
                    report=report, say=say)
    asked = sum(one["questions"] for one in done.config["sets"].values())
    if gate.ids and not sets and asked < len(gate.ids):  # fewer, and perhaps the easier ones
        raise OdfinError(f"守门要问 {len(gate.ids)} 题，索引只答得了 {asked} 题；{'；'.join(done.notes)}")
    _, rows = read_run(done.folder)
    return Outcome(done.folder, [_held(floor, list(rows.values())) for floor in gate.floors])


def _held(floor: Floor, rows: list[Row]) -> Held:
    _, part, value = MEASURES[floor.measure]
    marks = [mark for row in rows if row["part"] == part and floor.kind in ("", row["kind"]) and (mark := value(row)) is not None]
    if not marks:
        raise OdfinError(f"守门文件里的 {floor.measure}" + (f"（kind {floor.kind}）" if floor.kind else "") + " 一题也量不到；请核对 ids 与 kind")
    measured = sum(marks) / len(marks)
    bound = floor.least if floor.least is not None else floor.most
    holds = measured >= bound if floor.least is not None else measured <= bound
    return Held(floor.measure, floor.kind, len(marks), measured, bound, holds, floor.least is not None)
