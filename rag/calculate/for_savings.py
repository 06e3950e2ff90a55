"""Recipes for deposits, funds, net values and policies seen as savings."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.calculate import savings
from rag.calculate.inputs import Fits, Found, cell_rate, measure_fits, nearest, percentages, term_fits
from rag.calculate.result import number, percent, yuan
from rag.calculate.sheet import Sheet, Worked

_RATE = r"利率|年化|年息|利息"


def deposit(sheet: Sheet) -> Worked:
    figures = sheet.figures
    principal = sheet.take("本金", figures.of("money"), ask="请问存入金额是多少？")
    if sheet.target == "structured":
        return _structured(sheet, principal)
    days = figures.of("days")
    months = None if days else sheet.take("存期", figures.term(), ask="请问存期是多长？")
    stated = figures.of("percent", _RATE) or figures.of("percent")
    found = None
    if stated is None and months is not None and sheet.has("活期"):
        found = cell_rate(sheet.question, [t for t in sheet.texts if t.row and t.row[0] == "活期"], r"年利率|利率|整存整取")
    elif stated is None and months is not None:
        # a loan's table has terms and rates too; a sort of deposit with terms of its own must be asked for by name
        texts = [t for t in sheet.texts if t.row and not re.search(r"贷|月供|等额|期数", " ".join(t.header) + t.row[0])
                 and sheet.has("大额") == ("大额" in " ".join(t.row))]
        found = cell_rate(sheet.question, texts, r"年利率|利率|整存整取", [term_fits(int(months))], r"贷|罚|融|月供", need=1)
    rate = sheet.take("年利率", stated, found, ask="请问存款的年利率是多少？")
    if days:
        count = int(sheet.take("天数", days))
        interest = savings.interest_by_days(principal, rate, count)
        sheet.note("按一年360天计息，实际以存单为准。")
        formula = f"{number(principal)}×{percent(rate)}×{count}÷360"
    elif sheet.target == "monthly":
        interest = savings.instalment_deposit_interest(principal, rate, int(months))
        principal, formula = principal * months, f"{number(principal)}×{percent(rate)}÷12×{months}×({months}＋1)÷2"
    else:
        interest = savings.simple_interest(principal, rate, months / 12)
        formula = f"{number(principal)}×{percent(rate)}×{number(months / 12)}年"
    sheet.note("以存入时的挂牌利率为准；提前支取按活期计息。")
    return sheet.done(f"到期利息约{yuan(interest)}，本息合计{yuan(principal + interest)}。", f"{formula}＝{yuan(interest)}")


def compound(sheet: Sheet) -> Worked:
    """A sum, or one paid in at the start of each year or month, with interest on interest."""
    figures = sheet.figures
    if len(figures.many("money")) != 1:
        return None
    monthly = bool(re.search(r"每月|每个月|月定?投|月存", sheet.question))
    paid_in = monthly or sheet.has("每年", "年年", "定投")
    if paid_in and not monthly and not sheet.has("每年", "年年"):
        return None  # how often is not said
    amount = sheet.take("每期存入" if paid_in else "本金", figures.of("money"))
    months = sheet.take("期限", figures.term(), ask="请问期限是多少年？")
    rate = sheet.take("年利率", figures.of("percent"), ask="请问按多少年利率（年化）计算？")
    periods = months if monthly else months / 12
    if periods != int(periods):
        return None
    each, count = (rate / 12 if monthly else rate), int(periods)
    shown = f"r＝{percent(rate)}÷12" if monthly else f"r＝{percent(rate)}"
    if paid_in:
        value, put_in = savings.annuity_value(amount, each, count), amount * count
        formula = f"{number(amount)}×[(1＋r)^{count}－1]÷r×(1＋r)＝{yuan(value)}，{shown}"
        sheet.note(f"按每{'月' if monthly else '年'}初存入、利息计入本金计算。")
    else:
        value, put_in = savings.compound_value(amount, each, count), amount
        formula = f"{number(amount)}×(1＋r)^{count}＝{yuan(value)}，{shown}"
        sheet.note("按每年利息计入本金计算；定期存款到期才计息，不自动按复利。")
    if sheet.has("基金", "定投", "理财", "收益"):
        sheet.note("按假设的收益率计算，实际收益不确定，可能亏损。")
    return sheet.done(f"到期约有{yuan(value)}，其中本金{yuan(put_in)}，利息（收益）约{yuan(value - put_in)}。", formula)


def assumed_yield(sheet: Sheet) -> Worked:
    """What a sum earns in so many days at a yearly rate that the customer assumes."""
    figures = sheet.figures
    if len(figures.many("money")) != 1 or len(figures.many("percent")) != 1:
        return None
    principal, rate = sheet.take("本金", figures.of("money")), sheet.take("年化收益率", figures.of("percent"))
    stated = figures.of("days") or figures.of("months")
    length = sheet.take("持有时间", stated)
    sheet.note("按假设的年化收益率、一年365天计算；实际收益不确定，可能亏损，业绩比较基准也不是承诺。")
    if stated.kind == "days":
        income, shown = savings.interest_by_days(principal, rate, int(length), 365), f"{int(length)}÷365"
    else:
        income, shown = savings.simple_interest(principal, rate, length / 12), f"{number(length)}÷12"
    return sheet.done(f"收益约{yuan(income)}。", f"{number(principal)}×{percent(rate)}×{shown}＝{yuan(income)}")


def _structured(sheet: Sheet, principal: Decimal) -> Worked:
    """Principal·rate·days ÷ basis, all three as the product's documents say."""
    band = re.search(r"[高中低]档|第[一二三]档", sheet.question)
    options = []
    for text in sheet.texts:
        words = text.said or " ".join(text.row)
        issue = re.search(r"第\s?\d+\s?期", words)
        if issue and issue.group() not in sheet.question:
            continue  # what an earlier issue paid
        if band and band.group() in words:
            clause = words[words.index(band.group()) :]
            clause = re.split(r"[。;]|[高中低]档", clause[2:])[0]
            rates = percentages(clause) or percentages(" ".join(c for h, c in text.column(r"年化|收益率|利率")))
            if len(rates) == 1:
                options.append((Found(*rates[0], text.index, band.group()), text.about + words))
    rate = sheet.take("年化收益率", sheet.figures.of("percent"), nearest(sheet.question, options),
                      ask="请问到期适用的年化收益率是多少？")
    days = int(sheet.take("存款天数", sheet.figures.of("days"), _row_number(sheet, r"期限", r"(\d+)\s?天", r"利息\s?[=＝][^。;]*×(\d+)÷36[05]"), ask="请问存款期限是多少天？"))
    basis = int(sheet.maybe("计息基础", _row_number(sheet, r"计息基[础数]", r"(36[05])", r"利息\s?[=＝][^。;]*÷(36[05])")) or 365)
    interest = savings.interest_by_days(principal, rate, days, basis)
    sheet.note("结构性存款收益不确定，以到期实际档位为准。")
    return sheet.done(f"到期利息约{yuan(interest)}。", f"{number(principal)}×{percent(rate)}×{days}÷{basis}＝{yuan(interest)}")


