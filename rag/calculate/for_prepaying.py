"""Recipes for repaying a loan early: the interest spared, and the payment that remains. 等额本息."""

from __future__ import annotations

import re

from rag.calculate import loans
from rag.calculate.for_loans import ASK_RATE, paid_so_far, stated_rate, yearly
from rag.calculate.result import number, percent, yuan
from rag.calculate.sheet import Sheet, Worked

_ALL = re.compile(r"全部|结清|一次(?:性)?(?:还清|还完)|还清|还完")
_LEFT = r"剩|还欠|还差|还有|余额"


def prepay_saving(sheet: Sheet) -> Worked:
    """Interest spared by repaying a part, or all that is left."""
    figures = sheet.figures
    if sheet.has("等额本金"):
        return None
    prepaid_stated = figures.of("money", r"提前|先还|多还")
    whole = prepaid_stated is None and bool(_ALL.search(sheet.question))
    prepaid = None if whole else sheet.take("提前还款额", prepaid_stated, ask="请问打算提前还多少？")
    others = [m for m in figures.many("money") if m is not prepaid_stated]
    left_stated = next((m for m in others if figures.beside(m, _LEFT)), None)
    months_stated = [*figures.many("months"), *figures.many("periods")]
    rest_stated = next((t for t in months_stated if figures.beside(t, r"剩|还有")), None)
    if left_stated:
        left = sheet.take("剩余本金", left_stated)
        rest = int(sheet.take("剩余期限", rest_stated, *months_stated, ask="请问还剩多少年？"))
        rate = yearly(sheet.take("年利率", stated_rate(sheet), ask=ASK_RATE), stated_rate(sheet))
    else:
        principal = sheet.take("贷款本金", *others, ask="请问当初贷款金额是多少？")
        paid_stated = next((t for t in months_stated if paid_so_far([t])), None)
        longest = sorted((t for t in figures.many("months") if t is not paid_stated), key=lambda t: -t.value)
        months = int(sheet.take("贷款期限", *longest, ask="请问贷款总期限是多少年？"))
        paid = int(sheet.take("已还月数", paid_stated, *longest[1:], ask="请问已经还了多少个月？"))
        rate = yearly(sheet.take("年利率", stated_rate(sheet), ask=ASK_RATE), stated_rate(sheet))
        left, rest = loans.balance_after(principal, rate / 12, months, paid), months - paid
    prepaid = left if prepaid is None else prepaid
    spared = loans.prepayment_saving(left, rate / 12, rest, 0, prepaid)
    before, after = loans.annuity_interest(left, rate / 12, rest), loans.annuity_interest(left - prepaid, rate / 12, rest)
    said = "全部结清" if prepaid == left else f"提前还{yuan(prepaid)}，期限不变，"
    sheet.note(f"按等额本息{'' if prepaid == left else '、减少月供'}计算；违约金另计。")
    return sheet.done(f"{said}约少付利息{yuan(spared)}。",
                      f"剩余本金{yuan(left)}再还{rest}期的利息{yuan(before)}－"
                      + (f"本金{yuan(left - prepaid)}的利息{yuan(after)}＝{yuan(spared)}" if after else f"0＝{yuan(spared)}")
                      + f"，利息＝月供×{rest}－本金，月利率{percent(rate)}÷12")


def prepay_payment(sheet: Sheet) -> Worked:
    """The payment after a part was repaid, the term kept: the annuity of what is left."""
    figures = sheet.figures
    if sheet.has("等额本金"):
        return None
    prepaid_stated = (figures.of("money", r"提前|先还|多还") or figures.of("money", r"闲钱|拿出"))
    prepaid = sheet.take("提前还款额", prepaid_stated, ask="请问打算提前还多少？")
    others = [m for m in figures.many("money") if m is not prepaid_stated]
    left = sheet.take("剩余本金", next((m for m in others if figures.beside(m, _LEFT)), None), *others, ask="请问还剩多少本金？")
    stated = figures.many("months")
    rest = int(sheet.take("剩余期限", next((t for t in stated if figures.beside(t, r"剩|还有")), None), *stated, ask="请问还剩多少年？"))
    rate = yearly(sheet.take("年利率", stated_rate(sheet), ask=ASK_RATE), stated_rate(sheet))
    if prepaid > left:
        raise ValueError("more than is left")
    old, new = (loans.annuity_payment(amount, rate / 12, rest) for amount in (left, left - prepaid))
    sheet.note("按等额本息、期限不变计算；以贷款人重算的还款计划为准。")
    return sheet.done(f"月供由{yuan(old)}变为{yuan(new)}。",
                      f"({number(left)}－{number(prepaid)})×r×(1＋r)^{rest}÷[(1＋r)^{rest}－1]＝{yuan(new)}，r＝{percent(rate)}÷12")
