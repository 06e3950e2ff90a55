"""When two questions mean the same beyond doubt: the same words in the same order, politeness and turns of asking apart.

Nearness of vectors would take 第二年 for 第三年 and 能退 for 不能退. Here figures, dates, names, negations and every word that
says anything must be equal by construction; a paraphrase in other words is another question.
"""

from __future__ import annotations

import re

import rjieba

from rag.text.normalise import normalise

# Words that may come or go without another question being asked. No 不, 没, 有, 是, 会, 前, 后 and the like is among them.
_IDLE = frozenset("""
请问 请 您好 你好 谢谢 麻烦 麻烦您 一下 想问 想问问 想知道 知道 咨询 问 问下 问问 了解 帮忙 告诉 贵行 的 了 吗 呢 吧 啊 呀 嘛 么 哦 哈 嗯
那 那么 就 呗 大概 到底 究竟 具体
""".split())
_WHO = frozenset("我 我们 您 你 你们 您们 咱们 想".split())  # only where the question begins with them: 你给我 is not 我给你
_ALIKE = (
    (re.compile(r"几(?=[天日年岁]|个?月)"), "多少"),
    (re.compile(r"(?:是|有|为|要|需要|收)?多少钱"), "多少"),
    (re.compile(r"(?:是|有|为)多少"), "多少"),
    (re.compile(r"多长时间|多少时间|要多久"), "多久"),
    (re.compile(r"如何|怎样|咋样?|怎么样(?=[办申开])"), "怎么"),
    (re.compile(r"何时|啥时候|什么时间"), "什么时候"),
    (re.compile(r"是什么意思|什么意思|是什么|是啥|啥是|什么是"), "什么"),
)
_OTHER = re.compile(r"[^\u3400-\u9fff\s，。？！、；：,?!;:\"'“”‘’《》【】…~·]+")  # letters, digits, signs: as they stand
_CHINESE = re.compile(r"[\u3400-\u9fff]+")


def meaning(question: str) -> tuple[str, ...]:
    """Equal for questions that mean the same beyond doubt; empty where nothing is said."""
    text = normalise(question)
    for pattern, word in _ALIKE:
        text = pattern.sub(word, text)
    words: list[str] = []
    for part in re.findall(f"{_OTHER.pattern}|{_CHINESE.pattern}", text):
        words.extend([part] if _OTHER.fullmatch(part) else (w for w in rjieba.cut(part) if w not in _IDLE))
    first = next((place for place, word in enumerate(words) if word not in _WHO), len(words))
    return tuple(words[first:])
