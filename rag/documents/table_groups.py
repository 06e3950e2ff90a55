"""Rows of one cell all across that divide a table: which rows each of them speaks for, on one level or on two.

分化型 / 年龄＜55岁 / … / 年龄≥55岁 / … / 髓样癌 / …: the ages are those of 分化型, 髓样癌 stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.documents.blocks import family_of

_TITLE = re.compile(r"(?:表|标准|明细|一览|清单|目录|对照|[费利]率|金额|比例|价值)$|^(?:续?[附图]?表|附件|单位|币种|[（(])")
_BRACKETS = re.compile(r"[（(][^（）()]*[）)]$")


class Groups:
    """Reads a table from its top: `divide` at every dividing row, `filled` at every other; `label` says whose rows these are."""

    def __init__(self, top: str = "", group: str = ""):
        self._top, self._group, self._filled = top, group, False

    @property
    def label(self) -> str:
        return f"{self._top} {self._group}".strip()

    def divide(self, words: str) -> None:
        if self._group and not self._filled:  # one straight under the other
            if not self._top or not alike(words, self._group):
                self._top = self.label
        elif self._group and not alike(words, self._group):
            self._top = ""
        self._group, self._filled = words, False

    def filled(self) -> None:
        self._filled = True


def alike(words: str, others: str) -> bool:
    """男性 and 女性, 年龄＜55岁 and 年龄≥55岁, 一、… and 二、…: of one level."""
    if (family := family_of(words)[0]) and family == family_of(others)[0]:
        return True
    one, other = (_BRACKETS.sub("", text.strip()) for text in (words, others))
    return bool(one and other) and (one[-1] == other[-1] or (len(one) > 2 and one[:2] == other[:2]))


def first_groups(captions: Sequence[str], dividers: Sequence[str], divided_at_once: bool) -> tuple[int, str, str]:
    """(how many of the last captions name the first rows, the upper name, the lower name).

    Captions are the rows of one cell above the header: the last of them may be the first group, and the one before that
    the group above it. `divided_at_once`: the first row below the header is a dividing row.
    """
    if not captions or not dividers:
        return 0, "", ""
    lower = dividers[0] if divided_at_once else captions[-1]
    others = [words for words in dividers if not alike(words, lower)]
    above = captions[-1] if divided_at_once else captions[-2] if len(captions) > 1 else ""
    if others and above and not _TITLE.search(above) and (len(others) < len(dividers) - divided_at_once or alike(above, others[0])):
        return (1, above, "") if divided_at_once else (2, above, lower)
    if divided_at_once:
        return 0, "", ""
    return (1, "", lower) if len(captions) > 1 or (not others and not _TITLE.search(lower)) else (0, "", "")
