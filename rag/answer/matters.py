"""Which matter a question is about by its plain words (信用卡, 房贷, 公积金), and whether words with their title are of another."""

from __future__ import annotations

import re

from rag.answer.yes_no import asks as asks_yes_no

# (what asks about it, what speaks of it)
_MATTERS = tuple((re.compile(asked), re.compile(told)) for asked, told in (
    (r"信用卡|贷记卡", r"信用卡|贷记卡|持卡人"), (r"房贷|按揭|住房贷款|买房的?贷款", r"住房|房贷|按揭|购房|房屋"),
    (r"定期存款|大额存单|定存|存单", r"存款|存单|存期"), (r"理财", r"理财"), (r"(?<!公积)(?<!保障)基金", r"基金"), (r"公积金", r"公积金")))
_TITLED = re.compile(r"信用卡|贷|存款|存单|理财|基金|保险|社保|公积金|证券|期货")


def of_another_matter(question: str, title: str, words: str) -> bool:
    """Whether words (title, headings and text) never speak of what is asked about, and their title is of another matter.

    Whether something may be done with a thing (能刷信用卡吗) is asked of other papers as well: then never.
    """
    if asks_yes_no(question) or not _TITLED.search(title):
        return False
    asked = [told for name, told in _MATTERS if name.search(question)]
    return bool(asked) and not any(told.search(words) for told in asked)
