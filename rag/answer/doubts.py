"""What speaks against the found evidence answering the question, beside how it reads: numbers for `refusal` to weigh.

A kind of value that is absent (a person, a telephone number, a rate), another number of a series of products, another
age or year than the one asked about, a matter that changes from day to day and that the words do not speak of, one that
only the customer's own account tells, or a value of which the documents only say how it is set.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answer.asked_kind import asking_clauses, lacks_kind
from rag.answer.evidence import Evidence
from rag.answer.fitting import of_another_case, of_another_series_member, of_no_case
from rag.answer.matters import of_another_matter
from rag.answer.opposites import turned_about
from rag.answer.result import Citation
from rag.answer.rule_only import rule_stands_for_value
from rag.answer.yes_no import asks as asks_yes_no
from rag.index.hit import Hit
from rag.text.bands import YEAR, fit, quantities
from rag.text.codes import without_codes
from rag.text.figures import find_figures
from rag.text.normalise import normalise
from rag.text.row_bands import row_bands

_ASKS_NOW = re.compile(r"今天|(?<![到从])现在|目前|最近|上个?月|上周|昨天|这个月|本月|下个?月|明年|明天|后天|去年|今年|前十大|重仓")

_ALSO = {"明年": ("来年", "次年", "下一年度"), "去年": ("上年", "上一年"), "今年": ("本年", "当年"), "上个月": ("上月",), "下个月": ("次月", "下月")}
_SAME_DAY = re.compile(r"今天[^，。]{1,6}今天")  # 今天买的今天能卖吗: a rule
# what the documents fix, whenever it is asked for
_FIXED = re.compile(r"最[多少高低大长]|至少|[上下]限|门槛|几天|几点|多少天|多久|多少年|几年|哪一?版|标准|比例|几成|百分之几|(?:管理|托管|手续|服务|年|申购|赎回|加工|工本|挂失|保管)费|保证金")
_NOW = re.compile(r"今天|现在|目前|这个月|本月|今年")
_ALLOWED_LATER = re.compile(r"(?:下个?月|明年|明天|后天)再|(?:下个?月|明年|明天|后天|以后)[^，。]{0,4}(?:能|可以|可不可以|还能|行)[^，。]{0,10}(?:[吗么不]|[？?]?$)")  # 明年能补上吗: a rule

_PLACE = re.compile(r"(?![几哪各])[一-鿿](?![上股城楼超都门本全各该地外同异])[一-鿿][市省](?![场值民级区面长价盈])")
_KNOWN = re.compile(  # said without 市 or 省 as often as not
    r"北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|内蒙古|广西|西藏|宁夏|新疆|"
    r"广州|深圳|杭州|南京|苏州|成都|武汉|西安|郑州|长沙|青岛|济南|大连|沈阳|宁波|厦门|福州|合肥|昆明|南昌|东莞|佛山|无锡")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=\s*年(?!版|款|期|[底初]?(?:来|去|再)?(?:办|买|签|申请|投保|入手)))")  # 2026年办的话 is when the customer comes
_EDITION = re.compile(r"([一-鿿]{2})版")  # 悦享版 and 尊享版 of one name are two products
_NO_EDITION = re.compile(r"[一-鿿]*(?:[旧老新原正电网]|联网|体验|打印|手机|纸质|出|当前|现行|哪个|这个|两个|各|年)版")
_NO_SERIES = re.compile(r"那?档|块|元|岁|了|年|\.\d|[新老旧]?版|修[订正]|[（(]含")  # behind a number that numbers no series: 2000那档, 63了
_PART_OF_YEAR = re.compile(r"\d{1,2}\s*[-—~至到]\s*\d{1,2}\s*月|[上下]半年|前?[一二三四]个?季|第?[一二三四]季|半年度|中期|\d{1,2}月(?!\s*\d)")
_PERSONAL = re.compile(
    r"帮我查|把我(?:自己|本人|名下)?的[^，。]{0,16}(?:查|调出来|念|报|发)(?:一?下|出来|给我|我|$)|查(?:一?下|询|查)?我(?:自己|本人|名下)?的|我(?:自己|本人)?(?:名下|账户里|账上|卡里|账单)[^，。]{0,8}(?:多少|几)|"
    r"我(?:自己|本人)?的?(?:信用卡|银行卡|卡|账户|账号|贷款|保单|基金|理财)(?:现在|目前|里|上)?(?:还有|还剩|剩余|剩|可用)(?:的)?(?:额度|余额|积分)?(?:是|有)?(?:多少|几)|"
    r"我(?:自己|本人)?的?(?:社保|医保|公积金|养老保险|养老金|保单|贷款|信用卡)?(?:已经|现在|目前|一共|总共|还)+(?:交|缴|存|欠|还|剩)了?(?:多少|几)")


def doubts(question: str, evidence: Evidence, hits: Sequence[Hit]) -> dict[str, float]:
    """The doubts, each 0 (none) … 1; `evidence` must hold something, and be of these hits.

    kind: the kind of value asked for is not there; another: it is another number of a series (第6期 for 第5期); passing:
    what is asked changes from day to day (现在, 去年) and the words do not speak of it; case: the row is of another age or
    term; open: it is one age of many and none is said; place: the words are of another province or city than the one asked
    about; rule: only how the value is set stands there; year: the words are of other years than the one asked about;
    personal: the customer's own account is asked about; direction: the words are of the other side (transfers the other way, abroad, private customers);
    matter: of another matter (消费贷款 where 信用卡 is asked about).
    """
    first = evidence.citations[0]
    around = normalise("\n".join((first.title, first.edition, *first.headings, first.text)))
    return {
        "kind": lacks_kind(question, "\n".join(u.plain for u in (evidence.best, evidence.also) if u)) / 2,
        "another": float(_another(without_codes(question), evidence, first, around) or _of_another_edition(question, first, around)),
        "case": float(of_another_case(question, evidence.best) or (not asks_yes_no(question) and of_another_series_member(
            question, evidence.best, (first.title, *first.headings[-1:])))),  # 仅适用A类 does say whether the C类 may
        "open": float(of_no_case(question, evidence.best)),
        "place": float(_elsewhere(question, around, evidence, hits)),
        "rule": float(rule_stands_for_value(question, evidence)),
        "year": float(_of_another_year(normalise(question), evidence, around)),
        "matter": float(of_another_matter(question, first.title, around)),
        "direction": float(not asks_yes_no(question) and turned_about(question, evidence.best)),  # 仅限境内 does say whether abroad
        "personal": float(bool(_PERSONAL.search(question))),
        "passing": _passing(question, evidence, around),
    }


def _passing(question: str, evidence: Evidence, around: str) -> float:
    """How far what is asked changes from day to day, where the words do not say of which day they are: 现在 is often said
    of what documents fix, and half of it for that."""
    asked = "，".join(asking_clauses(question))
    passing = _ASKS_NOW.search(asked)
    if not passing or any(word in around for word in (passing.group(), *_ALSO.get(passing.group(), ()))) or _ALLOWED_LATER.search(asked) or _SAME_DAY.search(asked):
        return 0.0
    if not _NOW.fullmatch(passing.group()):
        return 1.0
    return 0.0 if _fixed(question, evidence) else 1.0 if passing.group() == "今天" else 0.5


def _fixed(question: str, evidence: Evidence) -> bool:
    """Whether what is asked is fixed by the documents, whatever the day: a limit or term, or the row of the case it states."""
    if _FIXED.search("，".join(asking_clauses(question))):
        return True
    return _of_the_case(question, evidence)


def _of_the_case(question: str, evidence: Evidence) -> bool:
    """Whether the words are the row of a table that holds the age, term or sum of the question."""
    return evidence.best.kind == "row" and fit(quantities(question), row_bands(evidence.best.plain)) > 0


def _elsewhere(question: str, around: str, evidence: Evidence, hits: Sequence[Hit]) -> bool:
    """Whether a place is asked about that the words do not name, while they name another (澄湖市按本市最低工资 for 北京)."""
    asked = {place.rstrip("市省") for place in _PLACE.findall(question) + _KNOWN.findall(question)}
    if not asked:
        return False
    source = evidence.citations[0].source
    cited = [c.text for c in evidence.citations if c.source == source]
    told = [around, *map(normalise, cited + [u.unit.plain for u in evidence.units if hits[u.hit].source == source])]
    return not any(place in text for place in asked for text in told) and any(map(_PLACE.search, told))


def _of_another_year(question: str, evidence: Evidence, around: str) -> bool:
    """Whether the words state years, but not the one that is asked about (2021年净利润)."""
    asked = set(_YEAR.findall(question))
    words = normalise("\n".join((evidence.best.context, evidence.best.text)))
    if asked and not _PART_OF_YEAR.search(question) and any(_only_part(year, words) for year in asked):
        return True
    if evidence.best.kind == "row" and fit([(float(year), YEAR) for year in asked], row_bands(evidence.best.plain)) > 0:
        return False  # 2029至2031年
    return bool(asked) and not any(year in around or year in words for year in asked) and bool(_YEAR.search(words))


def _only_part(year: str, words: str) -> bool:
    """Whether words speak of a part of a year and never of the whole: 2025年1-6月."""
    after = [words[m.end() :].lstrip("年 ") for m in re.finditer(rf"(?<!\d){year}\s*年?", words)]
    return bool(after) and all(_PART_OF_YEAR.match(rest) for rest in after)


def _of_another_edition(question: str, first: Citation, around: str) -> bool:
    """Whether the title names an edition of a product (悦享版) and the question another one (尊享版)."""
    asked, own = ({name for name in _EDITION.findall(_NO_EDITION.sub("，", text))} for text in (question, first.title))
    return bool(asked and own) and not any(name in around for name in asked)


def _another(question: str, evidence: Evidence, first: Citation, around: str) -> bool:
    """Whether the evidence is of another number of a series: 第6期 is asked, its title says 第5期 (180天, 2055 …)."""
    over = " ".join((first.title, *first.headings[-1:]))
    titles = [t for t in find_figures(over) if t.kind != "bare" or not _NO_SERIES.match(over, t.end)]
    of_the_case = _of_the_case(question, evidence)  # 60分 in 56—70分
    told = find_figures(around)
    row = [t for t in find_figures(first.text.split("\n")[-1]) if t.kind != "bare"]  # a cell's bare number is a value
    for figure in find_figures(question):
        if figure.kind not in ("ordinal", "duration", "bare", "count") or figure.raw in around or figure.raw.endswith(("万", "亿")):
            continue
        if of_the_case and figure.kind != "ordinal":
            continue
        if any(t.unit == figure.unit and t.value == figure.value for t in told):
            continue  # 第二次, and 第2次 stands there
        behind = question[figure.end : figure.end + 1]
        if figure.kind == "bare" and _NO_SERIES.match(question, figure.end):
            continue
        series = figure.kind in ("ordinal", "bare") or behind in ("期", "持", "定", "款")
        if series and any(t.unit == figure.unit and t.kind == figure.kind and t.value != figure.value for t in (*titles, *row)):
            return True
    return False
