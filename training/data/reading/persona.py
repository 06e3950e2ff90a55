"""Who asks: the same question as different customers would type it. Words change, figures and names never do."""

from __future__ import annotations

import random
import re

# What documents say -> what people say. Each is applied by chance, and only outside of names.
_SPOKEN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("被保险人", ("被保人", "我", "买保险的人")), ("投保人", ("投保的人", "我", "买的人")), ("保险费", ("保费",)), ("本公司", ("保险公司", "你们")),
    ("本行", ("你们银行", "银行", "贵行")), ("投保年龄", ("投保的年纪", "年龄")), ("身故", ("去世", "身故")), ("给付", ("赔", "给付")),
    ("周岁", ("岁",)), ("缴纳", ("交",)), ("缴费", ("交钱", "缴费")), ("是否", ("是不是",)), ("申请", ("申请", "办", "申请办理")),
    ("领取", ("领", "领取")), ("办理", ("办",)), ("期限", ("期限", "时间")), ("手续费", ("手续费", "费用")), ("最高", ("最多", "最高")),
    ("最低", ("最少", "最低", "起码")), ("金额", ("金额", "数额")), ("持卡人", ("持卡人", "我")), ("借款人", ("借款人", "借钱的人", "我")),
    ("乙方", ("我", "客户")), ("甲方", ("银行", "你们")), ("提前还款", ("提前还", "提前还款", "提前把钱还了")), ("最长", ("最长", "顶多")),
    ("需要", ("要", "需要")), ("什么时候", ("啥时候", "什么时候", "几时")), ("什么", ("什么", "啥")), ("怎么", ("怎么", "咋")),
    ("多少钱", ("多少钱", "多少")), ("怎样", ("怎样", "咋样")), ("应当", ("要", "得", "应该")), ("不得", ("不能", "不可以")), ("如何", ("怎么",)),
    ("用人单位", ("单位", "公司", "用人单位")), ("职工", ("员工", "职工")), ("享有", ("有",)), ("通知", ("告诉", "通知")),
    ("以及", ("和",)), ("或者", ("或", "还是")), ("予以", ("",)), ("依照", ("按",)), ("按照", ("按",)), 
    ("退还", ("退", "退回")), ("终止", ("终止", "到头")), ("解除合同", ("退保", "解约", "解除合同")), ("提出", ("提", "提出")), ("应于", ("要在",)),
    ("收取", ("收", "收取")), ("缴存", ("交", "缴存")),
)  # fmt: skip
_OPENERS = ("", "", "", "", "", "", "请问", "请问一下，", "你好，", "您好，", "问下", "麻烦问一下，", "想问问", "咨询下，", "老师，", "客服，", "那个，", "亲，", "我想了解一下，",
            "帮忙看下，", "急，", "不好意思问下，", "小白问一句，", "嗨，", "打扰了，", "在吗，")  # fmt: skip
_CLOSERS = ("？", "？", "？", "", "", "呢？", "呀", "啊？", "，谢谢", "，谢了", "来着", "呢", "？？", "，急", "哦", "，麻烦说下", "？我没看懂", "，我有点搞不清")
# Figures are named only as people type them: 20000元 and 2万元 are read alike, but the number check must be able to as well.
_FULLWIDTH = str.maketrans({"(": "（", ")": "）"})


def spoken(question: str, chance: random.Random, share: float = 0.4, keep: str = "") -> str:
    """The question in everyday words: each word of the list is changed with probability `share`; `keep` is a name that
    stays whole."""
    before, found, after = question.partition(keep) if keep else (question, "", "")
    return _changed(before, chance, share) + found + _changed(after, chance, share)


def _changed(text: str, chance: random.Random, share: float) -> str:
    for word, ways in _SPOKEN:
        if word in text and chance.random() < share:
            text = text.replace(word, chance.choice(ways), 1)
    return text


def typed(question: str, chance: random.Random) -> str:
    """The question with a greeting or without, closed in one of many ways; now and then without its commas."""
    opener, closer = chance.choice(_OPENERS), chance.choice(_CLOSERS)
    if re.search(r"[吗呢吧呀啊？?]$", question):
        closer = "" if closer in ("呢？", "呀", "啊？", "来着", "呢", "哦") else closer.removeprefix("？") if question.endswith("？") else closer
    text = f"{opener}{question}{closer}".translate(_FULLWIDTH)
    if chance.random() < 0.12:
        text = text.replace("，", " ")
    text = re.sub(r"，{2,}|，(?=？)", "，", text)
    return text.rstrip("？") if chance.random() < 0.1 else text
