"""Intervals, tests and calibration against values worked by hand or known from the literature."""

from __future__ import annotations

import pytest

from rag.evaluate.calibration import calibrate, risk_coverage
from rag.evaluate.statistics import mcnemar, wilson


def test_wilson_interval_of_shares_known_from_the_literature():
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe 1998, Stat. Med. 17
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert wilson(20, 20) == pytest.approx((0.8389, 1.0), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


def test_mcnemar_is_the_two_sided_binomial():
    assert mcnemar(0, 0) == mcnemar(3, 3) == 1.0
    assert mcnemar(5, 0) == mcnemar(0, 5) == pytest.approx(2 / 32)
    assert mcnemar(9, 1) == pytest.approx(2 * (1 + 10) / 1024)


def test_reliability_by_hand():
    found = calibrate([(0.95, True), (0.95, True), (0.95, False), (0.95, True), (0.05, False), (0.05, False)])
    assert [(b.count, b.true) for b in found.bins] == [(2, 0.0), (4, 0.75)]
    assert found.error == pytest.approx((2 * 0.05 + 4 * 0.2) / 6)
    assert found.brier == pytest.approx((3 * 0.0025 + 0.9025 + 2 * 0.0025) / 6)
    assert calibrate([(1.0, True)]).bins[0].said == 1.0
    assert calibrate([]) is None


def test_risk_rises_with_coverage_where_the_probability_is_worth_something():
    said = [(0.9, True), (0.8, True), (0.7, False), (0.7, True), (0.6, False)]
    assert risk_coverage(said, 10) == [(0.1, 0.0), (0.2, 0.0), (0.4, 0.25), (0.5, pytest.approx(0.4))]
    assert risk_coverage([], 10) == []
