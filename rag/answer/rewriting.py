"""A follow-up that rules do not understand, put as a question that stands alone by the student: prompt, and what is
accepted of what it says.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from rag.answer.prompt import defuse
from rag.answer.result import Turn
from rag.student.runtime import StudentError
from rag.text.figures import find_figures
from rag.text.tokens import content_words

log = logging.getLogger(__name__)

SYSTEM = (
    "根据【对话】把客户最后的【追问】改写成不看对话也能懂的一个问题：补上省略的产品、条件和所问的事，"
    "不加别人没有说过的内容；本来就完整的照抄。只输出这个问题。"
)
TURNS, TURN_CHARS = 6, 120  # of the talk are read
LONGEST, TOKENS = 90, 72  # characters of a rewritten question; tokens it may take
NEW = 3  # Chinese characters of it, beside the words a question is put in, that nobody may have said
_POINTS = re.compile(r"它|这个|那个|上一个|前一个|后一个|刚才|两者|这款|那款")
KEPT = 0.4  # of the follow-up's own characters that it must keep: else it asks something else
_ASKING = set("的是有多少吗呢哪些什么怎么如何时和在与需要可以能不几了那它他她这个")
_MARK = re.compile(r"【(对话|追问)】")


def build(question: str, history: Sequence[Turn]) -> list[BaseMessage]:
    """Messages that ask for the question to stand alone."""
    said = "\n".join(f"{'客户' if turn.role == 'user' else '客服'}：{_plain(turn.content)[:TURN_CHARS]}"
                     for turn in history[-TURNS:])
    return [SystemMessage(SYSTEM), HumanMessage(f"【对话】\n{said}\n【追问】{_plain(question)}")]


def accepted(draft: str, question: str, history: Sequence[Turn]) -> str:
    """The rewritten question; "" where it is none, still points at the talk, or says what nobody said."""
    lines = draft.strip().splitlines()
    alone = re.sub(r"^(改写|问题|追问|客户)[:：]", "", lines[0].strip()) if lines else ""
    if not alone or len(alone) > LONGEST or alone == question or _POINTS.search(alone):
        return ""
    said = "\n".join([*(turn.content for turn in history), question])
    known = {figure.value for figure in find_figures(said)}
    if any(figure.raw not in said and figure.value not in known for figure in find_figures(alone)):
        return ""
    own, asked = _characters(question), _characters(alone)
    keeps = len(own & asked) >= KEPT * len(own)
    return alone if content_words(alone) and keeps and len(asked - set(said)) <= NEW else ""


def _characters(text: str) -> set[str]:
    """Its Chinese characters, without those of the words a question is put in."""
    return set(re.findall(r"[\u4e00-\u9fff]", text)) - _ASKING


def rewritten(question: str, history: Sequence[Turn], student: BaseChatModel) -> str:
    """The follow-up as the student puts it; "" where that is not accepted, or where the student cannot be reached."""
    try:
        said = student.invoke(build(question, history), max_tokens=TOKENS).text
    except StudentError as error:
        log.warning("the follow-up is not rewritten: %s", error)
        return ""
    return accepted(said, question, history)


def _plain(text: str) -> str:
    return _MARK.sub("", defuse(" ".join(text.split())))
