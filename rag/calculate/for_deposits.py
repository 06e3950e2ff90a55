"""Recipes for deposits: fixed, by days, structured, and taken out early."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.calculate import savings
from rag.calculate.inputs import Found, cell_rate, nearest, percentages, term_fits
from rag.calculate.result import number, percent, yuan
from rag.calculate.sheet import Sheet, Worked

_RATE = r"利率|年化|年息|利息"


def deposit(sheet: Sheet) -> Worked:
    figures = sheet.figures
    principal = sheet.take("本金", figures.of("money"), ask="请问存入金额是多少？")
    if sheet.target == "structured":
        return _structured(sheet, principal)
    days = next((d for d in figures.many("days") if not re.match(r"期?通知", sheet.question[d.end :])), None)  # 7天通知存款
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
        sheet.custom("一年", "360天")
        formula = f"{number(principal)}×{percent(rate)}×{count}÷360"
    elif sheet.target == "monthly":
        interest = savings.instalment_deposit_interest(principal, rate, int(months))
        principal, formula = principal * months, f"{number(principal)}×{percent(rate)}÷12×{months}×({months}＋1)÷2"
    else:
        interest = savings.simple_interest(principal, rate, months / 12)
        formula = f"{number(principal)}×{percent(rate)}×{number(months / 12)}年"
    sheet.note("以存入时的挂牌利率为准；提前支取按活期计息。")
    return sheet.done(f"到期利息约{yuan(interest)}，本息合计{yuan(principal + interest)}。", f"{formula}＝{yuan(interest)}")


def early(sheet: Sheet) -> Worked:
    """提前支取: what is taken out early earns by days or months at the rate of 活期, the rest stays to its term."""
    figures = sheet.figures
    money = figures.many("money")
    out = next((m for m in money if figures.beside(m, r"支取|取出|取了|提前取")), None) if len(money) > 1 else None
    principal = sheet.take("本金", next((m for m in money if m is not out), None), ask="请问存了多少？")
    low = next((p for p in figures.many("percent") if "活期" in p.before), None)
    rate = sheet.take("活期利率", low, ask="请问支取日的活期利率是多少？")
    lengths = [f for f in figures.all if f.kind in ("days", "months") and not f.vague]
    held = next((f for f in lengths if re.search(r"才?存了|满|放了|过了|刚存", f.before[-4:])), None)
    time = sheet.take("已存时间", held, *[f for f in lengths if f.kind == "days"], ask="请问已经存了多久？")
    days = held.kind == "days" if held else True
    taken = sheet.take("支取金额", out) if out else principal
    if days:
        sheet.custom("一年", "360天")
    interest = savings.interest_by_days(taken, rate, int(time)) if days else savings.simple_interest(taken, rate, time / 12)
    formula = f"{number(taken)}×{percent(rate)}×" + (f"{int(time)}÷360" if days else f"{number(time / 12)}年")
    if out is None:
        sheet.note("提前支取按支取日挂牌活期利率计息。")
        return sheet.done(f"提前支取利息约{yuan(interest)}，本息{yuan(taken + interest)}。", f"{formula}＝{yuan(interest)}")
    term = next((f for f in lengths if f is not held and f.kind == "months"), None)
    months = sheet.take("存期", term, ask="请问原来存期是多长？")
    full = sheet.take("年利率", next((p for p in figures.many("percent") if p is not low), None), ask="请问原来的年利率是多少？")
    rest = savings.simple_interest(principal - taken, full, months / 12)
    if principal < taken:
        raise ValueError("more is taken out than was put in")
    return sheet.done(f"两笔利息合计约{yuan(interest + rest)}：提前支取{yuan(interest)}，到期部分{yuan(rest)}。",
                      f"{formula}＋({number(principal)}－{number(taken)})×{percent(full)}×{number(months / 12)}年＝{yuan(interest + rest)}")


def coupon(sheet: Sheet) -> Worked:
    """Interest of a bond since it last paid: face·coupon·days ÷ 365 (actual days, as bonds in China count)."""
    figures = sheet.figures
    face = sheet.take("面值", figures.of("money"), ask="请问面值是多少？")
    rate = sheet.take("票面利率", figures.of("percent"), ask="请问票面利率是多少？")
    length = figures.of("days") or figures.term()
    time = sheet.take("时间", length, ask="请问多长时间？")
    if length.kind == "months":
        interest = savings.simple_interest(face, rate, time / 12)
        return sheet.done(f"利息{yuan(interest)}。", f"{number(face)}×{percent(rate)}×{number(time / 12)}年＝{yuan(interest)}")
    basis = 360 if sheet.has("360天") else 365
    if not sheet.has("360天", "365天"):
        sheet.custom("一年", "365天")
    interest = savings.interest_by_days(face, rate, int(time), basis)
    return sheet.done(f"应计利息{yuan(interest)}。", f"{number(face)}×{percent(rate)}×{int(time)}÷{basis}＝{yuan(interest)}")


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
