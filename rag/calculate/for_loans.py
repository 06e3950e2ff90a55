"""Recipes for loans: payments, one month of the schedule, what is left; which inputs are taken, what the result says."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.calculate import loans
from rag.calculate.inputs import cell_rate, matrix_rate, nearest, term_fits
from rag.calculate.result import number, percent, yuan
from rag.calculate.sheet import Sheet, Worked
from rag.calculate.stated import Stated

_RATE = r"利率|年化|年息|利息|lpr"
ASK_RATE = "请问贷款的年利率是多少？"


def terms(sheet: Sheet) -> tuple[Decimal, int, Decimal]:
    """(principal, months, yearly rate) of a loan."""
    figures = sheet.figures
    principal = _principal(sheet)
    months = int(sheet.take("贷款期限", figures.term(), figures.of("periods"), ask="请问贷款期限是多少年？"))
    stated = stated_rate(sheet)
    found = None
    if stated is None:  # two pairs at least: the customer has named the loan, its sort or grade
        found = cell_rate(sheet.question, sheet.texts, r"年利率|贷款利率|执行利率|^利率", [term_fits(months)],
                          r"存|融|罚|收益|区间|折合", need=1, least=2)
        other = matrix_rate(sheet.question, sheet.texts, months, r"贷.*利率|利率.*贷", least=2)
        if found and other and found.value != other.value:
            found = nearest(sheet.question, [(f, sheet.words_of(f)) for f in (found, other)], least=2)
        found = found or other
    return principal, months, yearly(sheet.take("年利率", stated, found, ask=ASK_RATE), stated)


def yearly(rate: Decimal, stated: Stated | None) -> Decimal:
    """The yearly rate of one that the question states by the month."""
    if stated and re.search(r"日", stated.before[-4:]):
        raise ValueError("a daily rate makes no schedule")
    return rate * 12 if stated and re.search(r"月(?!供)", stated.before[-4:]) else rate


def _principal(sheet: Sheet) -> Decimal:
    """What is lent; of a price, what the down payment leaves."""
    figures = sheet.figures
    price = figures.of("money", r"总价|房价|车价|全价|总房款")
    lent = figures.of("money", r"贷|借|本金|房贷")
    if sheet.has("首付") and (price or lent is None):
        share = next((p for p in figures.many("percent") if "首付" in p.before or "首付" in p.after[:3]), None)
        down = None if share else next((m for m in figures.many("money") if m is not price and "首付" in m.before), None)
        if share or down:
            whole = sheet.take("总价", price, figures.of("money"), ask="请问总价是多少？")
            return whole * (1 - sheet.take("首付比例", share)) if share else whole - sheet.take("首付", down)
    return sheet.take("贷款本金", lent, figures.of("money"), ask="请问贷款金额是多少？")


def loan(sheet: Sheet) -> Worked:
    principal, months, rate = terms(sheet)
    monthly, linear = rate / 12, sheet.has("等额本金")
    if sheet.target == "nth":
        return _one_month(sheet, principal, months, rate)
    if sheet.target == "compare":
        one, other = loans.annuity_interest(principal, monthly, months), loans.linear_interest(principal, monthly, months)
        return sheet.done(f"等额本息比等额本金总共多付利息{yuan(one - other)}（分别为{yuan(one)}、{yuan(other)}）。",
                          f"{yuan(loans.annuity_payment(principal, monthly, months))}×{months}－{number(principal)}－"
                          f"{number(principal)}×{percent(rate)}÷12×({months}＋1)÷2＝{yuan(one - other)}")
    if not linear and not sheet.has("等额本息"):
        sheet.note("按等额本息计算，未计其他费用。")
    if linear:
        first, last = loans.linear_payment(principal, monthly, months), loans.linear_payment(
            principal, monthly, months, months)
        interest = loans.linear_interest(principal, monthly, months)
        if sheet.target in ("interest", "total"):
            return _sum(sheet, interest, principal, "等额本金", f"{number(principal)}×{percent(rate)}÷12×({months}＋1)÷2")
        result = f"等额本金首月还{yuan(first)}，以后每月递减{yuan(principal / months * monthly)}，末月还{yuan(last)}，利息合计{yuan(interest)}。"
        return sheet.done(result, f"首月＝{number(principal)}÷{months}＋{number(principal)}×{percent(rate)}÷12＝{yuan(first)}")
    payment = loans.annuity_payment(principal, monthly, months)
    interest = payment * months - principal
    formula = f"{number(principal)}×r×(1＋r)^{months}÷[(1＋r)^{months}－1]＝{yuan(payment)}，r＝{percent(rate)}÷12"
    if sheet.target in ("interest", "total"):
        return _sum(sheet, interest, principal, f"等额本息每月约还{yuan(payment)}，", f"月供{yuan(payment)}×{months}－{number(principal)}")
    return sheet.done(f"等额本息每月约还{yuan(payment)}，{months}期利息合计约{yuan(interest)}。", formula)


def _sum(sheet: Sheet, interest, principal, method: str, formula: str) -> Worked:
    return sheet.done(f"{method}利息合计约{yuan(interest)}，本息合计约{yuan(principal + interest)}。", f"{formula}＝{yuan(interest)}")


def _one_month(sheet: Sheet, principal: Decimal, months: int, rate: Decimal) -> Worked:
    """One payment of the schedule with its principal and interest."""
    stated = sheet.figures.of("period_no")
    count = int(sheet.take("第几期", stated)) if stated else 1
    linear = sheet.has("等额本金")
    left = (principal * (months - count + 1) / months if linear else loans.balance_after(principal, rate / 12, months, count - 1))
    interest = left * rate / 12
    paid = loans.linear_payment(principal, rate / 12, months, count) if linear else loans.annuity_payment(principal, rate / 12, months)
    if not linear and not sheet.has("等额本息"):
        sheet.note("按等额本息计算。")
    return sheet.done(f"第{count}期还{yuan(paid)}，其中本金{yuan(paid - interest)}、利息{yuan(interest)}。",
                      f"利息＝此前剩余本金{yuan(left)}×{percent(rate)}÷12；本金＝" + (
                          f"{number(principal)}÷{months}" if linear else f"月供{yuan(paid)}－利息") + f"＝{yuan(paid - interest)}")


def balance(sheet: Sheet) -> Worked:
    """The principal left after so many payments."""
    figures = sheet.figures
    principal = sheet.take("贷款本金", figures.of("money", r"贷|借|本金|房贷"), figures.of("money"))
    stated = figures.many("months")
    periods = figures.many("periods")
    paid = next((t for t in [*stated, *periods] if paid_so_far([t])), None)
    term = next((t for t in [*stated, *periods] if t is not paid and not (t in periods and stated and stated[0] is paid)), None)
    months = int(sheet.take("贷款期限", term, ask="请问贷款总期限是多少年？"))
    count = int(sheet.take("已还月数", paid, ask="请问已经还了多少个月？"))
    if sheet.has("等额本金"):
        if count > months:
            raise ValueError("paid must be 0…months")
        left = principal * (months - count) / months
        return sheet.done(f"还了{count}期后剩余本金{yuan(left)}。", f"{number(principal)}×({months}－{count})÷{months}＝{yuan(left)}")
    rate = yearly(sheet.take("年利率", stated_rate(sheet), ask=ASK_RATE), stated_rate(sheet))
    left = loans.balance_after(principal, rate / 12, months, count)
    sheet.note("按等额本息、利率不变、未提前还款计算；以还款计划为准。")
    return sheet.done(f"还了{count}期后剩余本金约{yuan(left)}。",
                      f"{number(principal)}×[(1＋r)^{months}－(1＋r)^{count}]÷[(1＋r)^{months}－1]＝{yuan(left)}，r＝{percent(rate)}÷12")


def paid_so_far(terms: list[Stated]) -> bool:
    return bool(terms) and any(word in terms[0].before for word in ("还了", "已还", "已经还", "供了", "还完"))


def stated_rate(sheet: Sheet) -> Stated | None:
    near = sheet.figures.of("percent", _RATE)
    rates = sheet.figures.many("percent")
    return near or (rates[0] if len(rates) == 1 and "首付" not in rates[0].before else None)
