"""Made-up social insurance of invented cities, and made-up brokers: contributions, benefits, commissions, permissions."""

from __future__ import annotations

from training.data.synthetic.paper import Dice, Paper, Sheet, comma


def contributions(dice: Dice) -> Paper:
    """Contribution rates and bases of a city."""
    city = f"{dice.place()}市"
    low, high = dice.whole(3600, 5200, 50), dice.whole(21000, 32000, 100)
    kinds = ("基本养老保险", "基本医疗保险", "失业保险", "工伤保险", "生育保险", "住房公积金")
    rates = {"基本养老保险": ("16%", "8%"), "基本医疗保险": (f"{dice.one((6, 7, 8, 9))}%", "2%"), "失业保险": ("0.5%", "0.5%"), "工伤保险": (dice.rate(0.2, 1.2, 0.1, 1), "不缴"),
             "生育保险": (dice.rate(0.5, 1, 0.1, 1), "不缴"), "住房公积金": (f"{dice.one((5, 7, 8, 10, 12))}%", f"{dice.one((5, 7, 8, 10, 12))}%")}
    rows = tuple((kind, *rates[kind], comma(low), comma(high)) for kind in kinds)
    birth = ("住院顺产", "住院剖宫产", "妊娠4个月以内流产", "妊娠满4个月流产", "多胞胎每多一个", "晚育假", "陪产假")
    leave = tuple((label, f"{dice.one((15, 30, 42, 98, 113, 128))}天", comma(dice.whole(1000, 8000, 100))) for label in dice.some(birth, 4, 7))
    bands = (("累计缴费1年至5年", f"{dice.one((6, 12))}个月"), ("累计缴费5年至10年", f"{dice.one((14, 18))}个月"), ("累计缴费10年以上", "24个月"))
    notes = (
        ("参保登记", (f"用人单位应当自用工之日起{dice.one((15, 30))}日内为职工办理参保登记。", "职工个人应当缴纳的部分由用人单位代扣代缴。", "灵活就业人员可以自愿参加职工基本医疗保险。")),
        ("补缴", (f"逾期缴纳的，自欠缴之日起按日加收万分之{dice.one(('二', '五'))}的滞纳金。", f"医疗保险中断缴费超过{dice.one((2, 3))}个月的，重新计算等待期。", "补缴期间发生的医疗费用不予报销。")),
        ("待遇申领", (f"待遇申请材料齐全的，经办机构在{dice.one((5, 10, 15, 20))}个工作日内办结。", f"领取失业保险金应当自失业之日起{dice.one((30, 60))}日内登记。", "重新就业的，停止领取失业保险金。")),
        ("公积金提取", (f"租房提取每月不超过{comma(dice.whole(800, 3000, 100))}元。", f"购房提取应当在取得产权证之日起{dice.one((1, 2, 3))}年内申请。", "离职后未重新就业的，可以申请销户提取。")),
    )
    return Paper(f"{city}社会保险与公积金缴费指南", f"{city}社保", "社保", (
        Sheet("contribution_rates", "缴费比例与基数", "基数单位：元／月", ("险种", "单位比例", "个人比例", "基数下限", "基数上限"), rows),
        Sheet("birth_leave", "生育待遇", "", ("情形", "假期", "定额补贴（元）"), leave),
        Sheet("unemployed_terms", "失业保险金领取期限", "", ("缴费年限", "最长领取期限"), bands),
    ), tuple(dice.some(notes, 2, 4)))


