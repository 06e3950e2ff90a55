"""Closed lists for names: what is none however it ends, and what is called by more than one."""

from __future__ import annotations

# names that stand alone, with what else they are called
CALLED: dict[str, tuple[str, ...]] = {name: () for name in """
    微信 支付宝 云闪付 花呗 借呗 京东 抖音 淘宝 美团 银联 钉钉 建行 工行 农行 交行 招行 邮储 银监会 保监会
    消保委 消协 银行业协会 保险业协会 中证协 基金业协会 最高人民法院 国务院 财政部 人社部 医保局 税务总局 公安部 商务部 发改委
""".split()} | {
    "证监会": ("证券监督管理",), "银保监会": ("银行保险监督管理",), "外汇局": ("外汇管理局", "外汇管理机关"),
    "金融监管总局": ("金融监督管理总局",), "央行": ("人民银行",), "人民银行": ("央行",), "中行": ("中国银行",), "消费者协会": ("消协",),
}

LATIN = frozenset("""
    app atm pos lpr etf fof qdii reits reit vip cvv cvn sms pdf irr apr id ok faq bp bps usd cny rmb hkd eur jpy gbp aud cad chf sgd nav ipo pin
    nfc otp ic cdm crs stm vtm wifi pc web nft ai kyc aum excel word mri ct pet icu ceo cfo excel gdp cpi shibor libor sofr ofd jpg png qr
""".split())

NO_PLACE = frozenset("中国 中华人民共和国 全国 我国 亚洲 欧洲 大陆 内地 内地居民 国内 国外 海外 境外 境内 回国 出国 国际 港澳 港澳台 沪深 深北".split())

SURNAMES = frozenset("赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华魏陶姜戚谢邹喻柏窦章苏潘葛范彭郎鲁韦马苗方俞任袁柳鲍史唐廉岑薛雷贺倪汤滕殷罗毕郝"
                     "乐于傅皮卞齐康伍余顾孟黄穆萧尹姚邵汪祁毛狄米戴宋庞熊纪舒屈项祝董梁杜阮蓝季贾江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞柯管卢莫丁邓洪包左石崔龚程裴陆翁荀惠曲封靳段"
                     "侯全班秋仲宁仇甘厉祖武符刘景詹龙叶黎白赖卓乔欧阳阎曾关文聂闫覃肖涂")

NO_PERSON = frozenset("周转 周期 周末 周年 洪水 董监 许可 康复 高度 高额 高管 董事 严重 项目 方式 方法 管理 管辖 包含 计算 石油 马上 马达 田地 毛利 章程 章节 单位 白金 白银 江苏 宁波 温州 黄金 黄山 左右 程度 程序 顾客 孔子 施工 曲线 任何 任职 任期 严禁 严格 熊市 牛市 余额 关系 关联 关于 贺卡 白条 余额宝 支付宝".split())

# words of a product's or an institution's kind, which stand between its name and the last of them
KINDS = frozenset("""
    个人 单位 企业 家庭 团体 商业 社会 基本 补充 医疗 意外 意外伤害 重疾 重大疾病 疾病 养老 工伤 失业 生育 定期 活期 通知 终身 两全 健康 责任 财产 信用 消费 经营 住房 按揭 公积金
    附加 附属 主 银行 借记 储蓄 货币 货币市场 债券 债券型 股票 股票型 指数 混合 混合型 混合类 开放式 封闭式 私募 公募 证券 投资 现金 净值型 净值 固收 固定收益 结构性 大额 小额 短期 中期
    长期 分红 分红型 万能 万能型 投连 增额 年金 普惠 线上 专属 百万 住院 门诊 特定 少儿 老年 综合 联名 白金 普通 钻石 金 人寿 保险 财产保险 人寿保险 证券投资 发起式 联接 持有期 型 类 份额
    股份 有限 责任 集团 管理 服务 客户 客服 结算 数据 清算 登记 交易 信息 中心 暂行 试行 实施 监督 监督管理 手机 掌上 微信 官方 网上 贷款 理财 基金 卡
""".split())

# words that stand before a kind and name nothing
ORDINARY = frozenset("""
    购买 投保 续保 承保 退保 提供 享受 享有 办理 申请 申办 承办 经办 领取 吸收 违规 一般 相应 超出 持有 使用 注销 挂失 激活 绑定 补办 补领 更换 冻结 解冻 遗失 丢失 被盗 收到 偿还
    归还 还清 结清 发放 签订 开立 选择 赎回 申购 认购 转换 缴纳 参加 变更 解除 终止 转让 质押 抵押 担保 保证 支取 销售 代销 发行 运作 其他 所有 全部 部分 各类 该类 此类 同类 相关 有关
    包括 属于 作为 实体 电子 虚拟 社保 医保 身份 高端 还款 救助 应急 工作 年度 储备 风险 准备 存量 新增 逾期 不良 异地 首套 二套 组合 装修 教育 助学 创业 农户 循环 到期 提前 可以
    能够 需要 应当 不能 不得 继续 重新 再次 直接 分别 同时 当地 国有 股份制 外资 中资 开户 发卡 收单 代理 合作 托管 承兑 付款 收款 指定 定点 公立 私立 三甲 二级 三级 上级 下级 受理
    申报 登录 下载 通过 关注 本行 我行 本公司 我司 连同 参考 办完 任何 联系 咨询 找 有 无 由 经 分 支 总 外
    写明 注明 载明 标明 说明 规定 约定 记得 装着 用 本卡 凭 刷
""".split())

# characters that join, and belong to no name
JOINS = frozenset("指办改再当买要但仍未做算超经非伪新旧老选报达时名凭须应会想的了为是在和与或及由向对从至到该本此其各每某按以被把将给让使用可能不有无含即如若等个张种款笔份项家这那我您你他她它们且并也都均仅只另于之所内外前后上下间时期年月日元者中")
LEADING = "由及是为在和与向对从至到经以将把被按"  # what may stick to the front of a place
ENDS = frozenset("的了为是在与或由向对从至到")  # characters at which a name ends, whatever the known words hold
