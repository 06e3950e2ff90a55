"""Recipes for income tax and social insurance contributions."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.calculate import taxes
from rag.calculate.for_wages import INSURED, NO_OTHER, deductions
from rag.calculate.inputs import Text, percentages
from rag.calculate.result import Input, number, percent, yuan
from rag.calculate.sheet import Needed, Sheet, Worked
from rag.calculate.stated import Stated

_KINDS = (("基本养老保险", r"养老"), ("基本医疗保险", r"医疗|医保"), ("失业保险", r"失业"), ("工伤保险", r"工伤"), ("住房公积金", r"公积金"))
_EMPLOYED = r"企业|职工|在职"
_BOTH = re.compile(r"单位.{0,3}[和加跟与、].{0,3}(?:个人|自己)|(?:个人|自己).{0,3}[和加跟与、].{0,3}单位|双方|两边")
_BY_EMPLOYER = re.compile(r"单位(?:这边|那边|部分|要|得|应|每月|一共|总共)|替(?:他|她|员工)|(?:请|雇|招)了?.{0,3}员工|给员工")


def tax_on(sheet: Sheet) -> Worked:
    income = sheet.take("应纳税所得额", sheet.figures.of("money", r"应纳税所得"), sheet.figures.of("money"))
    business = sheet.has("经营")
    table = taxes.BUSINESS if business else taxes.YEARLY
    if not business and sheet.has("每月", "月应纳税"):
        return None
    return _by_bracket(sheet, income, table, "经营所得" if business else "综合所得")


def _by_bracket(sheet: Sheet, income: Decimal, table: taxes.Table, name: str) -> Worked:
    tax = taxes.tax_on(income, table)
    bracket = table.bracket(max(income, Decimal(0)))
    sheet.law("税率", percent(bracket.rate), table.law)
    return sheet.done(f"{name}个人所得税为{yuan(tax)}。",
                      f"{number(income)}×{percent(bracket.rate)}－{number(bracket.quick)}＝{yuan(tax)}")


def bonus(sheet: Sheet) -> Worked:
    amount = sheet.take("年终奖", sheet.figures.of("money", r"年终奖|奖金"), sheet.figures.of("money"))
    tax = taxes.bonus_tax(amount)
    bracket = taxes.MONTHLY.bracket(amount / 12)
    sheet.law("税率", percent(bracket.rate), taxes.MONTHLY.law)
    sheet.note("按单独计税；也可并入综合所得，二者择低。")
    return sheet.done(f"年终奖单独计税应缴{yuan(tax)}，税后{yuan(amount - tax)}。",
                      f"{number(amount)}÷12对应税率{percent(bracket.rate)}；{number(amount)}×{percent(bracket.rate)}－"
                      f"{number(bracket.quick)}＝{yuan(tax)}")


def year_tax(sheet: Sheet) -> Worked:
    figures = sheet.figures
    stated = figures.of("money", r"年薪|收入|工资") or figures.of("money")
    income = sheet.take("全年收入", stated, ask="请问全年税前收入是多少？")
    none = re.search(r"(?:没有|无|不考虑|没)(?:其他|任何)?(?:专项|附加|扣除|社保|五险|三险)", sheet.question)
    insured, special = deductions(sheet, stated)
    if not none and insured is None and special is None:
        raise Needed("三险一金和专项附加扣除", "请问全年个人缴纳的三险一金和专项附加扣除各是多少？")
    less = [(sheet.maybe("三险一金", insured) or Decimal(0)), (sheet.maybe("专项附加扣除", special) or Decimal(0))]
    taxable = income - taxes.ALLOWANCE - sum(less)
    tax = taxes.tax_on(taxable)
    bracket = taxes.YEARLY.bracket(max(taxable, Decimal(0)))
    sheet.law("基本减除费用", "60,000元", taxes.ALLOWANCE_LAW)
    if taxable > 0:
        sheet.law("税率", percent(bracket.rate), taxes.YEARLY.law)
    sheet.note("未说明的扣除按0计算。")
    if taxable <= 0:
        return sheet.done("应纳税所得额不超过0，不用缴纳综合所得个税。", f"{number(income)}－60,000－{number(sum(less))}≤0")
    return sheet.done(f"全年综合所得个税约{yuan(tax)}。",
                      f"({number(income)}－60,000－{number(sum(less))})×{percent(bracket.rate)}－{number(bracket.quick)}＝{yuan(tax)}")


def wages_tax(sheet: Sheet) -> Worked:
    """The year's tax on twelve equal wages; deductions are a month's unless the question says 全年 of them."""
    figures = sheet.figures
    stated = figures.of("money", r"月薪|工资|税前|收入") or figures.of("money")
    wage = sheet.take("月工资", stated, ask="请问每月税前工资是多少？")
    insured, special = deductions(sheet, stated)
    if insured is None and not re.search(NO_OTHER, sheet.question):
        raise Needed("三险一金", "请问每月个人缴纳的三险一金和专项附加扣除各是多少？")
    less = []
    for name, one in (("三险一金", insured), ("专项附加扣除", special)):
        value = sheet.maybe(name, one) or Decimal(0)
        less.append(value if one and re.search(r"全年|一年|每年", one.before) else value * 12)
    taxable = wage * 12 - taxes.ALLOWANCE - sum(less)
    bracket, tax = taxes.YEARLY.bracket(max(taxable, Decimal(0))), taxes.tax_on(taxable)
    sheet.law("基本减除费用", "60,000元", taxes.ALLOWANCE_LAW)
    if taxable > 0:
        sheet.law("税率", percent(bracket.rate), taxes.YEARLY.law)
    sheet.note("按12个月工资相同、没有其他收入计算；未说明的扣除按0计算。")
    shown = f"{number(wage)}×12－60,000－{number(sum(less))}"
    if taxable <= 0:
        return sheet.done("应纳税所得额不超过0，不用缴纳综合所得个税。", f"{shown}≤0")
    return sheet.done(f"全年综合所得个税约{yuan(tax)}。", f"({shown})×{percent(bracket.rate)}－{number(bracket.quick)}＝{yuan(tax)}")


def net_wage(sheet: Sheet) -> Worked:
    figures = sheet.figures
    stated = figures.of("money", r"月薪|工资|税前|收入") or figures.of("money")
    wage = sheet.take("月工资", stated, ask="请问每月税前工资是多少？")
    base = next((m for m in figures.many("money") if m is not stated and figures.beside(m, r"基数")), None)
    rest = [m for m in figures.many("money") if m not in (stated, base)]
    special_stated = next((m for m in rest if figures.beside(m, r"专项|附加")), None)
    insured_stated = next((m for m in rest if m is not special_stated and figures.beside(m, rf"{INSURED}|扣除")), None)
    insured = sheet.maybe("三险一金", insured_stated)
    if insured is None and base and figures.many("percent"):
        basis = sheet.take("缴费基数", base)
        insured = basis * sum(sheet.take("个人比例", one) for one in figures.many("percent"))
    elif insured is None:
        try:
            insured = sum(base * rate for base, rate in _contributions(
                sheet, wage, {"基本养老保险", "基本医疗保险", "失业保险", "住房公积金"}).values())
        except Needed as needed:
            if "公积金" in needed.missing.name:  # the one rate that differs from firm to firm
                raise
            raise Needed("三险一金", "请问每月个人缴纳的社保和公积金一共是多少？") from None
    special = sheet.maybe("专项附加扣除", special_stated) or Decimal(0)
    taxable = max(Decimal(0), wage - insured - special - taxes.MONTHLY_ALLOWANCE)
    [tax] = taxes.withheld([(wage, insured, special)])
    bracket = taxes.YEARLY.bracket(taxable)
    less = f"－{number(special)}" if special else ""
    sheet.law("基本减除费用", "每月5,000元", taxes.ALLOWANCE_LAW)
    sheet.law("预扣率", percent(bracket.rate), taxes.WITHHOLDING_LAW)
    sheet.note(f"为1月的预扣数{'' if special else '，未计专项附加扣除'}；累计预扣，以后月份税额可能升高。")
    return sheet.done(f"五险一金个人约{yuan(insured)}，1月个税约{yuan(tax)}，到手约{yuan(wage - insured - tax)}。",
                      f"个税＝({number(wage)}－{number(insured, 2)}－5,000{less})×{percent(bracket.rate)}－{number(bracket.quick)}＝{yuan(tax)}；"
                      f"到手＝{number(wage)}－{number(insured, 2)}－{number(tax, 2)}" if taxable else
                      f"{number(wage)}－{number(insured, 2)}－5,000{less}≤0，不缴个税；{number(wage)}－{number(insured, 2)}")


def contributions(sheet: Sheet) -> Worked:
    figures = sheet.figures
    top = figures.of("money", r"上限|封顶")
    others = [m for m in figures.many("money") if m is not top]
    named_base = next((m for m in others if figures.beside(m, r"基数")), None)
    wage = sheet.take("缴费基数", named_base, next((m for m in others if figures.beside(m, r"月薪|工资|收入")), None), *others[:1],
                      ask="请问缴费基数（月工资）是多少？")
    cap = sheet.maybe("基数上限", top)
    yearly = bool(re.search(r"一年|全年|每年", sheet.question))
    named = {name for name, words in _KINDS if re.search(words, sheet.question)}
    if sheet.has("五险一金", "三险一金"):
        named = {name for name, _ in _KINDS}
    elif re.search(r"(?:社保|五险)(?!(?:的|缴费|缴纳)?(?:基数|上限|下限))", sheet.question):
        named |= {name for name, _ in _KINDS[:4]}
    if _BOTH.search(sheet.question):
        return _of_both(sheet, wage if cap is None else min(wage, cap), named)
    employer = bool(_BY_EMPLOYER.search(sheet.question)) or (
        bool(re.search(r"单位|公司", sheet.question)) and not sheet.has("个人", "自己", "我"))
    if employer and "工伤保险" in named and len(named) > 1 and _stated_rate(sheet, r"工伤", named) is None:
        raise Needed("工伤保险费率", "请问单位的工伤保险费率是多少？")
    each = _contributions(sheet, wage, named, employer, cap)
    total = sum(base * rate for base, rate in each.values())
    who = "单位" if employer else "个人"
    parts = "＋".join(f"{number(base)}×{percent(rate)}" for base, rate in each.values() if rate)
    if any(base != wage for base, _ in each.values()):
        sheet.note("基数超出上下限的按上下限。")
    of_year = f"，一年{yuan(total * 12)}" if yearly else ""
    return sheet.done(f"{who}每月缴{yuan(total)}{of_year}。", f"{parts}＝{yuan(total)}")


def _of_both(sheet: Sheet, wage: Decimal, named: set[str]) -> Worked:
    """What employer and employee pay together, where the question states the rates: one for each of them, or both."""
    stated = sheet.figures.many("percent")
    if len(named) != 1 or len(stated) > 2:
        return None
    [name] = named
    rates = [sheet.take("缴存比例", one) for one in stated]
    if not rates:
        raise Needed(f"{name}比例", f"请问单位和个人的{name}缴存比例各是多少？")
    rates = rates * 2 if len(rates) == 1 else rates
    total = wage * sum(rates)
    return sheet.done(f"单位和个人每月共缴{yuan(total)}。", f"{number(wage)}×({'＋'.join(percent(r) for r in rates)})＝{yuan(total)}")


def flexible(sheet: Sheet) -> Worked:
    """灵活就业: base × rate, paid by oneself alone."""
    figures = sheet.figures
    base = sheet.take("缴费基数", figures.of("money", r"基数"), figures.of("money"), ask="请问选的缴费基数是多少？")
    rate = sheet.take("缴费比例", figures.of("percent"), ask="请问缴费比例是多少？")
    total = base * rate
    sheet.note("以当地公布的基数和比例为准。")
    return sheet.done(f"每月缴{yuan(total)}，一年{yuan(total * 12)}。", f"{number(base)}×{percent(rate)}＝{yuan(total)}，×12＝{yuan(total * 12)}")


def _stated_rate(sheet: Sheet, words: str, named: set[str]) -> Stated | None:
    return next((p for p in sheet.figures.many("percent") if sheet.figures.beside(p, words) or len(named) == 1), None)


def _contributions(sheet: Sheet, wage: Decimal, named: set[str], employer: bool = False,
                   top: Decimal | None = None) -> dict[str, tuple[Decimal, Decimal]]:
    """(base, rate) by name, from rows that hold a rate and a floor and cap of the base; a rate and cap of the question go first."""
    each = {}
    for name, words in _KINDS:
        if name not in named:
            continue
        side = r"单位" if employer else r"个人|职工"
        stated = _stated_rate(sheet, words, named)
        row = _row(sheet, words, side)
        if row is None and stated is None:
            if not employer and name == "工伤保险":
                continue  # employees pay none, 社会保险法第三十三条
            raise Needed(f"{name}比例", f"请问{name}的{'单位' if employer else '个人'}缴费比例是多少？")
        cell = row.column(side, r"月缴|下限|上限")[0][1] if row else ""
        found = percentages(cell)
        if stated is not None:
            rate = sheet.take(name.removeprefix("基本"), stated)
        elif len(found) == 1:
            rate = found[0][0]
            sheet.inputs.append(_input(name.removeprefix("基本"), found[0][1], row))
        elif not found and re.fullmatch(r"0%?|[—-]|不缴", cell):
            continue
        else:
            raise Needed(f"{name}比例", f"请问您的{name}缴存比例是多少（{cell}）？")
        floor, cap = _bound(row, "下限"), top or _bound(row, "上限")
        each[name] = (taxes.base_within(wage, floor, cap), rate)
        if row and ((floor and wage < floor) or (cap and wage > cap and not top)):
            sheet.inputs.append(_input(f"{name}基数{'下' if floor and wage < floor else '上'}限",
                                       f"{floor if floor and wage < floor else cap}元", row))
    return each


def _row(sheet: Sheet, words: str, side: str) -> Text | None:
    """The one row of employees for an insurance; None where rows differ."""
    rows = [t for t in sheet.texts if t.row and t.column(side, r"月缴|下限|上限") and t.column("上限")
            and re.search(words, " ".join(t.row[:3])) and re.search(_EMPLOYED, " ".join(t.row[:2]))]
    private = [t for t in rows if "企业" in t.row[0]] or rows
    said = {t.column(side, r"月缴|下限|上限")[0][1] for t in private}
    return private[0] if len(said) == 1 else None


def _bound(row: Text | None, which: str) -> Decimal | None:
    for _, cell in row.column(which, r"缴$") if row else ():
        if m := re.fullmatch(r"([\d,]+(?:\.\d+)?)元?", cell):
            return Decimal(m[1].replace(",", ""))
    return None


def _input(name: str, value: str, row: Text) -> Input:
    return Input(name, value, row.index)
