"""What is quoted may not hold at the time that was asked about: the answer says so."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from rag.answer.compose import Found, Words, first_cited
from rag.index.hit import Hit
from rag.index.search import Searcher
from rag.text.dates import find_dates

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*年")


def dated(words: Words, found: Found, searcher: Searcher) -> Words:
    """The words of an answer with a warning where the document they quote began to hold only after the time that was asked
    about, and does not itself speak of earlier years, or where it is asked as of today and holds no longer."""
    first = first_cited(found.hits, words.citations)
    if first is None or words.refused:
        return words
    if lapsed := searcher.lapsed(first, found.asked):
        words, told = _with_the_day(words, lapsed, first, searcher)
        return _warned(words, f"所引文件{told}，资料里没有现在有效的规定。", f"所引文件{lapsed}")
    day = searcher.begins_after(first, found.asked)
    if day and not any(int(year) < day.year for year in _YEAR.findall(words.citations[0].text)):
        return _warned(words, f"所引文件自{day.isoformat()}起施行，资料里没有您问的那个时间的规定。",
                       f"所引文件晚于所问的时间（{day.isoformat()}）")
    return words


def _with_the_day(words: Words, lapsed: str, first: Hit, searcher: Searcher) -> tuple[Words, str]:
    """The words with a citation of the document's line that states the day on which it ends, and what became of it with the
    number of that citation; without the day where none of its lines states it."""
    day = _DAY.search(lapsed)
    if day is None:
        return words, lapsed
    ends = date.fromisoformat(day[0])
    cited = next((one for one in words.citations if _line_of(one.text, ends)), None)
    if cited is None:
        piece = next((one for one in searcher.pieces_beside(first) if _line_of(one.text, ends)), None)
        if piece is None:
            return words, "已到期"
        cited = replace(words.citations[0], number=len(words.citations) + 1, text=_line_of(piece.text, ends), page=piece.page,
                        headings=piece.headings)
        words = replace(words, citations=(*words.citations, cited))
    return words, f"{lapsed}[{cited.number}]"


def _line_of(text: str, day: date) -> str:
    """The line of a text that states a day; "" where none does."""
    return next((line.strip() for line in text.split("\n") if any(span.first == span.last == day for span in find_dates(line))), "")


def _warned(words: Words, warning: str, note: str) -> Words:
    return replace(words, text=f"{words.text}\n请注意：{warning}", notes=(*words.notes, note))
