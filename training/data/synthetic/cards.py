"""Made-up credit cards: yearly fees, services by card, instalments, points."""

from __future__ import annotations

from training.data.synthetic.paper import Dice, Paper, Sheet, comma


def fees(dice: Dice) -> Paper:
    """The price list of a card centre."""
    bank = f"{dice.place()}银行"
    cards = dice.some(("普卡", "青年卡", "金卡", "车主卡", "联名卡", "白金卡", "钻石卡", "商旅卡", "环球卡"), 4, 6)
    yearly = dice.rising(dice.whole(40, 120, 20), 1.3, 2.4, len(cards))
    rows = tuple((card, str(yearly[i] // 10 * 10), str(yearly[i] // 20 * 10), f"年消费满{dice.one((3, 5, 6, 8, 12))}笔", dice.rate(0.03, 0.05, 0.001, 3))
                 for i, card in enumerate(cards))
    services = dice.some(("挂失手续费", "补卡工本费", "快递加急费", "调阅签购单（境内）", "调阅签购单（境外）", "账单补寄费", "境外紧急替代卡", "开具结清证明", "短信提醒服务费"), 5, 8)
    priced = tuple((service, *(dice.one(("免费", "免费", f"{dice.one((5, 10, 20, 30, 50, 100))}元/次")) for _ in range(3))) for service in services)
    late = dice.one((3, 5, 6))
    notes = (
        ("违约金", (f"未还够最低还款额的，按未还部分的{late}%收取违约金，最低{dice.one((5, 10, 20))}元。", f"违约金单期最高不超过{dice.one((300, 500, 1000))}元。", "违约金不计收利息。")),
        ("容时容差", (f"到期还款日后{dice.one((2, 3, 5))}个自然日内还清的，视为按期还款。", f"未还金额不超过{dice.one((5, 10, 20))}元的，视为全额还款。",
                  "容时期内只还一部分的，按实际还款金额处理。")),
        ("预借现金", (f"境内取现手续费为交易金额的{dice.rate(0.5, 2, 0.5, 1)}，最低{dice.one((2, 5, 10))}元。", f"每卡每日取现累计不超过{dice.one((2000, 5000, 10000))}元。",
                  "预借现金不享受免息还款期。")),
        ("年费规则", ("首年免收年费，刷卡达标免次年年费。", "销卡后已收的年费不予退还。", "未激活的卡片不收年费。")),
        ("挂失", ("挂失即时生效，挂失后发生的损失由发卡行承担。", f"补卡在{dice.one((3, 5, 7))}个工作日内寄达。", "持卡人应当妥善保管卡片与密码，不得出租、出借卡片。")),
    )
    return Paper(f"{bank}信用卡收费标准", f"{bank}信用卡", "信用卡", (
        Sheet("card_fees", "年费与利率", "单位：人民币元/卡/年", ("卡种", "主卡年费", "附属卡年费", "免年费条件", "透支日利率"), rows),
        Sheet("card_services", "其他服务收费", "", ("项目", "普通卡", "金卡", "白金卡"), priced),
    ), tuple(dice.some(notes, 3, 5)))


def instalments(dice: Dice) -> Paper:
    """Instalment rates by number of periods, and which rule applies to which product."""
    bank = f"{dice.place()}银行"
    periods = dice.some((3, 6, 9, 12, 18, 24, 36, 48, 60), 5, 8)
    kinds = dice.some(("账单分期", "消费分期", "现金分期", "装修分期", "车位分期", "教育分期"), 2, 4)
    rows = tuple((f"{period}期", *(dice.one((dice.rate(0.4, 0.85, 0.01), dice.rate(0.4, 0.85, 0.01), "不开放")) for _ in kinds)) for period in periods)
    rules = tuple((kind, f"{comma(dice.one((300, 500, 600, 1000, 5000)))}元", f"{dice.one((3, 5, 10, 30, 50))}万元", f"剩余本金的{dice.one((1, 2, 3))}%",
                   dice.one(("可以", "不可以"))) for kind in kinds)
    early = dice.one((1, 2, 3))
    notes = (
        ("提前结清", (f"提前结清现金分期的，收取剩余本金{early}%的违约金。", f"剩余{dice.one((3, 6))}期以内提前结清的，免收违约金。", "提前结清须一次还清全部剩余本金，不能只结清部分。")),
        ("资金用途", ("分期资金不得用于购房、炒股等投资。", "发现资金违规使用的，本行可以宣布剩余金额一次到期。", "专项分期的资金应当直接支付给商户。")),
        ("撤销", (f"分期申请成功后{dice.one((24, 48))}小时内可以撤销。", "已经入账的分期不能变更期数。", f"连续{dice.one((2, 3))}期逾期的，本行有权取消分期。")),
    )
    return Paper(f"{bank}信用卡分期费率表", f"{bank}信用卡分期", "信用卡", (
        Sheet("instalment_rates", "每期费率", "", ("期数", *kinds), rows),
        Sheet("instalment_rules", "办理规则", "", ("分期种类", "起点金额", "最高金额", "提前结清违约金", "是否可撤销"), rules),
    ), notes)


def points(dice: Dice) -> Paper:
    """Points: what is earned where, what a reward costs."""
    bank = f"{dice.place()}银行"
    places = dice.some(("超市购物", "餐饮", "境外消费", "加油", "网上支付", "医院缴费", "公共事业缴费", "购房首付", "汽车购置", "机票酒店"), 6, 9)
    rows = tuple((place, dice.one(("每1元计1分", "每1元计2分", "每2元计1分", "不计积分", "每20元计1分")), dice.one(("5,000分", "10,000分", "20,000分", "不设上限"))) for place in places)
    gifts = dice.some(("10元话费", "电影票一张", "洗车一次", "机场贵宾厅一次", "50元购物卡", "行李箱一个", "里程1,000", "体检套餐"), 4, 7)
    costs = tuple((gift, comma(dice.whole(2000, 60000, 500)), dice.one(("全部卡种", "金卡及以上", "白金卡及以上")), f"每月{dice.whole(1, 5)}次") for gift in gifts)
    notes = (("积分有效期", (f"积分自入账之日起{dice.one((1, 2, 3, 5))}年内有效。", f"销卡后积分保留{dice.one((15, 30, 60))}天，到期清零。", "积分不可以转让，也不能兑换现金。")),
             ("积分调整", ("交易退货的，扣回相应积分。", f"补登积分应当自交易之日起{dice.one((30, 60, 90))}日内申请。", "虚假交易套取积分的，取消全部积分。")))
    return Paper(f"{bank}信用卡积分规则", f"{bank}信用卡积分", "信用卡", (
        Sheet("points_earned", "积分累积", "", ("消费类型", "累积规则", "每月上限"), rows),
        Sheet("points_spent", "积分兑换", "", ("礼品", "所需积分（分）", "适用卡种", "兑换次数"), costs),
    ), notes)


MAKERS = (fees, instalments, points)
