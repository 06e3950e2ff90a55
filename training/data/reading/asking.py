"""How a cell is asked for: by what its value is (money, rate, time, yes or no, words), in many customers' forms."""

from __future__ import annotations

import random
import re

from rag.text.figures import find_figures

MONEY, RATE, TIME, DATE, AGE, COUNT, MARK, WORDS = "money", "rate", "time", "date", "age", "count", "mark", "words"

_KINDS = {"amount": MONEY, "percent": RATE, "duration": TIME, "date": DATE, "time": DATE, "age": AGE, "count": COUNT}
YES, NO = "√ 是 可 可以 可保 支持 有 需要 需 允许 开放".split(), "× 否 不可 不可以 不可保 不支持 没有 不需要 无需 不允许 不开放 不提供 —".split()

_ASK = {
    MONEY: ("多少钱", "是多少", "多少", "有多少", "是多少钱"),
    RATE: ("是多少", "多少", "百分之多少", "是几个点", "到底多少", "有多高", "现在多少"),
    TIME: ("多久", "要多久", "是多长时间", "多长", "有几天几个月", "得等多久", "是多少"),
    DATE: ("是什么时候", "哪天", "是几号", "什么时间", "从啥时候算"),
    AGE: ("是多少岁", "多大", "几岁", "要多大年纪", "是多少"),
    COUNT: ("是多少", "有几个", "多少", "到底几", "一共多少"),
    WORDS: ("是什么", "怎么说的", "是啥", "有什么规定", "怎么规定的", "怎么定的", "是怎样的", "写的什么"),
}  # fmt: skip
# {r}: the row, {c}: the column, {q}: how it asks, {p}: the product or document
_PAID = ("要多少钱", "要交多少", "得花多少", "收多少", "怎么收")
_PERSON = re.compile(r"岁|客户|者|人员|[员工生师民]$|职工|居民|[^\d]人")
_FORMS = (
    "{r}的{c}{q}", "{r}{c}{q}", "{c}{q}，{r}的", "{r}这一档，{c}{q}", "{r}，{c}{q}", "我想问{r}的{c}{q}", "要是{r}，{c}{q}",
    "{r}的话{c}{q}", "查一下{r}的{c}", "{r}对应的{c}{q}", "我这种情况是{r}，{c}{q}", "{c}，{r}，{q}", "说一下{r}的{c}吧",
    "{r}那栏的{c}写的是多少", "帮我看看{r}{c}{q}", "{c}这块，{r}{q}", "{r}{c}", "我是{r}，{c}{q}",
    "表里{r}的{c}{q}", "如果选{r}，{c}{q}", "{r}——{c}{q}",
)  # fmt: skip
_NAMED = ("{p}{r}的{c}{q}", "{p}，{r}，{c}{q}", "{p}里面{r}的{c}{q}", "{r}的{c}{q}，我说的是{p}", "{p}的{r}{c}{q}",
          "我看的是{p}，{r}的{c}{q}", "{p}{c}{q}，{r}", "想了解{p}，{r}{c}{q}", "按{p}，{r}的{c}{q}")
# where the column's name says nothing (内容, 规则): the row itself is asked for
_WHOLE = ("{r}{q}", "{r}，{q}", "想问{r}{q}", "{r}到底{q}", "请告诉我{r}{q}", "{r}", "说说{r}", "关于{r}，{q}", "{r}这项{q}")
_WHOLE_NAMED = ("{p}的{r}{q}", "{p}，{r}{q}", "{r}{q}，我问的是{p}", "{p}{r}{q}", "我想买{p}，{r}{q}", "{p}里{r}写的{q}")
_ONLY_MARK = ("{r}{c}吗", "{r}要不要{c}", "{r}有没有{c}", "{c}这项{r}有吗", "{r}的{c}支持吗", "{r}能不能{c}", "{r}含{c}吗")


def kind_of(value: str) -> str:
    """What the value of a cell is: one of the kinds above."""
    if value in YES or value in NO:
        return MARK
    figures = [f for f in find_figures(value) if f.kind not in ("word", "bare", "code", "ordinal")]
    if figures and len(value) <= len(figures[0].raw) + 14:
        first = figures[0]
        if first.kind == "range":
            return {"元": MONEY, "%": RATE, "年": TIME, "月": TIME, "天": TIME, "岁": AGE}.get(first.unit, COUNT)
        return _KINDS.get(first.kind, COUNT)
    return COUNT if re.fullmatch(r"[\d,.]+", value) else WORDS


def ask_cell(row: str, column: str, value: str, name: str, chance: random.Random, *, named: bool) -> str:
    """A bare question for the cell, without what a persona adds. `named`: the product or document is said."""
    kind = kind_of(value)
    ways = _ASK.get(kind, _ASK[WORDS])
    if kind == TIME and re.search(r"时间|期限|期$|日$", column):
        ways = ("多久", "是多久", "多长", "是几天", "是多少", "要多久")
    if kind == WORDS and re.search(r"条件|要求|资料|材料|证明|说明|备注|情形|规则", column):
        ways = ("是什么", "有哪些", "是啥", "怎么写的", "具体是什么")
    if kind == MONEY and re.search(r"费$|费用|价$", column):
        ways += _PAID
    form = chance.choice(_NAMED if named and name else _FORMS)
    if form.startswith("我是") and not _PERSON.search(row):
        form = "{r}，{c}{q}"
    if not column:
        form = chance.choice(_WHOLE_NAMED if named and name else _WHOLE)
    return form.format(r=row, c=column, q=chance.choice(ways), p=name)


def ask_mark(row: str, column: str, chance: random.Random) -> str:
    """A question for a cell that says √ or —, 可保 or 不可保."""
    return chance.choice(_ONLY_MARK).format(r=row, c=column)
