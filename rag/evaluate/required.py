"""Whether an answer says what a question set requires of it: strings, and figures of the same value in other writing.

Both ways of being wrong are guarded against. 15天 for 15日, 三成 for 30%, 0.5万元 for 5,000 are the same. 五年 is not said
by 十五年, 可以退保 not by 不可以退保, 3个 not by 3个月, 连续3期 not by 连续6期、累计3期.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from rag.evaluate.matching import fold
from rag.text.figures import Figure, find_figures, same
from rag.text.normalise import normalise, tight

NEAR = 16  # characters around a figure in which the words required with it must stand
_NUMERAL = "一二三四五六七八九十百千万亿零〇两"
_DENIES = ("不", "未", "没", "无", "非", "免")
_DENIED = r"(?<!不)"  # 未 may be what is asked for: an account 未指定交易
_AFTER_NUMBER = r"(?!\d|\.\d|%|‰)"
_AFTER_COUNT = r"(?!月|工作日|交易日|自然日|小时|星期|季度|百分点|基点)"


def has_all(must: Sequence[str | Sequence[str]], text: str) -> bool:
    """Whether `text` holds every required string, of a list of alternatives at least one."""
    return all(any(has(item, text) for item in ([wanted] if isinstance(wanted, str) else wanted)) for wanted in must)


def has(item: str, text: str) -> bool:
    """Whether `text` says `item`: the same characters, or the same words beside figures of the same value.

    `50万元` is found in `500,000元`; `5%` is not found in `15%`. A number without a unit takes any but percent.
    """
    return _stands(_tight(item), _tight(text)) or _same_figures(item, text)


def _tight(text: str) -> str:
    return re.sub(r"(?<=\d),(?=\d{3})", "", tight(text))


def _stands(item: str, text: str) -> bool:
    if not item:
        return False
    return re.search(_before(item) + re.escape(item) + _after(item), text) is not None


def _before(item: str) -> str:
    """What may not stand before the item where it is meant."""
    first = item[0]
    if first.isdigit():
        return r"(?<![\d.])"
    if first in _NUMERAL:
        return rf"(?<![{_NUMERAL}\d.])"
    if first.isascii() and first.isalpha():
        return r"(?<![A-Za-z])"
    if first == "不" and len(item) > 1:
        return rf"(?<!{re.escape(item[1])})"  # 能不能 denies nothing
    return "" if first in _DENIES else _DENIED


def _after(item: str) -> str:
    last = item[-1]
    if last.isdigit():
        return _AFTER_NUMBER
    return _AFTER_COUNT if last == "个" else ""


def _same_figures(item: str, text: str) -> bool:
    """Whether figures of the item's values stand in `text` side by side in its order, and its other words near them."""
    wanted = [f for f in find_figures(item) if f.kind != "word"]
    if not wanted:
        return False
    rest = item
    for figure in wanted:
        rest = rest.replace(figure.raw, " ", 1)
    words = [fold(word) for word in rest.split() if fold(word)]
    text = normalise(text)
    there = find_figures(text)
    for start in range(len(there) - len(wanted) + 1):
        run = there[start : start + len(wanted)]
        if all(_equal(one, other) for one, other in zip(wanted, run, strict=True)):
            around = fold(text[max(0, run[0].start - NEAR) : run[-1].end + NEAR])
            if all(word in around for word in words):
                return True
    return False


def _equal(wanted: Figure, found: Figure) -> bool:
    if same(wanted, found):
        return True
    if wanted.kind == "date" and found.kind == "date":  # 3月20日 in 2026年3月20日
        return all(w is None or w == f for w, f in zip(wanted.value, found.value, strict=True))
    if isinstance(found.value, tuple) and found.kind == "range" and isinstance(wanted.value, Decimal):
        return False
    if not isinstance(wanted.value, Decimal) or not isinstance(found.value, Decimal):
        return False
    bare = wanted.unit == "" and found.kind in ("amount", "count", "duration", "age", "bare")
    if not bare and not (wanted.kind == found.kind == "amount" and wanted.unit == found.unit):
        return False
    return wanted.value == found.value or _rounded(wanted, found.value)


def _rounded(wanted: Figure, value: Decimal) -> bool:
    """70,967 is said by 70,967.37; what has fewer than four digits is meant exactly."""
    places = wanted.value.as_tuple()
    return len(places.digits) >= 4 and places.exponent <= 0 and value.quantize(Decimal(1).scaleb(places.exponent)) == wanted.value
