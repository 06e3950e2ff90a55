"""The door of this room: a question and the evidence found for it in, a worked sum, a question back, or nothing out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.calculate import (
    for_borrowing,
    for_deposits,
    for_formulas,
    for_funds,
    for_growth,
    for_income,
    for_instalments,
    for_loans,
    for_policies,
    for_prepaying,
    for_ratios,
    for_schedules,
    for_shares,
    for_tables,
    for_trades,
    for_wages,
)
from rag.calculate.asked import asked
from rag.calculate.result import Calculation, Missing
from rag.calculate.sheet import Needed, Sheet, Worked

_RECIPES: dict[str, Callable[[Sheet], Worked]] = {
    "loan": for_loans.loan, "balance": for_loans.balance, "schedule": for_schedules.schedule,
    "prepay_saving": for_prepaying.prepay_saving, "prepay_payment": for_prepaying.prepay_payment,
    "instalment": for_instalments.instalment, "affordable": for_borrowing.affordable, "true_rate": for_borrowing.true_rate,
    "interest_at_once": for_borrowing.interest_at_once,
    "deposit": for_deposits.deposit, "early": for_deposits.early, "coupon": for_deposits.coupon,
    "compound": for_growth.compound, "yield": for_growth.assumed_yield, "held_yield": for_growth.held_yield,
    "doubling": for_growth.doubling,
    "ten_thousand": for_funds.ten_thousand, "subscription": for_funds.subscription, "redemption": for_funds.redemption,
    "holding": for_funds.holding, "policy_rate": for_policies.policy_rate,
    "trade": for_trades.trade, "part": for_shares.part, "penalty_interest": for_shares.penalty_interest,
    "days_interest": for_shares.days_interest, "reimburse": for_shares.reimburse,
    "tax_on": for_income.tax_on, "bonus": for_income.bonus, "year_tax": for_income.year_tax, "wages_tax": for_income.wages_tax,
    "net_wage": for_income.net_wage, "contributions": for_income.contributions, "flexible": for_income.flexible,
    "month_tax": for_wages.month_tax, "wages_and_bonus": for_wages.wages_and_bonus, "pay": for_wages.pay,
    "of_sum": for_ratios.of_sum, "changed": for_ratios.changed, "share": for_ratios.share, "growth": for_ratios.growth,
    "down_payment": for_ratios.down_payment, "currency": for_ratios.currency, "expression": for_ratios.expression,
    "multiple": for_ratios.multiple, "average": for_ratios.average,
    "by_table": for_tables.by_table, "surrender": for_tables.surrender, "formula": for_formulas.formula,
}  # fmt: skip


def calculate(question: str, evidence: Sequence[str]) -> Calculation | Missing | None:
    """The sum a question asks for.

    `evidence` are texts whose first line says where they stand (title and headings) and whose rest is a sentence, or
    a table row under its caption and header in Markdown; an input's `where` is an index into it. Missing where the
    sum is clear and one input is nowhere; None where no sum is asked for, or none that can be worked out for certain.
    """
    sum_asked = asked(question)
    if sum_asked is None:
        return None
    sheet = Sheet(sum_asked.figures, evidence, sum_asked.target)
    try:
        return _RECIPES[sum_asked.kind](sheet)
    except Needed as needed:
        return replace(needed.missing, alone=sum_asked.alone)
    except (ValueError, ArithmeticError):  # impossible figures (a period of 0, no rate of return): no sum
        return None
