"""What stands on a page but is not its text: running heads, page numbers, tables of contents, site navigation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rag.documents.lines import LABEL, close_up, ends_sentence, without_space

_NUMBERS = "一二三四五六七八九十百零〇"
PAGE_NUMBER = re.compile(
    rf"[-—–~·\s]*(?:第\s*)?(?:[\divxlcIVXLC]{{1,6}}|[{_NUMBERS}]{{1,5}}|\d+(?:-\d+){{1,3}})\s*(?:[页頁]|/\s*\d+)?"
    rf"(?:\s*[,，/]?\s*共\s*[\d{_NUMBERS}]+\s*[页頁])?[-—–~·\s]*|Page\s+\d+(?:\s+of\s+\d+)?|[页頁][码碼][:：]?\s*\d+",
    re.IGNORECASE,
)
_LEADER = re.compile(r"(?:[.．·•。…]\s?){4,}|…{2,}|(?:\s\.){4,}|_{6,}\s*\d|-{8,}")
_REFERENCE = rf"[-—\s]*(?:第?\s*[\d{_NUMBERS}IVXivx、,，.\s-]+[条條页頁章节節]?|附[录件表].{{0,6}}|脚?注.{{0,4}})"
# an ellipsis at the end of a sentence is no leader: a short one needs its number, a long one does not
CONTENTS_LINE = re.compile(
    rf".{{0,80}}?(?:(?:{_LEADER.pattern})\s*{_REFERENCE}|[.．·•。…]{{2,}}\s*\d{{1,4}}|(?:[.．·•…]\s?){{9,}})\s*"
)
CONTENTS_HEADING = re.compile(
    r"(?:#+\s*)?(?:[☞◆■●]\s*)?(?:\S{0,6}[条條]款)?[总總]?目\s*[录錄次](?:索引)?|contents", re.IGNORECASE
)
_ENTRY = re.compile(
    rf"(?:第[{_NUMBERS}\d]+(?:[编編篇章节節条條]|部分)|[{_NUMBERS}]+、|[（(][{_NUMBERS}\d]+[）)]|\d+(?:\.\d+)*[.、．\s]|附[件录錄表]"
    rf"|释\s*义|声\s*明|前\s*言|重大事项|.{{1,40}}[\s.…]+[\dIVXivx]{{1,4}}$|.{{1,40}}\t+\d{{1,4}}$)"
)


def is_contents_line(line: str) -> bool:
    """A title, dotted leaders, a page or clause number."""
    return bool(CONTENTS_LINE.fullmatch(line.strip())) and bool(re.search(r"[\w\u4e00-\u9fff]", line))


def strip_contents(lines: Sequence[str]) -> list[str]:
    """Lines of one page without its table of contents (lines with leaders; a list of entries under 目录)."""
    return [lines[index] for index in kept_of_contents(lines)]


def kept_of_contents(lines: Sequence[str]) -> list[int]:
    """Indices of the lines that are no part of a table of contents."""
    kept: list[int] = []
    inside = False
    for index, raw in enumerate(lines):
        line = close_up(raw.strip("|☞ "))
        if not line:
            kept.append(index)
        elif CONTENTS_HEADING.fullmatch(line):
            inside = True
        elif is_contents_line(line) or (inside and _is_entry(lines, index, line)):
            continue
        else:
            inside = False
            kept.append(index)
    return kept


def _is_entry(lines: Sequence[str], index: int, line: str) -> bool:
    """A line under 目录 that names a chapter without leaders; a bare name counts when entries follow it."""
    if ends_sentence(line) or len(line) > 80 or _repeats(line, lines, index):
        return False
    if _ENTRY.match(line):
        return True
    following = [close_up(other) for other in lines[index + 1 : index + 3]]
    return len(line) <= 40 and any(
        _ENTRY.match(other) and not ends_sentence(other) and not _repeats(other, lines, index + 1)
        for other in following
    )


def contents_titles(lines: Sequence[str]) -> set[str]:
    """What the entries with dotted leaders announce, without blanks and page numbers: headings of the text."""
    found = set()
    for line in lines:
        if is_contents_line(line):
            title = without_space(re.sub(r"[\s.．·•。…_-]*[\dIVXivx]*[\s.．·•。…_-]*$", "", line.strip()))
            if 2 <= len(title) <= 40:
                found.add(title)
    return found


def mark_headings(lines: Sequence[str], titles: set[str]) -> list[str]:
    """Lines that the table of contents announced, and that carry no number of their own, become `##` headings."""
    if not titles:
        return list(lines)
    return [
        f"## {line}"
        if line
        and without_space(line) in titles
        and not _NUMBERED.match(line)
        and not (index and LABEL.fullmatch(lines[index - 1]))
        else line
        for index, line in enumerate(lines)
    ]


_NUMBERED = re.compile(rf"第[{_NUMBERS}\d]+|[{_NUMBERS}]+、|[（(]?[\d{_NUMBERS}]+[）).、]|\d|#")
# a cell of a table of contents set as a table: number and short title
_CONTENTS_CELL = re.compile(
    rf"(?:\d+(?:\.\d+)*[.、]?\s*|第[{_NUMBERS}]+[章节節条條]\s*)[A-Za-z\u3400-\u9fff][^，。；：]{{1,24}}"
)


def is_contents_grid(rows: Sequence[Sequence[str]]) -> bool:
    """A table whose cells are nearly all clause numbers with titles."""
    cells = [cell for row in rows for cell in row if cell]
    return len(cells) >= 6 and sum(bool(_CONTENTS_CELL.fullmatch(cell)) for cell in cells) >= 0.8 * len(cells)


def _repeats(line: str, lines: Sequence[str], index: int) -> bool:
    """The first entry coming a second time is where the text begins."""
    key = without_space(re.sub(r"[\s.…·]+[\dIVX]+$", "", line))
    return any(without_space(re.sub(r"[\s.…·]+[\dIVX]+$", "", other)) == key for other in lines[:index])


def _shape(line: str) -> str:
    line = without_space(line)
    line = re.sub(rf"第[{_NUMBERS}]+[页頁]", "第#页", line)
    return re.sub(r"\d+|(?<![A-Za-z])[IVXivx]+(?![A-Za-z])", "#", line)


def running_lines(pages: Sequence[Sequence[str]], depth: int = 3) -> list[set[int]]:
    """For each page the indices of its running heads, feet and page numbers.

    A line among the first or last `depth` ones counts when the same words, figures aside, stand there on at least
    two fifths of the pages (and three pages), or when it is a bare page number at the very edge.
    """
    edges: list[list[int]] = []
    counts: Counter[str] = Counter()
    for lines in pages:
        filled = [index for index, line in enumerate(lines) if line.strip()]
        edge = list(dict.fromkeys(filled[:depth] + filled[-depth:]))
        edges.append(edge)
        counts.update({_shape(lines[index]) for index in edge})
    need = max(3, round(0.4 * len(pages)))
    found: list[set[int]] = []
    for lines, edge in zip(pages, edges, strict=True):
        drop = {index for index in edge if counts[_shape(lines[index])] >= need and _shape(lines[index]) != "#"}
        filled = [index for index in edge if index not in drop]
        for index in (*filled[:1], *filled[-1:]):
            if len(filled) > 1 and PAGE_NUMBER.fullmatch(lines[index].strip()):
                drop.add(index)
        found.append(drop)
    return found


_NAVIGATION = frozenset(
    without_space(word)
    for word in (
        "English 移动端 微博 微信 无障碍 首页 机构概况 新闻发布 政务信息 办事服务 互动交流 统计信息 专题专栏 当前位置： 当前位置 当前位置: 登录 注册 "
        "网站地图 联系我们 设为首页 加入收藏 > | >> 关于我们 客户端 繁體 简体 长者模式 搜索 返回顶部 上一篇 下一篇 分享到： 分享到"
    ).split()
)
_FOOT = re.compile(
    r"【?(?:打印|关闭窗口|打印本页|关闭|返回顶部)】?|链接[:：]?|主办单位.*|版权所有.*|网站识别码.*|[京沪粤浙]ICP备.*|.*公网安备.*|分享到[:：]?"
)


def strip_navigation(lines: Sequence[str]) -> list[str]:
    """Text saved from a web page without the menus before and the imprint after it."""
    lines = list(lines)
    head = lines[:80]
    marks = [index for index, line in enumerate(head) if without_space(line) in _NAVIGATION]
    run = marks[:1]
    for mark in marks[1:]:
        if mark - run[-1] > 4 or any(len(line) > 16 for line in head[run[-1] : mark]):
            break
        run.append(mark)
    if len(run) >= 5:
        lines = lines[: run[0]] + lines[run[-1] + 1 :]
    start = max(0, len(lines) - 40)
    tail = next((index for index in range(start, len(lines)) if _FOOT.fullmatch(lines[index].strip())), None)
    if tail is not None and sum(bool(_FOOT.fullmatch(line.strip())) for line in lines[tail:]) >= 3:
        lines = lines[:tail]
    return lines
