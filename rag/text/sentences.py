"""Units of evidence: sentences, lists with their lead-in, and table rows under their header. Always the exact words."""

from __future__ import annotations

import re
from dataclasses import dataclass

_END = re.compile(r"[。！？；!?;]+[”’」』）)\"']*|\n+")
_ITEM = re.compile(r"^\s*(?:[-*•●·▪]\s|[（(]?[0-9一二三四五六七八九十]{1,3}[）)、.．]|[①-⑳]|[A-Za-z][.、）)])")
_RULE_ROW = re.compile(r"^\s*\|?[\s:|-]+\|?\s*$")
_BARE_ANSWER = re.compile(r"(?:[答A][：:])?\s*(?:不?(?:可以|能|会|是的?|需要|用|必|行|对|影响|一定)|没?有|无[须需]|否)[。！，]")
# 第四条 交易时间。 is the title of what follows on its line
_RUN_IN = re.compile(r"(?:第[\d一二三四五六七八九十百]{1,5}条|\d+(?:\.\d+)+|[（(]?[一二三四五六七八九十]{1,3}[）)、])\s*[一-鿿]{2,10}。")
# a column of a table by years, months or ages
_NUMBERED = re.compile(r"第?\s*[0-9一二三四五六七八九十]{1,3}\s*(?:个?(?:保单|保险)?(?:年度?|月)|周?岁|期|天|日)?(?:及?以[上后])?")
# what a field is called
_NAME = re.compile(r"^[^\d]*(?:名称|简称|代码|编号|人|日|日期|类型|类别|方式|频率|币种|机构|经理|金额|期限|等级|地址|电话|费率|状态|单位|份额|时间|"
                   r"规模|基准|对象|渠道|账户|性质)$")
_SETTING = re.compile(r"[^：:。；|]{1,12}[：:][^。；|]{1,40}|[（(][^（）()]{1,40}[）)]")  # 单位：元; （按年）
LONGEST_NAME = 18
LONGEST_CAPTION = 100
CAPTION_LINES = 4
LONGEST_LIST = 420  # characters; a longer list is quoted item by item


@dataclass(frozen=True)
class Unit:
    """`text` stands word for word in the passage (a table row: caption, header and row line). `plain` is what it says.

    `context` is what it is about where that stands outside of it: a row's caption, a line each; the question an answer
    follows.
    """

    text: str
    plain: str
    kind: str = "sentence"  # "sentence" | "list" | "row" | "enumeration" (of a whole section)
    context: str = ""


def split_units(text: str) -> list[Unit]:
    """The units of a passage of Markdown, in order."""
    units: list[Unit] = []
    block: list[str] = []
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        if _is_table(lines, at):
            caption = _caption(block)
            units.extend(_prose(block))
            block = []
            end = at + 2
            while end < len(lines) and lines[end].lstrip().startswith("|") and not (_is_table(lines, end) and "--" in lines[end + 1]):
                end += 1  # a header that begins anew is another table's, whose caption this one is not; a row of - is none
            units.extend(_rows(lines[at:end], caption))
            at = end
            continue
        block.append(lines[at])
        at += 1
    return units + _prose(block)


def sentences(text: str) -> list[str]:
    """Sentences of plain text with their closing mark, blanks trimmed, none empty."""
    found, start = [], 0
    for match in _END.finditer(text):
        found.append(text[start : match.end()])
        start = match.end()
    found.append(text[start:])
    return [s.strip() for s in found if s.strip()]


def _with_reason(found: list[str]) -> list[str]:
    """答：可以。 with the sentence after it: the bare word tells nobody what. So with a title that runs in."""
    kept: list[str] = []
    for sentence in found:
        if kept and (_BARE_ANSWER.fullmatch(kept[-1]) or (len(kept) == 1 and _RUN_IN.fullmatch(kept[0]))):
            kept[-1] += sentence
        else:
            kept.append(sentence)
    return kept


def cells(line: str) -> list[str]:
    """The cells of a pipe-table line."""
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def is_numbered(name: str) -> bool:
    """Whether a column is one of a series by years, months or ages: 9, 第3个保单年度, 5年."""
    return bool(_NUMBERED.fullmatch(name))


def _is_table(lines: list[str], at: int) -> bool:
    return (lines[at].lstrip().startswith("|") and at + 1 < len(lines) and "|" in lines[at + 1]
            and "-" in lines[at + 1] and bool(_RULE_ROW.match(lines[at + 1])))


