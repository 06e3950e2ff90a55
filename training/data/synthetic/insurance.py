"""Made-up insurance: rates by age, surrender values, limits and deductibles, occupations, periods."""

from __future__ import annotations

from itertools import pairwise

from training.data.synthetic.paper import Dice, Paper, Sheet, comma


def life(dice: Dice) -> Paper:
    """A life or critical-illness product: rates by age and sex, surrender values, rules."""
    kind = dice.one(("定期寿险", "重大疾病保险", "两全保险", "终身寿险", "防癌疾病保险"))
    name = f"{dice.place()}{dice.brand()}{kind}"
    terms = dice.some(("保20年", "保30年", "保至60周岁", "保至70周岁", "保终身"), 2, 2)
    pay = dice.one(("5年交", "10年交", "15年交", "20年交"))
    first = dice.whole(18, 30)
    count = dice.whole(8, 18)
    columns = [f"{sex} {term}" for sex in ("男性", "女性") for term in terms]
    series = [dice.rising(dice.whole(90, 1800), 1.02, 1.08, count) for _ in columns]
    rows = tuple((str(first + i), *(comma(s[i]) for s in series)) for i in range(count))
    unit = dice.one(("1", "10"))
    years = [1, 2, 3, 4, 5, 7, 10, 15, 20][: dice.whole(6, 9)]
    cash, paid = dice.rising(dice.whole(900, 9000), 1.3, 1.7, len(years)), dice.whole(3000, 50000, 500)
    values = tuple((str(year), comma(paid * min(year, 10)), comma(cash[i])) for i, year in enumerate(years))
    hesitate, wait, grace = dice.one((10, 15, 20)), dice.one((30, 60, 90, 180)), dice.one((30, 60))
    rules = (("投保年龄", f"出生满{dice.one((7, 28, 30))}天至{dice.whole(50, 65)}周岁"), ("犹豫期", f"{hesitate}日"), ("等待期", f"{wait}日"),
             ("宽限期", f"{grace}日"), ("保单贷款上限", f"现金价值的{dice.one((60, 70, 80, 90))}%"), ("保单贷款利率", f"年利率{dice.rate(4, 6, 0.1, 1)}"),
             ("最低基本保险金额", f"{dice.whole(1, 10)}万元"), ("减保起始", f"第{dice.one((3, 5, 6))}个保单年度末"), ("交费方式", f"年交、{dice.one(('月交', '季交', '半年交'))}"))
    notes = (
        ("犹豫期与退保", (f"自您签收本合同次日起有{hesitate}日的犹豫期。", f"犹豫期内退保的，本公司扣除不超过{dice.one((0, 10))}元的工本费后退还全部保险费。",
                     f"犹豫期后退保的，本公司自收到申请之日起{dice.one((10, 15, 30))}日内退还现金价值。")),
        ("等待期", (f"自本合同生效之日起{wait}日为等待期。", "因意外伤害发生保险事故的，不受等待期限制。", f"复效的，等待期重新计算{wait}日。")),
        ("宽限期与复效", (f"自保险费约定支付日的次日起{grace}日为宽限期。", f"效力中止之日起{dice.one((1, 2))}年内，您可以申请恢复效力。",
                    "宽限期结束仍未支付保险费的，合同效力中止。")),
        ("保险事故通知", (f"您应于知道保险事故之日起{dice.one((5, 10, 15))}日内通知本公司。", f"材料齐全的，本公司在{dice.one((3, 5, 10))}个工作日内作出核定；情形复杂的，在{dice.one((20, 30))}日内核定。",
                    "故意未及时通知，致使事故原因难以确定的，本公司对无法确定的部分不承担责任。")),
        ("受益人", ("您可以指定一人或者数人为身故保险金受益人。", "变更受益人应当书面通知本公司。", "被保险人故意自伤的，本公司不承担给付保险金的责任。")),
    )
    return Paper(f"{name}产品说明书", name, "保险", (
        Sheet("life_rates", f"年交保险费（{pay}）", f"单位：元／每{unit}万元基本保险金额", ("投保年龄（周岁）", *columns), rows),
        Sheet("life_cash", "现金价值", "单位：元", ("保单年度末", "累计已交保险费", "现金价值"), values),
        Sheet("life_rules", "投保规则", "", ("项目", "规则"), tuple(dice.some(rules, 6, 9))),
    ), tuple(dice.some(notes, 3, 5)))


