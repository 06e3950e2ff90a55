"""Recipe for a policy seen as savings: its internal rate of return a year, the surrender value read from the table where
the customer does not know it."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.calculate import savings
from rag.calculate.for_tables import cash_value
from rag.calculate.inputs import Found
from rag.calculate.loans import ZERO, irr
from rag.calculate.result import number, percent, yuan
from rag.calculate.sheet import Needed, Sheet, Worked
from rag.calculate.stated import Stated
from rag.text.chinese_numbers import NUMERAL_CHARS, chinese_number

_SINGLE = r"趸|一次(?:性)?[交缴]|单利|放"
_BACK = r"领|拿|退|现金价值|取|变|返|得"


def policy_rate(sheet: Sheet) -> Worked:
    """Premiums at the start of each policy year, one sum or a yearly annuity at the end of policy years."""
    figures = sheet.figures
    money = figures.many("money")
    # "变18万" runs straight on: what stands before it tells what it is
    premium = next((m for m in money if re.search(r"[交缴趸]|保费|放|存", m.before[-8:]) and not re.search(_BACK, m.before[-4:])), None)
    premium = premium or next((m for m in money if not re.search(_BACK, m.before)), None)
    value = next((m for m in reversed(money) if m is not premium), None)
    terms = [t for t in figures.many("months") if not re.match(r"(?:期|满)", sheet.question[t.end :])]
    drawn = (next((t for t in terms if re.search(r"领", t.before[-4:])), None) or _times(sheet)) if value else None
    end = figures.of("year_no") or _after(sheet, terms)
    single = bool(re.search(r"趸|一次(?:性)?[交缴]", sheet.question)) or not re.search(r"每年|年[交缴初]|[交缴](?:费|满|了)?\d+年|[交缴][一二三四五六七八九十两]+年", sheet.question)
    paying = None if single else next((t for t in terms if t not in (drawn, end) and re.search(r"[交缴]", t.before[-4:] + sheet.question[t.end :][:1])), None)
    if premium is None and value is None and end is not None:  # the table's own unit serves: the rate is the same for any premium
        premium = _unit_of_table(sheet, end)
    each = sheet.take("一次交保费" if single else "每年保费", premium, ask="请问保费是多少？")
    paid = 1 if single else int(sheet.take("交费年数", paying, ask="请问交费多少年？") / 12)
    if end is None and single and len(terms) == 1:
        end = terms[0]
    stated = sheet.take("领取时点", end, ask="请问是在第几个保单年度末退保或领取？")
    after = int(stated / 12) if end.kind == "months" else int(stated)
    if value is None:
        unit, found, shown = _from_table(sheet, after)
        back = each / unit * sheet.take(f"每{number(unit)}元保费的现金价值", found)
        told = f"现金价值{shown.format(number(each))}＝{yuan(back)}；"
    else:
        back, told = sheet.take("每年领回" if drawn else "领回金额", value), ""
    if after < paid:
        raise ValueError("given back before the premiums are paid")
    left = f"Σ{number(each)}÷(1＋IRR)^t（t＝0…{paid - 1}）" if paid > 1 else number(each)
    sheet.note("按每年年初交费、年末领回计算；不含保障的价值。")
    if drawn:
        count = int(sheet.take("领取年数", drawn) / 12)
        flows = [-each] * paid + [ZERO] * (after + count - paid)
        for year in range(after, after + count):
            flows[year] += back
        rate = irr(flows)
        right = f"Σ{number(back)}÷(1＋IRR)^t（t＝{after}…{after + count - 1}）"
    else:
        rate = savings.policy_rate([each] * paid, after, back)
        right = f"{number(back)}÷(1＋IRR)^{after}"
    return sheet.done(f"内部收益率（IRR）约每年{percent(rate, 2)}（复利）。", f"{told}{left}＝{right}")


def _times(sheet: Sheet) -> Stated | None:
    """每年领两万五，一共领20次, as a term."""
    said = re.search(rf"领(?:取|满|够)?(?P<n>\d+|[{NUMERAL_CHARS}]+)次", sheet.question)
    if said is None or not re.search(r"每年[^,。]{0,3}[领给返]", sheet.question):
        return None
    return Stated("months", 12 * (chinese_number(said["n"]) or Decimal(0)), said["n"] + "次", said.start(), said.end())


def _unit_of_table(sheet: Sheet, end: Stated) -> Found | None:
    found = cash_value(sheet, int(end.value / 12) if end.kind == "months" else int(end.value))
    return Found(found[1], f"{number(found[1])}元", found[0].index) if found else None


def _after(sheet: Sheet, terms: list[Stated]) -> Stated | None:
    """放20年, 10年后: a term that says when it is given back."""
    return next((t for t in terms if re.search(r"放|持有|拿了$", t.before[-3:]) or re.match(r"后|末|以后|之后", sheet.question[t.end :])), None)


def _from_table(sheet: Sheet, year: int) -> tuple[Decimal, Found, str]:
    """(unit, cell, how it is scaled) of the surrender value after `year`. Raises Needed where no table tells it."""
    found = cash_value(sheet, year)
    if found is None:
        raise Needed("领回金额", f"请问第{year}年末能领回（退保）多少钱？")
    cell, unit = found
    return unit, cell, f"{{}}÷{number(unit)}×{number(cell.value)}"
