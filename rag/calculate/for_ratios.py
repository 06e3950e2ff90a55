"""Recipes for everyday ratios: a percentage of a sum, a rise or fall, a share, growth, a down payment, another currency."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.calculate.for_formulas import evaluated
from rag.calculate.result import number, percent, yuan
from rag.calculate.sheet import Sheet, Worked
from rag.calculate.stated import Stated

_FALLS = re.compile(r"跌|亏|降|贬|缩水|下滑|减少|少了|损失")
_EXPRESSION = re.compile(r"[(（]*[\d.,%]+(?:\s?[-+×÷*/x()（）]\s?[\d.,%()（）]*)+\d*[%)）]*")


def of_sum(sheet: Sheet) -> Worked:
    """10000元的3.5%: amount × ratio."""
    amount, ratio = sheet.take("金额", sheet.figures.of("money")), sheet.take("比例", sheet.figures.of("percent"))
    value = amount * ratio
    return sheet.done(f"{number(amount)}元的{percent(ratio)}是{yuan(value)}。", f"{number(amount)}×{percent(ratio)}＝{yuan(value)}")


def changed(sheet: Sheet) -> Worked:
    """涨了10%, 跌了20%: what is gained or lost, and what it has become: A·(1 ± r)."""
    figures = sheet.figures
    rates = figures.many("percent")
    amount = sheet.take("金额", figures.of("money"), ask="请问金额（本金）是多少？")
    value, steps = amount, []
    for one in rates:
        rate = sheet.take("跌幅" if _falls(sheet, one) else "涨幅", one)
        value *= 1 - rate if _falls(sheet, one) else 1 + rate
        steps.append(f"×(1{'－' if _falls(sheet, one) else '＋'}{percent(rate)})")
    gain = value - amount
    traded = sheet.has("赚", "亏", "盈", "投", "股", "基金", "市值", "净值")
    if traded:
        sheet.warn("未计费用；涨跌不代表以后。")
    up, down = ("盈利", "亏损") if traded else ("增加", "减少")
    return sheet.done(f"{up if gain >= 0 else down}{yuan(abs(gain))}，变为{yuan(value)}。", f"{number(amount)}{''.join(steps)}＝{yuan(value)}")


def _falls(sheet: Sheet, one: Stated) -> bool:
    last = re.findall(r"[涨跌亏赚降升贬缩减增]", sheet.question[: one.start]) or re.findall(r"[涨跌亏赚降升贬缩减增]", one.after)[:1]
    return bool(last) and bool(_FALLS.search(last[-1]) or last[-1] in "缩减")


def share(sheet: Sheet) -> Worked:
    """6300占18500的百分之几: part ÷ whole."""
    money = sheet.figures.many("money")
    if len(money) != 2:
        return None
    first, last = money
    # A占B, or A…B，占A: the whole is named behind 占, else the greater
    named = re.search(r"占(?:了|总|全部|家庭|我)?的?(?P<what>[一-鿿]{2,4}?)(?:的|百分|多少|比|[,。?]|$)", sheet.question)
    whole = next((m for m in money if named and named["what"] in m.before), None) or max(money, key=lambda m: m.value)
    part = last if whole is first else first
    a, b = sheet.take("部分", part), sheet.take("总数", whole)
    ratio = a / b
    return sheet.done(f"占{percent(ratio, 2)}。", f"{number(a)}÷{number(b)}＝{percent(ratio, 2)}")


def growth(sheet: Sheet) -> Worked:
    """从8000万到9200万: (B − A) ÷ A."""
    values = [f for f in sheet.figures.all if f.kind in ("money", "value")]
    if len(values) != 2:
        return None
    before, after = sheet.take("原来", values[0]), sheet.take("后来", values[1])
    rate = (after - before) / before
    return sheet.done(f"{'增长' if rate >= 0 else '下降'}{percent(abs(rate), 2)}。", f"({number(after)}－{number(before)})÷{number(before)}＝{percent(rate, 2)}")


def down_payment(sheet: Sheet) -> Worked:
    """首付两成五: price × share is paid down, the rest is lent."""
    figures = sheet.figures
    price = sheet.take("总价", figures.of("money", r"总价|房价|全价|车价|房"), figures.of("money"), ask="请问总价是多少？")
    ratio = sheet.take("首付比例", figures.of("percent", r"首付"), figures.of("percent"), ask="请问首付比例是多少？")
    down = price * ratio
    return sheet.done(f"首付{yuan(down)}，需贷款{yuan(price - down)}。",
                      f"首付{number(price)}×{percent(ratio)}＝{yuan(down)}；贷款{number(price)}－{number(down)}＝{yuan(price - down)}")


def currency(sheet: Sheet) -> Worked:
    """Foreign money × its price in yuan; banks state it for 100 units."""
    figures = sheet.figures
    numbers = [f for f in figures.all if f.kind in ("money", "value")]
    amount = next((f for f in numbers if re.match(r"\s?(?:美|欧|英|港|日|澳|加|新)", sheet.question[f.end :]) and f.value != 100), None)
    price = next((f for f in numbers if f is not amount and re.search(r"汇率|价|牌|[=＝兑换是按]$", f.before)), None)
    amount = amount or next((f for f in numbers if f is not price and f.value != 100), None)
    held = sheet.take("金额", amount, ask="请问换多少？")
    quoted = sheet.take("汇率", price, ask="请问汇率（每100外币合多少人民币）是多少？")
    hundred = bool(re.search(r"(?<!\d)100(?!\d)|每百|一百", sheet.question)) or quoted >= 100
    rate = quoted / 100 if hundred else quoted
    name = next((w for w in ("美元", "欧元", "英镑", "港元", "港币", "日元", "澳元", "加元") if w in sheet.question), "美元" if "美金" in sheet.question else "外币")
    shown = f"{number(quoted)}÷100" if hundred else number(quoted)
    if re.match(r"\s?(?:元人民币|人民币|块?人民币)", sheet.question[amount.end :]) or re.search(r"人民币[^,。]{0,4}$", amount.before):
        return sheet.done(f"可换约{number(held / rate, 2)}{name}。", f"{number(held)}÷({shown})＝{number(held / rate, 2)}")
    sheet.note("以成交时的牌价为准。")
    return sheet.done(f"约合人民币{yuan(held * rate)}。", f"{number(held)}×{shown}＝{yuan(held * rate)}")


def expression(sheet: Sheet) -> Worked:
    """12000×3.5%÷12等于多少: the expression as it stands."""
    found = [m.group() for m in _EXPRESSION.finditer(sheet.question) if re.search(r"[\d%)]\s?[-+×÷*/x]\s?[\d(]", m.group())]
    if len(found) != 1:
        return None
    shown = found[0].strip(" ,.").replace("x", "×")
    value = evaluated(shown)
    if value is None:
        return None
    sheet.maybe("算式", Stated("value", value, shown, 0, 0))
    return sheet.done(f"结果是{number(value)}。", f"{shown}＝{number(value)}")


def multiple(sheet: Sheet) -> Worked:
    """市盈率, 市净率: price ÷ earnings or assets a share."""
    figures = [f for f in sheet.figures.all if f.kind in ("money", "value")]
    if len(figures) != 2:
        return None
    name = "市净率" if sheet.has("市净率") else "市盈率"
    price = next((f for f in figures if re.search(r"股价|市价|收盘|市值|价格", f.before)), figures[0])
    each = next(f for f in figures if f is not price)
    a, b = sheet.take("股价", price), sheet.take("每股收益" if name == "市盈率" else "每股净资产", each)
    return sheet.done(f"{name}约{number(a / b, 2)}倍。", f"{number(a)}÷{number(b)}＝{number(a / b, 2)}")


def average(sheet: Sheet) -> Worked:
    """The mean of the sums that are stated."""
    money = [f for f in sheet.figures.all if f.kind in ("money", "value")]
    if len(money) < 2:
        return None
    values = [sheet.take(f"第{at}个", one) for at, one in enumerate(money, 1)]
    mean = sum(values, Decimal(0)) / len(values)
    return sheet.done(f"平均{yuan(mean)}。", f"({'＋'.join(number(v) for v in values)})÷{len(values)}＝{yuan(mean)}")
