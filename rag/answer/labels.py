"""What tables call their rows and columns, and which of these names a question says.

金卡 and 车主金卡, 五级 and 六级, 计划一 and 计划二: names that stand in one column or one header row name things of one kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.text.normalise import normalise
from rag.text.sentences import cells

LONGEST = 24  # characters of a name
LEADING = 3  # columns at the beginning of a row may say which row it is
_RULE = re.compile(r"^\|?[\s:|-]+\|?$")
_FIGURE = re.compile(r"[-+±]?[\d,.]+\s*(%|‰|元|万元|年|个?月|天|日|折|倍|BP)?(（[^）]*）)?|[-—/无]*")
_BRACKET = re.compile(r"[（(]([^（）()]*)[）)]")
_SAYS_NOTHING = frozenset("项目 内容 说明 名称 类型 类别 情形 标准 备注 合计 其他 金额 比例 条件 规则 时间 期限 费用 要求 处理 单位 序号".split())

Group = frozenset[str]  # names of one kind


def aliases(cell: str) -> list[str]:
    """What a cell may be called by, longest first: itself, without its bracket, and each of 普卡、青年卡."""
    cell = normalise(cell).strip()
    plain = _BRACKET.sub("", cell).strip()
    found = {cell, plain, *re.split(r"[、，/]|[和或](?=\S{2})", plain)}
    return sorted((name.strip() for name in found if 2 <= len(name.strip()) <= LONGEST and not _FIGURE.fullmatch(name.strip())
                   and name.strip() not in _SAYS_NOTHING), key=len, reverse=True)


def said(name: str, text: str) -> bool:
    """Whether a text says a name, and not as the end of a longer number (10年 in 210年)."""
    at = text.find(name)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(name) : at + len(name) + 1]
        if not (name[0].isdigit() and before.isdigit()) and not (name[-1].isdigit() and after.isdigit()):
            return True
        at = text.find(name, at + 1)
    return False


def longest_said(names: Iterable[str], text: str) -> str:
    """The longest of the names that a text says; "" where it says none."""
    return max((name for name in names if said(name, text)), key=len, default="")


def groups_of(passages: Iterable[str]) -> list[Group]:
    """The names that stand in one column at the beginning of a table, or in one header row, of Markdown passages.

    Passages that hold parts of one table count as one.
    """
    whole: dict[tuple[str, ...], list[list[str]]] = {}
    for passage in passages:
        for table in _tables(passage):
            whole.setdefault(tuple(table[0]), []).extend(table[1:])
    found: dict[Group, None] = {}
    for header, rows in whole.items():
        for column in range(min(LEADING, len(header))):
            values = [row[column] for row in rows if column < len(row)]
            if sum(bool(_FIGURE.fullmatch(v)) for v in values) * 2 > len(values):
                continue
            found[frozenset(name for value in values for name in aliases(value))] = None
        found[frozenset(name for cell in header[1:] for name in aliases(cell))] = None
    return [group for group in found if len(group) > 1]


def _tables(passage: str) -> list[list[list[str]]]:
    tables: list[list[list[str]]] = []
    inside = False
    for line in passage.split("\n"):
        if not line.lstrip().startswith("|"):
            inside = False
            continue
        if _RULE.match(line.strip()):
            continue
        if not inside:
            tables.append([])
            inside = True
        tables[-1].append(cells(line))
    return [table for table in tables if len(table) > 1]


def partner(text: str, new: str, groups: Sequence[Group]) -> tuple[str, str]:
    """(what `text` names, what `new` names instead of it): two names of one kind; ("", "") where there are none."""
    best = ("", "")
    for group in groups:
        there, here = longest_said(group, text), longest_said(group, new)
        if not there or not here or there == here or said(here, text.replace(there, " ")):
            continue
        if len(there) + len(here) > len(best[0]) + len(best[1]):
            best = (there, here)
    return best
