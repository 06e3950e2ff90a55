"""The name a reader would call a document by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from rag.documents.contents import PAGE_NUMBER
from rag.documents.lines import close_up
from rag.text.normalise import as_written, simplified

_KIND = re.compile(
    r".{2,}?(?:条款|说明书|说明|办法|合同|合约|协议|法|规定|规则|公告|通知|指引|准则|细则|条例|决定|解释|手册|指南|问答|FAQ|章程|须知|费率表|利率表|收费标准|"
    r"价目表|金额表|报告书?|意见|批复|名录|清单|制度|流程|规范|标准|摘要|概要|报告|简介|介绍|汇编|合集|公示|告知书|保险|年金|产品|计划|常见问题|价格目录|表)(?:更新|摘要)?(?:[（(\[【].{1,20}[）)\]】])*",
    re.IGNORECASE,
)
_COMPANY = re.compile(r"[^，。：；]{2,30}(?:股份有限公司|有限责任公司|有限公司|银行|集团|委员会|交易所)")
_NOT_TITLE = re.compile(
    r"【(?:公告|通知|通告)[一二三四五六七八九十\d]{1,3}】.*|目\s*录|阅\s*读\s*指\s*引|请?扫描.*|注册号.*|.*〔\d{4}〕.*号|.*\[\d{4}\].*号|声\s*明|第[一二三四五六七八九十\d]+[章节条编].*|"
    r"附件\s*\d*[:：]?|\S{2,6}[:：].*|ICS\s.*|CCS\s.*|JR(?:/T.*)?|GB(?:/T.*)?|代替.*|.*仅供.*|【示例.*|续?表\s*\d.*|[一二三四五六七八九十]+、.*|中华人民共和国\S{2,6}标准|.*(?:机密|草稿|水印|内部资料).*|股票(?:代码|简称).*|尊敬的.*|[（(].*[）)]|标题[:：].*|(?:局长|主席|行长|部长|主任|署长|总理)[ 　]*\S{2,4}|(?:19|20)\d\d ?年 ?\d{1,2} ?月 ?\d{1,2} ?日"
)
_NUMBERED = re.compile(r"^\d{1,3}[a-z]?[_\-.、 ]+(?=[^\d\s])")  # 05_ of a file's name
# a sentence's end, or a clause about the parties, is of the text: a scan may begin in its middle
_BODY = re.compile(r"[。；]|[，：:、]$|，.*(?:我们|我方|您|本合同|本公司|本行)|(?:我们|您|本合同).*，")


def find_title(lines: Sequence[str], source: str) -> str:
    """The first heading or meaningful line of `lines` (the document's beginning), else the stem of `source`.

    A company's name alone is only the first half of a title: the line after it is taken too.
    """
    text = "".join(map(_bare, lines[:120]))
    return as_written(_found([simplified(line) for line in lines], source), text)


def named_by_file(source: str) -> str:
    """The title of a document that says none: its file's name, less the number it may begin with."""
    return _NUMBERED.sub("", PurePosixPath(source).stem)


def _bare(line: str) -> str:
    return close_up(re.sub(r"^#+\s*|\*\*", "", line))


def _found(lines: Sequence[str], source: str) -> str:
    stem = named_by_file(source)
    seen = [_bare(line) for line in lines[:40] if line.strip() and not line.startswith("|")]
    for line in seen[:3]:
        if match := re.fullmatch(r"(?:标题|题名|文件名称)[:：]\s*(.{4,120})", line):
            return _with_names_in_angles(match[1].strip(), lines)
    company = ""
    for index, line in enumerate(seen):
        if line.count("《") > line.count("》") and (found := _closed(seen[index : index + 4])):
            return found
        if not 2 <= len(line) <= 90 or PAGE_NUMBER.fullmatch(line) or _NOT_TITLE.fullmatch(line):
            continue
        if _BODY.search(line) or not re.search(r"[\u4e00-\u9fffA-Za-z]{2}", line):
            continue
        after = [other for other in seen[index + 1 : index + 4] if not _NOT_TITLE.fullmatch(other)]
        if _COMPANY.fullmatch(line):
            follow = _run_on(after)
            if follow and _KIND.fullmatch(follow):
                return follow if len(follow) >= 6 and not _OF_COMPANY.search(follow) else line + follow
            company = line
            continue
        if re.search(r"第\s?\d+\s?号\s?——?.{2,}", line) and len(line) <= 60 and line.count("《") == line.count("》"):
            more = (
                after[0]
                if after
                and len(line) >= 20
                and re.match("[^第一（(].{0,30}$", after[0])
                and not after[0].endswith("，")
                else ""
            )
            return line + more
        whole = _KIND.fullmatch(line) is not None
        found = _extended(line, after) if whole else _run_on([line, *after])
        if found and (whole or _KIND.fullmatch(found)):
            if company and not _COMPANY.match(found) and _OF_COMPANY.search(found):
                return company + found
            return (
                _of(found, lines) if _SORT.fullmatch(found) or (found.endswith("说明") and len(found) <= 6) else found
            )
        if index == 0 and lines and lines[0].lstrip().startswith("# "):
            return line
    return _explained(lines) or stem


def _with_names_in_angles(title: str, lines: Sequence[str]) -> str:
    """《关于修改<某某办法>的决定》 lost the name in its title line, where it was taken for a tag; further down it stands."""
    for line in lines[:120]:
        whole = line.strip()
        if len(whole) > len(title) and re.sub(r"[<＜].*[>＞]", "", whole) == title:
            return whole
    return title


def _closed(lines: Sequence[str]) -> str:
    """A title of several lines, whose 《 is closed in a later one."""
    joined = ""
    for line in lines:
        joined += line
        if joined.count("《") == joined.count("》"):
            return joined if len(joined) <= 120 and "。" not in joined and _KIND.fullmatch(joined) else ""
    return ""


def _explained(lines: Sequence[str]) -> str:
    """What explains a rule and has no title of its own (现将《…》说明如下) goes by the rule it explains."""
    opening = re.sub(r"\s+", "", "".join(lines[:30]))
    before, said, _ = opening.partition("说明如下")
    names = re.findall(r"《((?:[^《》]|《[^《》]*》){4,70})》（以下[简合]?称", before) if said and len(before) < 500 else []
    return f"《{names[-1]}》的说明" if names else ""


# such a document is known by whose it is
_OF_COMPANY = re.compile(r"募集说明书|报告书|年度报告|章程$")


def _of(found: str, lines: Sequence[str]) -> str:
    """起草说明 and its like take the name of what they explain from the text."""
    text = "".join(lines[:25])
    named = re.search(r"《((?:[^《》]|《[^《》]*》){6,70})》\s*（以下[简合]?称", text)
    return f"《{named[1]}》{found}" if named else found


_SORT = re.compile(
    r"(?:产品|保险|业务|收费|常见)?(?:条款|说明书|费率表|.{0,8}表|手册|指南|问答|常见问题|合同|须知|募集说明书|报告书)(?:[（(].{1,20}[）)])?"
)


def _extended(line: str, after: Sequence[str]) -> str:
    """A product's name goes with the sort of document named below it; 第2号——… with the standard it belongs to."""
    if after and (_SORT.fullmatch(after[0]) or re.match(r"第\s?\d+\s?号", after[0])) and not _SORT.fullmatch(line):
        joined = line + after[0]
        return joined if len(joined) <= 90 else line
    return line


def _run_on(lines: Sequence[str]) -> str:
    """The first line, with the next one where the name goes on in it."""
    if not lines or lines[0].endswith(("。", "；", "，", "：")) or len(lines[0]) > 60:
        return ""
    if _KIND.fullmatch(lines[0]) or len(lines) < 2:
        return _extended(lines[0], lines[1:])
    for end in (2, 3):
        joined = "".join(lines[:end])
        if len(lines) >= end and len(joined) <= 90 and "。" not in joined and _KIND.fullmatch(joined):
            return joined
    return lines[0]
