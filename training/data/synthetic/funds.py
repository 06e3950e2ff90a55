"""Made-up funds and wealth products: fees by amount and holding period, product lists, redemption."""

from __future__ import annotations

from training.data.synthetic.paper import Dice, Paper, Sheet, comma


def fund(dice: Dice) -> Paper:
    """A fund: fees by amount, by holding period, running costs."""
    name = f"{dice.place()}{dice.brand()}{dice.one(('混合', '债券', '股票', '指数增强', '中短债', '灵活配置混合', '均衡混合'))}基金"
    a, b, c = dice.one((50, 100)), dice.one((200, 300)), dice.one((500, 1000))
    buy = ((f"M＜{a}万元", dice.rate(0.8, 1.5, 0.1)), (f"{a}万元≤M＜{b}万元", dice.rate(0.5, 1.0, 0.1)), (f"{b}万元≤M＜{c}万元", dice.rate(0.2, 0.6, 0.1)),
           (f"M≥{c}万元", f"每笔{comma(dice.one((200, 500, 1000)))}元"))
    d = dice.one((30, 90, 180))
    sell = (("持有不足7日", "1.50%"), (f"持有满7日不足{d}日", dice.rate(0.5, 1.0)), (f"持有满{d}日不足365日", dice.rate(0.1, 0.5)), ("持有满365日", dice.one(("0", "0.05%"))))
    confirm, paid = dice.one((1, 2)), dice.one((2, 3, 4, 7))
    rules = (("管理费", f"每年{dice.rate(0.3, 1.2)}"), ("托管费", f"每年{dice.rate(0.05, 0.2)}"), ("C类销售服务费", f"每年{dice.rate(0.1, 0.6)}"), ("业绩比较基准", f"沪深300指数收益率×{dice.one((60, 70, 80))}%＋中债综合指数收益率×{dice.one((20, 30, 40))}%"),
             ("风险等级", dice.one(("R2", "R3", "R4"))), ("首次申购最低金额", f"{dice.one((1, 10, 100))}元"), ("追加申购最低金额", f"{dice.one((1, 10))}元"),
             ("申购确认", f"T+{confirm}日"), ("赎回到账", f"T+{paid}个工作日"))
    notes = (
        ("申购与赎回", (f"T日15:00前提交的申购申请，T+{confirm}日确认份额。", f"赎回款项在T+{paid}个工作日内到账。", f"单个账户最低保留份额为{dice.one((1, 5, 10, 100))}份。")),
        ("巨额赎回", (f"单日净赎回申请超过上一日基金总份额的{dice.one((10, 20))}%的，为巨额赎回。", "发生巨额赎回的，基金管理人可以部分延期赎回。",
                  f"连续{dice.one((2, 3))}个开放日发生巨额赎回的，可以暂停接受赎回申请。")),
        ("分红", (f"每年收益分配次数最多为{dice.one((4, 6, 12))}次，每次比例不得低于可分配收益的{dice.one((10, 20, 50))}%。", "默认的分红方式为现金分红。", "红利再投资的份额不收取申购费。")),
        ("转换", ("转换后的份额自确认之日起重新计算持有期限。", "不同注册登记机构的基金之间不能转换。", "转换费由申购补差费和赎回费两部分构成。")),
    )
    return Paper(f"{name}产品资料概要", name, "基金", (
        Sheet("fund_buy", "申购费率", "", ("申购金额", "申购费率"), buy), Sheet("fund_sell", "赎回费率", "", ("持有期限", "赎回费率"), sell),
        Sheet("fund_rules", "基本要素", "", ("要素", "内容"), tuple(dice.some(rules, 6, 9))),
    ), tuple(dice.some(notes, 2, 4)))


def fund_list(dice: Dice) -> Paper:
    """A company's funds in one table."""
    house = f"{dice.place()}基金"
    kinds = dice.some(("稳健债券A", "稳健债券C", "成长混合A", "成长混合C", "红利指数A", "科技创新混合", "消费精选股票", "货币市场A", "养老目标2040", "养老目标2050", "纯债一年定开", "中证小盘ETF联接"), 6, 10)
    brand = dice.brand()
    rows = tuple((f"{brand}{kind}", dice.rate(0.15, 1.2), dice.rate(0.05, 0.2), dice.one(("0", dice.rate(0.1, 0.6))), f"R{dice.whole(1, 5)}", f"T+{dice.whole(1, 4)}") for kind in kinds)
    notes = (("说明", ("管理费、托管费和销售服务费每日从基金资产中计提，不向投资者另外收取。", f"直销渠道申购费率{dice.one(('一', '四', '五'))}折优惠。", "投资者应当根据自身风险承受能力选择产品。")),)
    return Paper(f"{house}旗下基金费率一览表", f"{house}{brand}系列", "基金", (
        Sheet("fund_list", "费率一览", "", ("基金名称", "管理费（年）", "托管费（年）", "销售服务费（年）", "风险等级", "赎回到账"), rows),
    ), notes)


def wealth(dice: Dice) -> Paper:
    """Wealth products: a list, and periods with their benchmark."""
    house = f"{dice.place()}理财"
    brand = dice.brand()
    names = [f"{brand}{days}{side}" for days in dice.some(("7天", "14天", "30天", "60天", "90天", "180天", "365天", "两年"), 4, 6) for side in ("A款", "B款")][: dice.whole(6, 10)]
    rows = tuple((name, f"R{dice.whole(1, 4)}", f"{dice.rate(1.8, 3.2)}—{dice.rate(3.25, 4.5)}", f"{comma(dice.one((1, 100, 1000, 10000)))}元", dice.rate(0.1, 0.6), f"T+{dice.whole(1, 3)}") for name in names)
    score = ((f"{0}至20分", "C1 谨慎型", "R1"), ("21至40分", "C2 稳健型", "R2及以下"), ("41至60分", "C3 平衡型", "R3及以下"), ("61至80分", "C4 进取型", "R4及以下"), ("81至100分", "C5 激进型", "R5及以下"))
    notes = (
        ("购买与撤单", (f"募集期内的购买申请在当日{dice.one(('15:00', '15:30', '16:00'))}前可以撤单。", f"投资者自动获得{dice.one((24, 48))}小时的投资冷静期。", "投资冷静期内，投资者可以解除已签订的合同。")),
        ("费用", (f"本产品固定管理费率为每年{dice.rate(0.1, 0.5)}。", "超过业绩比较基准的部分，管理人可以提取业绩报酬。", f"业绩报酬的提取比例不超过{dice.one((20, 30, 50))}%。")),
        ("风险", ("本产品不保证本金和收益。", "业绩比较基准不是预期收益率，不构成对产品收益的承诺。", "理财产品不属于存款，不受存款保险保障。")),
        ("提前终止", (f"产品规模低于{dice.one((1000, 3000, 5000))}万元的，管理人有权提前终止。", f"提前终止的，管理人应当提前{dice.one((1, 2, 3, 5))}个工作日公告。", "投资者无权要求提前终止本产品。")),
    )
    return Paper(f"{house}在售产品一览", f"{house}{brand}系列", "理财", (
        Sheet("wealth_list", "在售产品", "", ("产品名称", "风险等级", "业绩比较基准（年化）", "起购金额", "管理费（年）", "到账时间"), rows),
        Sheet("risk_score", "风险测评结果", "", ("测评得分", "投资者类型", "可购买的产品"), score),
    ), tuple(dice.some(notes, 2, 4)))


MAKERS = (fund, fund_list, wealth)
