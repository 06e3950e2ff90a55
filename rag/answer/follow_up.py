"""A follow-up becomes a question that stands alone, by rules: what it leaves out is taken from the question before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answer.result import Turn
from rag.text.tokens import content_words

_LEANS = re.compile(r"^(那|那么|然后|还有|另外|再|它|他|她|这|该|此|上述|刚才|其中|如果是|要是|换成|和上|跟上|同样)|呢[？?]?$|(它|这个|那个|该产品|这款|那款|上一个|前一个)")
_ASKING = re.compile(r"(是)?(多少|几个月|几年|几天|几|多久|多长时间|什么|哪些|怎么办|怎么|如何|吗|呢|么|啊|呀)+[？?。]?$")
MANY_WORDS = 8  # a question with so many words of its own stands alone unless it says 它 or 这


def standalone(question: str, history: Sequence[Turn]) -> str:
    """The question, with the subject of the last question before it where it leans on that; else unchanged."""
    earlier = [turn.content for turn in history if turn.role == "user" and turn.content.strip()]
    if not earlier or not leans(question):
        return question
    previous = earlier[-1]
    if len(earlier) > 1 and leans(previous):
        previous = standalone(previous, [Turn("user", text) for text in earlier[:-1]])
    subject = _subject(previous, question)
    return f"{subject}，{re.sub(r'^(那么|那|然后|还有|另外)[，,]?', '', question)}" if subject else question


def leans(question: str) -> bool:
    """Whether a question cannot be understood without the one before it."""
    own = content_words(question)
    return (bool(_LEANS.search(question)) and len(own) <= MANY_WORDS) or len(own) <= 1


def _subject(previous: str, question: str) -> str:
    """What the previous question is about: its words before the asking ones."""
    text = _ASKING.sub("", previous.strip()).strip(" ，,。？?")
    return text if text and text not in question else ""
