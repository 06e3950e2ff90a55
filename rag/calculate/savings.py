"""Deposits, funds, wealth products and insurance seen as savings. Yuan and fractions, Decimal, not rounded.

Sources: 储蓄管理条例 and 人民币存款计结息 (simple interest, day count over 360 or 365 as the document says);
外扣法 of 中国证监会 基金 fees (net amount = amount ÷ (1 + rate)); 货币市场基金信息披露特别规定 (万份收益, 七日年化).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rag.calculate.loans import ONE, ZERO, irr


def simple_interest(principal: Decimal, annual_rate: Decimal, years: Decimal) -> Decimal:
    """定期: P·i·t, t in years (months ÷ 12)."""
    return principal * annual_rate * years


def interest_by_days(principal: Decimal, annual_rate: Decimal, days: int, basis: int = 360) -> Decimal:
    """活期, 罚息, 融资: P·i·d ÷ basis; `basis` is 360 or 365."""
    if basis not in (360, 365, 366) or days < 0:
        raise ValueError("basis must be 360, 365 or 366 and days not negative")
    return principal * annual_rate * days / basis


def compound_value(principal: Decimal, rate: Decimal, periods: int) -> Decimal:
    """P·(1+i)^n, interest added each period (for instance 到期自动转存)."""
    return principal * (ONE + rate) ** periods


def years_to(times: Decimal, rate: Decimal) -> Decimal:
    """Years until a sum has become `times` as much at compound interest: ln k ÷ ln(1+i)."""
    if rate <= 0 or times <= 1:
        raise ValueError("it must grow")
    return times.ln() / (ONE + rate).ln()


def annuity_value(payment: Decimal, rate: Decimal, periods: int, late: bool = False) -> Decimal:
    """What payments at the start of each period (`late`: at its end) have grown to: a·[(1+i)^n − 1]/i·(1+i); a·n where i is 0."""
    if periods < 1:
        raise ValueError("there must be a period")
    if rate == 0:
        return payment * periods
    value = payment * ((ONE + rate) ** periods - ONE) / rate
    return value if late else value * (ONE + rate)


def instalment_deposit_interest(monthly: Decimal, annual_rate: Decimal, months: int) -> Decimal:
    """零存整取: a·(i÷12)·n(n+1)/2, paid in at the start of each month."""
    return monthly * annual_rate / 12 * months * (months + 1) / 2


def subscription(amount: Decimal, rate: Decimal, net_value: Decimal = ONE) -> tuple[Decimal, Decimal, Decimal]:
    """申购, 外扣法: (net amount, fee, shares); net = amount ÷ (1+rate), fee = amount − net, shares = net ÷ net value."""
    if net_value <= 0:
        raise ValueError("net value must be positive")
    net = amount / (ONE + rate)
    return net, amount - net, net / net_value


def redemption(shares: Decimal, net_value: Decimal, rate: Decimal) -> tuple[Decimal, Decimal]:
    """赎回: (paid out, fee); fee = shares·net value·rate."""
    gross = shares * net_value
    return gross - gross * rate, gross * rate


def holding_return(bought: Decimal, sold: Decimal, paid_out: Decimal = ZERO) -> Decimal:
    """持有期收益率: (sold + paid out − bought) ÷ bought."""
    return (sold + paid_out - bought) / bought


def annualised(holding: Decimal, days: int, basis: int = 365) -> Decimal:
    """年化收益率 of a holding return, simple: r·basis ÷ days."""
    if days < 1:
        raise ValueError("days must be positive")
    return holding * basis / days


def income_of_ten_thousand(shares: Decimal, per_ten_thousand: Decimal) -> Decimal:
    """万份收益: income of a day, shares ÷ 10,000 × 万份收益."""
    return shares / 10000 * per_ten_thousand


def seven_day_rate(daily: Sequence[Decimal]) -> Decimal:
    """七日年化 by 万份收益 of seven days, paid out daily (compounded): (Π(1 + R/10000))^(365/7) − 1."""
    if len(daily) != 7:
        raise ValueError("seven days are needed")
    growth = ONE
    for one in daily:
        growth *= ONE + one / 10000
    return (growth.ln() * 365 / 7).exp() - ONE


def ten_thousand_from_rate(seven_day: Decimal) -> Decimal:
    """万份收益 that a 七日年化 stands for, simple: 10000·i ÷ 365."""
    return seven_day * 10000 / 365


def policy_rate(premiums: Sequence[Decimal], surrender_after: int, value: Decimal) -> Decimal:
    """Insurance IRR a year: `premiums` at the start of each policy year, `value` at the end of year `surrender_after`.

    ValueError where it is given back before the last premium is paid or there is no such rate.
    """
    if surrender_after < len(premiums):
        raise ValueError("surrendered before the premiums are paid")
    flows = [-p for p in premiums] + [ZERO] * (surrender_after + 1 - len(premiums))
    flows[surrender_after] += value
    return irr(flows)
