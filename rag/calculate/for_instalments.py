"""Recipes for card instalments: the payment, the fee, and the true rate a year."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.calculate import loans
from rag.calculate.inputs import cell_rate, grams, term_fits
from rag.calculate.result import number, percent, yuan
from rag.calculate.sheet import Sheet, Worked

_COMMON = grams("分期费率每期手续费率信用卡")
_ONCE = re.compile(r"一次性(?:收|扣|付|交|支付)|(?:第一|首)[期个]月?[^,。]{0,6}(?:收|扣)")


def instalment(sheet: Sheet) -> Worked:
    """P/n + P·f each period; the true rate a year is the internal rate of return."""
    figures = sheet.figures
    periods = int(sheet.take("期数", figures.of("periods"), figures.of("months"), ask="请问分多少期？"))
    stated = figures.of("percent")
    if stated and "年" in stated.before:
        return None  # an annual rate is no fee of a period
    found = None if stated else cell_rate(
        sheet.question, sheet.texts, r"每期.{0,3}费率|分期$|^费率|手续费率", [term_fits(periods)], r"年化|总|应还|本金", need=1)
    if found and not (grams(found.label) - _COMMON) & grams(sheet.question):
        found = None  # the sort of instalment is not said, and sorts differ in their fees
    fee = sheet.take("每期费率", stated, found,
                     ask="请问是哪种分期（账单分期、消费分期、现金分期），或者每期费率是多少？")
    if stated and "总" in stated.before and "每期" not in stated.before:
        fee /= periods
    if sheet.target == "rate" and _ONCE.search(sheet.question):
        return _fee_at_once(sheet, fee if "每期" in (stated.before if stated else "每期") else fee * periods, periods)
    if sheet.target == "rate":
        nominal, effective = loans.instalment_annual_rate(fee, periods)
        return sheet.done(f"真实年化利率约{percent(nominal, 2)}（单利，IRR×12），按复利约{percent(effective, 2)}。",
                          f"1＝Σ(1÷{periods}＋{percent(fee)})÷(1＋IRR)^t，t＝1…{periods}；IRR＝{percent(nominal / 12, 4)}")
    principal = sheet.take("分期本金", figures.of("money"), ask="请问分期金额是多少？")
    payment, total = loans.instalment_payment(principal, fee, periods), loans.instalment_fee(principal, fee, periods)
    nominal, _ = loans.instalment_annual_rate(fee, periods)
    sheet.note(f"折算年化利率约{percent(nominal, 2)}（单利）。")
    each = f"{number(principal)}÷{periods}＋{number(principal)}×{percent(fee)}＝{yuan(payment)}"
    if sheet.target == "fee":
        return sheet.done(f"分{periods}期，利息（手续费）合计{yuan(total)}，每期应还{yuan(payment)}。",
                          f"{number(principal)}×{percent(fee)}×{periods}＝{yuan(total)}")
    if sheet.target == "total":
        return sheet.done(f"分{periods}期一共还{yuan(principal + total)}，每期应还{yuan(payment)}。",
                          f"{number(principal)}＋{number(principal)}×{percent(fee)}×{periods}＝{yuan(principal + total)}")
    return sheet.done(f"每期应还{yuan(payment)}，利息（手续费）合计{yuan(total)}。", each)


def _fee_at_once(sheet: Sheet, fee: Decimal, periods: int) -> Worked:
    """All fees with the first payment: 1 = (1/n + F)/(1+i) + Σ (1/n)/(1+i)^t."""
    each = Decimal(1) / periods
    monthly = loans.irr([Decimal(1), -each - fee, *[-each] * (periods - 1)])
    sheet.note("按手续费随第一期一次付清计算。")
    return sheet.done(f"真实年化利率约{percent(monthly * 12, 2)}（单利，IRR×12），按复利约{percent((1 + monthly) ** 12 - 1, 2)}。",
                      f"1＝(1÷{periods}＋{percent(fee)})÷(1＋IRR)＋Σ(1÷{periods})÷(1＋IRR)^t，t＝2…{periods}；IRR＝{percent(monthly, 4)}")
