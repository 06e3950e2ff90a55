"""Recipes for the tax of one month, of wages with a bonus, and of pay for services."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.calculate import taxes
from rag.calculate.result import number, percent, yuan
from rag.calculate.sheet import Needed, Sheet, Worked
from rag.calculate.stated import Stated
from rag.text.chinese_numbers import chinese_number

INSURED, SPECIAL = r"社保|公积金|五险|三险", r"专项|附加|扣除|子女|赡养|房贷|房租|租房|继续教育|婴"
NO_OTHER = r"(?:没有|没|无|不考虑|不算)[^,。]{0,6}(?:扣除|社保|五险|三险)"
_MONTH = re.compile(r"(?<![\d一二两三四五六七八九十第])(1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月(?:份)?")


def deductions(sheet: Sheet, wage: Stated) -> tuple[Stated | None, Stated | None]:
    """(三险一金, 专项附加扣除) as the question states them."""
    rest = [m for m in sheet.figures.many("money") if m is not wage]
    insured = next((m for m in rest if sheet.figures.beside(m, INSURED)), None)
    special = next((m for m in rest if m is not insured and sheet.figures.beside(m, SPECIAL)), None)
    return insured, special


def month_tax(sheet: Sheet) -> Worked:
    """累计预扣法: the tax withheld in the month that is asked about, twelve months being alike."""
    months = [chinese_number(m[1]) for m in _MONTH.finditer(sheet.question)]
    stated = _wage(sheet)
    if not months or stated is None:
        return None
    count = int(months[-1])
    wage = sheet.take("月工资", stated)
    insured_stated, special_stated = deductions(sheet, stated)
    if insured_stated is None and not re.search(NO_OTHER, sheet.question):
        raise Needed("三险一金", "请问每月个人缴纳的三险一金和专项附加扣除各是多少？")
    insured = sheet.maybe("三险一金", insured_stated) or Decimal(0)
    special = sheet.maybe("专项附加扣除", special_stated) or Decimal(0)
    each = wage - insured - special - taxes.MONTHLY_ALLOWANCE
    paid = taxes.withheld([(wage, insured, special)] * count)
    sheet.law("基本减除费用", "每月5,000元", taxes.ALLOWANCE_LAW)
    sheet.law("累计预扣法", "", taxes.WITHHOLDING_LAW)
    sheet.note("按当年1月起受雇、每月相同计算。")
    if each <= 0:
        return sheet.done(f"{count}月不用预扣个税。", f"{number(wage)}－{number(insured)}－{number(special)}－5,000≤0")
    bracket, before = taxes.YEARLY.bracket(each * count), sum(paid[:-1])
    return sheet.done(f"{count}月预扣个税{yuan(paid[-1])}。",
                      f"累计{number(each)}×{count}＝{number(each * count)}，×{percent(bracket.rate)}－{number(bracket.quick)}"
                      f"－前{count - 1}个月已扣{number(before, 2)}＝{yuan(paid[-1])}" if count > 1 else
                      f"({number(wage)}－{number(insured)}－{number(special)}－5,000)×{percent(bracket.rate)}＝{yuan(paid[-1])}")


def wages_and_bonus(sheet: Sheet) -> Worked:
    """A year's tax on twelve equal wages and a bonus: taxed together (并入) or the bonus by itself."""
    figures = sheet.figures
    award = figures.of("money", r"年终奖|奖金")
    stated = next((m for m in figures.many("money") if m is not award and figures.beside(m, r"月薪|工资|税前|收入")), None)
    wage, bonus = sheet.take("月工资", stated, ask="请问每月税前工资是多少？"), sheet.take("年终奖", award, ask="请问年终奖是多少？")
    insured_stated, special_stated = deductions(sheet, stated)
    if insured_stated is None and not re.search(NO_OTHER, sheet.question):
        raise Needed("三险一金", "请问每月个人缴纳的三险一金和专项附加扣除各是多少？")
    less = ((sheet.maybe("每月三险一金", insured_stated) or Decimal(0)) + (sheet.maybe("每月专项附加扣除", special_stated) or Decimal(0))) * 12
    taxable = wage * 12 - taxes.ALLOWANCE - less
    together, alone = taxes.tax_on(taxable + bonus), taxes.tax_on(taxable) + taxes.bonus_tax(bonus)
    sheet.law("基本减除费用", "60,000元", taxes.ALLOWANCE_LAW)
    sheet.law("税率", percent(taxes.YEARLY.bracket(max(taxable, Decimal(0))).rate), taxes.YEARLY.law)
    shown = f"{number(wage)}×12－60,000－{number(less)}"
    if re.search(r"并入|并在|合并|一起计|不单独|不要单独", sheet.question):
        bracket = taxes.YEARLY.bracket(max(taxable + bonus, Decimal(0)))
        return sheet.done(f"年终奖并入综合所得，全年个税{yuan(together)}（单独计税共{yuan(alone)}）。",
                          f"({shown}＋{number(bonus)})×{percent(bracket.rate)}－{number(bracket.quick)}＝{yuan(together)}")
    bracket = taxes.MONTHLY.bracket(bonus / 12)
    sheet.law("年终奖税率", percent(bracket.rate), taxes.MONTHLY.law)
    return sheet.done(f"工资和年终奖（单独计税）全年个税共{yuan(alone)}（并入综合所得共{yuan(together)}）。",
                      f"({shown})的税{number(taxes.tax_on(taxable), 2)}＋({number(bonus)}×{percent(bracket.rate)}－{number(bracket.quick)})＝{yuan(alone)}")


def pay(sheet: Sheet) -> Worked:
    """预扣预缴 of 劳务报酬, 稿酬 and 特许权使用费."""
    amount = sheet.take("收入", sheet.figures.of("money"), ask="请问这笔收入是多少？")
    taxable = taxes.pay_taxable(amount)
    base = f"({number(amount)}－800)" if amount <= 4000 else f"{number(amount)}×(1－20%)"
    if sheet.has("稿酬", "稿费"):
        tax, shown, name = taxable * Decimal("0.14"), f"{base}×70%×20%", "稿酬"
    elif sheet.has("特许权"):
        tax, shown, name = taxable * Decimal("0.2"), f"{base}×20%", "特许权使用费"
    else:
        bracket = taxes.LABOUR.bracket(taxable)
        tax, name = taxable * bracket.rate - bracket.quick, "劳务报酬"
        shown = f"{base}×{percent(bracket.rate)}－{number(bracket.quick)}"
    sheet.law("预扣率", "", taxes.LABOUR.law if name == "劳务报酬" else taxes.WITHHOLDING_LAW)
    sheet.note("为一次收入的预扣数，年度汇算时并入综合所得多退少补。")
    return sheet.done(f"{name}预扣个税{yuan(tax)}，税后{yuan(amount - tax)}。", f"{shown}＝{yuan(tax)}")


def _wage(sheet: Sheet) -> Stated | None:
    return sheet.figures.of("money", r"月薪|工资|税前|收入") or sheet.figures.of("money")