def _caption(before: list[str]) -> str:
    """The short lines right before a table that say what it holds: its title, in which unit, for whom (性别：男性)."""
    found: list[str] = []
    for line in reversed([line.strip() for line in before if line.strip()]):
        if len(line) > LONGEST_CAPTION or line.endswith(("。", "；")) or len(found) == CAPTION_LINES:
            break
        found.append(line)
        if not _SETTING.fullmatch(line):
            break
    return "\n".join(reversed(found))


def _rows(lines: list[str], caption: str) -> list[Unit]:
    header = cells(lines[0])
    opening = "\n".join(filter(None, (caption, lines[0].strip(), lines[1].strip())))
    units = []
    if pairs := _pairs([header, *map(cells, lines[2:])]):
        return [Unit(line.strip(), f"{name}：{value}", context=caption)
                for line, row in zip([lines[0], *lines[2:]], pairs, strict=True) for name, value in row if value]
    if len(lines) == 3 and len(header) > 2 and all(map(is_numbered, header[1:])):
        return _columns(f"{opening}\n{lines[2].strip()}", header, cells(lines[2]), caption)
    for line in lines[2:]:
        if "--" in line and _RULE_ROW.match(line):
            continue
        values = cells(line)
        said = "；".join(f"{name}：{value}" if name and name != value else value
                        for name, value in zip(header, values, strict=False) if value)
        units.append(Unit(f"{opening}\n{line.strip()}", said, "row", caption))
    return units


def _pairs(rows: list[list[str]]) -> list[list[tuple[str, str]]]:
    """Names and values of a table that has no header: 基金管理人 | 某公司 | 基金托管人 | 某银行; [] for any other table."""
    if any(len(row) not in (4, 6) or len(row) != len(rows[0]) for row in rows):
        return []
    names = [cell for row in rows for cell in row[::2] if cell]
    values = [cell for row in rows for cell in row[1::2] if cell]
    are_names = [sum(bool(_NAME.search(cell)) and len(cell) <= LONGEST_NAME for cell in some) / max(1, len(some))
                 for some in (names, values)]
    if are_names[0] < 0.75 or are_names[1] > 0.25 or len(set(names)) < len(names):
        return []
    return [list(zip(row[::2], row[1::2], strict=True)) for row in rows]


def _columns(text: str, header: list[str], values: list[str], caption: str) -> list[Unit]:
    """A table that lies on its side, month by month: each column says what a row would."""
    said = (f"{header[0]}：{name}；{values[0]}：{value}" for name, value in zip(header[1:], values[1:], strict=False) if value)
    return [Unit(text, one, "row", caption) for one in said]


def _led_in(lines: list[str], at: int) -> int:
    """Where what the line `at` leads in ends: unnumbered lines that end in a semicolon, and the one after them."""
    end = at + 1
    while end < len(lines) and lines[end].strip().endswith(("；", ";")):
        end += 1
    return end + 1 if at + 1 < end < len(lines) and lines[end].strip() else end


def _prose(lines: list[str]) -> list[Unit]:
    units: list[Unit] = []
    at, question = 0, ""
    while at < len(lines):
        line = lines[at].strip()
        if not line:
            at += 1
            continue
        end = at + 1
        while end < len(lines) and (_ITEM.match(lines[end]) or not lines[end].strip()):
            end += 1
        if end == at + 1 and line.endswith(("：", ":")):
            end = _led_in(lines, at)
        items = [item for item in lines[at + 1 : end] if item.strip()]
        if line.endswith(("：", ":")) and items:
            whole = "\n".join(row for row in lines[at:end] if row.strip())
            if len(whole) <= LONGEST_LIST:
                units.append(Unit(whole, whole, "list", question))
            else:
                units.extend(Unit(f"{line}\n{item.strip()}", f"{line}{item.strip()}", "list") for item in items)
            at = end
            continue
        if _ITEM.match(line) and len(items) >= 1:
            run = [line, *items]
            whole = "\n".join(row.strip() for row in run)
            if len(whole) <= LONGEST_LIST:
                units.append(Unit(whole, whole, "list"))
            else:
                units.extend(Unit(item.strip(), item.strip()) for item in run)
            at = end
            continue
        for sentence in _with_reason(sentences(line)):
            units.append(Unit(sentence, sentence, context=question))
            if sentence.endswith(("？", "?")):
                question = sentence
        at += 1
    return units
