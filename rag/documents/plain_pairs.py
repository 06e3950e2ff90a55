"""Lists of two columns in plain text, written out cell by cell: defined terms (本公司, 指, …) and the particulars of a
company or a product (注册资本, 100 万元). Each pair becomes one paragraph, so that no term is parted from its words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.documents.lines import join, starts_item, width, without_space
from rag.documents.plain_cells import is_plain_figure

_LEAST_TERMS, _LEAST_FIELDS = 3, 4
_LONGEST_TERM = 60  # typewriter columns of one line of a term
_FIELDS = frozenset(
    (
        "公司名称 企业名称 单位名称 机构名称 合伙企业名称 基金名称 产品名称 名称 公司全称 中文名称 英文名称 公司中文名称 公司英文名称 曾用名 "
        "成立日期 成立时间 设立日期 注册资本 实收资本 注册资金 出资额 认缴出资额 注册地址 注册地 住所 公司住所 办公地址 主要办公地点 主要经营场所 "
        "主要生产经营地 经营场所 法定代表人 负责人 单位负责人 执行事务合伙人 统一社会信用代码 组织机构代码 公司类型 企业类型 类型 企业性质 公司性质 "
        "经营范围 主营业务 股东构成 股权结构 营业期限 经营期限 合伙期限 存续期限 邮政编码 电话 传真 联系电话 联系人 互联网网址 公司网址 网址 "
        "电子信箱 电子邮箱 所属行业 上市地点 股票上市地 股票简称 股票代码 登记机关 控股股东 实际控制人 董事会秘书 信息披露事务负责人 "
        "基金编号 备案编码 备案日期 基金管理人 基金管理人名称 管理人登记编号 托管人名称 基金类型"
    ).split()
)


def rebuild_pairs(lines: Sequence[str]) -> list[str]:
    """One page's lines with such lists as paragraphs `term 指 words` and `label：value`."""
    return _fields(_definitions(lines))


def _definitions(lines: Sequence[str]) -> list[str]:
    # the place of each 指: alone on its line, before the words, or behind the term
    marks = [index for index, line in enumerate(lines) if re.fullmatch(r"指|指 \S.*|[^，。；]{2,30}[^所是专特]指", line.strip())]
    runs: list[list[int]] = []
    for mark in marks:
        if runs and mark - runs[-1][-1] <= 12 and not any(_parts(line) for line in lines[runs[-1][-1] : mark]):
            runs[-1].append(mark)
        else:
            runs.append([mark])
    made: list[str] = []
    done = 0
    for run in runs:
        found = _terms(lines, run, done) if len(run) >= _LEAST_TERMS else None
        if found is None:
            continue
        start, end, pairs = found
        made += [*lines[done:start], ""]
        for term, words in pairs:
            made += [f"{term} 指 {words}", ""]
        done = end
    return [*made, *lines[done:]]


def _parts(line: str) -> bool:
    """A heading or a table between two lists."""
    return line.startswith(("#", "|"))


def _terms(lines: Sequence[str], marks: Sequence[int], done: int) -> tuple[int, int, list[tuple[str, str]]] | None:
    """(first line, end, pairs) of a list of terms whose 指 stand on the lines `marks`."""
    narrow = max(width(_last_of_term(lines, mark)) for mark in marks)
    wide = max((width(line) for mark in marks for line in lines[mark + 1 : mark + 3]), default=0)
    if narrow > _LONGEST_TERM:
        return None
    starts = []
    for previous, mark in zip([None, *marks], marks, strict=False):
        at = mark - 1 if lines[mark].strip().startswith("指") else mark  # the line that holds the end of the term
        low = done if previous is None else previous + (1 if lines[previous].strip().startswith("指 ") else 2)
        while at > low and lines[at - 1].strip() and not _parts(lines[at - 1]):
            above, over = lines[at - 1].strip(), lines[at - 2].strip() if at - 2 >= low else ""
            fills = narrow - 3 <= width(above) <= narrow + 3  # this line of the term broke at its column's edge
            goes_on = previous is not None and over and width(over) >= wide - 3  # so it is the end of the words above
            if not fills or goes_on or starts_item(above) or above.count("）") > above.count("（"):
                break
            at -= 1
        if at < low:
            return None
        starts.append(at)
    pairs = []
    end = len(lines)
    for number, (start, mark) in enumerate(zip(starts, marks, strict=True)):
        line = lines[mark].strip()
        term = _joined([*lines[start:mark], _before(line)])
        stop = starts[number + 1] if number + 1 < len(starts) else _end(lines, mark, wide)
        words = _joined([line.partition("指 ")[2] if line.startswith("指 ") else "", *lines[mark + 1 : stop]])
        if not term or not words:
            return None
        pairs.append((term, words))
        end = stop
    return starts[0], end, pairs


def _before(line: str) -> str:
    """What stands before 指 on its own line."""
    line = line.strip()
    return "" if line.startswith("指") else line.removesuffix("指").strip()


def _last_of_term(lines: Sequence[str], mark: int) -> str:
    return _before(lines[mark]) or (lines[mark - 1].strip() if mark else "")


def _end(lines: Sequence[str], mark: int, wide: int) -> int:
    """Where the words of the last term end: with the first line that leaves room."""
    at = mark + (1 if lines[mark].strip().startswith("指 ") else 2)
    while at < len(lines) and lines[at].strip() and not _parts(lines[at]) and width(lines[at - 1]) >= wide - 3:
        at += 1
    return min(at, len(lines))


def _joined(lines: Sequence[str]) -> str:
    text = ""
    for line in lines:
        text = join(text, line.strip()) if text else line.strip()
    return text


def _fields(lines: Sequence[str]) -> list[str]:
    labels = [index for index, line in enumerate(lines) if without_space(line) in _FIELDS]
    made: list[str] = []
    done = 0
    for run in _close_together(lines, labels):
        if len(run) < _LEAST_FIELDS or run[0] < done:
            continue
        if any(is_plain_figure(line.strip()) for line in lines[run[-1] + 2 : run[-1] + 6]):
            run = run[:-1]  # the last label opens a table
        made += [*lines[done : run[0]], ""]
        for number, label in enumerate(run):
            end = run[number + 1] if number + 1 < len(run) else _end_of_value(lines, label)
            made += [f"{without_space(lines[label])}：{_joined(lines[label + 1 : end])}", ""]
            done = end
    return [*made, *lines[done:]]


def _close_together(lines: Sequence[str], labels: Sequence[int]) -> list[list[int]]:
    """Labels with nothing but their values between them. A label straight after a label is the value of it."""
    runs: list[list[int]] = []
    for label in labels:
        last = runs[-1][-1] if runs else None
        if last is not None and label == last + 1:
            continue
        between = lines[last + 1 : label] if last is not None else []
        table = sum(map(is_plain_figure, between)) > 1  # of shareholders, under 股权结构
        if last is None or table or len(between) > 25 or any(_parts(line) or starts_item(line) for line in between[1:]):
            runs.append([label])
        elif without_space(lines[label]) in {without_space(lines[other]) for other in runs[-1]}:
            runs.append([label])  # the next company's
        else:
            runs[-1].append(label)
    return runs


def _end_of_value(lines: Sequence[str], label: int) -> int:
    at = label + 2
    while at < len(lines) and lines[at].strip() and not _parts(lines[at]):
        wide = max(width(line) for line in lines[label + 1 : at])
        if wide < 40 or width(lines[at - 1]) < wide - 3 or starts_item(lines[at]):
            break
        at += 1
    return min(at, len(lines))
