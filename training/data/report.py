"""The data report: what was taken from where, what was dropped and why, what was near evaluation; Markdown and pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from training.chat import MAX_LENGTH
from training.data import plots
from training.data.config import DataConfig
from training.data.reading.around import tokens
from training.data.record import Record

if TYPE_CHECKING:
    from training.data.build import Built

PART_NAMES = {"train": "训练", "validation": "验证", "held_out": "留出"}
READING = "reading-"  # what the sources of generated reading items begin with
SETTLED = {"whole": "全部", "part": "一部分", "none": "没有解决"}  # kinds of a consultation


def write(built: Built, config: DataConfig, folder: Path) -> list[Path]:
    """report.md and its pictures; the pictures' paths."""
    records = built.records
    by = {"任务": Counter(r.task for r in records), "来源": Counter(r.source for r in records), "主题": Counter(r.topic for r in records),
          "许可证": Counter(r.licence for r in records), "题型（阅读与拒答）": Counter(r.kind for r in records if r.task in ("reading", "refusal")),
          "生成的阅读题": Counter(r.kind for r in records if r.source.startswith(READING)),
          "咨询的来源与资料解决了多少": Counter(f"{r.source}：{SETTLED.get(r.kind, '—')}" for r in records if r.task == "consultation"),
          "丢弃原因": built.dropped}
    lengths = [length(record) for record in records]
    pictures = [plots.bars(by, folder / "counts.png"),
                plots.histograms({"整条长度（约计词元）": lengths, "问题字数": [len(r.question) for r in records if len(r.question) < 200],
                                  "答案字数": [len(r.answer) for r in records if len(r.answer) < 400]}, folder / "lengths.png", MAX_LENGTH)]
    if built.overlap.removed:
        pictures.append(plots.bars({"与评测题相近而移除": built.overlap.removed}, folder / "overlap.png", 1))
    lines = ["# 训练数据报告", "", *_totals(built), ""]
    for name, counts in by.items():
        lines += [f"## 按{name}" if name != "丢弃原因" else "## 丢弃的原因", "", *_table((name, "条数"), counts.most_common()), ""]
    lines += ["![各类条数](counts.png)", "", "## 长度", "", *_lengths(lengths), "", "![长度](lengths.png)", "", "## 与评测题的重合", "", *_overlap(built), ""]
    lines += ["## 每类一例", "", *_examples(records), ""]
    lines += ["## 说明", "", *_notes(built, config), ""]
    (folder / "report.md").write_text("\n".join(lines), encoding="utf-8")
    return pictures


def length(record: Record) -> float:
    """About how many tokens the conversation has, template included."""
    return 8 + sum(5 + tokens(message["content"]) for message in record.messages)


def _totals(built: Built) -> list[str]:
    made = sum(len(one.records) for one in built.stages)
    rows = [(PART_NAMES[part], len(records), len({r.document for r in records})) for part, records in built.parts.items()]
    reading = sum(r.source.startswith(READING) for r in built.records)
    return [f"读入与生成 {made} 条，留下 {len(built.records)} 条，其中生成并逐条核对过的阅读题 {reading} 条；遮住个人信息 {built.masked} 处消息；与 {built.overlap.questions} 道评测题比对，移除 "
            f"{built.overlap.removed.total()} 条。", "", *_table(("部分", "条数", "文档数"), rows)]


def _lengths(lengths: Sequence[float]) -> list[str]:
    ordered = sorted(lengths)
    at = lambda share: round(ordered[min(len(ordered) - 1, int(share * len(ordered)))])  # noqa: E731
    over = sum(value > MAX_LENGTH for value in ordered)
    return [f"约计词元：中位 {round(median(ordered))}，95 分位 {at(0.95)}，最长 {round(ordered[-1])}；超过 {MAX_LENGTH} 的 {over} 条（编码时整条略过，不截断）。"]


def _overlap(built: Built) -> list[str]:
    lines = [f"按 {built.overlap.questions} 道评测题的字符 5 元组与 16 字连续重合检查；移除的条数与例子："]
    for name, count in built.overlap.removed.most_common():
        lines += ["", f"**{name}**：{count} 条", "", *_table(("移除的", "评测题", "重合"), [
            (_cell(ours), _cell(theirs), share) for ours, theirs, share in built.overlap.examples[name]])]
    return lines if built.overlap.removed else ["没有配置评测题集，或没有相近的题。" if not built.overlap.questions else lines[0] + "无。"]


def _examples(records: Iterable[Record]) -> list[str]:
    seen: dict[str, Record] = {}
    for record in records:
        seen.setdefault(f"{record.task}/{record.kind}", record)
    return _table(("任务/题型", "问", "答"), [(name, _cell(r.question), _cell(r.answer)) for name, r in sorted(seen.items())])


def _notes(built: Built, config: DataConfig) -> list[str]:
    notes = ["- 来源以 synthetic 为许可证的文档（机构、产品、数字）全部由程序按种子虚构，不代表任何真实机构。",
             "- 划分按来源文档；留出部分另含整类的表格形状：" + "、".join(config.held_shapes) + "。",
             f"- 只取可随产品分发的许可证：{'是' if config.shippable_only else '否'}；种子 {config.seed}；输入与输出的 sha256 见 manifest.json。"]
    for one in built.stages:
        if one.facts.get("short"):
            notes.append("- 生成的阅读题少于配置的数目：文档里问得出的都已用上。")
        if cost := one.facts.get("cost"):
            notes.append(f"- 增广：请求 {cost['requests']} 次（另有 {cost['cached']} 次取自缓存）；连同缓存里以前各次，提示共 {cost['prompt_tokens']} 词元，"
                         f"生成共 {cost['completion_tokens']} 词元，费用共 {cost['price']}。")
    return notes


def _table(header: Sequence[str], rows: Iterable[Sequence]) -> list[str]:
    return ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header), *("| " + " | ".join(map(str, row)) + " |" for row in rows)]


def _cell(text: str) -> str:
    flat = " ".join(text.split()).replace("|", "／")
    return flat if len(flat) <= 90 else f"{flat[:88]}……"