def _row_number(sheet: Sheet, row: str, pattern: str, said: str) -> Found | None:
    """A number from a row whose label matches, or from the product's own formula for its interest."""
    options = []
    for text in sheet.texts:
        if text.row and re.search(row, text.row[0]):
            for cell in text.row[1:]:
                if m := re.search(pattern, cell):
                    options.append((Found(Decimal(m[1]), cell, text.index, text.row[0]), text.about))
        elif not text.row and (m := re.search(said, text.said)) and not re.search(r"[=＝]\s?[\d.,]+元", text.said):
            options.append((Found(Decimal(m[1]), m.group(), text.index), text.about))
    return nearest(re.sub(r"[高中低]档", "", sheet.question), options)


def ten_thousand(sheet: Sheet) -> Worked:
    figures = sheet.figures
    seven = figures.of("percent", r"七日年化|年化")
    shown = figures.of("money", r"万份收益$|万份收益[是为]?$") or figures.of("value", r"万份收益")
    held = figures.of("shares") or next((m for m in figures.many("money") if m is not shown), None)
    shares = sheet.take("持有份额", held, ask="请问持有多少份？")
    if seven and shown is None:
        rate = sheet.take("七日年化", seven)
        income = shares / 10000 * savings.ten_thousand_from_rate(rate)
        sheet.note("七日年化只反映过去七日，不代表以后的收益。")
        return sheet.done(f"按七日年化折算，每天约{yuan(income)}。", f"{number(shares)}×{percent(rate)}÷365＝{yuan(income)}")
    each = sheet.take("万份收益", shown, ask="请问当日万份收益是多少？")
    income = savings.income_of_ten_thousand(shares, each)
    return sheet.done(f"当日收益约{income.quantize(Decimal('0.01'))}元。", f"{number(shares)}÷10,000×{number(each)}＝{yuan(income)}")


