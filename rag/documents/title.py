"""The name a reader would call a document by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from rag.documents.contents import PAGE_NUMBER
from rag.documents.lines import close_up

_KIND = re.compile(
    r".{2,}?(?:条款|说明书|说明|办法|合同|合约|协议|法|规定|规则|公告|通知|指引|准则|细则|条例|决定|解释|手册|指南|问答|FAQ|章程|须知|费率表|利率表|收费标准|"
    r"价目表|金额表|报告书?|意见|批复|名录|清单|制度|流程|简介|介绍|公示|告知书|保险|年金|产品|计划|常见问题|表)(?:[（(\[【].{1,20}[）)\]】])*", re.IGNORECASE)
_COMPANY = re.compile(r"[^，。：；]{2,30}(?:股份有限公司|有限责任公司|有限公司|银行|集团|委员会|交易所)")
_NOT_TITLE = re.compile(r"目\s*录|阅\s*读\s*指\s*引|请?扫描.*|注册号.*|.*〔\d{4}〕.*号|.*\[\d{4}\].*号|声\s*明|第[一二三四五六七八九十\d]+[章节条编].*|"
                        r"附件\s*\d*[:：]?|.*(?:机密|草稿|水印|内部资料).*|股票(?:代码|简称).*|尊敬的.*|[（(].*[）)]|标题[:：].*")


def find_title(lines: Sequence[str], source: str) -> str:
    """The first heading or meaningful line of `lines` (the document's beginning), else the stem of `source`.

    A company's name alone is only the first half of a title: the line after it is taken too.
    """
    stem = PurePosixPath(source).stem
    seen = [close_up(re.sub(r"^#+\s*|\*\*", "", line)) for line in lines[:40] if line.strip() and not line.startswith("|")]
    for line in seen[:3]:
        if match := re.fullmatch(r"(?:标题|题名|文件名称)[:：]\s*(.{4,120})", line):
            return match[1].strip()
    for index, line in enumerate(seen):
        if not 2 <= len(line) <= 90 or PAGE_NUMBER.fullmatch(line) or _NOT_TITLE.fullmatch(line):
            continue
        if line.endswith(("。", "；", "，", "：", ":", "、")) or not re.search(r"[\u4e00-\u9fffA-Za-z]{2}", line):
            continue
        after = [other for other in seen[index + 1:index + 4] if not _NOT_TITLE.fullmatch(other)]
        if _COMPANY.fullmatch(line):
            follow = _run_on(after)
            if follow and _KIND.fullmatch(follow):
                return follow if len(follow) >= 6 else line + follow
            continue
        if _KIND.fullmatch(line):
            return line
        follow = _run_on([line, *after])
        if follow and _KIND.fullmatch(follow):
            return follow
        if index == 0 and lines and lines[0].lstrip().startswith("# "):
            return line
    return stem


def _run_on(lines: Sequence[str]) -> str:
    """The first line, with the next one where the name goes on in it."""
    if not lines or lines[0].endswith(("。", "；", "，", "：")) or len(lines[0]) > 60:
        return ""
    if _KIND.fullmatch(lines[0]) or len(lines) < 2:
        return lines[0]
    pair = lines[0] + lines[1]
    return pair if len(pair) <= 80 and _KIND.fullmatch(pair) else lines[0]
