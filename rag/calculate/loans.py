"""Loans and card instalments. Amounts in yuan, rates as fractions (0.036 is 3.6%), all Decimal, not rounded.

Sources: the annuity formula (等额本息, as numpy-financial's pmt), equal principal (等额本金), and the internal rate of
return by which 中国人民银行公告〔2021〕第3号 asks lenders to state the annual rate of a loan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True)
class Instalment:
    """One month of a schedule. `left` is the principal that remains after it."""

    number: int
    payment: Decimal
    principal: Decimal
    interest: Decimal
    left: Decimal


def annuity_payment(principal: Decimal, monthly_rate: Decimal, months: int) -> Decimal:
    """等额本息: A = P·r·(1+r)^n / ((1+r)^n − 1); P/n where r is 0. ValueError where months < 1 or a value is negative."""
    _check(principal, monthly_rate, months)
    if monthly_rate == 0:
        return principal / months
    growth = (ONE + monthly_rate) ** months
    return principal * monthly_rate * growth / (growth - ONE)


def affordable(payment: Decimal, monthly_rate: Decimal, months: int) -> Decimal:
    """等额本息 turned round: P = A·[1 − (1+r)^−n] / r, as numpy-financial's pv; A·n where r is 0."""
    _check(payment, monthly_rate, months)
    if monthly_rate == 0:
        return payment * months
    return payment * (ONE - (ONE + monthly_rate) ** -months) / monthly_rate


def annuity_interest(principal: Decimal, monthly_rate: Decimal, months: int) -> Decimal:
    """等额本息: total interest, n·A − P."""
    return annuity_payment(principal, monthly_rate, months) * months - principal


def annuity_schedule(principal: Decimal, monthly_rate: Decimal, months: int) -> list[Instalment]:
    """等额本息 month by month: interest on what is left, the rest of the payment repays."""
    payment, left, rows = annuity_payment(principal, monthly_rate, months), principal, []
    for number in range(1, months + 1):
        interest = left * monthly_rate
        left -= payment - interest
        rows.append(Instalment(number, payment, payment - interest, interest, left))
    return rows


def linear_payment(principal: Decimal, monthly_rate: Decimal, months: int, number: int = 1) -> Decimal:
    """等额本金: payment of month `number` (from 1), P/n + (P − (k−1)·P/n)·r."""
    _check(principal, monthly_rate, months)
    if not 1 <= number <= months:
        raise ValueError("number must be 1…months")
    share = principal / months
    return share + (principal - share * (number - 1)) * monthly_rate


def linear_interest(principal: Decimal, monthly_rate: Decimal, months: int) -> Decimal:
    """等额本金: total interest, P·r·(n+1)/2."""
    _check(principal, monthly_rate, months)
    return principal * monthly_rate * (months + 1) / 2


def linear_schedule(principal: Decimal, monthly_rate: Decimal, months: int) -> list[Instalment]:
    """等额本金 month by month."""
    share, rows = principal / months, []
    for number in range(1, months + 1):
        payment = linear_payment(principal, monthly_rate, months, number)
        rows.append(Instalment(number, payment, share, payment - share, principal - share * number))
    return rows


def balance_after(principal: Decimal, monthly_rate: Decimal, months: int, paid: int) -> Decimal:
    """等额本息: the principal left after `paid` payments, P·((1+r)^n − (1+r)^k) / ((1+r)^n − 1)."""
    _check(principal, monthly_rate, months)
    if not 0 <= paid <= months:
        raise ValueError("paid must be 0…months")
    if monthly_rate == 0:
        return principal * (months - paid) / months
    growth = ONE + monthly_rate
    return principal * (growth**months - growth**paid) / (growth**months - ONE)


def prepayment_saving(principal: Decimal, monthly_rate: Decimal, months: int, paid: int, prepaid: Decimal) -> Decimal:
    """提前还款, 等额本息: interest spared by repaying `prepaid` right after payment `paid`, the term kept.

    Interest still due without it, less interest due on what is left with it. A fee for it is not taken off.
    """
    left, rest = balance_after(principal, monthly_rate, months, paid), months - paid
    if rest == 0 or not 0 <= prepaid <= left:
        raise ValueError("nothing left to prepay, or more than is left")
    return annuity_interest(left, monthly_rate, rest) - annuity_interest(left - prepaid, monthly_rate, rest)


def instalment_payment(principal: Decimal, fee_rate: Decimal, periods: int) -> Decimal:
    """Card instalment: P/n + P·f each period, f the fee rate of one period on the first principal."""
    _check(principal, fee_rate, periods)
    return principal / periods + principal * fee_rate


def instalment_fee(principal: Decimal, fee_rate: Decimal, periods: int) -> Decimal:
    """Card instalment: all fees, P·f·n."""
    _check(principal, fee_rate, periods)
    return principal * fee_rate * periods


def instalment_annual_rate(fee_rate: Decimal, periods: int) -> tuple[Decimal, Decimal]:
    """True annual rate of a monthly instalment fee: (12·IRR, (1+IRR)^12 − 1)."""
    _check(ONE, fee_rate, periods)
    monthly = irr([ONE, *[-instalment_payment(ONE, fee_rate, periods)] * periods])
    return monthly * 12, (ONE + monthly) ** 12 - ONE


def irr(flows: Sequence[Decimal]) -> Decimal:
    """The rate a period at which the flows' present value is 0, by bisection between −99% and 1000%.

    ValueError where the flows do not change sign there.
    """
    low, high = Decimal("-0.99"), Decimal(10)
    at_low, at_high = present_value(flows, low), present_value(flows, high)
    if at_low == 0:
        return low
    if at_low * at_high > 0:
        raise ValueError("flows have no internal rate of return between -99% and 1000%")
    for _ in range(90):
        middle = (low + high) / 2
        value = present_value(flows, middle)
        if value == 0:
            return middle
        if at_low * value < 0:
            high = middle
        else:
            low, at_low = middle, value
    return (low + high) / 2


def present_value(flows: Sequence[Decimal], rate: Decimal) -> Decimal:
    """Σ CF_t / (1+i)^t, t from 0."""
    value = ZERO
    for flow in reversed(flows):
        value = value / (ONE + rate) + flow
    return value


def _check(principal: Decimal, rate: Decimal, months: int) -> None:
    if principal < 0 or rate < 0 or months < 1:
        raise ValueError("principal and rate must not be negative, and there must be a period")
