"""Which time a question is about: today, a day or year it names, or simply former times."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from rag.text.dates import Span, find_dates
from rag.text.normalise import normalise

_BOTH = re.compile(
    r"修[订正改]前后|新旧|前后(?:有|的)?(?:什么|哪些|啥)?(?:变化|不同|区别|差别)|调整前后|(?:和|跟|与|比|同|较)(?:旧|老|以前|之前|原来|上一)|"
    r"(?:旧|老|新)版?(?:和|跟|与|比)|版(?:和|跟|与|比)|(?:和|跟|与|比|较)[^，。？]{0,12}(?:19|20)\d\d\s*年?[那的]?(?:版|标准|规定)|"
    r"改了(?:什么|哪|多少)|有(?:什么|哪些|啥)(?:变化|调整|改动)|(?:变化|调整|修订|修改)了?(?:什么|哪些|多少)|替代了?(?:什么|哪|谁)|被(?:什么|哪)[^，。]{0,6}替代|"
    r"哪一?版|哪个版本|什么时候(?:废止|停用|改|修订|换)")
_OLD = re.compile(
    r"旧版|老版|旧的|老的(?=[一-鿿]{0,6}(?:标准|规定|条款|版))|旧(?:标准|规定|条款|办法|法|费率|合同)|老(?:标准|规定|条款|办法|费率)|上一版|前一版|原版|"
    r"修[订正改]前|调整前|改版前|废止(?:前|的)|已废止|已停用|停用的|(?:^|[，。、的])(?:以前|之前|从前|过去|原先|当年)(?!的?合同|买|投|办|签|借|存)|"
    r"(?:以前|之前|过去)(?:的|是|那)|原来(?:的(?:标准|规定|条款|费率|利率|版本|办法)|是怎么|那版)|那时候?|当时的(?:规定|标准|条款|费率|办法|利率)")
_NOW = re.compile(r"现行|现在|目前|如今|最新|新版|当前|今年")
_FIGURE = re.compile(r"[末底](?!线)|全年|季度|上半年|下半年|规模|净值|涨|跌|收益|分红|红利|业绩|排名|余额|lpr")
_BIRTH = re.compile(r"(?:19|20)\d\d年?(?:\d{1,2}月)?(?:\d{1,2}日)?(?:以?[前后])?(?:出生|生人|年?生的|生日)")
_YEARS_AGO = {"去年": 1, "前年": 2, "上一年": 1, "大前年": 3}


@dataclass(frozen=True)
class AskedTime:
    """`span` is what the question names, None where it names none. `edition`: it names the edition (2024版) rather than a
    time. `loose`: it asks for a figure of that time (2024年末规模), which later editions may hold too. `old`: about former times. `both`: editions are compared, none of them is to be preferred."""

    span: Span | None = None
    edition: bool = False
    loose: bool = False
    old: bool = False
    both: bool = False

    @property
    def now(self) -> bool:
        """The question is about today, as most are."""
        return not (self.span or self.old or self.both)


def asked_time(question: str, today: date) -> AskedTime:
    """Read from the question's words; a year or month that has not ended yet is today's."""
    text = normalise(question)
    both = bool(_BOTH.search(text))
    spans = find_dates(_BIRTH.sub("", text))
    for word, years in _YEARS_AGO.items():
        if word in text:
            spans.append(Span(date(today.year - years, 1, 1), date(today.year - years, 12, 31)))
    span = min(spans, key=lambda one: one.first, default=None)
    edition = bool(span and re.search(rf"{span.year}\s*年?(?:度|第.{{1,3}}|修[订正]|\d{{0,2}}月)?(?:版|修[订正]|的?[老旧](?:标准|规定|条款))", text))
    if span and not edition and today in span:
        span = None
    if span and span.first > today + timedelta(days=400):  # 目标日期2045
        span = None
    old = bool(_OLD.search(text)) and not (_NOW.search(text) and not span)
    return AskedTime(span, edition, bool(span and not edition and not old and _FIGURE.search(text)), old, both)
