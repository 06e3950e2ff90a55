"""What a line of a text that was written out cell by cell holds: a figure, a name of a column or a part of one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.documents.lines import join, without_space

_FIGURE = re.compile(
    r"(?!\d{4}\s*年$)[-+−]?[\d,]+(?:\.\d+)?\s*(?:[%％‰]|[pP]{2}|个百分点|倍|次|年|元|万元|亿元)?|[-—–/]{1,4}|\([\d,]+(?:\.\d+)?\)|不适用|N/?A|[AB]{1,3}[+-]?|[是否有无√×]"
    r"|\d{4}[-./年]\d{1,2}(?:[-./月]\d{1,2}日?|月)?"
)
STARTER = re.compile(
    r"(?:项\s*目|序\s*号|科\s*目|指\s*标|名\s*称|年\s*度|期\s*间|类\s*[别型]|产品|行业|地区|区域|股东|客户|报告期|财务指标|主要指标|时间|日期)"
    r"|.{0,8}(?:名称|类别|类型|项目|指标|简称|科目)"
)


def is_plain_figure(text: str) -> bool:
    """A figure with its unit, a date, a dash, or what else stands in a column of figures (不适用, 是, AA+)."""
    return bool(_FIGURE.fullmatch(text))


def whole_names(lines: Sequence[str]) -> list[str]:
    """Names of columns, put together where a bracket or a date shows that a line is only a part."""
    made: list[str] = []
    for line in lines:
        if made and (
            made[-1].count("（") + made[-1].count("(") > made[-1].count("）") + made[-1].count(")")
            or re.fullmatch(r"[（(][^）)]{1,8}[）)]|(?![男女])[\u4e00-\u9fff](?:[（(][^）)]{1,8}[）)])?|月末|年末|年度|月|[%％]|/.+", line)
            or (re.fullmatch(r"\d{4}\s*年?\s*\d{0,2}", made[-1]) and re.match(r"(?!\d{4})[\d年月末度初/-]", line))
            or (re.search(r"[/、及和与]$", made[-1]) and not re.match(r"\d{4}", line))
        ):
            made[-1] = join(made[-1], line)
        else:
            made.append(line)
    return made


def named_columns(names: list[str], count: int) -> list[str] | None:
    """One name for each column, from one row of names or from two (`2024年末` over `金额`, `占比`)."""
    if any(len(name) > 24 or re.search(r"[。；]|^序\s*号$", name) for name in names) or not names:
        return None
    at = next((index for index, name in enumerate(names) if STARTER.fullmatch(name)), 0)
    if len(names) == count + 1:
        return names if at == 0 else None
    if len(names) == count and not STARTER.fullmatch(names[0]):
        return ["", *names]
    first, rest = names[at], names[:at] + names[at + 1 :]
    if (
        count > 1
        and len(rest) == count + 1
        and re.search(r"\d{4}", rest[0])
        and not any(re.search(r"\d{4}", name) for name in rest[1:])
    ):
        return [first, *(f"{rest[0]} {name}" for name in rest[1:])]
    for groups in range(2, count // 2 + 1):
        size = count // groups
        if count % groups or len(rest) != groups + count:
            continue
        over, under = rest[:groups], rest[groups:]
        if (
            len({without_space(name) for name in under}) == size
            and under == under[:size] * groups
            and len(set(over)) == groups
        ):
            return [first, *(f"{name} {sub}" for name in over for sub in under[:size])]
    return None


_DATE = re.compile(r"\d{4}\s*年\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?")
DAY_OR_CODE = re.compile(r"(?:\d{4}(?:[-./]\d{1,2}){2}|[A-Z]{0,4}\d[A-Z\d.-]{7,})")  # a day or a code
TOTALS = ("合计", "总计", "小计", "共计")


def is_measured(text: str) -> bool:
    """What never breaks over lines: a figure, a day, a code."""
    return is_plain_figure(text) or bool(_DATE.fullmatch(text) or DAY_OR_CODE.fullmatch(text))


# what a column holds by its name: a cell left out (a picture) and one that broke in two may make up a row of the right length
_HELD = (
    (re.compile(r"(?:日期?|时间|期限|期间|[^代型账]号|编码|代码)$"), re.compile(r"\d|长期|永久|[-—/无]")),
    (re.compile(r"(?:额|价格?|数量|比例|占比|率|净值|原值|面积)(?:[（(].*[）)])?$"), re.compile(r"\d|[-—/]|不适用|无")),
    (re.compile(r"(?:名称|姓名|[人方者]|单位|公司|股东|客户|供应商|地址|住所)$"), re.compile(r"[A-Za-z\u4e00-\u9fff]|[-—/]")),
)


def suits(name: str, cells: Sequence[str]) -> bool:
    """Whether most cells can stand under this name; a column of second halves of words never does."""
    halves = sum(bool(re.fullmatch(r"(?![男女是否有无])[\u4e00-\u9fff]", cell)) for cell in cells)
    return halves < max(2, 0.5 * len(cells)) and all(
        sum(bool(held.search(cell)) for cell in cells) >= 0.8 * len(cells)
        for named, held in _HELD
        if named.search(without_space(name))
    )


def sums_row(sums: list[str], figures: Sequence[bool]) -> list[str] | None:
    """The sums under their columns: one for every column, for every one but the first, or for every column of figures."""
    if len(sums) == len(figures):
        return sums
    if len(sums) == len(figures) - 1 and not figures[0]:
        return ["", *sums]
    if sums and len(sums) == sum(figures):
        rest = iter(sums)
        return [next(rest) if figure else "" for figure in figures]
    return None
