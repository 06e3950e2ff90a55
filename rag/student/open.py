"""From the settings to a student."""

from __future__ import annotations

from rag.settings import Settings
from rag.student.chat_model import ODFinChatModel
from rag.student.llamacpp import LlamaCppRuntime
from rag.student.openai_server import OpenAIRuntime
from rag.student.runtime import Runtime
from rag.student.transformers_runtime import TransformersRuntime


def open_student(settings: Settings) -> ODFinChatModel:
    """The student the settings ask for. Nothing is loaded yet: `warm()` or the first question does that."""
    return ODFinChatModel(runtime=_runtime(settings), max_tokens=settings.max_answer_tokens)


def _runtime(settings: Settings) -> Runtime:
    if settings.runtime == "openai":
        return OpenAIRuntime(settings)
    if settings.runtime == "transformers":
        return TransformersRuntime(settings)
    return LlamaCppRuntime(settings)