def subscription(sheet: Sheet) -> Worked:
    figures = sheet.figures
    amount = sheet.take("申购金额", figures.of("money"), ask="请问申购金额是多少？")
    stated = figures.of("percent")
    found = None
    if stated is None:
        pension = "" if sheet.has("养老金") else r"(?<!非)养老金|"
        kind = re.search(r"(?<![a-z])([a-z])类", sheet.question)
        texts = [t for t in sheet.texts if t.row and re.search(r"[申认]购费", t.about + "".join(t.header))
                 and (not kind or not (other := re.search(r"(?<![a-z])([a-z])(?:类|$)", " ".join(t.row[:2]))) or other[1] == kind[1])]
        found = cell_rate(sheet.question, texts, r"[申认]购费率?|客户费率|^费率", [measure_fits(amount, "元", r"金额|申购|认购|m")],
                          pension + r"折|赎回|管理|托管|服务", head=(amount, "元"))
    rate = sheet.take("申购费率", stated, found, ask="请问申购费率是多少？")
    discount = sheet.maybe("折扣", figures.of("discount")) or Decimal(1)
    net, fee, _ = savings.subscription(amount, rate * discount)
    shown = percent(rate) + (f"×{number(discount)}" if discount != 1 else "")
    if discount == 1 and not sheet.has("不打折", "没折扣", "无折扣"):
        sheet.note("未计购买渠道的费率折扣。")
    formula = f"净申购额＝{number(amount)}÷(1＋{shown})＝{yuan(net)}，费用＝{number(amount)}－{number(net, 2)}"
    if sheet.target == "shares":
        value = sheet.take("净值", figures.of("value", r"净值") or figures.of("money", r"净值"), ask="请问当日净值是多少？")
        return sheet.done(f"可得约{number(net / value, 2)}份，申购费{yuan(fee)}。",
                          f"{number(amount)}÷(1＋{shown})÷{number(value)}＝{number(net / value, 2)}份")
    return sheet.done(f"申购费约{yuan(fee)}，净申购额{yuan(net)}。", formula)


def redemption(sheet: Sheet) -> Worked:
    figures = sheet.figures
    shares = figures.of("shares")
    value = figures.of("value", r"净值") or (figures.of("money", r"净值") if shares else None)
    if shares:
        base = sheet.take("份额", shares) * sheet.take("净值", value, ask="请问赎回时的净值是多少？")
    else:
        base = sheet.take("赎回金额", figures.of("money"))
    stated, found = figures.of("percent"), None
    if stated is None:
        days = figures.of("days") or figures.of("months")
        length = sheet.take("持有时间", days, ask="请问持有了多少天？")
        unit = "天" if days.kind == "days" else "月"
        fits: list[Fits] = [measure_fits(length, unit, r"持有|期限|n")]
        texts = [t for t in sheet.texts if t.row and ("赎回费" in t.about + "".join(t.header))]
        found = cell_rate(sheet.question, texts, r"赎回费|^费率|费率$", fits, r"申购|管理|托管|服务|比例", head=(length, unit))
    rate = sheet.take("赎回费率", stated, found, ask="请问赎回费率是多少？")
    fee = base * rate
    return sheet.done(f"赎回费约{yuan(fee)}，到手约{yuan(base - fee)}。", f"{number(base)}×{percent(rate)}＝{yuan(fee)}")


def holding(sheet: Sheet) -> Worked:
    figures = sheet.figures
    values = figures.many("value")
    if len(values) != 2:
        return None
    bought, sold = sheet.take("买入净值", values[0]), sheet.take("现在净值", values[1])
    rate = savings.holding_return(bought, sold)
    amount = figures.of("money")
    result = f"持有收益率{percent(rate, 2)}"
    formula = f"({number(sold)}－{number(bought)})÷{number(bought)}＝{percent(rate, 2)}"
    if sheet.target == "annual":
        stated = figures.of("days") or figures.term()
        length = sheet.take("持有时间", stated, ask="请问持有了多少天？")
        days = int(length if stated.kind == "days" else length * 365 / 12)
        yearly = savings.annualised(rate, days)
        result += f"，折年化约{percent(yearly, 2)}"
        formula += f"；×365÷{days}＝{percent(yearly, 2)}"
    if amount:
        result += f"，约{yuan(sheet.take('买入金额', amount) * rate)}"
    sheet.note("未计申购、赎回费用；过往收益不代表以后。")
    return sheet.done(result + "。", formula)


def policy_rate(sheet: Sheet) -> Worked:
    figures = sheet.figures
    money = figures.many("money")
    premium = figures.of("money", r"交|缴|保费")
    value = next((m for m in reversed(money) if m is not premium), None)
    end = figures.of("year_no")
    years = figures.of("months", r"[交缴]")
    if years is None or premium is None or value is None:
        return None
    each = sheet.take("每年保费", premium)
    paid = int(sheet.take("交费年数", years) / 12)
    after = int(sheet.take("领取时点", end, ask="请问是在第几个保单年度末退保或领取？"))
    back = sheet.take("领回金额", value)
    rate = savings.policy_rate([each] * paid, after, back)
    sheet.note("按每年年初交费、该保单年度末领回计算；不含保障的价值。")
    return sheet.done(f"内部收益率（IRR）约每年{percent(rate, 2)}。",
                      f"Σ{number(each)}÷(1＋IRR)^t（t＝0…{paid - 1}）＝{number(back)}÷(1＋IRR)^{after}")
