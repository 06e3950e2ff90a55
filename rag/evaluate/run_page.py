"""The report of one run as an HTML page: scores with intervals, timings, calibration, and every wrong answer to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rag.evaluate import fusion, plots, steps, totals
from rag.evaluate.calibration import calibrate, risk_coverage
from rag.evaluate.judge import right
from rag.evaluate.page import Group, Section, Table, render
from rag.evaluate.report import KINDS, SYSTEMS, seconds, share
from rag.evaluate.runs import Row
from rag.evaluate.statistics import percentile, wilson

MARKS = {"correct": "答对", "correct_source": "答对且引对文档", "correct_cited": "答案或引文含要点", "refused_right": "该拒则拒", "refused_wrong": "误拒",
         "faithful": "数字有据", "gold_source": "引自正确文档", "evidence": "引到依据", "obeyed": "照注入做了"}
LABELS = {"kind": "题型", "topic": "主题", "document": "文档类别"}
TIMES = {"evidence_s": "见依据", "first_token_s": "首字", "total_s": "总时长"}
MOST = 600  # characters of a citation that a reader of errors needs


def run_page(config: Mapping[str, Any], rows: Sequence[Row], notes: Sequence[str] = ()) -> str:
    """The page of a run: `config` as its folder keeps it, `rows` of all its parts."""
    found = [row for row in rows if row["part"] == "retrieval"]
    said = [row for row in rows if row["part"] == "answers"]
    sections = []
    if found:
        sections.append(_retrieval(found))
    if said:
        sections += [_overall(said), *_breakdowns(said), _timings(said), *_calibration(said), _errors(said)]
    if left_out := [row for row in rows if row["part"] == "steps"]:
        sections.append(_steps(left_out))
    if fused := [row for row in rows if row["part"] == "fusion"]:
        sections.append(Section("检索各票怎样合并", ["重排之前，随项目分发的权重减去另一种合并（百分点，成对自助法 95% 区间）。"],
                                [Table(fusion.HEAD, fusion.cells(fusion.summarise(fused)))]))
    return render("OD-FinLLM 评测报告", [*_about(config), *notes], sections)


def _about(config: Mapping[str, Any]) -> list[str]:
    sets = "；".join(f"{name} {one.get('questions', '?')} 题（快照 {one.get('snapshot', '?')}）" for name, one in config.get("sets", {}).items())
    settings = config.get("settings", {})
    return [f"题集：{sets}", f"学生模型：{config.get('student') or '未用'}；向量模型：{config.get('embedder', '?')}；设置 {settings.get('hash', '?')}；"
            f"程序 {config.get('code', '?')}", "区间为 95%：比例用 Wilson 区间。"]


def by_system(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows of each system under its Chinese name, in the order they first appear."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(SYSTEMS.get(row["system"], row["system"]), []).append(row)
    return found


def _interval(rows: Sequence[Row], true: Callable[[Row], bool | None]) -> tuple[int, int, float, float] | None:
    """(true, asked, lower, upper) over the rows for which `true` says something."""
    marks = [mark for row in rows if (mark := true(row)) is not None]
    return (sum(marks), len(marks), *wilson(sum(marks), len(marks))) if marks else None


def _cell(interval: tuple[int, int, float, float] | None) -> str:
    if interval is None:
        return "—"
    right, asked, low, high = interval
    return f"{share(right / asked)} [{share(low)}, {share(high)}]（{right}/{asked}）"


def _bars(rows: Mapping[str, Sequence[Row]], true: Callable[[Row], bool | None]) -> list[plots.Interval]:
    found = {name: _interval(held, true) for name, held in rows.items()}
    return [(name, i[0] / i[1], i[2], i[3]) for name, i in found.items() if i]


def _retrieval(rows: Sequence[Row]) -> Section:
    systems = by_system(rows)
    section = Section("检索", ["命中：前 k 段里有标准依据（文档与段落）。"])
    section.tables.append(Table(["系统", *(f"R@{k}" for k in (1, 3, 5, 10)), "MRR@10"], [
        [name, *(_cell(_interval(held, lambda row, k=k: row["rank"] is not None and row["rank"] <= k)) for k in (1, 3, 5, 10)),
         f"{sum(1 / r['rank'] for r in held if r['rank']) / len(held):.3f}"] for name, held in systems.items()], words=1))
    section.plots.append(plots.shares("检索 R@5", _bars(systems, lambda row: row["rank"] is not None and row["rank"] <= 5)))
    return section


def _steps(rows: Sequence[Row]) -> Section:
    scores = steps.summarise(rows)
    section = Section("每一步的价值与代价", ["每次关掉一步：价值是全部步骤减去关掉它（百分点，成对自助法 95% 区间），代价是多花的秒数（中位数之差）。"])
    section.tables.append(Table(steps.HEAD, steps.cells(scores)))
    bars = [(score.step, *score.worth["right"]) for score in scores if "right" in score.worth]
    if bars:
        section.plots.append(plots.differences("每一步对“做对”的价值", bars))
    return section


def _overall(rows: Sequence[Row]) -> Section:
    systems = by_system(rows)
    section = Section("回答：总体", ["误拒与照注入做了的越低越好，其余越高越好。引到依据：引文里有标准段落；没有标准段落的题，一条出自标准文档的引文含全部要点，或由代码据它算出。"])
    section.tables.append(Table(["系统", "题数", *MARKS.values(), "出错"], [
        [name, str(len(held)), *(_cell(_interval(held, _mark(mark))) for mark in MARKS), str(sum("error" in row for row in held))]
        for name, held in systems.items()], words=1))
    section.tables.append(Table(totals.HEAD, totals.cells(totals.totals(rows)), "每套题：多少题里多少题，合规与注入单列"))
    for mark in ("correct", "refused_right", "refused_wrong"):
        if bars := _bars(systems, _mark(mark)):
            section.plots.append(plots.shares(MARKS[mark], bars))
    return section


def _mark(mark: str) -> Callable[[Row], bool | None]:
    return lambda row: row.get(mark)


def _breakdowns(rows: Sequence[Row]) -> list[Section]:
    sections = []
    for label, title in LABELS.items():
        values = list(dict.fromkeys(row.get(label) or "—" for row in rows))
        if len(values) < 2:
            continue
        systems = by_system(rows)
        section = Section(f"回答：按{title}", ["做对：答对，或该拒的拒了。"])
        section.tables.append(Table([title, *systems], [
            [KINDS.get(value, value), *(_cell(_interval([r for r in held if (r.get(label) or "—") == value], right))
                                        for held in systems.values())] for value in values], words=1))
        first, held = next(iter(systems.items()))
        grouped = {KINDS.get(value, value): [r for r in held if (r.get(label) or "—") == value] for value in values}
        if bars := _bars(grouped, right):
            section.plots.append(plots.shares(f"{first}：做对的比例，按{title}", bars))
        sections.append(section)
    return sections


def _timings(rows: Sequence[Row]) -> Section:
    section = Section("用时", ["秒；从收到问题算起。"])
    table = []
    for measure, title in TIMES.items():
        held = {name: [r[measure] for r in of if r.get(measure) is not None] for name, of in by_system(rows).items()}
        held = {name: values for name, values in held.items() if values}
        table += [[title, name, str(len(values)), *(seconds(percentile(values, p)) for p in (50, 90, 95, 100))]
                  for name, values in held.items()]
        if held:
            section.plots.append(plots.distribution(title, held))
    section.tables.append(Table(["", "系统", "题数", "p50", "p90", "p95", "最长"], table))
    return section


def _calibration(rows: Sequence[Row]) -> list[Section]:
    section = Section("拒答概率的校准", [
        "可靠性：系统说有八成把握时，资料确实能回答的应占八成。点旁是题数。",
        "风险—覆盖：只回答最有把握的那部分时，答错的比例；已拒答的题没有答案，曲线到系统自己的覆盖率为止。"])
    curves = {}
    table = []
    for name, held in by_system(rows).items():
        known = [row for row in held if row.get("probability") is not None]
        found = calibrate([(row["probability"], row["answerable"]) for row in known])
        if found is None:
            continue
        table.append([name, str(found.count), f"{found.brier:.3f}", f"{found.error:.3f}"])
        section.plots.append(plots.reliability(f"{name}：可靠性", found))
        answered = [row for row in known if not row["refused"] and row.get("answer_kind") != "conduct" and right(row) is not None]
        curves[name] = risk_coverage([(row["probability"], bool(right(row))) for row in answered], len(known))
    if not table:
        return []
    section.tables.append(Table(["系统", "题数", "Brier", "校准误差 ECE"], table, words=1))
    section.plots.append(plots.coverage("风险—覆盖", curves))
    return [section]


def _errors(rows: Sequence[Row]) -> Section:
    wrong = [row for row in rows if "error" in row or right(row) is False]
    section = Section("做错的题", [f"共 {len(wrong)} 个，按系统与题型分开；要点里用“或”隔开的，有一个即可。"])
    groups: dict[str, list[Sequence[tuple[str, str]]]] = {}
    for row in wrong:
        title = f"{SYSTEMS.get(row['system'], row['system'])} · {KINDS.get(row['kind'], row['kind'])}"
        groups.setdefault(title, []).append(case(row))
    section.groups = [Group(title, cases) for title, cases in groups.items()]
    return section


def case(row: Row) -> list[tuple[str, str]]:
    """What an engineer reads of one answer."""
    lines = [("题", f"{row['set']} / {row['id']}"), *(("此前", text) for text in row.get("history", ())), ("问", row.get("question", ""))]
    if row["answerable"]:
        must = "；".join(one if isinstance(one, str) else " 或 ".join(one) for one in row.get("must", ()))
        lines.append(("要点", must or row.get("expected", "")))
    else:
        lines.append(("要点", "应拒答：资料没有回答"))
    if "error" in row:
        return [*lines, ("出错", row["error"])]
    said = f"（{'拒答' if row['refused'] else row.get('answer_kind', '')}"
    said += f"，可回答概率 {row['probability']:.2f}）" if row.get("probability") is not None else "）"
    lines.append(("答", f"{row['answer']}{said}"))
    lines += [("引文", f"{one['source']}\n{one['text'][:MOST]}") for one in row["citations"]]
    return lines + [("检查", note) for note in row.get("notes", ())]
