"""Recipe for a repayment schedule that a customer can read: the first months, the end of some years, the last month."""

from __future__ import annotations

from rag.calculate import loans
from rag.calculate.for_loans import terms
from rag.calculate.result import number, percent, yuan
from rag.calculate.sheet import Sheet, Worked

FIRST, YEARS, WHOLE = 3, 5, 12  # months shown at the start, year ends shown at most, months up to which all are shown


def schedule(sheet: Sheet) -> Worked:
    """等额本息 unless 等额本金 is asked for; the lines say how many of how many there are."""
    principal, months, rate = terms(sheet)
    linear = sheet.has("等额本金")
    rows = (loans.linear_schedule if linear else loans.annuity_schedule)(principal, rate / 12, months)
    shown = [rows[number - 1] for number in told(months)]
    interest = sum(row.interest for row in rows)
    lines = [f"第{row.number}期：还{yuan(row.payment)}（本金{yuan(row.principal)}，利息{yuan(row.interest)}），剩{yuan(abs(row.left))}"
             for row in shown]
    lines.append(f"（全部{months}期）" if len(shown) == months else f"（共{months}期，这里列出{len(shown)}期）")
    if linear:
        result = f"等额本金{months}期，首月还{yuan(rows[0].payment)}，末月还{yuan(rows[-1].payment)}"
        formula = f"第k期＝{number(principal)}÷{months}＋剩余本金×{percent(rate)}÷12"
    else:
        result = f"等额本息{months}期，每月还{yuan(rows[0].payment)}"
        formula = f"{number(principal)}×r×(1＋r)^{months}÷[(1＋r)^{months}－1]＝{yuan(rows[0].payment)}，r＝{percent(rate)}÷12；每期利息＝剩余本金×r"
    if not linear and not sheet.has("等额本息"):
        sheet.note("按等额本息计算。")
    sheet.warn("以合同的还款计划为准。")
    return sheet.done(f"{result}；利息合计{yuan(interest)}，本息合计{yuan(principal + interest)}。", formula, lines)


def told(months: int) -> list[int]:
    """The months that are shown."""
    if months <= WHOLE:
        return list(range(1, months + 1))
    step = 12 * -(-months // (12 * YEARS))  # whole years, so that no more than YEARS of them are shown
    return sorted({*range(1, FIRST + 1), *range(step, months, step), months})
