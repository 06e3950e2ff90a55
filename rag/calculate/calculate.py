"""The door of this room: a question and the evidence found for it in, a worked sum, a question back, or nothing out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.calculate import for_formulas, for_income, for_loans, for_savings, for_shares, for_tables
from rag.calculate.asked import asked
from rag.calculate.result import Calculation, Missing
from rag.calculate.sheet import Needed, Sheet, Worked

_RECIPES: dict[str, Callable[[Sheet], Worked]] = {
    "loan": for_loans.loan, "prepay_saving": for_loans.prepay_saving, "instalment": for_loans.instalment,
    "deposit": for_savings.deposit, "ten_thousand": for_savings.ten_thousand,
    "subscription": for_savings.subscription, "redemption": for_savings.redemption,
    "compound": for_savings.compound, "yield": for_savings.assumed_yield, "balance": for_loans.balance, "trade": for_shares.trade,
    "holding": for_savings.holding, "policy_rate": for_savings.policy_rate,
    "tax_on": for_income.tax_on, "bonus": for_income.bonus, "year_tax": for_income.year_tax, "wages_tax": for_income.wages_tax,
    "net_wage": for_income.net_wage, "contributions": for_income.contributions,
    "part": for_shares.part, "penalty_interest": for_shares.penalty_interest,
    "days_interest": for_shares.days_interest, "reimburse": for_shares.reimburse,
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
        return needed.missing
    except (ValueError, ArithmeticError):  # impossible figures (a period of 0, no rate of return): no sum
        return None
