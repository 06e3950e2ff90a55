"""What speaks against a unit by its words: another party's right, the highest for the lowest, 等待期 for 犹豫期, transfers the other
way.

They differ in one word, which a reader of meanings gives little weight.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from rag.text.sentences import Unit
from rag.text.series import of_another_member

OTHER_SIDE = 1.0  # logits that a unit loses which says the opposite of what is asked

_CUSTOMER = r"投保人|被保险人|受益人|您|持卡人|借款人|客户|投资者|投资人|存款人|申请人|职工|持有人|消费者"
_HOUSE = r"保险人|保险公司|本公司|我们|我公司|本行|银行|贷款人|管理人|发卡行|发卡机构|券商|证券公司|基金公司|单位|公司"
_ACTS = r"(?:也|均|都|就|有)?(?:可以|可|有权|能|不得|不能|应当|应|须|必须|会|要求|申请|解除|终止|拒绝|调整|提前|变更)"
_HOUSE_ACTS, _CUSTOMER_ACTS = re.compile(f"(?:{_HOUSE}){_ACTS}"), re.compile(f"(?:{_CUSTOMER}){_ACTS}")
_ASKS_HOUSE = re.compile(r"(?:保险公司|保险人|你们|银行|贵行|贵公司|平台|券商|基金公司|管理人)(?:也|还|就|又|单方|主动|自己|随时|一直)*(?:可以|可|有权|能|会|要|得|该|凭什么|不)(?!赔)")
_ASKS_CUSTOMER = re.compile(r"(?:我|投保人|客户|持卡人|借款人|本人)(?:也|还|就|又|想|自己|随时|主动)*(?:可以|可|有权|能|要|得|该|想)")
# 等待期, 宽限期, 管理费, 年费率 …; not 到期 or 分期
_ATTRIBUTE = re.compile(r"[一-鿿](?![到日分学定长短早本每当首近逾各前后末])[一-鿿]期(?![间限权货初])|[一-鿿](?![保缴交收付免计续消自])[一-鿿]费(?![用率者])")
# how much a product gathers from all (规模下限5,000万元) is not the least that one customer buys
_OF_THE_WHOLE, _ASKS_LEAST = re.compile(r"(?:产品|募集|发行|计划)规模|(?:募集|发行)(?:总额|金额)"), re.compile(r"最[少低]|至少|起[购投存买]|多少钱(?:起|才能)")
_ASKS_WHOLE = re.compile(r"规模|募集|筹|成立|(?<![出开])发(?![生现放货卡布给送票])")
_COMPANY, _COMPANY_TOLD = re.compile(r"公司户|对公|企业户|单位户|公司名义|我们公司"), re.compile(r"公司|对公|企业|单位|机构")
_PRIVATE = re.compile(r"个人(?:客户|投资者|用户|持有|名义)")
_PERSON = re.compile(r"([\u4e00-\u9fff])(?:女士|先生)")
_DIRECTIONS = tuple((re.compile(a), re.compile(b)) for a, b in (
    (r"转入|存入", r"转出"),
    (r"银行转证券|银行转(?:到|入)?证券", r"证券转银行|证券转(?:到|入)?银行"),
    (r"境内|国内", r"境外|国外|海外"), (r"内屏", r"外屏"),
    (r"每个?月(?:累计|上限|限额|最多|一共|总共)|月累计", r"单日|单笔|每日"),
))
_OPPOSITES = (*_DIRECTIONS, *((re.compile(a), re.compile(b)) for a, b in (
    (r"最低|最少|至少|起购|起投|起存|起点|下限", r"最高|最多|至多|上限|不超过"),
    (r"期内(?!外)|期间内|犹豫期(?![后满外过结届])", r"期满后|期后|期外|过了?犹豫期"),
    (r"逾期|拖欠|没还|还不上|欠着|断供", r"提前(?:结清|还)"),
    (r"低于|跌破", r"高于|涨过"),
    (r"申购|买入|认购", r"赎回|卖出"),
    (r"在职", r"退休"),
    (r"生病|患病|得病|因病|因?疾病(?:身故|导致|引起)", r"意外(?:身故|事故|伤害(?!保险)|出险)"),
    (r"(?<!不)计入|(?<!不)算(?:进|作|入)|(?<!不)包[括含]", r"(?<![算包])不(?:计入|算进?|包[括含]|列入)"),
    (r"首次|第一次|首套", r"再次|第二次|二套"),
    (r"投保年龄|投保时[^，。]{0,4}年龄", r"保[到至]|保障[到至]|保险期间|[期满]满"),
)))


def by_side(question: str, units: Sequence[Unit]) -> np.ndarray:
    """How many opposites of what is asked each unit says: another party's right, the highest for the lowest, the example of
    somebody else (counted for two: its figures are another's)."""
    asked = set(_PERSON.findall(question))
    return np.array([_against(question, f"{unit.context} {unit.plain}") + 2 * _of_somebody_else(asked, unit.context)
                     for unit in units], dtype="float64")


def _of_somebody_else(asked: set[str], caption: str) -> bool:
    """Whether a caption tells of 利女士 where 安女士 is asked about."""
    told = set(_PERSON.findall(caption))
    return bool(asked and told) and not asked & told


def _another_attribute(question: str, plain: str) -> bool:
    """Whether a unit speaks of 犹豫期 where 等待期 is asked: a word with the same ending, and not the one asked for."""
    asked = set(_ATTRIBUTE.findall(question))
    return bool(asked) and not any(w in plain for w in asked) and bool(
        {w[-1] for w in asked} & {w[-1] for w in _ATTRIBUTE.findall(plain)})


def _against(question: str, plain: str) -> int:
    against = int(_another_attribute(question, plain)) + 2 * of_another_member(question, plain)
    house, customer = bool(_ASKS_HOUSE.search(question)), bool(_ASKS_CUSTOMER.search(question))
    if house != customer:
        acts = bool(_HOUSE_ACTS.search(plain)), bool(_CUSTOMER_ACTS.search(plain))
        against += acts == ((False, True) if house else (True, False))
    against += 6 * bool(_ASKS_LEAST.search(question) and _OF_THE_WHOLE.search(plain) and not _ASKS_WHOLE.search(question))
    against += _of_persons_only(question, plain)
    return against + sum(_opposite(one, other, question, plain) for one, other in _OPPOSITES)


def _opposite(one: re.Pattern[str], other: re.Pattern[str], question: str, plain: str) -> bool:
    asked = bool(one.search(question)), bool(other.search(question))
    stated = bool(one.search(plain)), bool(other.search(plain))
    return asked != (True, True) and asked == stated[::-1] and any(asked)


def _of_persons_only(question: str, plain: str) -> bool:
    """Whether a company asks, and words speak of private customers alone."""
    return bool(_COMPANY.search(question) and _PRIVATE.search(plain) and not _COMPANY_TOLD.search(plain))


def turned_about(question: str, unit: Unit) -> bool:
    """Whether a unit is of transfers the other way than the one asked about, of abroad for at home, of private customers for
    companies, of a day's limit for a month's."""
    plain = f"{unit.context} {unit.plain}"
    return _of_persons_only(question, plain) or any(_opposite(one, other, question, plain) for one, other in _DIRECTIONS)
