"""Members of lettered or numbered series that words speak of: 计划二, 方案B, 5类, 甲档, 三级, A款, 一至四级; of the grades of cards,
the foreign currencies, the holidays, the editions by year, the grades of illness and how many children a family has.
Terms (24期) are bands.

Two members of one series have papers, rows and columns that read alike and differ by this one character.
"""

from __future__ import annotations

import re
from collections import defaultdict

from rag.text.chinese_numbers import chinese_number
from rag.text.normalise import normalise

_STEMS = "甲乙丙丁戊"
_NUMBER = r"(?:十[一二三四五六七八九]|[二三四五六七八九]?十|[一二三四五六七八九]|(?<![\d.,A-Za-z])\d{1,2}(?![\d.,]))"
_MEMBER = rf"(?:{_NUMBER}|(?<![A-Za-z])[A-Za-z](?![A-Za-z\d])|[{_STEMS}])"
_BEFORE = re.compile(rf"(?P<series>计划|方案|套餐)(?P<members>{_MEMBER}(?:\s*(?:[、,/和或及]|至|到|[-—~])\s*(?:计划|方案|套餐)?{_MEMBER})*)"
                     r"(?![%\d.]|个|[年天日元万月期份]|[倍成折])")
_BEHIND = re.compile(
    rf"(?<![上下这那每前后本分共有])(?:第)?(?P<members>{_MEMBER}(?:[类级档款]?\s*(?:[、,/和或及]|至|到|[-—~])\s*{_MEMBER})*)"
    r"(?P<series>类(?!型|似|别)|级(?!市|基金|债|管理|分销|承销|账户|科目)|档|(?<=[A-Za-z甲乙丙丁戊])款)")
_GRADE = re.compile(r"(?P<member>(?<![白黑铂])金(?=卡)|白金|黑金|钻石|无限(?=卡)|普(?=卡))(?:卡)?")
_CURRENCY = re.compile(  # 500美元 is a sum, and of 非美元 all others may be meant
    r"(?<![\d万千百亿非])(?<!除)(?P<member>美元|欧元|英镑|日元|港[元币]|澳(?:大利亚)?元|加(?:拿大)?元|瑞士法郎|瑞郎|新(?:加坡|西兰)元)(?!以外|之外|区|指数|债)")
_HOLIDAY = re.compile(r"(?P<member>元旦|春节|清明|五一|劳动节|端午|中秋|国庆|十一(?=[放长假]))")
_ILLNESS = re.compile(r"(?P<member>[轻中重])(?:症(?!监护|病房|医学)|度(?!残疾)|疾(?!险)|大疾病(?!保险|险))")  # 轻度疾病 is a 轻症
_CHILDREN = re.compile(r"(?P<member>[一二两三四五])(?:孩|个(?:小?孩|娃))")
_EDITION = re.compile(r"(?<![\d第共这])(?:20)?(?P<member>[0-3]\d)年?(?:[一-鿿]{0,2}版(?!本)|(?<=2\d)款(?!项))")
_BY_WORDS = (("卡", _GRADE), ("币", _CURRENCY), ("节", _HOLIDAY), ("版", _EDITION), ("症", _ILLNESS), ("孩", _CHILDREN))
_SAME = {"五一": "劳动节", "十一": "国庆", "两": "二"}
_ONE = re.compile(_MEMBER)
_SPAN = re.compile(rf"({_NUMBER})[类级档]?\s*(?:至|到|[-—~])\s*(?:计划|方案|套餐)?({_NUMBER})")
_OPEN = re.compile(r"\s*(?:[（(]不?含[）)])?\s*(?:及|或)?(?:其他)?(?:以[上下内外]|起)")


def members(text: str) -> dict[str, set[str]]:
    """Of each series that a text speaks of the members it names, spans counted out; a series that it names from some member
    on (二级以上) is left out, as any may be meant."""
    text = normalise(text)
    found: dict[str, set[str]] = defaultdict(set)
    open_: set[str] = set()
    for pattern in (_BEFORE, _BEHIND):
        for match in pattern.finditer(text):
            series, words = match["series"], match["members"]
            if _OPEN.match(text, match.end()):
                open_.add(series)
            found[series] |= {_key(one) for one in _ONE.findall(words)}
            for low, high in _SPAN.findall(words):
                found[series] |= {str(n) for n in range(int(_key(low)), int(_key(high)) + 1)}
    for series, pattern in _BY_WORDS:
        for match in pattern.finditer(text):
            if _OPEN.match(text, match.end()):
                open_.add(series)
            found[series].add(match["member"][0] if series == "币" else _SAME.get(match["member"], match["member"]))
    return {series: named for series, named in found.items() if series not in open_}


def of_another_member(asked: str, told: str) -> bool:
    """Whether `told` names members of a series that `asked` names one of, and none that is asked about (计划三 for 计划四)."""
    own = members(asked)
    there = members(told) if own else {}
    return any(series in there and not named & there[series] for series, named in own.items())


def says_member_of(asked: str, told: str) -> bool:
    """Whether `told` names a member of a series that `asked` names."""
    own = members(asked)
    there = members(told) if own else {}
    return any(named & there.get(series, set()) for series, named in own.items())


def one_edition(asked: str) -> str:
    """The edition by year that a question names (25 of 25版, of 2025年版), "" where it names none or several."""
    own = members(asked).get("版", set())
    return next(iter(own)) if len(own) == 1 else ""


def of_the_edition(asked: str, title: str) -> bool:
    """Whether a document's title or edition is of the one edition by year that `asked` names."""
    own = one_edition(asked)
    return bool(own) and bool(own in members(title).get("版", ()) or f"20{own}年度" in normalise(title))


def _key(member: str) -> str:
    number = chinese_number(member)
    return str(int(number)) if number is not None else member.lower()
