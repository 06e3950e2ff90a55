"""Which time a question is about: today, a day or year it names, or simply former times."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from rag.text.chinese_numbers import chinese_number
from rag.text.dates import Span, find_dates
from rag.text.normalise import normalise

OF_MONTH = r"(?:1[0-2]|[1-9])月(?:份|[那这][期版份次])?"  # the notice or the edition of that month
_BOTH = re.compile(
    r"修[订正改]前后|新旧|前后(?:有|的)?(?:什么|哪些|啥)?(?:变化|不同|区别|差别)|调整前后|(?:和|跟|与|比|同|较)(?:旧|老|以前|之前|原来|上一)|"
    r"(?:旧|老|新)版?(?:和|跟|与|比)|版(?:和|跟|与|比)|(?:和|跟|与|比|较)[^，。？]{0,12}(?:19|20)\d\d\s*年?[那的]?(?:版|标准|规定)|"
    r"改了(?:什么|哪|多少)|有(?:什么|哪些|啥)(?:变化|调整|改动)|(?:变化|调整|修订|修改)了?(?:什么|哪些|多少)|替代了?(?:什么|哪|谁)|被(?:什么|哪)[^，。]{0,6}替代|"
    rf"{OF_MONTH}(?:和|跟|与|比)(?:1[0-2]|[1-9])月(?:份|[那这][期版份次]|的?公告)|"
    r"哪一?版|哪个版本|什么时候(?:废止|停用|改|修订|换)")
_OLD = re.compile(
    r"旧版|老版|旧的|老的(?=[一-鿿]{0,10}(?:标准|规定|条款|版|法|条例))|旧(?:标准|规定|条款|办法|法|费率|合同)|老(?:标准|规定|条款|办法|费率)|(?:^|[,，。的和跟与问])老(?![年人客师板百公婆家爸妈爷奶伯同乡赖街])[一-鿿]{2,10}(?:法|条例)(?![院律])|上一版|前一版|原版|"
    r"修[订正改]前|调整前|改版前|废止(?:前|的)|已废止|已停用|停用的|"
    # 以前存的 is what the customer did, 以前存款保险 a matter of former times
    r"(?:^|[,，。、的])(?:以前|从前|过去(?![了这半近几\d一两三])|原先|当年)"
    r"(?!的?合同|买|签|投(?![诉连资])|办(?!法)|借(?!记|贷|款[利人])|存(?![款单折量管贷]))|"
    r"(?:^|[。、的])之前(?!的?合同|买|签|投|办|借|存)|之前的(?:标准|规定|条款|费率|利率|版本|办法|政策)|"
    r"(?<![岁年月日号期天时效止诊院病付款约买投])(?<![投参续]保)(?:以前|过去)(?:的|是|那)|"
    r"原来(?:的(?:标准|规定|条款|费率|利率|版本|办法)|是怎么|那版)|那时候?|当时的(?:规定|标准|条款|费率|办法|利率)")
_NOW = re.compile(r"现行|现在|目前|如今|最新|新版|当前|今年")
_COMING = re.compile(r"新规|新的?(?:规定|条例|办法|标准|制度|法|版|条款)|即将|将[要来会]|施行|实施|生效|执行|启用|什么时候|何时|以后|今后|未来|下一?[个版]|明年")
_PRESENT = re.compile(r"现行|现在|目前|如今|眼下|当前|今年")
_FIGURE = re.compile(r"[末底](?!线)|全年|季度|上半年|下半年|规模|净值|涨|跌|收益|分红|红利|业绩|排名|余额|lpr|利润|营收|营业收入|总资产|总负债|实际")
_LIFE = re.compile(  # dates of a life or a term, not of an edition: 1990年5月1日出生, 2045年退休, 2024年第5期
    r"(?:19|20)\d\d年?(?:\d{1,2}月)?(?:\d{1,2}[日号])?(?:以?[前后]|就|才|要|会|该)?"
    r"(?:出生|生人|年?生的|生(?=[,，。;；?]|$)|生日|参加工作|入职|毕业|结婚|退休|到期|满期|期满|还清|第[\d一二三四五六七八九十]+期)|"
    r"目标日期[^,，。]{0,6}?20\d\d年?")
_WHEN = r"((?:19|20)\d\d(?:年(?:\d{1,2}月)?(?:\d{1,2}[日号])?|(?:[-./]\d{1,2}){0,2}))"
_BEFORE = re.compile(_WHEN + r"(?:以前|之前|前(?=[的,，、]))")
_SINCE = re.compile(_WHEN + r"(?:以后|之后|以来|后(?=[的,，、])|起(?![施执实生]))")
_EDITION_OF = r"%d\s*年?[新老旧]?(?:度|第.{1,3}|修[订正]|\d{0,2}月)?(?:版|那[个版部]|[新刚]?(?:修[订正改]|改)(?![前后变])|的?[老旧](?:标准|规定|条款))"
_TIME = re.compile(_WHEN + r"(?:份|那会儿|那时候?|的时候|以后|之后|以前|之前|时)?(?![版款期度第])[，,]?")
_SHORT_YEAR = re.compile(r"(?<!\d)(\d\d)年?(?=那[个版部]|版|[新刚]?修[订正改]|的?[老旧新]版?)|(?<![\d满交存缴])([12]\d)年(?=\d{1,2}月)")  # 06年那版, 26年1月以后
_MONTH_EDITION = re.compile(r"(1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月份?[那这](?:一?[期版]|份(?:表|利率|价目))")  # 三月份那版利率
_EDITION_SAID = re.compile(r"(?:(?:19|20)\d\d\s*年?的?[新老旧]?|[新老旧])那?版(?:本|的?(?:条款|合同|说明书|规定|章程))?的?")
_OTHER_YEARS = {"大前年": -3, "(?<!以)前年": -2, "去年|上一年": -1, "明年": 1}


@dataclass(frozen=True)
class AskedTime:
    """`span` is what the question names, from its first date to its last, None where it names none. `edition`: it names
    the edition (2024版) rather than a time. `loose`: later editions may answer too, because it asks for a figure of that
    time (2024年末规模) or speaks of today beside it. `old`: about former times. `both`: editions are compared, none of
    them is to be preferred. `coming`: it may be about what is not in force yet. `month`: the edition that began in that month
    is meant (3月那版), whatever the year; 0 where none is."""

    span: Span | None = None
    edition: bool = False
    loose: bool = False
    old: bool = False
    both: bool = False
    coming: bool = False
    month: int = 0

    @property
    def now(self) -> bool:
        """The question is about today, as most are."""
        return not (self.span or self.old or self.both)


def asked_time(question: str, today: date) -> AskedTime:
    """Read from the question's words; a time that has not ended yet (this year, 2024年以后) is today's."""
    text = normalise(question)
    for word, years in _OTHER_YEARS.items():
        text = re.sub(word, f"{today.year + years}年", text)
    text = _whole_years(text, today)
    spans = _spans(_LIFE.sub("", text), today)
    named = [span for span in spans if re.search(_EDITION_OF % span.year, text)]
    span = min(named or spans, key=lambda one: one.first, default=None)
    if span and not named:
        span = None if all(today in one for one in spans) else Span(span.first, max(one.last for one in spans))
    old = bool(_OLD.search(text)) and not (_NOW.search(text) and not span)
    loose = bool(span and not named and not old and (_FIGURE.search(text) or _PRESENT.search(text)))
    month = _MONTH_EDITION.search(text)
    return AskedTime(span, bool(named), loose, old, bool(_BOTH.search(text)), bool(_COMING.search(question)),
                     int(chinese_number(month[1])) if month else 0)


def timeless_question(question: str, today: date) -> str:
    """The question without the time that says which edition is meant; empty where it names none, or asks for a figure of
    that time."""
    asked, text = asked_time(question, today), _whole_years(normalise(question), today)
    if asked.loose or asked.edition or asked.both or (asked.span is None and (_FIGURE.search(text) or _LIFE.search(text))):
        return ""
    bare = _TIME.sub("", text)
    return "" if bare == text else bare


def without_edition(question: str, today: date) -> str:
    """The normalised question without the edition that it names (2025年版, 新版)."""
    return _EDITION_SAID.sub("", _whole_years(normalise(question), today))


def _whole_years(text: str, today: date) -> str:
    """06年那版 is 2006's."""
    def whole(year: re.Match[str]) -> str:
        short = year[1] or year[2]
        return f"{20 if int(short) <= today.year % 100 + 1 else 19}{short}年"

    return _SHORT_YEAR.sub(whole, text)


def _spans(text: str, today: date) -> list[Span]:
    """The times that the text names. "Before a day" is the day before it, whose edition is meant; "since a day" of the
    past lasts until today."""
    found: list[Span] = []
    for pattern in (_BEFORE, _SINCE):
        for match in pattern.finditer(text):
            for one in find_dates(match[1] if len(match[1]) > 4 else f"{match[1]}年"):
                eve = one.first - timedelta(days=1)
                found.append(Span(eve, eve) if pattern is _BEFORE else Span(one.first, max(one.last, today)))
        text = pattern.sub("", text)
    return found + find_dates(text)
