"""Recipes for the sum a stated ratio gives: fees and penalties, interest by days, reimbursement."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.calculate import savings, shares
from rag.calculate.inputs import (
    Found,
    Text,
    bounds,
    cell_rate,
    grams,
    measure_fits,
    nearest,
    percentages,
    row_rate,
    said_rate,
)
from rag.calculate.result import number, percent, rounded, yuan
from rag.calculate.sheet import Sheet, Worked
from rag.calculate.stated import Stated

_ITEM = re.compile(r"违约金|印花税|佣金|过户费|滞纳金|手续费|销售服务费|服务费|管理费|托管费|保证金|首付|最低还款")
_SET_BY_HOUSE = re.compile(r"费$|税$|违约金|滞纳金")
_DEFAULT_SORT = grams("股票a股")
_YEARLY = ("管理费", "托管费", "服务费", "销售服务费")
# what customers say and tables call otherwise
_SAID_AS = ((r"没还清|没结清|还一部分|部分", "部分提前还款"), (r"(?<!没)(?<!未)(?:还清|结清|全还|一次还完)", "全部提前还款结清"))


def part(sheet: Sheet) -> Worked:
    figures = sheet.figures
    items = _ITEM.findall(sheet.question)
    item, name = bool(items), items[-1] if items else "费用"
    stated = figures.of("percent", name) or (figures.of("percent") if len(figures.many("percent")) == 1 else None)
    found = None
    if stated is None and item and name != "佣金":  # the rate of a commission is the customer's own
        found = _ratio(sheet, name)
    if stated is None and found is None and (_SET_BY_HOUSE.search(name) or not figures.many("money")):
        return None  # the very thing that is asked
    rate = sheet.take(f"{name}比例", stated, found, ask=f"请问{name}的比例是多少？")
    money = figures.many("money")
    text = next((t for t in sheet.texts if found and t.index == found.index and names(t, name)), None)
    words = (text.said or " ".join(text.row)) if text else ""
    if "未还部分" in words and len(money) == 2 and figures.beside(money[1], r"还"):
        due, repaid = sheet.take("应还", money[0]), sheet.take("已还", money[1])
        base, shown = due - repaid, f"({number(due)}－{number(repaid)})"
    elif len(money) == 1:
        base = sheet.take("金额", money[0])
        shown = number(base)
    else:
        return None
    # floor and cap may stand in another text of the same rule than the one the ratio was read from
    same = [t for t in sheet.texts if found and names(t, name) and found.raw in t.said + " ".join(t.row)]
    least, most = next((b for t in [text, *same] if t and (b := bounds(t)) != (None, None)), (None, None))
    value = shares.part(base, rate, least, most)
    formula = f"{shown}×{percent(rate)}"
    days = figures.of("days")
    if name in _YEARLY:
        if days:
            count = int(sheet.take("天数", days))
            value, formula = savings.interest_by_days(base, rate, count, 365), f"{formula}×{count}÷365"
        else:
            sheet.note("按持有一年、金额不变计算。")
    elif name == "滞纳金" and days:
        count = int(sheet.take("天数", days))
        value, formula = base * rate * count, f"{formula}×{count}天"
    elif days and name != "违约金":
        return None
    if rounded(value) != rounded(base * rate) and (least, most) != (None, None):
        formula += "，低于最低额按最低额" if value == least else "，高于最高额按最高额"
    if name == "佣金" and least is None:
        sheet.note("未计每笔最低佣金。")
    return sheet.done(f"{name}为{yuan(value)}。", f"{formula}＝{yuan(value)}")


def names(text: Text, name: str) -> bool:
    return name in text.about + text.said + " ".join((*text.header, *text.row))


def _ratio(sheet: Sheet, name: str) -> Found | None:
    """The ratio of `name` by table cell, row or sentence; where these give different values there is none."""
    question = sheet.question
    for pattern, words in _SAID_AS:
        if re.search(pattern, question):
            question += " " + words
            break
    sort = r"部分" if "部分提前还款" in question else r"全部" if "全部提前还款" in question else ""
    fits = [measure_fits(m.value, "月", r"时间|期间|持有|时点|阶段|放款") for m in sheet.figures.many("months")]
    fits += [measure_fits(m.value, "元", r"^金额|金额区间|成交金额|m") for m in sheet.figures.many("money")[:1]]
    under = [t for t in sheet.texts if t.row and name in t.about]
    timed = cell_rate(question, under, sort or name, fits, need=1 if sheet.figures.many("months") else 0) if (
        sort or sheet.figures.many("months")) else None
    if timed or (sort and under):
        return timed
    options = [row_rate(question, sheet.texts, name, not_rows=r"停用|废止"),
               cell_rate(question, [t for t in sheet.texts if t.row and _about_asked(t, sheet.question)], name, fits),
               said_rate(question, sheet.texts, name)]
    given = [o for o in options if o]
    return given[0] if len({o.value for o in given}) == 1 else None


def _about_asked(text: Text, question: str) -> bool:
    """Whether the row is of a sort the question names; shares are what is meant where no sort is named."""
    return bool((grams(text.row[0]) - _DEFAULT_SORT) & grams(question))


def penalty_interest(sheet: Sheet) -> Worked:
    figures = sheet.figures
    overdue = sheet.take("逾期本金", figures.of("money", r"本金|逾期|欠"), figures.of("money"), ask="请问逾期金额（本金）是多少？")
    days = int(sheet.take("逾期天数", figures.of("days", r"逾期"), figures.of("days"), ask="请问逾期了多少天？"))
    daily = next((p for p in figures.many("percent") if is_daily(p)), None)
    if daily:
        rate = sheet.take("日利率", daily)
        return sheet.done(f"罚息约{yuan(overdue * rate * days)}。", f"{number(overdue)}×{percent(rate)}×{days}＝{yuan(overdue * rate * days)}")
    rate = sheet.take("年利率", figures.of("percent", r"年利率|利率|年化"), ask="请问贷款合同的年利率是多少？")
    stated = figures.of("percent", r"上浮|加收")
    surcharge = sheet.take("罚息上浮", stated, None if stated else _surcharge(sheet), ask="请问罚息在合同利率上加收（上浮）多少？")
    fine = shares.penalty_interest(overdue, rate, surcharge, days)
    sheet.custom("一年", "360天")
    sheet.note("未计复利；以合同为准。")
    return sheet.done(f"罚息约{yuan(fine)}。",
                      f"{number(overdue)}×{percent(rate)}×(1＋{percent(surcharge)})÷360×{days}＝{yuan(fine)}")


def is_daily(one: Stated) -> bool:
    """Whether a rate is one a day: 日利率0.05%, 一天万分之五, 万分之五."""
    return bool(re.search(r"日(?!期|常)|天", one.before[-6:])) or one.raw.startswith("万分之")


_FINE_WORDS = re.compile(r"罚息|逾期|本金|年?利率|贷款|上浮|加收|个人|合同|多少")


def _surcharge(sheet: Sheet) -> Found | None:
    """上浮50% of the product that is named, from a row or from the clause of a sentence that names it."""
    options = []
    for text in sheet.texts:
        if text.example or "挪用" in text.said + text.about:
            continue
        pieces = [f"{text.row[0]} {h}：{c}" for h, c in zip(text.header[1:], text.row[1:], strict=False)
                  if "挪用" not in h + text.row[0]] if text.row else re.split(r"[,;。]", text.said)
        for piece in pieces:
            rates = percentages(piece)
            if len(rates) != 1 or not re.search(r"罚息|逾期", piece + text.said + text.about):
                continue
            if re.search(r"上浮|加收", piece) or ("罚息" in text.said and "为" in piece):
                # of whom it speaks: of the loan it names, else of the document's
                words = piece if re.search(r"贷|卡", piece) else text.about
                options.append((Found(*rates[0], text.index, piece), words))
    return nearest(_FINE_WORDS.sub(" ", sheet.question), options, least=1)


def days_interest(sheet: Sheet) -> Worked:
    figures = sheet.figures
    principal = sheet.take("本金", figures.of("money"), ask="请问金额（本金）是多少？")
    days = int(sheet.take("天数", figures.of("days"), ask="请问多少天？"))
    stated = figures.of("percent", r"利率|年化|息") or figures.of("percent")
    daily = bool(stated and is_daily(stated))
    found = None
    if stated is None:
        kind = next((w for w in ("融资", "融券", "透支", "质押") if w in sheet.question), "")
        found = cell_rate(sheet.question, [t for t in sheet.texts if kind and kind in t.about + "".join(t.header)],
                          r"年利率|年费率", (), r"融券" if kind == "融资" else "融资" if kind == "融券" else "")
    rate = sheet.take("日利率" if daily else "年利率", stated, found, ask="请问年利率是多少？")
    if daily:
        interest, formula = principal * rate * days, f"{number(principal)}×{percent(rate)}×{days}"
    else:
        stated_basis = re.search(r"36[05](?=天)", sheet.question)
        basis = int(stated_basis.group()) if stated_basis else _basis(sheet)
        interest, formula = savings.interest_by_days(principal, rate, days, basis), f"{number(principal)}×{percent(rate)}×{days}÷{basis}"
    return sheet.done(f"{days}天利息约{yuan(interest)}。", f"{formula}＝{yuan(interest)}")


def _basis(sheet: Sheet) -> int:
    """360 or 365 as the evidence says for interest; 360 where it says nothing."""
    for text in sheet.texts:
        if m := re.search(r"计息[^。;]{0,8}(36[05])\s?天|[÷/](36[05])", text.said):
            sheet.maybe("计息天数", Found(Decimal(m[1] or m[2]), m.group(), text.index))
            return int(m[1] or m[2])
    sheet.custom("一年", "360天")
    return 360


def reimburse(sheet: Sheet) -> Worked:
    figures = sheet.figures
    deductible = figures.of("money", r"免赔|起付")
    cost = next((m for m in figures.many("money") if m is not deductible and not figures.beside(m, r"报销了|已报|医保报")), None)
    covered = next((m for m in figures.many("money") if m not in (cost, deductible)), None)
    spent = sheet.take("费用", cost, ask="请问费用一共是多少？")
    paid = sheet.maybe("已报销", covered) or Decimal(0)
    free = sheet.take("免赔额（起付线）", deductible, Stated("money", Decimal(0), "0", 0, 0) if sheet.has("没有免赔", "无免赔", "0免赔", "不扣免赔")
                      else None, ask="请问免赔额（起付线）是多少？")
    ratio = sheet.take("赔付比例", figures.of("percent"), ask="请问报销（赔付）比例是多少？")
    value = shares.reimbursed(spent - paid, free, ratio)
    left = f"{number(spent)}－" + (f"{number(paid)}－" if paid else "") + number(free)
    sheet.note("以费用全部属于保障范围、不超过限额为前提。")
    if sheet.target == "own":
        own = spent - paid - value
        return sheet.done(f"自付约{yuan(own)}，可赔付{yuan(value)}。", f"{number(spent - paid)}－({left})×{percent(ratio)}＝{yuan(own)}")
    return sheet.done(f"可赔付约{yuan(value)}。", f"({left})×{percent(ratio)}＝{yuan(value)}")
