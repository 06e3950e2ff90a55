"""Income tax of residents (综合所得) and social insurance contributions. Yuan and fractions, Decimal, not rounded.

The brackets are data with the law they stand in; a change of law is a change of data here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Bracket:
    """Income up to `top` (None: no end) is taxed at `rate` on the whole, less `quick` (速算扣除数)."""

    top: Decimal | None
    rate: Decimal
    quick: Decimal


@dataclass(frozen=True)
class Table:
    """Brackets with the law they come from and the date they hold from."""

    brackets: tuple[Bracket, ...]
    law: str
    since: str

    def bracket(self, income: Decimal) -> Bracket:
        return next(b for b in self.brackets if b.top is None or income <= b.top)


def _table(rows: str, law: str, since: str) -> Table:
    brackets = []
    for row in rows.split(";"):
        top, rate, quick = row.split()
        brackets.append(Bracket(None if top == "-" else Decimal(top), Decimal(rate) / 100, Decimal(quick)))
    return Table(tuple(brackets), law, since)


YEARLY = _table(
    "36000 3 0;144000 10 2520;300000 20 16920;420000 25 31920;660000 30 52920;960000 35 85920;- 45 181920",
    "《个人所得税法》（2018年修正）附税率表一", "2019-01-01")
# the same brackets ÷ 12, which 财税〔2018〕164号 names for a bonus taxed by itself
MONTHLY = _table(
    "3000 3 0;12000 10 210;25000 20 1410;35000 25 2660;55000 30 4410;80000 35 7160;- 45 15160",
    "财税〔2018〕164号（延至2027年底：财政部 税务总局公告2023年第30号）按月换算税率表", "2019-01-01")
# also "全年应纳税所得额", so a question about a business must not be given the table above
BUSINESS = _table(
    "30000 5 0;90000 10 1500;300000 20 10500;500000 30 40500;- 35 65500",
    "《个人所得税法》（2018年修正）附税率表二", "2019-01-01")
# 预扣率 of pay for services by those who are not employed, on what is left of it after 20% or 800 yuan
LABOUR = _table("20000 20 0;50000 30 2000;- 40 7000", "国家税务总局公告2018年第61号 预扣率表二", "2019-01-01")
ALLOWANCE = Decimal(60000)  # 基本减除费用 a year
ALLOWANCE_LAW = "《个人所得税法》第六条"
WITHHOLDING_LAW = "税务总局公告2018年第61号"
MONTHLY_ALLOWANCE = Decimal(5000)


def tax_on(income: Decimal, table: Table = YEARLY) -> Decimal:
    """Tax on a taxable income (应纳税所得额): income·rate − quick; 0 where there is none."""
    if income <= 0:
        return ZERO
    bracket = table.bracket(income)
    return income * bracket.rate - bracket.quick


def yearly_tax(income: Decimal, insured: Decimal = ZERO, special: Decimal = ZERO) -> Decimal:
    """综合所得 of a year: tax on income − 60,000 − 三险一金 (`insured`) − 专项附加扣除 and other (`special`)."""
    return tax_on(income - ALLOWANCE - insured - special)


def withheld(months: Sequence[tuple[Decimal, Decimal, Decimal]]) -> list[Decimal]:
    """累计预扣法: tax withheld each month from January on, from (wage, 三险一金, 专项附加扣除) of each month.

    Source: 国家税务总局公告2018年第61号. A month's tax is never negative.
    """
    base = paid = ZERO
    taxes = []
    for wage, insured, special in months:
        base += wage - MONTHLY_ALLOWANCE - insured - special
        due = max(ZERO, tax_on(base) - paid)
        paid += due
        taxes.append(due)
    return taxes


def pay_taxable(pay: Decimal) -> Decimal:
    """预扣预缴应纳税所得额 of one pay for services, writing or a licence: less 800 up to 4,000 yuan, else less 20%.

    Source: 国家税务总局公告2018年第61号.
    """
    return max(ZERO, pay - 800) if pay <= 4000 else pay * Decimal("0.8")


def bonus_tax(bonus: Decimal) -> Decimal:
    """全年一次性奖金 taxed by itself: the rate is found by bonus ÷ 12, tax = bonus·rate − monthly quick."""
    if bonus <= 0:
        return ZERO
    bracket = MONTHLY.bracket(bonus / 12)
    return bonus * bracket.rate - bracket.quick


def base_within(wage: Decimal, floor: Decimal | None, cap: Decimal | None) -> Decimal:
    """缴费基数: the wage, but not under `floor` and not over `cap`."""
    if floor is not None and cap is not None and floor > cap:
        raise ValueError("floor is above cap")
    if floor is not None:
        wage = max(wage, floor)
    return wage if cap is None else min(wage, cap)
