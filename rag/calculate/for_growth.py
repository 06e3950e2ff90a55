"""Recipes for what a sum grows to, what it earns at an assumed yield, and the yield between two sums."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.calculate import savings
from rag.calculate.result import number, percent, rounded, yuan
from rag.calculate.sheet import Sheet, Worked


def compound(sheet: Sheet) -> Worked:
    """A sum, or one paid in at the start of each year or month, with interest on interest."""
    figures = sheet.figures
    if len(figures.many("money")) != 1:
        return None
    monthly = bool(re.search(r"(?:每月|每个月|月月)[^,。\d%]{0,8}(?:存|投|交|攒|转)|(?:每月|每个月)[^,。%]{0,4}\d|月定?投|月存", sheet.question))
    yearly = bool(re.search(r"(?:每年|年年)[^,。\d%]{0,6}(?:存|投|交|攒)", sheet.question))
    paid_in = monthly or yearly or sheet.has("定投")
    if paid_in and not monthly and not yearly:
        return None  # how often is not said
    amount = sheet.take("每期存入" if paid_in else "本金", figures.of("money"), ask="请问每期存入多少？" if paid_in else "请问本金是多少？")
    months = sheet.take("期限", figures.term(), ask="请问期限是多少年？")
    fee = next((p for p in figures.many("percent") if figures.beside(p, r"初始费|扣|手续费")), None)
    of_month = [p for p in figures.many("percent") if p is not fee and re.search(r"月(?:利率|息)?(?:平均|大概|都)?[涨是按为]?$", p.before)]
    rates = [p for p in figures.many("percent") if p is not fee and p not in of_month]
    if of_month and not rates:
        rate = 12 * sheet.take("月利率", *of_month)
    else:
        rate = sheet.take("年利率", *rates, ask="请问按多少年利率（年化）计算？")
    if fee and paid_in:
        return None
    start = amount * (1 - (sheet.maybe("初始费用", fee) or Decimal(0)))
    periods = months if monthly else months / 12
    if periods != int(periods):
        return None
    each, count = (rate / 12 if monthly else rate), int(periods)
    shown = f"r＝{percent(rate)}÷12" if monthly else f"r＝{percent(rate)}"
    if paid_in:
        late = bool(re.search(r"[月年期]末|月底|年底|月尾|年尾", sheet.question))
        value, put_in = savings.annuity_value(amount, each, count, late), amount * count
        formula = f"{number(amount)}×[(1＋r)^{count}－1]÷r{'' if late else '×(1＋r)'}＝{yuan(value)}，{shown}"
        sheet.note(f"按每{'月' if monthly else '年'}{'末' if late else '初'}存入、利息计入本金计算。")
    else:
        value, put_in = savings.compound_value(start, each, count), amount
        formula = f"{number(amount)}{f'×(1－{percent(1 - start / amount)})' if fee else ''}×(1＋r)^{count}＝{yuan(value)}，{shown}"
        sheet.note("按每年利息计入本金计算；定期存款到期才计息，不自动按复利。")
    if sheet.has("基金", "定投", "理财", "收益"):
        sheet.warn("按假设的收益率计算，实际收益不确定，可能亏损。")
    return sheet.done(f"到期约有{yuan(value)}，其中本金{yuan(put_in)}，利息（收益）约{yuan(value - put_in)}。", formula)


def assumed_yield(sheet: Sheet) -> Worked:
    """What a sum earns in so many days at a yearly rate that the customer assumes."""
    figures = sheet.figures
    if len(figures.many("money")) != 1 or len(figures.many("percent")) != 1:
        return None
    principal, rate = sheet.take("本金", figures.of("money")), sheet.take("年化收益率", figures.of("percent"))
    stated = figures.of("days") or figures.of("months")
    length = sheet.take("持有时间", stated)
    sheet.warn("按假设的年化收益率计算；实际收益不确定，可能亏损，业绩比较基准也不是承诺。")
    if stated.kind == "days":
        sheet.custom("一年", "365天")
        income, shown = savings.interest_by_days(principal, rate, int(length), 365), f"{int(length)}÷365"
    else:
        income, shown = savings.simple_interest(principal, rate, length / 12), f"{number(length)}÷12"
    return sheet.done(f"收益约{yuan(income)}。", f"{number(principal)}×{percent(rate)}×{shown}＝{yuan(income)}")


def held_yield(sheet: Sheet) -> Worked:
    """The yearly yield of a sum that has become another: (B − A) ÷ A × 365 ÷ days, simple."""
    figures = sheet.figures
    if len(figures.many("money")) != 2:
        return None
    first, last = figures.many("money")
    if figures.beside(last, r"本金|投入|买入|成本") and not figures.beside(first, r"本金|投入|买入|成本"):
        first, last = last, first
    put_in, have = sheet.take("投入", first), sheet.take("现在", last)
    if re.search(r"(?:赚|收益|盈利)了?$|赚了?[^,。\d]{0,3}$", last.before):
        have += put_in
    stated = figures.of("days") or figures.term()
    time = sheet.take("持有时间", stated, ask="请问持有了多少天？")
    days = int(time if stated.kind == "days" else time * 365 / 12)
    rate = savings.holding_return(put_in, have)
    yearly = savings.annualised(rate, days)
    sheet.custom("一年", "365天")
    sheet.warn("过往收益不代表以后。")
    return sheet.done(f"持有收益率{percent(rate, 2)}，折年化约{percent(yearly, 2)}（单利）。",
                      f"({number(have)}－{number(put_in)})÷{number(put_in)}×365÷{days}＝{percent(yearly, 2)}")


def doubling(sheet: Sheet) -> Worked:
    """How long a sum takes to become k times as much: ln k ÷ ln(1 + r)."""
    rate = sheet.take("年利率", sheet.figures.of("percent"), ask="请问年利率（年化）是多少？")
    if rate <= 0:
        return None
    m = re.search(r"([三四五3-5])倍", sheet.question)
    times = Decimal("三四五345".index(m[1]) % 3 + 3) if m else Decimal(2)
    years = savings.years_to(times, rate)
    sheet.warn("按每年复利、收益率不变假设；实际收益不确定。")
    return sheet.done(f"约{rounded(years, 1)}年。", f"ln{times}÷ln(1＋{percent(rate)})＝{rounded(years, 2)}年")
