"""Recipes for loans, prepayment and card instalments: which inputs are taken, what the result says."""

from __future__ import annotations

from rag.calculate import loans
from rag.calculate.inputs import cell_rate, grams, matrix_rate, nearest, term_fits
from rag.calculate.result import number, percent, yuan
from rag.calculate.sheet import Sheet, Worked
from rag.calculate.stated import Stated

_RATE = r"利率|年化|年息|利息|lpr"
_COMMON = grams("分期费率每期手续费率信用卡")
ASK_RATE = "请问贷款的年利率是多少？"


def loan(sheet: Sheet) -> Worked:
    figures = sheet.figures
    principal = sheet.take("贷款本金", figures.of("money", r"贷|借|本金|房贷"), figures.of("money"), ask="请问贷款金额是多少？")
    months = int(sheet.take("贷款期限", figures.term(), figures.of("periods"), ask="请问贷款期限是多少年？"))
    stated = _stated_rate(sheet)
    found = None
    if stated is None:  # two pairs at least: the customer has named the loan, its sort or grade
        found = cell_rate(sheet.question, sheet.texts, r"年利率|贷款利率|执行利率|^利率", [term_fits(months)],
                          r"存|融|罚|收益|区间|折合", need=1, least=2)
        other = matrix_rate(sheet.question, sheet.texts, months, r"贷.*利率|利率.*贷", least=2)
        if found and other and found.value != other.value:
            found = nearest(sheet.question, [(f, sheet.words_of(f)) for f in (found, other)], least=2)
        found = found or other
    rate = sheet.take("年利率", stated, found, ask=ASK_RATE)
    if stated and "月" in stated.before[-4:]:
        rate *= 12
    elif stated and "日" in stated.before[-4:]:
        return None
    monthly, linear = rate / 12, sheet.has("等额本金")
    if sheet.target == "compare":
        one, other = loans.annuity_interest(principal, monthly, months), loans.linear_interest(principal, monthly, months)
        return sheet.done(f"等额本息比等额本金总共多付利息{yuan(one - other)}（分别为{yuan(one)}、{yuan(other)}）。",
                          f"等额本息月供×{months}－本金，与本金×月利率×({months}＋1)÷2之差，月利率{percent(monthly, 4)}")
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
        return _sum(sheet, interest, principal, "等额本息", f"月供{yuan(payment)}×{months}－{number(principal)}")
    return sheet.done(f"等额本息每月约还{yuan(payment)}，{months}期利息合计约{yuan(interest)}。", formula)


def _sum(sheet: Sheet, interest, principal, method: str, formula: str) -> Worked:
    return sheet.done(f"{method}利息合计约{yuan(interest)}，本息合计约{yuan(principal + interest)}。", f"{formula}＝{yuan(interest)}")


def balance(sheet: Sheet) -> Worked:
    """The principal left after so many payments."""
    figures = sheet.figures
    principal = sheet.take("贷款本金", figures.of("money", r"贷|借|本金|房贷"), figures.of("money"))
    terms = figures.many("months")
    paid = next((t for t in terms if _paid([t])), None)
    term = next((t for t in terms if t is not paid), None)
    months = int(sheet.take("贷款期限", term, ask="请问贷款总期限是多少年？"))
    count = int(sheet.take("已还月数", paid, ask="请问已经还了多少个月？"))
    rate = sheet.take("年利率", _stated_rate(sheet), ask=ASK_RATE)
    if sheet.has("等额本金"):
        if count > months:
            raise ValueError("paid must be 0…months")
        left = principal * (months - count) / months
        return sheet.done(f"还了{count}期后剩余本金{yuan(left)}。", f"{number(principal)}×({months}－{count})÷{months}＝{yuan(left)}")
    left = loans.balance_after(principal, rate / 12, months, count)
    sheet.note("按等额本息、利率不变、未提前还款计算；以还款计划为准。")
    return sheet.done(f"还了{count}期后剩余本金约{yuan(left)}。",
                      f"{number(principal)}×[(1＋r)^{months}－(1＋r)^{count}]÷[(1＋r)^{months}－1]＝{yuan(left)}，r＝{percent(rate)}÷12")


def prepay_saving(sheet: Sheet) -> Worked:
    figures = sheet.figures
    prepaid = sheet.take("提前还款额", figures.of("money", r"提前|先还|多还"), ask="请问打算提前还多少？")
    others = [m for m in figures.many("money") if m.raw.strip() != sheet.inputs[0].value]
    principal = sheet.take("贷款本金", *others, ask="请问当初贷款金额是多少？")
    terms = sorted(figures.many("months"), key=lambda s: -s.value)
    months = int(sheet.take("贷款期限", *(terms[:1] if len(terms) > 1 or not _paid(terms) else []), ask="请问贷款总期限是多少年？"))
    paid = int(sheet.take("已还月数", *[t for t in terms[1:]], ask="请问已经还了多少个月？"))
    rate = sheet.take("年利率", _stated_rate(sheet), ask=ASK_RATE)
    if sheet.has("等额本金"):
        return None
    spared = loans.prepayment_saving(principal, rate / 12, months, paid, prepaid)
    sheet.note("按等额本息、期限不变、减少月供计算；违约金另计。")
    return sheet.done(f"提前还{yuan(prepaid)}，期限不变约少付利息{yuan(spared)}。",
                      f"还{paid}期后剩余本金的利息合计，减去扣除{number(prepaid)}后的利息合计，年利率{percent(rate)}")


def _paid(terms: list[Stated]) -> bool:
    return bool(terms) and any(word in terms[0].before for word in ("还了", "已还", "已经还", "供了", "还完"))


def instalment(sheet: Sheet) -> Worked:
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


def _stated_rate(sheet: Sheet) -> Stated | None:
    near = sheet.figures.of("percent", _RATE)
    rates = sheet.figures.many("percent")
    return near or (rates[0] if len(rates) == 1 and "首付" not in rates[0].before else None)


