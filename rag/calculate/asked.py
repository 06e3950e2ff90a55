"""Which sum a question asks for, if any. Precision before recall: a question that asks for a stated figure is no sum.

A rule holds when the question names the subject, asks for the sum, states the figures it starts from, and does not
match what excludes it. Rules are tried in order; the first that holds decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.calculate.stated import Figures
from rag.text.normalise import normalise

# Questions after a stated figure: its name right before or after the asking word.
_STATED = re.compile(
    r"(?<!真实)(?<!实际)(?:费率|利率|税率|比例|折扣|费用标准|额度|限额|档次|上限|下限|免赔额|起付线|门槛|起点|倍数|系数|年化收益率?|保障费)"
    r"(?:各|分别|到底|大概|一般)?(?:是|为|有|要)?(?:多少|几|什么|怎么)"
    r"|(?:多少|什么|几|哪)(?:个)?(?:费率|利率|税率|比例|档|折|年化|点)|百分之(?:多少|几)|几(?:折|成|个点|天|年|岁|号|倍)|多少(?:天|年|岁|倍)")
_YEAR_RATE = re.compile(r"(?:真实|实际|折算|实打实|折成?|近似)的?(?:的)?年化|年化(?:利率|成本|收益率?)|\birr\b|内部(?:收益|报酬)率")
_SUM = r"(?:多少|几块|几万|几千|多大|怎么算|算一下|算算|帮.{0,4}算)"


@dataclass(frozen=True)
class Asked:
    """`kind` is the sum, `target` which of its results is wanted ("" where there is one)."""

    kind: str
    target: str
    figures: Figures


@dataclass(frozen=True)
class _Rule:
    kind: str
    subject: str
    asks: str
    states: tuple[str, ...]  # kinds of figures; "a|b" is either
    excludes: str = r"(?!)"
    targets: tuple[tuple[str, str], ...] = ()
    stated_ok: bool = False  # the sum is itself a rate


_MONEY = ("money",)
_RULES = (
    _Rule("policy_rate", r"保险|保单|保费|退保|交.{0,6}年|趸交", r"irr|内部收益率|年化|收益率", ("money", "money"),
          r"分期|期房|贷|基金|理财|净值", stated_ok=True),
    _Rule("instalment", r"分期|期|手续费", r"年化|irr|内部收益率|真实利率|实际利率", ("periods", "percent"), r"七日|理财|基金",
          (("rate", ""),), stated_ok=True),
    _Rule("instalment", r"分期|分.{0,4}期|期.{0,6}还", rf"(?:每期|每月|每个月|月供|手续费|利息|一共|总共|合计|一期|一个月).*{_SUM}",
          ("money", "periods"), r"房贷|按揭|等额|违约金|提前|逾期",
          (("payment", r"(?:每期|每月|每个月|一期|一个月)[^,]*(?:还|付|交)|月供"), ("fee", r"手续费|利息"), ("total", ""))),
    _Rule("trade", r"股", rf"(?:手续费|费用|佣金|税费|交易费|成本|花费?|过户费|印花税).*{_SUM}|{_SUM}.{{0,4}}(?:手续费|费用|佣金|税费|交易费)",
          ("shares", "money|value"), r"基金|份额|中签|申购|认购|股息|分红|融资|融券|配股"),
    _Rule("compound", r"复利|利滚利|(?:每年|每月|每个月)(?:固定|再|都)?(?:存|投|定投)(?!保)|定投", rf"(?:后|到期|一共|总共|本息|本利|连本带|变成|有|拿|攒).*{_SUM}", ("money", "months"),
          r"零存整取|贷|罚|逾期|欠|保险|保单|保费|养老保险|社保|公积金|交费|费率|手续费|起|最[低少高多]|复利是"),
    _Rule("yield", r"理财|年化|收益|逆回购", rf"(?:收益|赚|拿|得|利息).*{_SUM}|{_SUM}.{{0,3}}收益", ("money", "percent", "days|months"),
          r"七日|万份|复利|每年|每月|定投|存款|结构性|档|贷|借|保险|保单|申购费|赎回费|净值|管理费|分期|基准是"),
    _Rule("balance", r"贷|按揭|月供", r"(?:剩|还欠|还差|未还).{0,4}(?:多少|几|本金)|(?:剩余?|未还)本金", ("money", "months"), r"逾期|罚息|公积金余额|额度|提前还.*违约"),
    _Rule("prepay_saving", r"提前(?:还|部分还|结清)", r"省.{0,6}(?:利息|多少|钱)|少.{0,4}(?:利息|付)", _MONEY, r"违约金"),
    _Rule("loan", r"月供|等额本[息金]|每(?:个)?月(?:要)?(?:还|供)", r"^(?:请|麻烦|能不能|可以)?(?:帮|给|替)我?.{0,4}算|^(?:算|测算|试算|估算)(?:一下|算|下)?", (),
          r"怎么算|怎么计算|公式|\d|[一二三四五六七八九十]万", (("payment", ""),)),
    _Rule("loan", r"贷|借|按揭", r"^(?:我|想|要|准备|打算|房贷|商贷|贷款|贷|借款|借|按揭|金额|本金|期限|分|年?利率|年化|等额本[息金]|呢|那|按|算|的|是|[,、\s.%\d万千元块年期个月半零一二两三四五六七八九十百])+$",
          ("money", "months"), r"(?!)", (("payment", ""),)),
    _Rule("loan", r"贷|借|按揭|月供|等额", rf"(?:月供|每月|每个月|一个月|月还|每期|首月|末月|最后一个月|第一个月|第一期|利息|一共|总共|合计).*{_SUM}"
          rf"|{_SUM}.{{0,4}}(?:月供|利息)|(?:总?利息|月供|每月还款额?|首月还款额?|末月还款额?)[?。]*$",
          _MONEY, r"逾期|罚息|违约|融资|融券|分期|存|提前|最多能?贷|能贷|可贷|保单|收入|担保|公积金缴|缴存",
          (("compare", r"(?:等额本[息金]).*(?:比|和|跟|与).*(?:等额本[息金]).*(?:多|少|差|省)"),
           ("first", r"首月|第一个月|首期|第一期"), ("last", r"末月|最后一个月|最后一期"),
           ("payment", r"月供|(?:每月|每个月|一个月|月|每期)[^,利]*(?:还|付|交|供)"), ("interest", r"利息"), ("total", ""))),
    _Rule("penalty_interest", r"罚息", _SUM, ("money", "days"), r"复利"),
    _Rule("days_interest", r"利息|计息", _SUM, ("money", "days"), r"存|理财|分期|免息|最低还款|保证金|罚息|月.{1,3}日"),
    _Rule("deposit", r"存|定期|活期|大额存单|零存整取", rf"(?:利息|到期|本息|能拿|拿到|连本带[利息]).*{_SUM}|{_SUM}.{{0,3}}利息|存.*利息[?。呢]*$", _MONEY,
          r"理财|基金|保险|公积金|存管|社保|养老|存款保险|赔|偿付|存折|贷|提前|质押|违约",
          (("monthly", r"零存整取|每月存|每个月存|月存"), ("structured", r"结构性|档"), ("total", r"本息|连本带[利息]|本利"),
           ("interest", ""))),
    _Rule("ten_thousand", r"万份收益|七日年化", _SUM, ("shares|money",), r"(?:万份收益|七日年化)(?:是|为|有)?(?:多少|怎么)"),
    _Rule("subscription", r"申购|认购", rf"(?:申购费|认购费|手续费|份额?|多少份).*{_SUM}|{_SUM}.{{0,3}}份|申购费", _MONEY,
          r"赎回|打新|新股|新债|起购|最低|最少|理财|比.{0,12}[降升高低]",
          (("shares", r"份额|多少份|几份"), ("fee", ""))),
    _Rule("redemption", r"赎回|卖", rf"赎回费.*{_SUM}|{_SUM}.{{0,3}}赎回费", ("money|shares",), r"理财产品"),
    _Rule("holding", r"净值", r"收益|赚|亏|年化", ("value", "value"), r"申购费|赎回费", (("annual", r"年化"), ("return", "")),
          stated_ok=True),
    _Rule("reimburse", r"免赔|起付|报销|理赔|医药费|医疗费|住院|费用|医保", r"(?:赔|报|报销|给付|理赔)(?:销)?(?:多少|几万|几千|到?多少)|"
          r"(?:赔|报|报销).{0,6}多少|自付.{0,4}多少|自己(?:要|得)?(?:付|掏|出).{0,4}多少", _MONEY,
          r"最多|最高|上限|限额|身故|保额|伤残|存款|退保|误工|津贴", (("own", r"自付|自己(?:要|得)?(?:付|掏|出)"), ("paid", ""))),
    _Rule("tax_on", r"应纳税所得额?", rf"(?:税|缴|交).*{_SUM}|{_SUM}.{{0,3}}税", _MONEY, r"股息|转让|偶然"),
    _Rule("bonus", r"年终奖|全年一次性奖金", rf"税.*{_SUM}|{_SUM}.{{0,3}}税|到手.*{_SUM}", _MONEY, r"并入|合并|哪种|哪个"),
    _Rule("wages_tax", r"月薪|月工资|月收入|(?:每月|每个月|一个月|一月)(?:的)?(?:工资|收入|税前)|工资(?:每月|一个月)", rf"(?:全年|一年|年度|每年).{{0,6}}(?:税|到手).*{_SUM}|(?:全年|一年|年度|每年).{{0,4}}{_SUM}.{{0,3}}税", _MONEY,
          r"年终奖|应纳税所得|失业|津贴|补助"),
    _Rule("net_wage", r"月薪|工资|税前|月收入", rf"(?:税后|到手|实发|扣完|扣税|个税|个人所得税).*{_SUM}|{_SUM}.{{0,3}}(?:个税|个人所得税)", _MONEY, r"年薪|年终奖|全年|起征|公积金贷款|失业|津贴|补助"),
    _Rule("year_tax", r"年薪|年收入|全年(?:工资|收入)|一年(?:工资|收入)", rf"(?:税|到手).*{_SUM}|{_SUM}.{{0,3}}税", _MONEY, r"应纳税所得"),
    _Rule("contributions", r"五险一金|社保|三险一金|五险|养老保险|医疗保险|医保|失业保险|公积金",
          rf"(?:交|缴|扣|缴存|存).{{0,8}}{_SUM}", _MONEY,
          r"领|报销|贷|余额|账户里|提取|灵活|居民|档|滞纳金|退休|补缴|赔|住院|起付|花|自付", (("", ""),)),
    _Rule("part", r"违约金|印花税|佣金|过户费|滞纳金|手续费|服务费|管理费|托管费|保证金|首付|契税|中介费|最低还款额?|预付款|定金|费",
          rf"(?:违约金|印花税|佣金|过户费|滞纳金|手续费|服务费|管理费|托管费|保证金|首付|最低还款额?|费)[^,，。]{{0,8}}?{_SUM}"
          rf"|{_SUM}.{{0,3}}(?:违约金|印花税|佣金|过户费|滞纳金|手续费|首付)|(?:违约金|首付)\d.*{_SUM}", _MONEY,
          r"分期.*年化|年费|保费|申购费|赎回费|医药费|医疗费|免赔|起付|报销|缴费|交费|维持担保|涨|跌|免手续费吗|门槛|最多能"),
    _Rule("surrender", r"退保|现金价值|退", rf"(?:退|拿|现金价值).*{_SUM}", ("money", "year_no"), r"贷|例子|示例|说明书|先生|女士|收益|利率"),
    _Rule("by_table", r"保额|保险|保费|保终身|保[至到]|年交|每年交|寿|意外险|重疾", rf"(?:保费|交|领|多少钱|退|现金价值).*{_SUM}|一年(?:交|领)?{_SUM}|{_SUM}(?:钱|保费)",
          ("money", "age"), r"最多|最高|等待期|身故|赔|免体检|例子|示例|说明书|先生|女士|那个|多少(?:基本)?保额|趸"),
    _Rule("formula", r".", _SUM, ("money|shares",), r"最多|最高|最低|上限|贷|借|罚款|超过|以上|以下|以内|哪"),
)


def asked(question: str) -> Asked | None:
    """The sum a question asks for; None where it asks for none that is known here.

    The kind "formula" is provisional: any amount with "how much" is one, if the evidence states a formula for it.
    """
    text = normalise(question)
    stated = bool(_STATED.search(text)) and not _YEAR_RATE.search(text)
    figures = Figures(question)
    for rule in _RULES:
        if stated and not rule.stated_ok:
            continue
        if not re.search(rule.subject, text) or not re.search(rule.asks, text) or re.search(rule.excludes, text):
            continue
        if not _states(figures, rule.states):
            continue
        target = next((name for name, words in rule.targets if re.search(words, text)), "")
        return Asked(rule.kind, target, figures)
    return None


def _states(figures: Figures, kinds: tuple[str, ...]) -> bool:
    left = [one.kind for one in figures.all if not one.vague or one.kind == "months"]
    for kind in kinds:
        match = next((k for k in left if k in kind.split("|")), None)
        if match is None:
            return False
        left.remove(match)
    return True
