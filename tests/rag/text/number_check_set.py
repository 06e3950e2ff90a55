"""Writes tests/fixtures/number_check.jsonl: answer sentences with their passage, right ones and ones with a planted error.

Run: python tests/rag/text/number_check_set.py

Every text is made up for the project (institution, products, figures). Rows of kind "hand" and "hand:…" are the
sentences of number_check_by_hand.py; the rest comes from the scenes below
under a fixed seed. A row: {"answer", "passage", "question", "supported", "error"}; `error` is "" where supported.
"""

from __future__ import annotations

import json
import random
import runpy
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "number_check.jsonl"
_CN = "零一二三四五六七八九"
Row = dict[str, object]


def chinese(number: int) -> str:
    """`number` below 100,000,000 in Chinese numerals."""
    if number >= 10000:
        high, low = divmod(number, 10000)
        return chinese(high) + "万" + (("零" if low < 1000 else "") + chinese(low) if low else "")
    out, pending = "", False
    for power, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            out += ("零" if pending and out else "") + _CN[digit] + name
            pending = False
        else:
            pending = True
    return out.removeprefix("一") if out.startswith("一十") else out or "零"


def money(pick: random.Random, yuan: int) -> str:
    forms = [f"{yuan}元", f"{yuan:,}元", f"人民币{yuan:,}元"]
    if yuan % 10000 == 0:
        forms += [f"{yuan // 10000}万元", f"{chinese(yuan // 10000)}万元"]
    return pick.choice(forms)


def rate(pick: random.Random, percent: Decimal) -> str:
    forms = [f"{percent}%", f"{percent:.2f}%"]
    forms.append(f"百分之{chinese(int(percent))}" if percent == int(percent) else f"{percent * 10:f}‰")
    if percent < 1:
        forms.append(f"{(percent * 100).normalize():f}个基点")
    return pick.choice(forms)


def days(pick: random.Random, number: int) -> str:
    return pick.choice([f"{number}天", f"{number}日", f"{chinese(number)}天", f"{chinese(number)}日"])


def months(pick: random.Random, number: int) -> str:
    forms = [f"{number}个月", f"{chinese(number).replace('二', '两') if number == 2 else chinese(number)}个月"]
    if number % 12 == 0:
        forms += [f"{number // 12}年", f"{chinese(number // 12)}年".replace("二年", "两年")]
    return pick.choice(forms)


def other(pick: random.Random, value: int, pool: list[int]) -> int:
    return pick.choice([v for v in pool if v != value])


def insurance(pick: random.Random) -> Iterator[tuple[str, str, str, str]]:
    """(answer, passage, question, error) of a policy's periods."""
    wait, free, grace = pick.choice([30, 60, 90, 180]), pick.choice([10, 15, 20]), pick.choice([45, 61, 62])
    sum_insured = pick.choice([100000, 300000, 500000, 1000000])
    passage = (
        f"{pick.choice(['云杉', '澄湖', '青禾'])}人寿{pick.choice(['安行', '康伴', '福佑'])}保险条款。等待期为{chinese(wait)}日，自合同生效之日起算；"
        f"犹豫期为{free}日，自您签收本合同之日起算。宽限期为{grace}天。基本保险金额为{money(pick, sum_insured)}，"
        f"意外身故按基本保险金额的{pick.choice([150, 200, 300])}%给付。"
    )
    yield f"这款产品的等待期是{days(pick, wait)}。", passage, "", ""
    yield f"犹豫期{days(pick, free)}，从签收合同之日起计算[1]。", passage, "等待期和犹豫期多久？", ""
    yield f"基本保险金额为{money(pick, sum_insured)}。", passage, "保额是多少", ""
    yield f"等待期为{days(pick, other(pick, wait, [30, 60, 90, 120, 180]))}。", passage, "", "wrong figure"
    yield f"犹豫期为{days(pick, wait)}。", passage, "", "other term's figure"
    yield f"宽限期为{grace}个工作日。", passage, "", "swapped unit"
    yield f"等待期为{wait}个月。", passage, "", "swapped unit"
    yield f"基本保险金额为{sum_insured // 10}元。", passage, "", "shifted decimal"
    yield f"基本保险金额为{sum_insured // 10000}亿元。", passage, "", "万/亿"


