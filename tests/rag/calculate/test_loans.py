from __future__ import annotations

import random
from decimal import Decimal as D

import numpy_financial as npf
import pytest

from rag.calculate import loans

CASES = [(D(300000), D("0.0305"), 240), (D(100000), D("0.026"), 360), (D(5000), D("0.24"), 6), (D(1), D("0.001"), 1)]


@pytest.mark.parametrize(("principal", "annual", "months"), CASES)
def test_the_annuity_payment_is_numpy_financials(principal, annual, months):
    rate = annual / 12
    assert float(loans.annuity_payment(principal, rate, months)) == pytest.approx(
        -npf.pmt(float(rate), months, float(principal)), rel=1e-10)
    interest = -npf.ipmt(float(rate), range(1, months + 1), months, float(principal))
    assert float(loans.annuity_interest(principal, rate, months)) == pytest.approx(interest.sum(), rel=1e-8, abs=1e-9)
    for row, expected in zip(loans.annuity_schedule(principal, rate, months), interest, strict=True):
        assert float(row.interest) == pytest.approx(expected, rel=1e-8, abs=1e-9)


@pytest.mark.parametrize(("principal", "annual", "months"), CASES)
def test_equal_principal_adds_up_month_by_month(principal, annual, months):
    left, total, rate = principal, D(0), annual / 12
    for number in range(1, months + 1):
        interest = left * rate
        assert abs(loans.linear_payment(principal, rate, months, number) - (principal / months + interest)) < D("1e-15")
        left, total = left - principal / months, total + interest
    assert abs(loans.linear_interest(principal, rate, months) - total) < D("1e-15")


def test_schedules_end_at_nothing_and_repay_the_principal():
    draw = random.Random(7)
    for _ in range(30):
        principal, rate, months = D(draw.randint(1000, 10**7)), D(draw.randint(0, 300)) / 12000, draw.randint(1, 240)
        for schedule in (loans.annuity_schedule(principal, rate, months), loans.linear_schedule(principal, rate, months)):
            assert abs(schedule[-1].left) < D("1e-10") * principal
            assert abs(sum(row.principal for row in schedule) - principal) < D("1e-10") * principal
            assert all(row.payment == row.principal + row.interest or
                       abs(row.payment - row.principal - row.interest) < D("1e-15") for row in schedule)
        assert loans.linear_interest(principal, rate, months) <= loans.annuity_interest(principal, rate, months) + D("1e-9")


def test_the_balance_is_that_of_the_schedule():
    rows = loans.annuity_schedule(D(300000), D("0.003"), 240)
    assert abs(loans.balance_after(D(300000), D("0.003"), 240, 100) - rows[99].left) < D("1e-12")
    assert loans.balance_after(D(1200), D(0), 12, 3) == 900


def test_prepaying_everything_spares_all_interest_that_is_still_due():
    rows = loans.annuity_schedule(D(300000), D("0.003"), 240)
    left = loans.balance_after(D(300000), D("0.003"), 240, 100)
    spared = loans.prepayment_saving(D(300000), D("0.003"), 240, 100, left)
    assert abs(spared - sum(row.interest for row in rows[100:])) < D("1e-10")
    half = loans.prepayment_saving(D(300000), D("0.003"), 240, 100, left / 2)
    assert abs(half * 2 - spared) < D("1e-10")
    with pytest.raises(ValueError, match="prepay"):
        loans.prepayment_saving(D(300000), D("0.003"), 240, 240, D(1))


@pytest.mark.parametrize(("fee", "periods"), [("0.006", 12), ("0.0058", 24), ("0.0070", 3), ("0.0044", 60)])
def test_the_true_rate_of_instalments_is_the_internal_rate_of_return(fee, periods):
    each = 1 / periods + float(fee)
    monthly = npf.irr([1.0] + [-each] * periods)
    nominal, effective = loans.instalment_annual_rate(D(fee), periods)
    assert float(nominal) == pytest.approx(monthly * 12, abs=1e-9)
    assert float(effective) == pytest.approx((1 + monthly) ** 12 - 1, abs=1e-9)


def test_instalments_without_a_fee_cost_nothing():
    nominal, effective = loans.instalment_annual_rate(D(0), 12)
    assert abs(nominal) < D("1e-20")
    assert abs(effective) < D("1e-20")
    assert loans.instalment_payment(D(12000), D("0.0058"), 12) == D("1069.60")
    assert loans.instalment_fee(D(12000), D("0.0058"), 12) == D("835.20")


def test_flows_of_one_sign_have_no_rate_of_return():
    with pytest.raises(ValueError, match="internal rate"):
        loans.irr([D(1), D(2)])


@pytest.mark.parametrize("wrong", [(D(-1), D("0.1"), 1), (D(1), D("-0.1"), 1), (D(1), D("0.1"), 0)])
def test_impossible_loans_are_refused(wrong):
    with pytest.raises(ValueError, match="period"):
        loans.annuity_payment(*wrong)


@pytest.mark.parametrize(("principal", "annual", "months"), CASES)
def test_both_schedules_are_numpy_financials(principal, annual, months):
    rate, number = float(annual) / 12, range(1, months + 1)
    principals = -npf.ppmt(rate, number, months, float(principal))
    left = float(principal)
    for row, repaid in zip(loans.annuity_schedule(principal, annual / 12, months), principals, strict=True):
        left -= repaid
        assert float(row.principal) == pytest.approx(repaid, rel=1e-8, abs=1e-9)
        assert float(row.left) == pytest.approx(left, rel=1e-8, abs=1e-6)
    payments = [float(row.payment) for row in loans.linear_schedule(principal, annual / 12, months)]
    assert npf.npv(rate, [0.0, *payments]) == pytest.approx(float(principal), rel=1e-9)  # worth what was lent
    assert payments[0] == pytest.approx(float(principal) / months + float(principal) * rate)
    assert payments[-1] == pytest.approx(float(principal) / months * (1 + rate))


@pytest.mark.parametrize(("principal", "annual", "months"), CASES)
def test_the_balance_and_what_a_payment_affords_are_numpy_financials(principal, annual, months):
    rate, paid = float(annual) / 12, months // 3
    payment = npf.pmt(rate, months, float(principal))
    assert float(loans.balance_after(principal, annual / 12, months, paid)) == pytest.approx(
        -npf.fv(rate, paid, payment, float(principal)), rel=1e-9)
    assert float(loans.affordable(D(str(-payment)), annual / 12, months)) == pytest.approx(float(principal), rel=1e-9)


def test_what_prepaying_spares_is_numpy_financials():
    principal, rate, months, paid, prepaid = 500000.0, 0.0385 / 12, 120, 48, 100000.0
    payment = npf.pmt(rate, months, principal)
    left = -npf.fv(rate, paid, payment, principal)
    rest = range(1, months - paid + 1)
    spared = -npf.ipmt(rate, rest, months - paid, left).sum() + npf.ipmt(rate, rest, months - paid, left - prepaid).sum()
    ours = loans.prepayment_saving(D(500000), D("0.0385") / 12, 120, 48, D(100000))
    assert float(ours) == pytest.approx(spared, rel=1e-9)