def medical_care(dice: Dice) -> Paper:
    """Reimbursement by hospital and by cost band."""
    city = f"{dice.place()}市"
    rows = tuple((level, f"{dice.whole(50, 1000, 50)}元", *(f"{dice.whole(55, 95, 5)}%" for _ in range(3))) for level in ("一级医院", "二级医院", "三级医院", "社区卫生服务中心", "异地三级医院"))
    costs = ((f"起付线至{dice.one((1, 2))}万元", f"{dice.whole(60, 80, 5)}%"), ("5万元以下", f"{dice.whole(70, 85, 5)}%"), ("5万元至10万元", f"{dice.whole(75, 90, 5)}%"), ("10万元以上", f"{dice.whole(80, 95, 5)}%"))[1:]
    notes = (("异地就医", (f"异地就医应当在就医前或者入院后{dice.one((1, 2, 3, 7))}日内备案。", f"未备案的，报销比例下调{dice.one((10, 15, 20))}个百分点。", "急诊抢救无需备案。")),
             ("个人账户", (f"在职职工每月按缴费基数的{dice.one((2, 2.5))}%划入个人账户。", f"退休人员每月定额划入{dice.whole(60, 150, 5)}元。", "个人账户可以支付配偶、父母、子女的医疗费用。")))
    return Paper(f"{city}职工医疗保险待遇手册", f"{city}医保", "社保", (
        Sheet("reimbursement", "住院报销", "", ("医院级别", "起付线", "在职职工", "退休人员", "居民"), rows),
        Sheet("reimbursement_bands", "大病报销", "", ("个人负担费用", "报销比例"), costs),
    ), notes)


def broker(dice: Dice) -> Paper:
    """A broker's commissions by assets, permissions by board, margin ratios."""
    house = f"{dice.place()}证券"
    levels = (("普通客户", "10万元以下"), ("银卡客户", "10万元至50万元（不含）"), ("金卡客户", "50万元至200万元（不含）"), ("白金客户", "200万元至1000万元（不含）"), ("钻石客户", "1000万元及以上"))
    rows = tuple((label, band, dice.rate(0.01, 0.03, 0.001, 3), dice.rate(0.02, 0.05, 0.001, 3), f"{dice.one((1, 3, 5))}元") for label, band in levels)
    boards = tuple((board, f"{assets}万元" if assets else "无", f"{months}个月", dice.one(("需要", "不需要"))) for board, assets, months in (
        ("科创板", dice.one((30, 50)), dice.one((12, 24))), ("创业板", dice.one((5, 10)), 24), ("北交所", dice.one((20, 50)), 24), ("港股通", 50, dice.one((6, 12))), ("主板", 0, 0), ("可转债", dice.one((5, 10)), 24)))
    services = tuple((service, dice.one(("免费", f"{dice.one((5, 10, 20, 50, 100))}元/次")), dice.one(("实时", "当日", f"{dice.whole(1, 5)}个工作日"))) for service in dice.some(
        ("开立资金账户", "开立股东账户", "补办股东账户卡", "非交易过户", "转托管", "资产证明", "撤销指定交易", "查询历史交割单"), 5, 8))
    notes = (
        ("银证转账", (f"银证转账单笔最高{dice.one((50, 100, 500))}万元，每日累计不超过{dice.one((500, 1000))}万元。", f"转账时间为交易日{dice.one(('8:30', '9:00'))}至{dice.one(('16:00', '16:30'))}。", "当日卖出股票的资金，下一交易日可以转出。")),
        ("融资融券", (f"开通融资融券应当有{dice.one((6, 12))}个月以上的证券交易经验。", f"维持担保比例低于{dice.one((130, 140))}%的，应当在{dice.one((1, 2))}个交易日内追加担保物。", f"融资保证金比例不得低于{dice.one((80, 100))}%。")),
        ("开户", ("一个投资者最多可以开立3个A股账户。", "不得借用他人账户从事证券交易。", f"开户申请在{dice.one((1, 2))}个工作日内审核。")),
    )
    return Paper(f"{house}客户费用与业务标准", house, "股票", (
        Sheet("commission", "佣金标准", "", ("客户等级", "日均资产", "网上交易", "电话委托", "每笔最低"), rows),
        Sheet("permissions", "权限开通条件", "", ("板块", "日均资产", "交易经验", "风险测评"), boards),
        Sheet("services", "柜台业务", "", ("业务", "收费", "办理时间"), services),
    ), tuple(dice.some(notes, 2, 3)))


MAKERS = (contributions, medical_care, broker)