def loan(pick: random.Random) -> Iterator[tuple[str, str, str, str]]:
    year_rate = Decimal(pick.choice(["3.45", "4.2", "5.6", "7.2"]))
    late = Decimal(pick.choice(["0.05", "0.03", "0.5"]))
    most, term = pick.choice([200000, 300000, 500000, 5000000]), pick.choice([12, 24, 36, 60])
    passage = (
        f"## {pick.choice(['消费贷', '装修贷', '经营贷'])}产品说明\n1. 额度：单户最高{most // 10000}万元。\n2. 期限：最长{term}个月。\n"
        f"3. 年利率：{year_rate}%（单利）。\n4. 逾期的，按逾期金额每日加收{rate(pick, late)}的罚息。\n5. 提前还款须提前10个工作日申请，不收取违约金。"
    )
    yield f"年利率为{rate(pick, year_rate)}，额度最高{money(pick, most)}。", passage, "", ""
    yield f"贷款期限最长{months(pick, term)}。", passage, "最长能贷几年？", ""
    yield f"逾期罚息按每日{rate(pick, late)}收取。", passage, "", ""
    yield "提前还款要提前十个工作日申请，不收取违约金。", passage, "", ""
    yield f"年利率为{year_rate}‰。", passage, "", "percent/permille"
    yield f"年利率为{year_rate * 10:f}%。", passage, "", "shifted decimal"
    yield f"罚息为每日{late * 10:f}%。", passage, "", "shifted decimal"
    yield f"贷款期限最长{term}年。", passage, "", "swapped unit"
    yield f"额度最高{most // 10000}元。", passage, "", "万/亿"
    yield "提前还款要提前10天申请。", passage, "", "swapped unit"
    yield "提前还款须提前10个工作日申请，收取违约金。", passage, "", "dropped negation"


def dates(pick: random.Random) -> Iterator[tuple[str, str, str, str]]:
    year, month, day = pick.choice([2024, 2025, 2026]), pick.randrange(1, 11), pick.randrange(2, 27)
    passage = (
        f"{pick.choice(['稳盈', '添利', '悦享'])}{pick.randrange(1, 30)}号理财产品公告：募集期为{year}年{month}月{day}日至{year}年{month}月{day + 2}日，"
        f"成立日为{year}年{month + 1}月{day}日，风险等级R{pick.choice([2, 3])}，赎回T+1确认，{chinese(month)}月末披露报告。"
    )
    yield f"募集期从{year}年{month}月{day}日开始。", passage, "", ""
    yield f"产品于{year}-{month + 1:02d}-{day:02d}成立。", passage, "", ""
    yield f"{month}月{day + 2}日募集结束，赎回T+1确认。", passage, "", ""
    yield f"募集期从{year}年{month}月{day + 1}日开始。", passage, "", "date off by one"
    yield f"产品成立日为{year}年{month + 1}月{day - 1}日。", passage, "", "date off by one"
    yield f"产品成立日为{year + 1}年{month + 1}月{day}日。", passage, "", "date off by one"
    yield "赎回T+2确认。", passage, "", "wrong figure"
    yield "风险等级为R5。", passage, "", "wrong figure"


def premium_table(pick: random.Random) -> Iterator[tuple[str, str, str, str]]:
    """Age by sex, caption with the unit."""
    ages = [25, 30, 35, 40, 45]
    base = pick.randrange(800, 1500)
    man = {age: base + (age - 25) * pick.randrange(31, 60) + 7 for age in ages}
    woman = {age: value - pick.randrange(60, 190) for age, value in man.items()}
    rows = "\n".join(f"| {age} | {man[age]:,} | {woman[age]:,} |" for age in ages)
    passage = f"康伴重疾险年交保费表（基本保额10万元，单位：元）\n\n| 投保年龄 | 男性 | 女性 |\n|---|---|---|\n{rows}"
    age, wrong = pick.sample(ages, 2)
    yield f"{age}岁男性年交保费为{man[age]}元。", passage, "", ""
    yield f"{chinese(age)}周岁女性每年交{woman[age]:,}元。", passage, "", ""
    yield f"年交保费{man[age]:,}元。", passage, f"{age}岁男性保费多少？", ""
    yield f"{age}岁：男性{man[age]}元，女性{woman[age]}元。", passage, "", ""
    yield f"{age}岁男性年交保费为{man[wrong]}元。", passage, "", "wrong row"
    yield f"年交保费为{woman[wrong]:,}元。", passage, f"{age}岁女性保费多少？", "wrong row"
    yield f"{age}岁男性年交保费为{woman[age]}元。", passage, "", "wrong cell"
    yield f"{age}岁女性每年交{man[age]}元。", passage, "", "wrong cell"
    yield f"{age}岁男性年交保费为{man[age]}万元。", passage, "", "swapped unit"
    yield f"{age}岁女性年交保费为{woman[age] * 10}元。", passage, "", "shifted decimal"


