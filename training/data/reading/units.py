"""What a table's column holds: its name without the unit, the unit its bare numbers take, and what they are counted per."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text.table_cells import read_tables

_UNIT = r"(?:人民币)?(亿元|万元|元|%|‰|周岁|岁|个月|工作日|交易日|天|日|期|笔|张|次|股|份|手|倍|年|月|人|分)"
_STATED = re.compile(rf"[（(](?:单位[:：]?)?[^（()）]*?{_UNIT}(?:[／/](?P<per>[^（()），,]*))?(?:[，,][^（()）]*)?[）)]")
_CAPTION = re.compile(rf"单位[:：]\s*{_UNIT}(?:[／/](?P<per>[^，,。）)]*))?")
_BARE = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")
_DASH = re.compile(r"[-—－/／]+|不适用|无")


@dataclass(frozen=True)
class Column:
    """`name` is the header without its unit; `per` is 每10万元保额 of 元／每10万元保额."""

    name: str
    unit: str = ""
    per: str = ""


def read_column(header: str, caption: str = "") -> Column:
    """A column by its header, and by the caption's 单位 where the header states none."""
    match = _STATED.search(header)
    # 管理费（年） is a fee a year, not a number of years
    if match and _is_unit_only(match.group()) and not (match[1] in "年月日天" and re.search(r"[费率]$", header[: match.start()])):
        return Column((header[: match.start()] + header[match.end() :]).strip(), match[1], (match["per"] or "").strip())
    match = _CAPTION.search(caption)
    return Column(header.strip(), match[1], (match["per"] or "").strip()) if match else Column(header.strip())


def _is_unit_only(brackets: str) -> bool:
    """（元） and （元／每10万元保额，免赔100元） state a unit; （不含10万元） and （65周岁前） state something else."""
    inside = brackets.strip("（()）")
    return not re.search(r"\d\s*(?:万|元|年|岁|周岁|天|日|个月)", inside.split("／")[0].split("/")[0])


def is_bare(cell: str) -> bool:
    """Whether a cell is a number and nothing else."""
    return bool(_BARE.fullmatch(cell))


def is_blank(cell: str) -> bool:
    """Whether a cell says nothing: empty, a dash, 不适用."""
    return not cell or bool(_DASH.fullmatch(cell))


def said(cell: str, column: Column, lines: str = "") -> str:
    """The cell as one says it: `299` under 保费（元） is `299元`; `lines` is the table, read where no unit is stated."""
    if not is_bare(cell):
        return cell
    if column.unit:
        return f"{cell}{column.unit}"
    return cell + (implied_unit(column.name, lines) if lines else "")


def implied_unit(header: str, lines: str) -> str:
    """The unit that the number check gives the column's bare numbers where the table does not state one."""
    for table in read_tables(lines):
        for place, name in enumerate(table.header):
            if name == header:
                units = {f.unit for cell in table.cells if cell.column == place for f in cell.figures
                         if is_bare(cell.text) and f.written == f.value}
                return units.pop() if len(units) == 1 and units <= {"元", "%", "岁"} else ""
    return ""
