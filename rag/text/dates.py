"""Dates as Chinese documents and questions write them: 2026年1月15日, 2026-01-15, 二〇二六年一月, 2026版."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from rag.text.chinese_numbers import chinese_number

_DIGIT = "[零〇○一二三四五六七八九]"
_SMALL = "[一二三四五六七八九十]{1,3}"
_YEAR = rf"(?P<y>(?<!\d)(?:19|20)\d\d|[一二]{_DIGIT}{{3}})"
_DAY = re.compile(
    rf"{_YEAR}\s*(?:年|[-./])\s*(?P<m>\d{{1,2}}|{_SMALL})\s*(?:月|[-./])\s*(?P<d>\d{{1,2}}|{_SMALL})(?!\d)\s*日?")
_MONTH = re.compile(rf"{_YEAR}\s*(?:年\s*(?P<m>\d{{1,2}}|{_SMALL})\s*月|-(?P<n>\d{{1,2}})(?![\d-]))")
_YEARS = re.compile(rf"{_YEAR}\s*(?=年|版)")
ANY_DAY = re.sub(r"\?P<\w>", "?:", _DAY.pattern)  # to be put into other patterns: no groups


@dataclass(frozen=True)
class Span:
    """The days from `first` to `last`, both of them in it: one day, a month or a year."""

    first: date
    last: date

    @property
    def year(self) -> int:
        return self.first.year

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def find_dates(text: str) -> list[Span]:
    """Every day, month and year named in the text, in order; what is no date (2月30日) is passed over."""
    found: list[tuple[int, Span]] = []
    taken: list[tuple[int, int]] = []
    for pattern in (_DAY, _MONTH, _YEARS):
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            parts = match.groupdict()
            span = _span(parts["y"], parts.get("m") or parts.get("n"), parts.get("d"))
            if span:
                taken.append(match.span())
                found.append((match.start(), span))
    return [span for _, span in sorted(found, key=lambda one: one[0])]


def first_day(text: str) -> str:
    """The first whole date of the text as ISO, or an empty string."""
    for match in _DAY.finditer(text):
        if span := _span(match["y"], match["m"], match["d"]):
            return span.first.isoformat()
    return ""


def day_before(day: str) -> str:
    """The ISO date before this ISO date."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def years_after(day: str, years: int) -> str:
    """The ISO date of the last day of so many years that begin on this ISO date."""
    first = date.fromisoformat(day)
    if first.month == 2 and first.day == 29:
        first = date(first.year, 3, 1)
    return day_before(first.replace(year=first.year + years).isoformat())


def _span(year: str, month: str | None, day: str | None) -> Span | None:
    y, m, d = (_number(part) for part in (year, month, day))
    try:
        if month is None:
            return Span(date(y, 1, 1), date(y, 12, 31))
        if day is None:
            return Span(date(y, m, 1), date(y, m, calendar.monthrange(y, m)[1]))
        return Span(date(y, m, d), date(y, m, d))
    except (ValueError, calendar.IllegalMonthError):
        return None


def _number(text: str | None) -> int:
    value = chinese_number(text) if text else None
    return int(value) if value is not None else 0