def deposit_table(pick: random.Random) -> Iterator[tuple[str, str, str, str]]:
    terms = ["3个月", "6个月", "1年", "2年", "3年", "5年"]
    listed = {t: Decimal(pick.randrange(90, 120) + 17 * i) / 100 for i, t in enumerate(terms)}
    floated = {t: v + Decimal(pick.randrange(11, 16)) / 100 for t, v in listed.items()}
    rows = "\n".join(f"| {t} | {listed[t]} | {floated[t]} |" for t in terms)
    passage = f"人民币整存整取利率\n\n| 存期 | 挂牌利率（%） | 上浮后利率（%） |\n| :-- | --: | --: |\n{rows}\n\n起存金额50元。"
    term, wrong = pick.sample(terms, 2)
    spoken = {"1年": "一年", "2年": "两年", "3年": "三年", "5年": "五年", "3个月": "三个月", "6个月": "半年"}[term]
    yield f"{term}期挂牌利率为{listed[term]}%。", passage, "", ""
    yield f"存{spoken}，上浮后利率{floated[term]}%，50元起存。", passage, "", ""
    yield f"挂牌利率是{listed[term]}%。", passage, f"{spoken}定期利率多少", ""
    yield f"{term}期挂牌利率为{listed[wrong]}%。", passage, "", "wrong row"
    yield f"{term}期挂牌利率为{floated[term]}%。", passage, "", "wrong cell"
    yield f"{term}期上浮后利率为{listed[term]}%。", passage, "", "wrong cell"
    yield f"{term}期挂牌利率为{listed[term]}‰。", passage, "", "percent/permille"
    yield f"{term}期挂牌利率为{listed[term] * 10}%。", passage, "", "shifted decimal"


def fund_table(pick: random.Random) -> Iterator[tuple[str, str, str, str]]:
    first, second, third = (Decimal(v) for v in pick.choice([("1.5", "1.2", "0.8"), ("1.2", "0.9", "0.6"), ("0.8", "0.5", "0.3")]))
    passage = (
        "申购费率\n\n| 申购金额（M） | 费率 |\n|---|---|\n"
        f"| M<100万元 | {first}% |\n| 100万元≤M<300万元 | {second}% |\n| 300万元≤M<500万元 | {third}% |\n| M≥500万元 | 1000元/笔 |\n"
        "赎回费：持有不满7日的收取1.5%；7日以上不足30日的收取0.75%；30日以上不收取赎回费。"
    )
    yield f"申购金额在100万元以下的，费率为{first}%。", passage, "", ""
    yield f"100万元（含）到300万元之间的申购费率是{rate(pick, second)}。", passage, "", ""
    yield "500万元及以上的，每笔收取1,000元。", passage, "", ""
    yield "持有30日以上不收取赎回费。", passage, "", ""
    yield f"申购金额在100万元以下的，费率为{first * 10}%。", passage, "", "shifted decimal"
    yield f"100万元到300万元之间的申购费率是{third}%。", passage, "", "wrong row"
    yield "500万元及以上的，每笔收取1000美元。", passage, "", "swapped unit"
    yield "持有30日以上收取赎回费。", passage, "", "dropped negation"
    yield "持有不满7个工作日的收取1.5%。", passage, "", "swapped unit"


def card_table(pick: random.Random) -> Iterator[tuple[str, str, str, str]]:
    levels = ["普卡", "金卡", "白金卡", "钻石卡"]
    fees = dict(zip(levels, [80, 180, pick.choice([580, 680]), pick.choice([1980, 2600])], strict=True))
    limits = dict(zip(levels, [1, 5, pick.choice([8, 10]), pick.choice([30, 50])], strict=True))
    rows = "\n".join(f"| {name} | {fees[name]} | {limits[name]} | {5 - i}次 |" for i, name in enumerate(levels))
    passage = f"信用卡年费及额度\n\n| 卡种 | 年费（元/年） | 最高额度（万元） | 免年费刷卡次数 |\n|---|---|---|---|\n{rows}"
    name, wrong = pick.sample(levels, 2)
    yield f"{name}年费为每年{fees[name]}元，最高额度{limits[name]}万元。", passage, "", ""
    yield f"{name}的最高额度是{money(pick, limits[name] * 10000)}。", passage, "", ""
    yield f"每年{fees[name]}元。", passage, f"{name}年费多少？", ""
    yield f"{name}年费为{fees[wrong]}元。", passage, "", "wrong row"
    yield f"最高额度为{limits[wrong]}万元。", passage, f"{name}的最高额度", "wrong row"
    yield f"{name}最高额度为{limits[name]}元。", passage, "", "万/亿"
    yield f"{name}最高额度为{limits[name]}亿元。", passage, "", "万/亿"
    yield f"{name}年费为{fees[name]}美元。", passage, "", "swapped unit"


