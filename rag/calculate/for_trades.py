"""Recipes for shares: what a purchase or sale costs, what it leaves, and what both together earn."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.calculate import shares
from rag.calculate.for_shares import names
from rag.calculate.inputs import bounds, row_rate, said_rate
from rag.calculate.result import number, percent, rounded, yuan
from rag.calculate.sheet import Sheet, Worked
from rag.calculate.stated import Stated

_LEFT_OUT = r"(?:不算|忽略|不计|不考虑|免收?|免了)"


def trade(sheet: Sheet) -> Worked:
    """What one purchase or sale of A shares costs: commission, transfer fee, and stamp duty where they are sold."""
    figures = sheet.figures
    prices = _prices(sheet)
    if len(prices) == 2 and sheet.target == "earned":
        return _round_trip(sheet, prices)
    if len(prices) > 1 or (re.search(r"买.*卖|卖.*买", sheet.question) and sheet.target != "proceeds"):
        return None
    sells = bool(re.search(r"卖|抛", sheet.question))
    count = sheet.take("股数", figures.of("shares"), ask="请问多少股？")
    price = sheet.take("每股价格", *prices, ask="请问每股成交价是多少？")
    amount = count * price
    items = _costs(sheet, amount, sells)
    total = sum(rounded(value) for _, value, _ in items)
    formula = "；".join(f"{name}{number(amount)}×{percent(each)}＝{yuan(value)}" if rounded(value) == rounded(amount * each)
                       else f"{name}按最低{yuan(value)}" for name, value, each in items)
    if sheet.target == "proceeds":
        left = amount - total if sells else amount + total
        return sheet.done(f"{'到手' if sells else '共付'}约{yuan(left)}，费用合计{yuan(total)}。",
                          f"{number(count)}×{number(price)}{'－' if sells else '＋'}{number(total, 2)}＝{yuan(left)}（{formula}）")
    return sheet.done(f"{'卖出' if sells else '买入'}费用合计约{yuan(total)}。", formula)


def _round_trip(sheet: Sheet, prices: list[Stated]) -> Worked:
    """Bought and sold: the difference less the costs of both."""
    count = sheet.take("股数", sheet.figures.of("shares"), ask="请问多少股？")
    bought, sold = prices
    if re.search(r"^[^,。]{0,8}卖", sheet.question[bought.end :]) and re.search(r"^[^,。]{0,8}买", sheet.question[sold.end :]):
        bought, sold = sold, bought
    cost, got = count * sheet.take("买入价", bought), count * sheet.take("卖出价", sold)
    fees = [*_costs(sheet, cost, False), *_costs(sheet, got, True)]
    total = sum(value for _, value, _ in fees)
    gain = got - cost - total
    shown = "－".join(f"{name}{number(value, 2)}" for name, value, _ in fees)
    sheet.inputs[:] = list(dict.fromkeys(sheet.inputs))
    sheet.caveats[:] = list(dict.fromkeys(sheet.caveats))
    return sheet.done(f"{'净赚' if gain >= 0 else '净亏'}约{yuan(abs(gain))}。", f"{number(got - cost, 2)}－{shown}＝{yuan(gain)}")


def _prices(sheet: Sheet) -> list[Stated]:
    """The prices of the question; a floor of the commission (最低5块) is none."""
    return sorted((m for m in (*sheet.figures.many("money"), *sheet.figures.many("value")) if not re.search(r"最低|至少|不足", m.before[-4:])),
                  key=lambda m: m.start)


def _costs(sheet: Sheet, amount: Decimal, sells: bool) -> list[tuple[str, Decimal, Decimal]]:
    """(name, yuan, rate): the rates of the question go before those of the documents."""
    figures, question = sheet.figures, sheet.question
    stamp = figures.of("percent", r"印花税")
    moved = figures.of("percent", r"过户费")
    rate = sheet.take("佣金率", figures.of("percent", r"佣金|费率|手续费"),
                      next((p for p in figures.many("percent") if p not in (stamp, moved)), None), ask="请问您的佣金率是多少？")
    said = next((m for m in figures.many("money") if re.search(r"最低|至少|不足", m.before[-4:])), None)
    least = sheet.maybe("最低佣金", said)
    if least is None:
        least, _ = next((b for t in sheet.texts if names(t, "佣金") and (b := bounds(t))[0]), (None, None))
    items = [("佣金", shares.part(amount, rate, least), rate)]
    for name, stated in (("过户费", moved), ("印花税", stamp)):
        if (name == "印花税" and not sells) or re.search(rf"{name}[^,。]{{0,3}}{_LEFT_OUT}|{_LEFT_OUT}[^,。]{{0,2}}{name}", question):
            continue
        if stated is None and re.search(rf"(?:别的|其他|其它|另外的?)(?:费用|费)?[^,。]{{0,3}}{_LEFT_OUT}", question):
            continue
        found = None if stated else (row_rate(name, sheet.texts, name, not_rows=r"停用|废止|港股|新三板|b股") or said_rate(name, sheet.texts, name))
        if name == "印花税" and not (stated or found):
            sheet.law("印花税费率", percent(shares.STAMP), shares.STAMP_LAW)
            items.append((name, amount * shares.STAMP, shares.STAMP))
            continue
        if not (stated or found):
            sheet.note(f"未计{name}。")
            continue
        each = sheet.take(f"{name}费率", stated, found)
        items.append((name, amount * each, each))
    sheet.note("未计每笔最低佣金。" if least is None else f"佣金每笔最低{yuan(least)}。")
    return items
