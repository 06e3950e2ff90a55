"""Who must, may or pays: a sentence that puts one party's duty on another says the opposite with every figure right."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.text.normalise import normalise

_PARTY = (r"(?:投保人|被保险人|(?<!被)保险人|受益人|继承人|持卡人|发卡(?:机构|银行|行)|借款人|贷款人|保证人|抵押人|委托人|受托人|管理人|托管人|"
          r"发行人|持有人|出票人|持票人|承兑人|背书人|付款人|收款人|用人单位|职工|参保人员?|纳税人|扣缴义务人|出让人|受让人)")
_DUTY = r"(应当|必须|有权|无权|不得|不能|可以|承担|负责|支付|退还|给付|赔偿|缴纳|申报|通知)"
# 向保险人支付 says to whom, 由保险人支付 by whom
_ACTS = re.compile(rf"(?<![向对给与和或、])({_PARTY})[^，。；、：{{}}]{{0,4}}?{_DUTY}")


def acts(text: str) -> set[tuple[str, str]]:
    """(party, what it must, may or does) as a text says them."""
    return {(found[1], found[2]) for found in _ACTS.finditer(normalise(text))}


def swapped(draft: str, evidence: Sequence[str]) -> list[str]:
    """The parties of whom the draft says what the evidence says of others only: 保险人应当 for 投保人应当."""
    said = {pair for text in evidence for pair in acts(text)}
    told = {duty for _, duty in said}
    return sorted({party for party, duty in acts(draft) if (party, duty) not in said and duty in told})
