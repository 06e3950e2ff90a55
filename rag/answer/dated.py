"""What is quoted may not hold at the time that was asked about: the answer says so."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from rag.answer.compose import Found, Words, first_cited
from rag.answer.injection import without_instructions
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
        told = lapsed
        if ends := _DAY.search(lapsed):
            words, number = _with_the_day(words, date.fromisoformat(ends[0]), first, searcher)
            told = f"{lapsed}{number}" if number else "已到期"
        return _warned(words, f"所引文件{told}，资料里没有现在有效的规定。", f"所引文件{lapsed}")
    day = searcher.begins_after(first, found.asked)
    if day and not any(int(year) < day.year for year in _YEAR.findall(words.citations[0].text)):
        words, number = _with_the_day(words, day, first, searcher)
        return _warned(words, f"所引文件自{day.isoformat()}起施行{number}，资料里没有您问的那个时间的规定。",
                       f"所引文件晚于所问的时间（{day.isoformat()}）")
    return words


def _with_the_day(words: Words, day: date, first: Hit, searcher: Searcher) -> tuple[Words, str]:
    """The words with a citation of the document's line that states a day, and the number of that citation in brackets; ""
    where none of its lines states it."""
    cited = next((one for one in words.citations if _line_of(one.text, day)), None)
    if cited is None:
        said = ((piece, _line_of(without_instructions(piece.text), day)) for piece in searcher.pieces_beside(first))
        piece, line = next(((piece, line) for piece, line in said if line), (None, ""))
        if piece is None:
            return words, ""
        cited = replace(words.citations[0], number=len(words.citations) + 1, text=line, page=piece.page, headings=piece.headings)
        words = replace(words, citations=(*words.citations, cited))
    return words, f"[{cited.number}]"


def _line_of(text: str, day: date) -> str:
    """The line of a text that states a day; "" where none does."""
    return next((line.strip() for line in text.split("\n") if any(span.first == span.last == day for span in find_dates(line))), "")


def _warned(words: Words, warning: str, note: str) -> Words:
    return replace(words, text=f"{words.text}\n请注意：{warning}", notes=(*words.notes, note))