def medical(dice: Dice) -> Paper:
    """A medical product: limits and deductibles by plan, premiums by age band, papers to hand in."""
    name = f"{dice.place()}{dice.brand()}{dice.one(('百万医疗保险', '住院医疗保险', '门诊医疗保险', '少儿医疗保险'))}"
    plans = dice.one((("计划一", "计划二"), ("基础版", "升级版", "尊享版"), ("标准计划", "优选计划")))
    covers = dice.some(("一般医疗保险金", "重大疾病医疗保险金", "质子重离子医疗保险金", "门诊手术医疗保险金", "住院津贴", "外购药医疗保险金", "救护车费用", "异地转诊交通费"), 4, 7)
    limits = tuple((cover, *(comma(dice.whole(1, 60) * dice.one((1000, 10000, 50000))) for _ in plans), comma(dice.one((0, 0, 500, 5000, 10000, 20000))),
                    f"{dice.one((60, 70, 80, 90, 100))}%") for cover in covers)
    edges = [0, 5, 11, 18, 21, 31, 41, 51, 61, 66][: dice.whole(6, 10)]
    premium = dice.rising(dice.whole(150, 500), 1.05, 1.6, len(edges) - 1)
    bands = tuple((f"{low}至{high - 1}周岁", comma(premium[i]), comma(round(premium[i] * 1.3))) for i, (low, high) in enumerate(pairwise(edges)))
    papers = dice.some(("理赔申请书", "身份证件", "医疗费用发票原件", "费用清单", "诊断证明", "出院小结", "病理检查报告", "意外事故证明", "银行账户信息", "关系证明"), 5, 8)
    marks = tuple((paper, *(dice.one(("√", "√", "—")) for _ in range(3))) for paper in papers)
    wait = dice.one((30, 60, 90))
    notes = (
        ("等待期与续保", (f"首次投保的等待期为{wait}日，续保不再计算等待期。", f"本产品保证续保期间为{dice.one((3, 5, 6, 10, 20))}年。",
                   f"保险期间届满前{dice.one((15, 30, 60))}日内，您可以申请续保。")),
        ("免赔额", ("从基本医疗保险获得的补偿不得抵扣免赔额。", "从其他商业保险获得的补偿可以抵扣免赔额。",
                f"连续{dice.one((1, 2, 3))}年未发生理赔的，下一年免赔额减少{dice.one((500, 1000, 2000))}元。")),
        ("医院范围", ("本产品约定的医院为二级及以上公立医院普通部。", "在特需部、国际部发生的费用不予给付。", f"异地就医应当在入院后{dice.one((24, 48, 72))}小时内报案。")),
        ("责任免除", ("投保前已患的疾病，本公司不承担给付责任。", "整形美容手术的费用不在保障范围内。", "牙科治疗的费用不予给付，意外伤害所致的紧急治疗除外。")),
    )
    return Paper(f"{name}条款", name, "保险", (
        Sheet("medical_limits", "保险责任与限额", "单位：元", ("保险责任", *(f"{plan}限额" for plan in plans), "免赔额", "给付比例"), limits),
        Sheet("medical_bands", "年度保险费", "单位：元／年", ("年龄", "有医保", "无医保"), bands),
        Sheet("claim_papers", "申请材料", "", ("材料", "住院医疗", "门诊医疗", "身故"), marks),
    ), tuple(dice.some(notes, 2, 4)))


def accident(dice: Dice) -> Paper:
    """Accident insurance by occupation."""
    name = f"{dice.place()}{dice.brand()}意外伤害保险"
    jobs = dice.some(("办公室文员", "小学教师", "软件工程师", "出租车司机", "快递员", "厨师", "电工（低压）", "高空作业工", "货车司机（长途）", "超市收银员", "护士", "园林工人", "保洁员",
                      "消防员", "渔民（近海）", "幼儿园教师", "摄影师", "焊工"), 8, 13)
    rows = []
    for job in jobs:
        grade = dice.whole(1, 6)
        rows.append((job, f"{grade}类", str(30 + grade * grade * dice.whole(6, 12)), str(20 + grade * dice.whole(9, 16)),
                     "可保" if grade < 4 else "不可保", str(dice.one((200, 150, 100)) if grade < 4 else dice.one((50, 30, 20)))))
    notes = (("职业变更", (f"职业变更应当在{dice.one((5, 10, 15, 30))}日内书面通知本公司。", "变更后的职业属于拒保范围的，合同自通知之日起终止。",
                       "未及时通知而发生保险事故的，按原职业与新职业保险费的比例给付。")),
             ("伤残给付", (f"意外伤害发生之日起{dice.one((90, 180))}日内伤残的，按评定等级对应的比例给付。", f"一级伤残给付基本保险金额的100%，十级伤残给付{dice.one((5, 10))}%。",
                       f"治疗期超过{dice.one((90, 180))}日的，按第{dice.one((90, 180))}日的身体情况评定。")))
    return Paper(f"{name}职业分类与费率表", name, "保险", (
        Sheet("jobs", "职业分类", "", ("职业名称", "职业类别", "意外身故年费率（元／每10万元保额）", "意外医疗年费率（元／每1万元保额）", "猝死责任", "最高保额（万元）"), tuple(rows)),
    ), notes)


MAKERS = (life, medical, accident)
