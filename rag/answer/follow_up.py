"""A follow-up becomes a question that stands alone, by rules: what it leaves out is taken from the question before."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.answer.result import Turn
from rag.text.tokens import content_words

_LEANS = re.compile(r"^(那|那么|然后|还有|另外|再|它|他|她|这|该|此|上述|刚才|其中|如果是|要是|换成|和上|跟上|同样)|呢[？?]?$|(它|这个|那个|该产品|这款|那款|上一个|前一个)")
_ASKING = re.compile(r"(是)?(多少|几个月|几年|几天|几|多久|多长时间|什么|哪些|怎么办|怎么|如何|吗|呢|么|啊|呀)+[？?。]?$")
_OPENING = re.compile(r"^(那么|那|然后|还有|另外|再)[，,]?")
_ANOTHER_CASE = re.compile(r"第.{1,3}[年期档]|\d|男|女|首套|二套|[一二三四五六七八九十两]+(年|岁|个月|万|天|期)|^(如果是|要是|换成)")
MANY_WORDS = 8  # a question with so many words of its own stands alone unless it says 它 or 这


def standalone(question: str, history: Sequence[Turn], name_in: Callable[[str], str] = lambda _: "") -> str:
    """The question, with what it leaves out taken from the question before it; unchanged where it leaves out nothing.

    `name_in` gives the words of a question that name a product or document. 那逾期呢 asks something else of the same
    product; 第二年呢 and 女性呢 ask the same thing of another case, and take over the whole question.
    """
    earlier = [turn.content for turn in history if turn.role == "user" and turn.content.strip()]
    if not earlier or not leans(question):
        return question
    previous = standalone(earlier[-1], [Turn("user", text) for text in earlier[:-1]], name_in)
    name = name_in(previous)
    new = _OPENING.sub("", question)
    if name and name in new:
        return question
    subject = name if name and content_words(new) and not _ANOTHER_CASE.search(new) else _subject(previous, question)
    return f"{subject}，{new}" if subject else question


def readings(question: str, history: Sequence[Turn], name_in: Callable[[str], str] = lambda _: "") -> list[str]:
    """The ways a question may be meant, the likeliest first: one where it is clear, two where only the documents tell.

    多久能拿到这笔钱 says neither 那 nor 它, and names nothing: it may go on with the matter before it or open another.
    """
    alone = standalone(question, history, name_in)
    earlier = [turn for turn in history if turn.role == "user" and turn.content.strip()]
    if alone != question or not earlier or name_in(question) or len(content_words(question)) > MANY_WORDS:
        return [alone]
    previous = standalone(earlier[-1].content, earlier[:-1], name_in)
    subject = _subject(previous, question)
    return [question, f"{subject}，{question}"] if subject else [question]


def leans(question: str) -> bool:
    """Whether a question cannot be understood without the one before it."""
    own = content_words(question)
    return (bool(_LEANS.search(question)) and len(own) <= MANY_WORDS) or len(own) <= 1


def _subject(previous: str, question: str) -> str:
    """What the previous question is about: its words before the asking ones."""
    text = _ASKING.sub("", previous.strip()).strip(" ，,。？?")
    return text if text and text not in question else ""
