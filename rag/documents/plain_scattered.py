"""Text taken from a web page with every inline element on a line of its own, put back into sentences.

Where a page sets its numbers or some words apart (bold, another font), copying it yields `2015`, `年至`, `2019`,
`年年报、` as lines of their own: figures lose their units, and sentences fall apart where they are cut.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rag.documents.lines import ends_sentence, join, starts_item

LEAST, SHARE = 6, 0.02  # so many broken figures, and of so large a share of the lines, make a scattered page
LONG = 15  # characters of an unfinished line that is taken for a part of a sentence
_NUMBER = re.compile(r"[-+±]?\d[\d,.]*[%‰]?|[-—~～.]")
_CLOSES = tuple("、，,。；;：:）)〕】》”’%‰％")
_OPENS = tuple("（(〔【《“‘")
_WANTS_MORE = tuple("、，,和及与或的")  # no sentence ends so
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_TWO = re.compile(r"\d\d")
_LABEL = re.compile(r"[\u3400-\u9fff]{2,6}[：:]")
_BRACKETED = re.compile(r"[（(〔【《][^（）()〔〕【】《》]*[）)〕】》]")
_INSIDE = re.compile(r"[，,、。；;]")


def gather(lines: Sequence[str]) -> list[str]:
    """The lines with broken sentences joined, where there are many; else as they are. Table lines stay."""
    broken = sum(bool(_NUMBER.fullmatch(one)) and following.startswith(_CLOSES + tuple("年月日号万亿元"))
                 for one, following in pairwise(lines))
    if broken < max(LEAST, SHARE * len(lines)):
        return list(lines)
    made: list[str] = []
    last = ""
    for line in lines:
        if made and _goes_on(made[-1], last, line):
            made[-1] = _put(made[-1], last, line)
        else:
            made.append(line)
        last = line
    return made


def _put(left: str, last: str, right: str) -> str:
    split = _TWO.fullmatch(last) and _TWO.fullmatch(right)  # 19 and 64 of 1964年
    if split or left.endswith((*_OPENS, ".")) or right.startswith((*_CLOSES, ".")):
        return left + right
    return join(left, right)


def _goes_on(left: str, last: str, right: str) -> bool:
    """Whether a line goes on with `right`; `last` is the part of it that was added last."""
    if not left or not right or left.lstrip().startswith(("|", "#")) or right.lstrip().startswith(("|", "#")):
        return False
    if right.startswith(_CLOSES) or left.endswith(_OPENS):
        return True
    if ends_sentence(left):
        return False
    if left.endswith(_WANTS_MORE) and _INSIDE.search(left):
        return True  # 第二项、 第四条 of one sentence: no new item
    if _NUMBER.fullmatch(right):
        return bool(_CHINESE.search(left)) or right[0] in "-—~～."
    if _NUMBER.fullmatch(last):
        return bool(_CHINESE.match(right))
    return (len(left) >= LONG and bool(_INSIDE.search(_BRACKETED.sub("", left))) and not starts_item(right)
            and not _LABEL.match(right))