def surrender_table(pick: random.Random) -> Iterator[tuple[str, str, str, str]]:
    values = [pick.randrange(20, 40) * 100 + 13 * i + i * 9100 for i in range(1, 6)]
    head = " | ".join(f"第{i}年末" for i in range(1, 6))
    passage = (
        f"年交保险费10,000元，交费期间10年。\n\n| 保单年度末 | {head} |\n|---|---|---|---|---|---|\n"
        f"| 现金价值（元） | {' | '.join(f'{v:,}' for v in values)} |\n| 身故保险金（元） | {' | '.join(f'{v + 30007:,}' for v in values)} |"
    )
    year, wrong = pick.sample(range(1, 6), 2)
    yield f"第{chinese(year)}年末现金价值为{values[year - 1]}元。", passage, "", ""
    yield f"第{year}个保单年度末，身故保险金为{values[year - 1] + 30007:,}元。", passage, "", ""
    yield f"第{year}年末现金价值为{values[wrong - 1]:,}元。", passage, "", "wrong cell"
    yield f"第{year}年末现金价值为{values[year - 1] + 30007:,}元。", passage, "", "wrong row"
    yield f"第{year}年末现金价值为{values[year - 1] // 10}元。", passage, "", "shifted decimal"


def denials(pick: random.Random) -> Iterator[tuple[str, str, str, str]]:
    cases = [
        ("被保险人在等待期内确诊的，我们不承担给付保险金的责任，退还已交保险费。", "等待期内确诊的，我们{}承担给付保险金的责任", "不"),
        ("首次购买的客户，须本人到柜面办理风险测评，不能委托他人代办。", "风险测评{}委托他人代办", "不能"),
        ("产品封闭期内，投资者不得提前赎回。", "封闭期内，投资者{}提前赎回", "不得"),
        ("本产品非存款，不保证本金和收益。", "本产品{}保证本金和收益", "不"),
        ("账户挂失期间发生的损失，本行不负责赔偿。", "挂失期间发生的损失，本行{}负责赔偿", "不"),
        ("分期手续费一经收取不予退还，提前结清亦同。", "分期手续费一经收取{}退还", "不予"),
        ("既往症导致的医疗费用，本公司不予报销。", "既往症导致的医疗费用，本公司{}报销", "不予"),
        ("学生客户申请该卡，不需要提供收入证明。", "学生客户申请该卡{}提供收入证明", "不需要"),
    ]
    source, said, negation = pick.choice(cases)
    affirmed = {"不": "", "不能": "可以", "不得": "可以", "不予": "予以", "不需要": "需要"}[negation]
    yield said.format(negation) + "。", source, "", ""
    yield said.format(affirmed) + "。", source, "", "dropped negation"


SCENES = (insurance, loan, dates, premium_table, deposit_table, fund_table, card_table, surrender_table)


def rows() -> list[Row]:
    """Every row of the fixture, in order, without doubles."""
    by_hand = runpy.run_path(str(Path(__file__).with_name("number_check_by_hand.py")))["BY_HAND"]
    pick = random.Random(20260301)
    found = [(*row[:3], f"hand:{row[3]}" if row[3] else "") for row in by_hand]
    for _ in range(6):
        for scene in SCENES:
            found.extend(scene(pick))
    for _ in range(30):
        found.extend(denials(pick))
    seen: set[tuple[str, str, str]] = set()
    result = []
    for answer, passage, question, error in found:
        if (answer, passage, question) not in seen:
            seen.add((answer, passage, question))
            result.append(
                {"answer": answer, "passage": passage, "question": question, "supported": not error, "error": error}
            )
    return result


def main() -> None:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows()]
    FIXTURE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} rows in {FIXTURE}")


if __name__ == "__main__":
    main()
