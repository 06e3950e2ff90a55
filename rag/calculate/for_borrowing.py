"""Recipes for borrowing otherwise than by a schedule: how much a payment affords, the true rate of payments, interest at once."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.calculate import loans
from rag.calculate.for_loans import ASK_RATE, stated_rate, yearly
from rag.calculate.result import number, percent, yuan
from rag.calculate.sheet import Sheet, Worked


def affordable(sheet: Sheet) -> Worked:
    """What can be lent for a payment: A·[1 − (1+r)^−n] / r; A·n where r is 0."""
    figures = sheet.figures
    payment = sheet.take("月供", figures.of("money", r"月|还|供"), figures.of("money"), ask="请问每月最多还多少？")
    months = int(sheet.take("贷款期限", figures.term(), figures.of("periods"), ask="请问贷款期限是多少年？"))
    rate = yearly(sheet.take("年利率", stated_rate(sheet), ask=ASK_RATE), stated_rate(sheet))
    if sheet.has("等额本金"):
        return None
    lent = loans.affordable(payment, rate / 12, months)
    sheet.note("按等额本息计算；实际额度由贷款人审批。")
    return sheet.done(f"约可贷{yuan(lent)}。", f"{number(payment)}×[1－(1＋r)^－{months}]÷r＝{yuan(lent)}，r＝{percent(rate)}÷12")


def true_rate(sheet: Sheet) -> Worked:
    """The internal rate of return of equal payments, stated a month: 12·IRR, and (1+IRR)^12 − 1."""
    figures = sheet.figures
    money = figures.many("money")
    each = next((m for m in money if re.search(r"每个?月|每期|月供|一个月|一期", m.before[-8:])), None)
    lent = next((m for m in money if m is not each), None)
    principal = sheet.take("借款本金", lent, ask="请问借了多少？")
    payment = sheet.take("每期还款", each, ask="请问每期还多少？")
    periods = int(sheet.take("期数", figures.of("periods"), figures.term(), ask="请问分多少期还？"))
    monthly = loans.irr([principal, *[-payment] * periods])
    return sheet.done(f"真实年化利率约{percent(monthly * 12, 2)}（单利，IRR×12），按复利约{percent((1 + monthly) ** 12 - 1, 2)}。",
                      f"{number(principal)}＝Σ{number(payment)}÷(1＋IRR)^t，t＝1…{periods}；IRR＝{percent(monthly, 4)}")


def interest_at_once(sheet: Sheet) -> Worked:
    """一次还本付息: P·i·t, by the rate as it is stated (a month, a day or a year)."""
    figures = sheet.figures
    principal = sheet.take("借款本金", figures.of("money"), ask="请问借了多少？")
    length = figures.of("days") or figures.term()
    time = sheet.take("借款时间", length, ask="请问借多长时间？")
    stated = stated_rate(sheet)
    rate = sheet.take("利率", stated, ask="请问利率是多少？")
    by = "月" if re.search(r"月", stated.before[-4:]) else "日" if re.search(r"日|天", stated.before[-4:]) else "年"
    if length.kind == "days":
        factor, shown = {"年": time / 360, "月": time / 30, "日": time}[by], {"年": f"{time}÷360", "月": f"{time}÷30", "日": f"{time}"}[by]
    elif by == "日":
        return None
    else:
        factor, shown = (time, number(time)) if by == "月" else (time / 12, f"{number(time)}÷12")
    interest = principal * rate * Decimal(factor)
    return sheet.done(f"利息{yuan(interest)}，到期一共还{yuan(principal + interest)}。",
                      f"{number(principal)}×{percent(rate)}（{by}利率）×{shown}＝{yuan(interest)}")
