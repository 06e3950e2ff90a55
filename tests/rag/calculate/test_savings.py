from __future__ import annotations

from decimal import Decimal as D

import numpy_financial as npf
import pytest

from rag.calculate import savings


def test_interest_of_a_fixed_deposit_is_simple():
    assert savings.simple_interest(D(100000), D("0.0145"), D(3)) == D("4350")
    assert savings.interest_by_days(D(200000), D("0.0215"), 182, 365).quantize(D("0.01")) == D("2144.11")
    with pytest.raises(ValueError, match="basis"):
        savings.interest_by_days(D(1), D(1), 1, 100)


def test_compounding_equals_numpys_future_value():
    assert float(savings.compound_value(D(1000), D("0.03"), 10)) == pytest.approx(-npf.fv(0.03, 10, 0, 1000))


def test_instalment_deposits_earn_from_their_own_month():
    slow = sum(D(1000) * D("0.012") / 12 * (24 - month) for month in range(24))
    assert savings.instalment_deposit_interest(D(1000), D("0.012"), 24) == slow


@pytest.mark.parametrize(("amount", "rate"), [("100000", "0.008"), ("1", "0.015"), ("50000", "0")])
def test_the_net_subscription_with_its_fee_is_the_amount(amount, rate):
    net, fee, shares = savings.subscription(D(amount), D(rate), D("1.25"))
    assert net + fee == D(amount)
    assert abs(net * D(rate) - fee) < D("1e-20")
    assert abs(shares * D("1.25") - net) < D("1e-20")


def test_a_subscription_and_redemption_as_a_fund_shows_them():
    net, fee, shares = savings.subscription(D(100000), D("0.008"), D("1.25"))
    assert (round(net, 2), round(fee, 2), round(shares, 2)) == (D("99206.35"), D("793.65"), D("79365.08"))
    assert savings.redemption(D(10000), D("1.2"), D("0.005")) == (D("11940"), D("60"))


def test_holding_returns_and_their_annual_rate():
    assert savings.holding_return(D("1.00"), D("1.03"), D("0.02")) == D("0.05")
    assert savings.annualised(D("0.01"), 73) == D("0.05")
    with pytest.raises(ValueError, match="days"):
        savings.annualised(D("0.01"), 0)


def test_ten_thousand_shares_and_the_seven_day_rate():
    assert savings.income_of_ten_thousand(D(80000), D("0.35")) == D("2.8")
    slow = (1 + 0.35 / 10000) ** 365 - 1
    assert float(savings.seven_day_rate([D("0.35")] * 7)) == pytest.approx(slow, rel=1e-12)
    assert float(savings.ten_thousand_from_rate(D("0.0146"))) == pytest.approx(0.4)
    with pytest.raises(ValueError, match="seven"):
        savings.seven_day_rate([D(1)])


def test_the_rate_of_a_policy_is_numpys_irr():
    flows = [-10000.0] * 5 + [0.0] * 5 + [62000.0]
    rate = savings.policy_rate([D(10000)] * 5, 10, D(62000))
    assert float(rate) == pytest.approx(npf.irr(flows), abs=1e-9)
    assert abs(savings.policy_rate([D(100)], 3, D(100))) < D("1e-20")
    with pytest.raises(ValueError, match="before"):
        savings.policy_rate([D(100)] * 3, 2, D(100))


@pytest.mark.parametrize(("payment", "rate", "periods"), [("1000", "0.005", 240), ("10000", "0.025", 10), ("1", "0.1", 1)])
def test_what_is_paid_in_regularly_grows_as_numpys_future_value(payment, rate, periods):
    for late, when in ((False, "begin"), (True, "end")):
        expected = -npf.fv(float(rate), periods, float(payment), 0, when)
        assert float(savings.annuity_value(D(payment), D(rate), periods, late)) == pytest.approx(expected, rel=1e-10)


def test_the_years_to_double_are_numpys_nper():
    assert float(savings.years_to(D(2), D("0.035"))) == pytest.approx(npf.nper(0.035, 0, -1, 2))
    with pytest.raises(ValueError, match="grow"):
        savings.years_to(D(2), D(0))
