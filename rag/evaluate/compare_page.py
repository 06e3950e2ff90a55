"""The comparison of two runs as an HTML page."""

from __future__ import annotations

from rag.evaluate import plots
from rag.evaluate.compare import Comparison, difference_row
from rag.evaluate.page import Group, Section, Table, render
from rag.evaluate.report import SYSTEMS
from rag.evaluate.run_page import case
from rag.evaluate.runs import Row

HEAD = ["题集", "系统", "指标", "题数", "甲", "乙", "乙 − 甲", "95% 区间", "变对", "变错", "McNemar p"]


def compare_page(found: Comparison) -> str:
    """The page."""
    section = Section("差别", [
        "只比两次都问过的题。区间为成对自助法 95%；变对、变错与 p 为 McNemar 精确检验，p 小于 0.05 才算有差别。"])
    section.tables.append(Table(HEAD, [difference_row(one) for one in found.differences], words=3))
    timed = [one for one in found.differences if "秒" in one.measure]
    for title, rows in (("比例与 MRR：乙 − 甲", [one for one in found.differences if one not in timed]), ("用时（秒）：乙 − 甲", timed)):
        if rows:
            section.plots.append(plots.differences(title, [
                (f"{SYSTEMS.get(one.system, one.system)} {one.measure}", one.difference, one.low, one.high) for one in rows]))
    turned = Section("变了的题", groups=[
        Group(title, [_case(*pair) for pair in pairs]) for title, pairs in (("变错", found.lost), ("变对", found.gained)) if pairs])
    notes = [f"甲：{found.first}", f"乙：{found.second}", *(f"不同：{line}" for line in found.changed)]
    return render("OD-FinLLM 两次评测的比较", notes, [section, turned])


def _case(first: Row, second: Row) -> list[tuple[str, str]]:
    before, after = case(first), case(second)
    asked = [line for line in before if line[0] in ("题", "此前", "问", "要点")]
    return [*asked, *((f"甲 {name}", text) for name, text in before if (name, text) not in asked),
            *((f"乙 {name}", text) for name, text in after if (name, text) not in asked)]
