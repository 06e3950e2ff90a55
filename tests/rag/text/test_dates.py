"""Dates in Chinese texts. Run: pytest tests/rag/text/test_dates.py"""

import pytest

from rag.text.dates import day_before, find_dates, first_day, years_after


@pytest.mark.parametrize(("text", "first", "last"), [
    ("自2020年3月1日起施行", "2020-03-01", "2020-03-01"),
    ("2025 年12 月30 日", "2025-12-30", "2025-12-30"),
    ("二〇二四年十二月三十一日", "2024-12-31", "2024-12-31"),
    ("一九九八年十月十日", "1998-10-10", "1998-10-10"),
    ("2024-02-29 实施", "2024-02-29", "2024-02-29"),
    ("2024/3/5", "2024-03-05", "2024-03-05"),
    ("2025年8月买的", "2025-08-01", "2025-08-31"),
    ("二○二五年九月", "2025-09-01", "2025-09-30"),
    ("2026-02", "2026-02-01", "2026-02-28"),
    ("2024版条款", "2024-01-01", "2024-12-31"),
    ("2026年一季度", "2026-01-01", "2026-12-31"),
])
def test_days_months_and_years_are_found(text, first, last):
    [span] = find_dates(text)
    assert (span.first.isoformat(), span.last.isoformat()) == (first, last)


@pytest.mark.parametrize("text", ["编号20240101", "400-000-1612", "目标日期2045", "JR/T 0331.5—2025", "第2024号", "3050年"])
def test_numbers_that_are_no_dates_are_passed_over(text):
    assert find_dates(text) == []


def test_an_impossible_day_leaves_the_year_only():
    assert first_day("2023年2月30日") == ""
    assert [span.year for span in find_dates("2023年2月30日")] == [2023]


def test_days_are_counted_over_month_and_leap_years():
    assert day_before("2025-01-01") == "2024-12-31"
    assert years_after("2024-02-29", 1) == "2025-02-28"
    assert years_after("2022-03-01", 5) == "2027-02-28"
