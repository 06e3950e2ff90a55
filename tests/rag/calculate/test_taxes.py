from __future__ import annotations

from decimal import Decimal as D

import pytest

from rag.calculate import shares, taxes


def slow_tax(income: D, table: taxes.Table) -> D:
    """Each slice of the income at its own rate: the definition, without quick deductions."""
    below, tax = D(0), D(0)
    for bracket in table.brackets:
        top = income if bracket.top is None else min(income, bracket.top)
        tax += max(D(0), top - below) * bracket.rate
        below = bracket.top or income
    return tax


@pytest.mark.parametrize("table", [taxes.YEARLY, taxes.MONTHLY, taxes.BUSINESS])
def test_quick_deductions_agree_with_taxing_every_slice(table):
    for income in [*range(0, 1_200_000, 1357), *(int(b.top) for b in table.brackets if b.top)]:
        assert taxes.tax_on(D(income), table) == slow_tax(D(income), table), income


def test_tax_of_a_year_after_deductions():
    assert taxes.tax_on(D(100000)) == 7480
    assert taxes.yearly_tax(D(240000), D(40000), D(24000)) == taxes.tax_on(D(116000))
    assert taxes.yearly_tax(D(50000)) == 0


def test_monthly_withholding_adds_up_to_the_tax_of_the_year():
    months = [(D(20000), D(3000), D(2000))] * 12
    monthly = taxes.withheld(months)
    assert monthly[0] == 300
    assert sum(monthly) == taxes.yearly_tax(D(240000), D(36000), D(24000))
    assert monthly == sorted(monthly)
    assert taxes.withheld([(D(30000), D(0), D(0)), (D(0), D(0), D(0))])[1] == 0


def test_a_bonus_taxed_by_itself_jumps_after_each_threshold():
    assert taxes.bonus_tax(D(36000)) == 1080
    assert taxes.bonus_tax(D(36001)) == D("3390.1")
    assert taxes.bonus_tax(D(0)) == 0


def test_contributions_keep_to_floor_and_cap():
    assert [taxes.base_within(D(wage), D(4500), D(22500)) for wage in (20000, 3000, 90000)] == [20000, 4500, 22500]
    assert taxes.base_within(D(3000), None, None) == 3000
    with pytest.raises(ValueError, match="floor"):
        taxes.base_within(D(1), D(3), D(2))


def test_the_sum_a_ratio_gives():
    assert shares.part(D(300000), D("0.01")) == 3000
    assert shares.part(D(100), D("0.05"), D(10), D(500)) == 10
    assert shares.part(D(100000), D("0.05"), D(10), D(500)) == 500
    assert shares.reimbursed(D(50000), D(10000), D("0.6")) == 24000
    assert shares.reimbursed(D(5000), D(10000), D("0.6")) == 0
    assert shares.reimbursed(D(50000), D(10000), D("0.6"), D(20000)) == 20000
    assert shares.penalty_interest(D(5000), D("0.072"), D("0.5"), 20) == 30
    assert shares.collateral_ratio(D(100000), D(500000), D(300000)) == 2
    assert shares.by_unit(D(500000), D(100000), D(987)) == 4935
