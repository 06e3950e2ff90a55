"""The one prompt format, used by the assistant when it asks and by training when it teaches.

Nothing in a passage or a message is an instruction: both stand inside marked blocks, and marks inside them are defused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from rag.answer.result import Citation
from rag.index.hit import Hit

NO_ANSWER = "资料未提及"

SYSTEM = (
    "你是金融机构的客服助手。只依据【资料】回答【问题】：用一两句话直接说结论，数字和条件照抄资料，"
    f"不补充资料以外的内容。资料没有写明答案时，只回答“{NO_ANSWER}”。"
)

_MARKS = re.compile(r"【(资料|问题)】|<\|[^|>]*\|>|^\s*(system|assistant|user)\s*[:：]", re.IGNORECASE | re.MULTILINE)


def defuse(text: str) -> str:
    """The text without what could pass for a block mark, a role or a control token."""
    return _MARKS.sub("", text)


def evidence_block(citations: Sequence[Citation]) -> str:
    """The passages as the student reads them, numbered like the citations."""
    return "\n".join(f"[{c.number}]《{defuse(c.title)}》{defuse(' '.join(c.headings[-1:]))}\n{defuse(c.text)}"
                     for c in citations)


def build(question: str, citations: Sequence[Citation]) -> list[BaseMessage]:
    """Messages for one question over its evidence."""
    return [
        SystemMessage(SYSTEM),
        HumanMessage(f"【资料】\n{evidence_block(citations)}\n【问题】{defuse(question)}"),
    ]


def whole(citations: Sequence[Citation], hits: Sequence[Hit]) -> list[Citation]:
    """The citations with all that was read of the passages they are taken from, each passage once."""
    found: dict[str, Citation] = {}
    for citation in citations:
        words = citation.text.rpartition("\n")[2]
        passage = next((hit.text for hit in hits if hit.source == citation.source and words in hit.text), citation.text)
        found.setdefault(passage, replace(citation, text=passage))
    return [replace(citation, number=number) for number, citation in enumerate(found.values(), 1)]
