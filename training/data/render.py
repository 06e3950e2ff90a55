"""Records out of questions, passages and answers: the very prompt that the assistant builds, and the answer it should get."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer.prompt import build
from rag.answer.result import Citation
from rag.student.chat_model import to_messages
from training.data.reading.draft import Draft
from training.data.record import Record


def reading_messages(question: str, citations: Sequence[Citation], answer: str) -> tuple[dict[str, str], ...]:
    """System, passages with question, answer."""
    prompt = to_messages(build(question, citations))
    return (*(dict(message) for message in prompt), {"role": "assistant", "content": answer})


def reading_record(draft: Draft) -> Record:
    """A checked reading item as a conversation."""
    cited = [passage.cited(number) for number, passage in enumerate(draft.passages, 1)]
    return Record(reading_messages(draft.question, cited, draft.answer), "refusal" if draft.refusal else "reading",
                  draft.source, draft.licence, draft.document, draft.topic, draft.kind, draft.shape, draft.units)
