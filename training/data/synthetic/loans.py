"""Made-up loans: rates by term, penalties by years paid, product comparison, monthly payments."""

from __future__ import annotations

from training.data.synthetic.paper import Dice, Paper, Sheet, comma


def mortgage(dice: Dice) -> Paper:
    """A housing loan: rates by term and home, penalty by years, papers."""
    name = f"{dice.place()}银行{dice.brand()}贷"
    terms = (("1年以内", "1年以下（含）"), ("1至3年", "1年至3年（含）"), ("3至5年", "3年至5年（含）"), ("5年以上", "5年以上"))
    rows = tuple((dice.one(pair), *(dice.rate(2.9, 4.5) for _ in range(3))) for pair in terms)
    years = (("还款不满1年", f"剩余本金的{dice.one((2, 3))}%"), ("还款满1年不满2年", f"剩余本金的{dice.one((1, 1.5))}%"), ("还款满2年不满3年", f"剩余本金的{dice.one((0.5, 0.8))}%"), ("还款满3年", "免收"))
    grade = tuple((f"{low}至{high}分", dice.rate(3, 4), f"{limit}万元") for low, high, limit in ((350, 499, 50), (500, 599, 100), (600, 699, 200), (700, 850, 500)))
    notes = (
        ("贷款额度与期限", (f"贷款额度最高为房屋价值的{dice.one((70, 75, 80, 85))}%。", f"贷款期限最长不超过{dice.one((25, 30))}年。", f"借款人年龄与贷款期限之和不得超过{dice.one((65, 70, 75))}年。")),
        ("提前还款", (f"提前还款应当至少提前{dice.one((7, 15, 30))}日书面申请。", f"每次提前还款的金额不得低于{dice.one((1, 2, 5))}万元。", f"每年可以申请提前还款{dice.one((1, 2, 3))}次。")),
        ("逾期", (f"逾期贷款的罚息利率为合同利率上浮{dice.one((30, 50))}%。", f"连续逾期超过{dice.one((60, 90))}日的，本行有权宣布贷款提前到期。", "挪用贷款的罚息利率为合同利率上浮100%。")),
        ("利率调整", ("贷款利率按贷款市场报价利率加减点确定，加减点在合同期内不变。", "重定价日可以选择每年1月1日或者贷款发放日的对应日。", "利率重新定价后，下一还款期起按新利率计息。")),
    )
    return Paper(f"{name}产品手册", name, "贷款", (
        Sheet("loan_rates", "执行利率", "", ("贷款期限", "首套住房", "二套住房", "商业用房"), rows),
        Sheet("prepay", "提前还款违约金", "", ("还款时间", "违约金"), years),
        Sheet("credit_grade", "信用评分与额度", "", ("信用评分", "执行利率", "最高额度"), grade),
    ), tuple(dice.some(notes, 2, 4)))


def consumer(dice: Dice) -> Paper:
    """Consumer loans side by side."""
    bank = f"{dice.place()}银行"
    products = [f"{dice.brand()}贷" for _ in range(dice.whole(3, 4))]
    if len(set(products)) < len(products):
        products = [f"{product}{i}号" for i, product in enumerate(products, 1)]
    items = (("最高额度", lambda: f"{dice.whole(5, 100, 5)}万元"), ("年利率", lambda: dice.rate(3, 9)), ("最长期限", lambda: f"{dice.one((12, 24, 36, 60))}个月"),
             ("申请年龄", lambda: f"{dice.one((18, 20, 22))}至{dice.one((55, 60, 65))}周岁"), ("审批时间", lambda: f"{dice.whole(1, 5)}个工作日"),
             ("提前还款违约金", lambda: dice.one(("免收", f"剩余本金的{dice.whole(1, 3)}%"))), ("宽限期", lambda: f"{dice.one((0, 1, 3))}个自然日"),
             ("最低月收入", lambda: f"{comma(dice.whole(3000, 10000, 500))}元"), ("还款方式", lambda: dice.one(("等额本息", "先息后本", "等额本金"))), ("是否需要抵押", lambda: dice.one(("需要", "不需要"))))
    rows = tuple((label, *(make() for _ in products)) for label, make in dice.some(items, 6, 10))
    turned = tuple((product, *(row[i + 1] for row in rows[:5])) for i, product in enumerate(products))
    notes = (("申请条件", (f"申请人应当在现单位连续工作满{dice.one((3, 6, 12))}个月。", f"近{dice.one((12, 24))}个月内逾期不得超过{dice.one((2, 3, 6))}次。", "贷款资金不得用于购房、股票等投资。")),
             ("放款与支付", (f"审批通过后{dice.one((1, 2, 3))}个工作日内放款。", f"单笔支付超过{dice.one((20, 30, 50))}万元的，应当采用受托支付。", f"用途凭证应当在放款后{dice.one((30, 60, 90))}日内提交。")))
    sheet = Sheet("loan_compare", "产品对照", "", ("对照项目", *products), rows) if dice.chance.random() < 0.5 else Sheet(
        "loan_products", "产品总表", "", ("产品", *(row[0] for row in rows[:5])), turned)
    return Paper(f"{bank}个人消费贷款一览", f"{bank}消费贷款", "贷款", (sheet,), notes)


def payments(dice: Dice) -> Paper:
    """Monthly payments by term and rate: reading the right cell of a table of bare numbers."""
    bank = f"{dice.place()}银行"
    rates = dice.some((2.6, 2.85, 3.1, 3.25, 3.5, 3.75, 4.0, 4.3), 3, 4)
    years = dice.some((5, 8, 10, 12, 15, 18, 20, 25, 30), 6, 9)

    def monthly(rate: float, months: int) -> str:
        r = rate / 1200
        return f"{100000 * r * (1 + r) ** months / ((1 + r) ** months - 1):,.2f}"

    rows = tuple((f"{year}年", str(year * 12), *(monthly(rate, year * 12) for rate in rates)) for year in years)
    notes = (("说明", ("本表按等额本息法计算，每月还款额相同。", "实际还款额以借款合同约定为准。", "贷款金额不是10万元的，按比例折算。")),)
    return Paper(f"{bank}每10万元贷款月供表", f"{bank}月供表", "贷款", (
        Sheet("monthly", "等额本息月供", "单位：元", ("贷款年限", "期数（期）", *(f"年利率{rate}%" for rate in rates)), rows),), notes)


MAKERS = (mortgage, consumer, payments)
