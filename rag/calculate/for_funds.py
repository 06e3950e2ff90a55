"""Recipes for funds: 万份收益, subscription, redemption, and what was held between two net values."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.calculate import savings
from rag.calculate.inputs import Fits, cell_rate, measure_fits
from rag.calculate.result import number, percent, yuan
from rag.calculate.sheet import Sheet, Worked


def ten_thousand(sheet: Sheet) -> Worked:
    figures = sheet.figures
    seven = figures.of("percent", r"七日年化|年化")
    shown = figures.of("money", r"万份收益$|万份收益[是为]?$") or figures.of("value", r"万份收益")
    held = figures.of("shares") or next((m for m in figures.many("money") if m is not shown), None)
    shares = sheet.take("持有份额", held, ask="请问持有多少份？")
    if seven and shown is None:
        rate = sheet.take("七日年化", seven)
        income = shares / 10000 * savings.ten_thousand_from_rate(rate)
        sheet.warn("七日年化只反映过去七日，不代表以后的收益。")
        sheet.custom("一年", "365天")
        length = next((d for d in figures.many("days") if not sheet.question[d.end :].startswith("年化")), None) or figures.of("months")
        if length:
            time = sheet.take("持有时间", length)
            days = int(time if length.kind == "days" else time * 365 / 12)
            return sheet.done(f"按七日年化折算，{days}天约{yuan(income * days)}。",
                              f"{number(shares)}×{percent(rate)}×{days}÷365＝{yuan(income * days)}")
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
    if shares or not figures.many("money"):
        base = sheet.take("份额", shares, ask="请问赎回多少份？") * sheet.take("净值", value, ask="请问赎回时的净值是多少？")
    else:
        base = sheet.take("赎回金额", figures.of("money"))
    stated, found = figures.of("percent"), None
    if stated is None:
        days = figures.of("days") or figures.of("months") or figures.of("months", vague=True)
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
