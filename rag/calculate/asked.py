"""Which sum a question asks for, if any. Precision before recall: a question that asks for a stated figure is no sum.

A rule (see `rules`) holds when the question names the subject, asks for the sum, states the figures it starts from, and
does not match what excludes it. Where no rule holds so, one may that lacks some of its figures: these are asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.calculate.rules import RULES, Rule
from rag.calculate.stated import Figures
from rag.text.normalise import normalise

# Questions after a stated figure: its name right before or after the asking word.
_STATED = re.compile(
    r"(?<!真实)(?<!实际)(?:费率|利率|税率|比例|折扣|费用标准|额度|限额|档次|上限|下限|免赔额|起付线|门槛|起点|倍数|系数|年化收益率?|保障费)"
    r"(?:各|分别|到底|大概|一般)?(?:是|为|有|要)?(?:多少|几|什么|怎么)"
    r"|(?:多少|什么|几|哪)(?:个)?(?:费率|利率|税率|比例|档|折|年化|点)|百分之(?:多少|几)|(?<!好)几(?:折|成|个点|天|年|岁|号|倍)|多少(?:天|年|岁|倍)")
_YEAR_RATE = re.compile(r"(?:真实|实际|折算|实打实|折成?|近似)的?(?:的)?年化|年化(?:利率|成本|收益率?)|\birr\b|内部(?:收益|报酬)率")
_PLAINLY = re.compile(r"帮.{0,4}算|算一下|算下|算算|算一算|测算|试算|估算")
_HOW = re.compile(r"怎么(?:计算|算的|算)(?!出?来?(?:多少|是多少))|如何计算|算法|公式|是什么意思|什么叫|有什么区别|怎样计算")
# a part of these is no more than a question that documents answer
_WHOLE = ("formula", "by_table", "expression", "part", "of_sum", "changed", "growth", "share", "average", "multiple", "currency", "reimburse",
          "holding", "early", "held_yield", "true_rate", "schedule", "interest_at_once", "coupon", "ten_thousand")


@dataclass(frozen=True)
class Asked:
    """`kind` is the sum, `target` which of its results is wanted ("" where there is one).

    `partial`: a figure that the sum starts from is missing. `own`, as in its rule. `plainly`: it says 帮我算.
    """

    kind: str
    target: str
    figures: Figures
    partial: bool = False
    own: bool = False
    plainly: bool = False

    @property
    def alone(self) -> bool:
        """Whether a missing figure is asked for in the place of what documents say."""
        stated = [one for one in self.figures.all if not one.vague]
        if not self.own:
            return False
        if self.partial and (self.plainly or any(one.kind == "percent" for one in stated)):
            return True
        return len(stated) >= 2 or (self.kind == "loan" and self.plainly and not stated)


def asked(question: str) -> Asked | None:
    """The sum a question asks for; None where it asks for none that is known here.

    The kind "formula" is provisional: any amount with "how much" is one, if the evidence states a formula for it.
    """
    text = normalise(question)
    figures = Figures(question)
    stated = bool(_STATED.search(text)) and not _YEAR_RATE.search(text)
    plainly = bool(_PLAINLY.search(text)) and not _HOW.search(text)
    fit = [rule for rule in RULES if (rule.stated_ok or not stated) and re.search(rule.subject, text)
           and re.search(rule.asks, text) and not re.search(rule.excludes, text)]
    for rule in fit:
        if rule.kind != "formula" and _met(figures, rule.states) == len(rule.states):
            return _of(rule, text, figures, plainly)
    for rule in fit:
        if rule.kind not in _WHOLE and not _HOW.search(text) and (plainly or _counts(figures)):
            return _of(rule, text, figures, plainly, partial=True)
    rule = next((rule for rule in fit if rule.kind == "formula"), None)
    return _of(rule, text, figures, plainly) if rule and _met(figures, rule.states) == len(rule.states) else None


def _of(rule: Rule, text: str, figures: Figures, plainly: bool, partial: bool = False) -> Asked:
    target = next((name for name, words in rule.targets if re.search(words, text)), "")
    return Asked(rule.kind, target, figures, partial, rule.own, plainly)


def _met(figures: Figures, kinds: tuple[str, ...]) -> int:
    """How many of the kinds the question states."""
    left = [one.kind for one in figures.all if not one.vague or one.kind == "months"]
    met = 0
    for kind in kinds:
        match = next((k for k in left if k in kind.split("|")), None)
        if match is not None:
            left.remove(match)
            met += 1
    return met


def _counts(figures: Figures) -> bool:
    """Whether it states a figure of the customer's own case; how long or how old alone is asked of documents as well."""
    return any(one.kind in ("money", "percent", "shares") and not one.vague for one in figures.all)
