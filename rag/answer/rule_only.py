"""A question for a value (利率多少, 转股价几块) to which documents only say how the value is set: by whom, by what, or where it
is written (由…协商确定, 按…约定的利率执行, 以…为准). The rule is no answer, but the customer is shown it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answer.asked_kind import asking_clauses
from rag.answer.evidence import Evidence
from rag.answer.result import Citation
from rag.index.hit import Hit
from rag.index.search import NAMED
from rag.text.figures import find_figures
from rag.text.normalise import normalise
from rag.text.sentences import split_units
from rag.text.tokens import STOP_WORDS, bigrams

_SENTENCE_ENDS = re.compile(r"[。；;\n]")
_VALUES = {  # how a question calls a value -> how documents do
    "利率": "利率", "利息": "利率", "费率": "费率", "税率": "税率", "收益率": "收益率", "免赔额": "免赔额", "限额": "限额", "保险金额": "保险金额", "保额": "保险金额",
    "保险费": "保险费", "保费": "保险费", "保险金": "保险金", "转股价": "转股价格", "赎回价": "赎回价格", "发行价": "发行价格",
    "价格": "价格", "价": "价格", "标准": "标准", "收费": "收费", "费用": "费用", "收": "收费",
}
_VALUE = "|".join(sorted(_VALUES, key=len, reverse=True))
_BETWEEN = r"(?:现在|目前|到底|最后|具体|究竟|一般|大概|最终|实际)|一?(?:每|一)(?:股|个?月|年|次|人|张|份)|一股|是|为|有|在|能|可以|要|定(?:在|了|的|下来的)?|公布(?:了|的)?|收|领|拿|交|开始"
_ASKED = re.compile(rf"([一-鿿]{{0,2}})({_VALUE})格?(?:{_BETWEEN})*(?:按?多少|几(?!乎|个?月)|百分之|千分之)(?!比例)")
_METHOD = re.compile(r"怎么|怎样|如何|按(?:什么|啥|哪)|谁[来]?(?:定|说了算|决定)|由谁|依据|根据什么|什么(?:标准|办法|规则)")
_FIXED = r"(?:(?<!已)确定|约定|协商|核定|决定|执行|规定|制定|载明|为准|公布|公告)"
_BY = r"(?:由|按|依|根据|参照|参考|以|将|提请|授权|另行)"
_USED = re.compile(r"[按依据×÷*/]|以(?![及外下上后前内来])|超过|低于|高于|乘|扣除|等于")  # before a value that is only made use of: 按活期利率计付
_GENERAL = ("利率", "费率", "税率", "价格", "标准", "收费", "费用", "限额", "保险费")  # told apart by the word before: 结算利率, 保证利率
_LOOSE = ("限额", "标准")  # called by other words as well: 赔偿限额 is 责任限额
_RATES, _SUMS = ("利率", "费率", "税率", "收益率"), ("额", "价格")
_QUALIFIER = re.compile(r"(?:[的是个每年月日后其最之在有要]|一般|年化|具体|实际|到底|现在|今年|去年|大概)+")
LONG = 90  # characters; a longer sentence must be so much more like the question


def asked_value(question: str) -> tuple[str, str]:
    """(the value a question asks for as documents call it, with what stands before it: 结算利率), ("", "") where it asks for
    none, or how one is set."""
    asked = "，".join(asking_clauses(normalise(question)))
    found = list(_ASKED.finditer(asked))
    if not found or _METHOD.search(asked):
        return "", ""
    before, value = found[-1].group(1), _VALUES[found[-1].group(2)]
    before = _QUALIFIER.split(before)[-1]
    return value, before + value if len(before) == 2 and value in _GENERAL and found[-1].group(2) != "收" else value


def says_only_rule(question: str, words: str) -> bool:
    """Whether words speak of the value that a question asks for, and only of how it is set."""
    value, _ = asked_value(question)
    plain = normalise(words)
    return bool(value) and _sets(value, plain) and not _states(value, plain)


def _sets(value: str, words: str) -> bool:
    """Whether words say by whom or by what a value is set: 贷款利率按协议约定执行, 确定并公布结算利率."""
    for sentence in _SENTENCE_ENDS.split(words):
        for match in re.finditer(value, sentence):
            clause = re.split("[，,：:]", sentence[: match.start()])[-1]
            behind = sentence[match.end() :]
            if not _USED.search(clause) and re.match(rf"[^，,]{{0,14}}[，,：:]?[^，,]{{0,14}}{_BY}.{{0,60}}?{_FIXED}|[^，,]{{0,6}}载明", behind):
                return True
            if re.search(r"(?:确定|公布|约定)[^，,]{0,30}$", sentence[: match.start()]) and not re.search(r"按[^，,]*$", clause):
                return True
    return False


def _states(value: str, words: str) -> bool:
    """Whether words speak of a value with a figure that may be it."""
    kinds = ("percent",) if value.endswith(_RATES) else ("amount",) if value.endswith(_SUMS) else ("percent", "amount")
    return any(f.kind in kinds or (f.kind == "range" and f.unit) for part in _of_value(value, words) for f in find_figures(part))


def rule_stands_for_value(question: str, evidence: Evidence) -> bool:
    """Whether the best words say only how the asked value is set, or speak of something else while others say that."""
    value, whole = asked_value(question)
    if not value or evidence.best is None:
        return False
    if evidence.best.kind == "sentence" and says_only_rule(question, evidence.best.plain):
        return True
    first = evidence.citations[0]
    best = normalise("\n".join((*first.headings[-1:], evidence.best.context, evidence.best.plain)))
    rules = [one.unit for one in evidence.units if one.unit.kind == "sentence" and says_only_rule(question, one.unit.plain)]
    if not any(whole in normalise(unit.plain) for unit in rules):
        return False
    return value not in best or (whole != value and whole not in best and bool(re.search(f"[一-鿿]{{2}}{value}", best)))


def rule(question: str, hits: Sequence[Hit], nearest: str = "") -> Citation | None:
    """The sentence of the passages that says how the value is set that a question asks for, most like the question; None
    where the same document states the value after all. `nearest`: the source that came nearest to answering."""
    value, whole = asked_value(question)
    if not value:
        return None
    told = [(hit, section, words) for hit in hits for section in hit.read for words in _sentences(section.text) if value in normalise(words)]
    meant = [one for one in told if whole.removesuffix(value) in normalise(one[2])]
    if value not in _LOOSE or any(_sets(value, normalise(words)) for *_, words in meant):
        told = meant
    setting = [hit for hit, _, words in told if _sets(value, normalise(words))]
    if not setting:
        return None
    named = {hit.source for hit in hits if hit.parts.get("title", 0.0) >= NAMED}
    if not named:  # 家财险 is 家庭财产保险
        letters = {letter for letter in normalise(question) if "㐀" <= letter <= "鿿"}
        named = {max(setting, key=lambda hit: len(letters & set(normalise(hit.title))) + 2 * (hit.source == nearest)).source}
    told = [one for one in told if one[0].source in named]
    stated = {hit.source for hit, _, words in told if _states(whole if whole in normalise(words) else value, normalise(words))}
    asked = {g for g in bigrams(question) if g not in STOP_WORDS} - set(bigrams(value))
    best, most = None, 0.0
    for hit, section, words in told:
        about = set(bigrams("\n".join((hit.title, *section.headings, words))))
        if hit.source in stated or not asked & about or not _sets(value, normalise(words)):
            continue
        like = (len(asked & set(bigrams(words))) + 4) / max(1.0, len(words) / LONG)
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
    for sentence in _SENTENCE_ENDS.split(words):
        clauses = re.split(r"(?<=[，,：:])", sentence)
        at = next((n for n, clause in enumerate(clauses) if value in clause), None)
        if at is None:
            continue
        end = next((n for n in range(at + 1, len(clauses)) if value not in clauses[n] and re.match(rf"[^，,]{{0,6}}(?:{_VALUE})", clauses[n])), len(clauses))
        found.append("".join(clauses[at:end]))
    return found
