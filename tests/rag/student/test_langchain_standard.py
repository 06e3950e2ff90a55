"""LangChain's own tests for chat models, on every runtime. Run: python -m pytest tests/rag/student -k standard

Tool calling, structured output and media stay at the suite's default, unsupported: the student is text in, text out.
"""

from __future__ import annotations

import pytest
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests

from rag.student import ODFinChatModel


class OfStudent:
    """What the suites need to know; `chosen` is the student whose runtime they run on."""

    chosen: ODFinChatModel
    has_tool_calling = False
    has_structured_output = False
    supports_json_mode = False
    supports_image_inputs = False
    returns_usage_metadata = True

    @property
    def chat_model_class(self):
        return ODFinChatModel

    @property
    def chat_model_params(self):
        return {"runtime": self.chosen.runtime}

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _choose(cls, students):
        cls.chosen = students(cls.on)


class TestStandardUnitLlamaCpp(OfStudent, ChatModelUnitTests):
    on = "llamacpp"


class TestStandardUnitTransformers(OfStudent, ChatModelUnitTests):
    on = "transformers"


class TestStandardUnitOpenAI(OfStudent, ChatModelUnitTests):
    on = "openai"


class TestStandardLlamaCpp(OfStudent, ChatModelIntegrationTests):
    on = "llamacpp"


class TestStandardTransformers(OfStudent, ChatModelIntegrationTests):
    on = "transformers"


class TestStandardOpenAI(OfStudent, ChatModelIntegrationTests):
    on = "openai"


@pytest.mark.model
class TestStandardPinned(OfStudent, ChatModelIntegrationTests):
    @property
    def chat_model_params(self):
        return {"runtime": self.chosen.runtime, "max_tokens": 24}

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _choose(cls, pinned):
        cls.chosen = pinned
