"""What is quoted may not hold at the time that was asked about: the answer says so."""

from __future__ import annotations

import re
from dataclasses import replace

from rag.answer.compose import Found, Words, first_cited
from rag.index.search import Searcher

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*年")


def dated(words: Words, found: Found, searcher: Searcher) -> Words:
    """The words of an answer with a warning where the document they quote began to hold only after the time that was asked
    about, and does not itself speak of earlier years, or where it is asked as of today and holds no longer."""
    first = first_cited(found.hits, words.citations)
    if first is None or words.refused:
        return words
    if lapsed := searcher.lapsed(first, found.asked):
        return _warned(words, f"所引文件{lapsed}，资料里没有现在有效的规定。", f"所引文件{lapsed}")
    day = searcher.begins_after(first, found.asked)
    if day and not any(int(year) < day.year for year in _YEAR.findall(words.citations[0].text)):
        return _warned(words, f"所引文件自{day.isoformat()}起施行，资料里没有您问的那个时间的规定。",
                       f"所引文件晚于所问的时间（{day.isoformat()}）")
    return words


def _warned(words: Words, warning: str, note: str) -> Words:
    return replace(words, text=f"{words.text}\n请注意：{warning}", notes=(*words.notes, note))
