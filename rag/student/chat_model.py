"""The student as a LangChain chat model, over any runtime."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.language_models.chat_models import LangSmithParams, agenerate_from_stream, generate_from_stream
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage
from langchain_core.messages.ai import InputTokenDetails, UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import ConfigDict, Field

from rag.student.runtime import Finish, Message, Options, Runtime, StudentError


class ODFinChatModel(BaseChatModel):
    """Text in, text out: sync, async, streaming, callbacks, token usage. No tools, no images.

    `temperature`, `top_p`, `top_k`, `repeat_penalty`, `max_tokens`, `seed`, `stop` and `timeout` may be set here, with
    `bind`, or with a call. A conversation that ends with an AIMessage is continued. Errors are OdfinError.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    runtime: Runtime = Field(exclude=True, repr=False)
    temperature: float = Field(0.0, ge=0)
    top_p: float = Field(1.0, gt=0, le=1)
    top_k: int = Field(0, ge=0)
    repeat_penalty: float = Field(1.0, gt=0)
    max_tokens: int = Field(160, ge=1)
    seed: int | None = None
    stop: list[str] | None = None
    timeout: float | None = Field(None, gt=0, description="seconds to wait for the next piece of text")

    @property
    def _llm_type(self) -> str:
        return "odfin"

    @property
    def model_name(self) -> str:
        return self.runtime.model_name

    @property
    def _identifying_params(self) -> dict[str, Any]:
        names = ("temperature", "top_p", "top_k", "repeat_penalty", "max_tokens", "seed", "stop")
        return {"runtime": self.runtime.name, "model": self.model_name} | {n: getattr(self, n) for n in names}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop or self.stop, **kwargs)
        params["ls_provider"] = "odfin"
        return params

    def warm(self) -> ODFinChatModel:
        """Load the model now instead of at the first question. Returns itself."""
        self.runtime.warm()
        return self

    def close(self) -> None:
        """Free the model's memory; the next question loads it again."""
        self.runtime.close()

    # generating

    def _options(self, stop: list[str] | None, kwargs: dict[str, Any]) -> Options:
        names = ("temperature", "top_p", "top_k", "repeat_penalty", "max_tokens", "seed", "timeout")
        chosen = {name: kwargs.get(name, getattr(self, name)) for name in names}
        if unknown := [name for name in ("tools", "functions", "response_format") if kwargs.get(name)]:
            raise StudentError(f"这个模型不支持 {'、'.join(unknown)}")
        return Options(stop=tuple(stop or self.stop or ()), **chosen)

    def _stream(self, messages: list[BaseMessage], stop: list[str] | None = None,
                run_manager: CallbackManagerForLLMRun | None = None, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        pieces = self.runtime.generate(to_messages(messages), self._options(stop, kwargs))
        try:
            for piece in pieces:
                chunk = self._chunk(piece)
                if run_manager and isinstance(piece, str):
                    run_manager.on_llm_new_token(piece, chunk=chunk)
                yield chunk
        finally:
            pieces.close()

    async def _astream(self, messages: list[BaseMessage], stop: list[str] | None = None,
                       run_manager: AsyncCallbackManagerForLLMRun | None = None,
                       **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        pieces = self.runtime.agenerate(to_messages(messages), self._options(stop, kwargs))
        try:
            async for piece in pieces:
                chunk = self._chunk(piece)
                if run_manager and isinstance(piece, str):
                    await run_manager.on_llm_new_token(piece, chunk=chunk)
                yield chunk
        finally:
            await pieces.aclose()

    def _generate(self, messages: list[BaseMessage], stop: list[str] | None = None,
                  run_manager: CallbackManagerForLLMRun | None = None, **kwargs: Any) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, **kwargs))

    async def _agenerate(self, messages: list[BaseMessage], stop: list[str] | None = None,
                         run_manager: AsyncCallbackManagerForLLMRun | None = None, **kwargs: Any) -> ChatResult:
        return await agenerate_from_stream(self._astream(messages, stop, **kwargs))

    def _chunk(self, piece: str | Finish) -> ChatGenerationChunk:
        if isinstance(piece, str):
            return ChatGenerationChunk(message=AIMessageChunk(content=piece))
        usage = UsageMetadata(
            input_tokens=piece.prompt_tokens, output_tokens=piece.completion_tokens,
            total_tokens=piece.prompt_tokens + piece.completion_tokens,
            input_token_details=InputTokenDetails(cache_read=piece.cached_tokens),
        )
        about = {"model_name": self.model_name, "finish_reason": piece.reason, "timings": piece.timings}
        return ChatGenerationChunk(
            message=AIMessageChunk(content="", usage_metadata=usage, response_metadata=about, chunk_position="last"),
            generation_info={"finish_reason": piece.reason},
        )

    # counting and scoring

    def get_num_tokens(self, text: str) -> int:
        """Tokens of a bare text."""
        return self.runtime.count_tokens(text)

    def get_num_tokens_from_messages(self, messages: Sequence[BaseMessage], tools: Sequence | None = None) -> int:
        """Tokens of the whole prompt these messages become, chat template included."""
        return self.runtime.count_prompt_tokens(to_messages(messages))

    def first_token_logprobs(self, prompt: LanguageModelInput, top_n: int = 20) -> dict[str, float]:
        """The `top_n` likeliest first tokens of the answer and their log probabilities; costs one prompt, no text."""
        return self.runtime.first_token_logprobs(to_messages(self._convert_input(prompt).to_messages()), top_n)

    def score_yes_no(self, prompt: LanguageModelInput, yes: Sequence[str] = ("是",), no: Sequence[str] = ("否",),
                     top_n: int = 50) -> float:
        """P(yes) / (P(yes) + P(no)) at the first token, 0.5 where neither is among the `top_n` likeliest.

        `yes` and `no` are whole tokens of the model's vocabulary (as answers begin, blanks aside).
        """
        seen = self.first_token_logprobs(prompt, top_n)
        def mass(words: Sequence[str]) -> float:
            return sum(math.exp(logprob) for token, logprob in seen.items() if token.strip() in words)

        positive, negative = mass(yes), mass(no)
        return positive / (positive + negative) if positive + negative else 0.5


def to_messages(messages: Sequence[BaseMessage]) -> list[Message]:
    """LangChain messages as role and plain text. Raises StudentError for what the student cannot read."""
    return [Message(role=_role(message), content=_text(message)) for message in messages]


def _role(message: BaseMessage) -> str:
    if isinstance(message, SystemMessage):
        return "system"
    if isinstance(message, HumanMessage):
        return "user"
    if isinstance(message, AIMessage) and not message.tool_calls:
        return "assistant"
    if message.type == "chat" and message.role in ("system", "user", "assistant"):
        return message.role
    raise StudentError(f"这个模型不接受 {message.type} 类型的消息；只接受系统、用户和助手的文字")


def _text(message: BaseMessage) -> str:
    if isinstance(message.content, str):
        return message.content
    parts = [{"type": "text", "text": block} if isinstance(block, str) else block for block in message.content]
    if other := {part.get("type") for part in parts} - {"text"}:
        raise StudentError(f"这个模型只读文字，不读 {'、'.join(sorted(map(str, other)))}")
    return "".join(part["text"] for part in parts)
