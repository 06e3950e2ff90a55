"""The student: the small model that speaks, behind LangChain's chat model interface."""

from rag.student.chat_model import ODFinChatModel
from rag.student.open import open_student
from rag.student.runtime import StudentError

__all__ = ["ODFinChatModel", "StudentError", "open_student"]
