"""The sum a stated ratio gives: fees, penalties, reimbursement, margin, and values per unit from a table row."""

from __future__ import annotations

from decimal import Decimal

STAMP, STAMP_LAW = Decimal("0.0005"), "财政部 税务总局公告2023年第39号"  # 证券交易印花税, paid by the seller, since 2023-08-28


def part(amount: Decimal, ratio: Decimal, least: Decimal | None = None, most: Decimal | None = None) -> Decimal:
    """amount·ratio, not under `least` and not over `most` (违约金 "最低10元，最高500元", 佣金 "最低5元")."""
    value = amount * ratio
    if least is not None:
        value = max(value, least)
    return value if most is None else min(value, most)


def reimbursed(cost: Decimal, deductible: Decimal, ratio: Decimal, limit: Decimal | None = None) -> Decimal:
    """赔付: (cost − deductible)·ratio, never negative, at most `limit`."""
    value = max(Decimal(0), cost - deductible) * ratio
    return value if limit is None else min(value, limit)


def penalty_interest(overdue: Decimal, annual_rate: Decimal, surcharge: Decimal, days: int, basis: int = 360) -> Decimal:
    """罚息: overdue principal·rate·(1 + surcharge)·days ÷ basis. Source: 银发〔2003〕251号 (surcharge 30%–50%)."""
    return overdue * annual_rate * (1 + surcharge) * days / basis


def collateral_ratio(cash: Decimal, securities: Decimal, financed: Decimal, sold_short: Decimal = Decimal(0),
                     interest: Decimal = Decimal(0)) -> Decimal:
    """维持担保比例: (cash + securities) ÷ (financed + short sold + interest and fees)."""
    return (cash + securities) / (financed + sold_short + interest)


def by_unit(amount: Decimal, unit: Decimal, value: Decimal) -> Decimal:
    """Premium or surrender value from a row that holds it for each `unit` of amount: amount ÷ unit × value."""
    if unit <= 0:
        raise ValueError("unit must be positive")
    return amount / unit * value
