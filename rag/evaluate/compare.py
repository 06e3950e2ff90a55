"""Two runs over the same questions: what changed, whether by more than chance, and which questions were gained and lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import OdfinError
from rag.evaluate.judge import right
from rag.evaluate.report import SYSTEMS, table
from rag.evaluate.runs import Row, key_of
from rag.evaluate.statistics import mcnemar, mean, paired_difference

Value = Callable[[Row], float | bool | None]


def _within(depth: int) -> Value:
    return lambda row: row["rank"] is not None and row["rank"] <= depth


def _of(name: str) -> Value:
    return lambda row: row.get(name)


RETRIEVAL: dict[str, Value] = {"R@1": _within(1), "R@5": _within(5), "MRR": lambda row: 1 / row["rank"] if row["rank"] else 0.0}
ANSWERS: dict[str, Value] = {
    "做对": right, "答对": _of("correct"), "该拒则拒": _of("refused_right"), "误拒": _of("refused_wrong"), "数字有据": _of("faithful"),
    "引到依据": _of("evidence"), "照注入做了": _of("obeyed"), "见依据（秒）": _of("evidence_s"), "首字（秒）": _of("first_token_s"), "总时长（秒）": _of("total_s")}


@dataclass(frozen=True)
class Difference:
    """One measure over the questions both runs have: means, second less first with its 95% interval, and for yes-or-no
    measures how many questions turned right and wrong, and McNemar's exact p."""

    set: str
    system: str
    measure: str
    count: int
    first: float
    second: float
    difference: float
    low: float
    high: float
    gained: int | None = None
    lost: int | None = None
    p: float | None = None


@dataclass(frozen=True)
class Comparison:
    """`gained` and `lost` are (row of the first run, row of the second) of answers that turned right and wrong."""

    first: Path
    second: Path
    differences: list[Difference]
    gained: list[tuple[Row, Row]]
    lost: list[tuple[Row, Row]]
    changed: list[str] = field(default_factory=list)  # settings and versions that are not the same

    def to_json(self) -> dict[str, Any]:
        def names(pairs: Sequence[tuple[Row, Row]]) -> list[dict[str, str]]:
            return [{name: one[name] for name in ("set", "system", "id", "question")} for one, _ in pairs]

        return {"first": str(self.first), "second": str(self.second), "changed": self.changed,
                "differences": [asdict(one) for one in self.differences], "gained": names(self.gained), "lost": names(self.lost)}

    def to_markdown(self) -> str:
        head = ["题集", "系统", "指标", "题数", "甲", "乙", "乙 − 甲", "95% 区间", "变对", "变错", "McNemar p"]
        lines = [table(head, (difference_row(one) for one in self.differences)), "", f"- 甲：{self.first}", f"- 乙：{self.second}"]
        lines += [f"- 不同：{line}" for line in self.changed]
        for title, pairs in (("变对", self.gained), ("变错", self.lost)):
            lines += [f"- {title}：{one['id']} {one['question']}（{SYSTEMS.get(one['system'], one['system'])}）" for one, _ in pairs]
        return "\n".join(lines) + "\n"


def difference_row(one: Difference) -> list[str]:
    """A difference as cells of a table."""
    return [one.set, SYSTEMS.get(one.system, one.system), one.measure, str(one.count), f"{one.first:.3f}", f"{one.second:.3f}",
            f"{one.difference:+.3f}", f"[{one.low:+.3f}, {one.high:+.3f}]",
            *("—" if n is None else str(n) for n in (one.gained, one.lost)), "—" if one.p is None else f"{one.p:.3f}"]


def compare_runs(first: Path, second: Path) -> Comparison:
    """Pair two runs' rows by part, set, system and question. Raises OdfinError where a folder is none, or nothing pairs."""
    (one_config, one), (other_config, other) = read_run(first), read_run(second)
    both = [key for key in one if key in other]
    if not both:
        raise OdfinError(f"{first} 与 {second} 没有相同的题（题集、系统与题号都要相同）；请用同一题集、同样的 --systems 各跑一次")
    differences: list[Difference] = []
    for part, measures in (("retrieval", RETRIEVAL), ("answers", ANSWERS)):
        for group in dict.fromkeys(key[:3] for key in both if key[0] == part):
            pairs = [(one[key], other[key]) for key in both if key[:3] == group]
            found = (_difference(group, name, value, pairs) for name, value in measures.items())
            differences += [difference for difference in found if difference]
    pairs = [(one[key], other[key]) for key in both if key[0] == "answers"]
    return Comparison(first, second, differences,
                      [(a, b) for a, b in pairs if right(a) is False and right(b)],
                      [(a, b) for a, b in pairs if right(a) and right(b) is False], _changed(one_config, other_config))


def _difference(group: tuple[str, ...], name: str, value: Value, pairs: Sequence[tuple[Row, Row]]) -> Difference | None:
    values = [(value(a), value(b)) for a, b in pairs]
    known = [(a, b) for a, b in values if a is not None and b is not None]
    if not known:
        return None
    first, second = [float(a) for a, _ in known], [float(b) for _, b in known]
    difference = paired_difference(second, first)
    turned: tuple = (None, None, None)
    if all(isinstance(a, bool) and isinstance(b, bool) for a, b in known):
        gained, lost = sum(b and not a for a, b in known), sum(a and not b for a, b in known)
        turned = (gained, lost, mcnemar(gained, lost))
    return Difference(group[1], group[2], name, len(known), mean(first), mean(second), *difference, *turned)


def read_run(folder: Path) -> tuple[dict[str, Any], dict[tuple, Row]]:
    """(config, rows by key) of a run's folder. Raises OdfinError where it is none."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        lines = (folder / "rows.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines if line.endswith("}")]
    except (OSError, ValueError) as error:
        raise OdfinError(f"{folder} 不是评测结果文件夹（没有可读的 config.json 与 rows.jsonl）；结果在 ODFIN_HOME/runs/ 下") from error
    return config, {key_of(row): row for row in rows}


def _changed(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    found = []
    for name in sorted({*one.get("settings", {}), *other.get("settings", {})} - {"hash"}):
        before, after = one.get("settings", {}).get(name), other.get("settings", {}).get(name)
        if before != after:
            found.append(f"设置 {name}：{before} → {after}")
    for name, title in (("code", "程序"), ("student", "学生模型"), ("embedder", "向量模型"), ("sets", "题集或索引")):
        if one.get(name) != other.get(name):
            found.append(f"{title}：{one.get(name)} → {other.get(name)}" if name != "sets" else f"{title}不同")
    return found
