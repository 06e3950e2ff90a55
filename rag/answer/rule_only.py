"""A question for a value (利率多少, 转股价几块) to which documents only say how the value is set: by whom, by what, or where it
is written (由…协商确定, 按…约定的利率执行, 以…为准). The rule is no answer, but the customer is shown it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answer.asked_kind import asking_clauses, lacks_kind
from rag.answer.evidence import Evidence
from rag.answer.result import Citation
from rag.index.hit import Hit
from rag.text.normalise import normalise
from rag.text.sentences import split_units
from rag.text.tokens import STOP_WORDS, bigrams

_VALUES = {  # how a question calls a value -> how documents do
    "利率": "利率", "费率": "费率", "税率": "税率", "收益率": "收益率", "免赔额": "免赔额", "限额": "限额", "保险金额": "保险金额", "保额": "保险金额",
    "保险费": "保险费", "保费": "保险费", "保险金": "保险金", "补助金": "补助金", "津贴": "津贴", "转股价": "转股价格", "赎回价": "赎回价格", "发行价": "发行价格",
    "价格": "价格", "价": "价格", "标准": "标准", "收费": "收费", "费用": "费用", "收": "收费", "名单": "名单",
}
_VALUE = "|".join(sorted(_VALUES, key=len, reverse=True))
_ASKED = re.compile(rf"([一-鿿]{{0,2}})({_VALUE})格?[^，,。？?]{{0,10}}?(?:多少|几(?!乎)|百分之|千分之|哪些人)")
_METHOD = re.compile(r"怎么|怎样|如何|按(?:什么|啥|哪)|谁[来]?(?:定|说了算|决定)|由谁|依据|根据什么|什么(?:标准|办法|规则)")
_SETS = re.compile(
    r"由[^。；]{1,40}(?:约定|协商|确定|规定|制定|核定|决定)|(?:按|依|根据|参照|参考)[^。；]{1,40}(?:确定|执行|核定|约定|为准)|"
    r"以[^。；]{1,24}为准|载明|另行(?:公告|公布|通知|约定)|(?:提请|授权)[^。；]{2,50}(?:确定|决定)|挂牌公告|"
    r"(?:确定|决定)[^。；]{0,40}公布|公布[^。；]{0,24}(?:利率|结果|价格)")
_FIXES = re.compile(r"(?<!已)(?:确定|约定|核定|规定|制定|载明|为准)")
_GENERAL = ("利率", "费率", "税率", "价格", "标准", "收费", "费用", "限额", "保险费")  # told apart by the word before: 结算利率, 保证利率
_QUALIFIER = re.compile(r"(?:[的是个每年月日后其最之在有要]|一般|具体|实际|到底|现在|今年|去年|大概)+")
LONG = 90  # characters; a longer sentence must be so much more like the question
NEAR = 8  # units that were read best, among which a rule tells that no other of them states the value


def asked_value(question: str) -> tuple[str, str]:
    """(the value a question asks for as documents call it, with what stands before it: 结算利率), ("", "") where it asks for
    none, or how one is set."""
    asked = "，".join(asking_clauses(normalise(question)))
    found = list(_ASKED.finditer(asked))
    if not found or _METHOD.search(asked):
        return "", ""
    before, value = found[-1].group(1), _VALUES[found[-1].group(2)]
    before = _QUALIFIER.split(before)[-1]
    return value, before + value if len(before) == 2 and value in _GENERAL else value


def says_only_rule(question: str, words: str) -> bool:
    """Whether words speak of the value that a question asks for, and only of how it is set."""
    value, _ = asked_value(question)
    told = _of_value(value, normalise(words)) if value else []
    return any(_SETS.search(part) for part in told) and all(lacks_kind(question, part) for part in told)


def rule_stands_for_value(question: str, evidence: Evidence) -> bool:
    """Whether the best words say only how the asked value is set, or speak of something else while others say that."""
    value, whole = asked_value(question)
    if not value or evidence.best is None:
        return False
    if says_only_rule(question, evidence.best.plain):
        return True
    first = evidence.citations[0]
    best = normalise("\n".join((*first.headings[-1:], evidence.best.context, evidence.best.plain)))
    rules = [one.unit for one in evidence.units[:NEAR] if says_only_rule(question, one.unit.plain)]
    if not any(whole in normalise(unit.plain) for unit in rules):
        return False
    return value not in best or (whole != value and whole not in best and bool(re.search(f"[一-鿿]{{2}}{value}", best)))


def rule(question: str, hits: Sequence[Hit]) -> Citation | None:
    """The sentence of the passages that says how the value is set that a question asks for, most like the question."""
    value, whole = asked_value(question)
    if not value:
        return None
    asked = {g for g in bigrams(question) if g not in STOP_WORDS}
    letters = set(normalise(question))
    best, most = None, 0.0
    for hit in hits:
        named = len(letters & set(normalise(hit.title)))  # 家财险 is 家庭财产保险
        for section in hit.read:
            for words in _sentences(section.text):
                if not says_only_rule(question, words):
                    continue
                plain = normalise(words)
                like = (len(asked & set(bigrams(f"{hit.title}{plain}"))) + named + 4 * (whole in plain) + 4 * bool(_FIXES.search(plain))) / max(1.0, len(words) / LONG)
                if like > most:
                    best, most = Citation(1, hit.source, hit.title, words, section.page, section.headings, hit.edition, hit.also), like
    return best


def _sentences(text: str) -> list[str]:
    """The sentences of a text that are no table's rows, in its own words."""
    units = (unit.text for unit in split_units(text) if unit.kind != "row")
    return list(dict.fromkeys(said.strip() for words in units for said in re.split(r"(?<=[。；;])|\n(?=\s*[（(]?[0-9一二三四五六七八九十]+[)）、.．])", words) if said.strip()))


def _of_value(value: str, words: str) -> list[str]:
    """The parts of words that speak of a value: from the clause that names it to where another value is spoken of."""
    found = []
    for sentence in re.split(r"[。；;\n]", words):
        clauses = re.split(r"(?<=[，,：:])", sentence)
        at = next((n for n, clause in enumerate(clauses) if value in clause), None)
        if at is None:
            continue
        end = next((n for n in range(at + 1, len(clauses)) if value not in clauses[n] and re.match(rf"[^，,]{{0,6}}(?:{_VALUE})", clauses[n])), len(clauses))
        found.append("".join(clauses[at:end]))
    return found
