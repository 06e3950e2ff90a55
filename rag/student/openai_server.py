"""The student on any OpenAI-compatible server (vLLM, SGLang, llama.cpp, Ollama, a cloud's)."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from rag.settings import Settings
from rag.student.runtime import Finish, GaveUp, Listener, Message, Options, Runtime, StudentError, readable


class OpenAIRuntime(Runtime):
    """`settings.student` is the server's name for the model. Token counts before a request are estimates."""

    name = "openai"

    def __init__(self, settings: Settings):
        self.settings = settings
        self.model_name = settings.student
        self._opening = threading.Lock()
        self._open: Any = None

    def warm(self) -> None:
        """Ask the server for its models, so that a wrong address or key shows at once."""
        import openai

        with self._errors(), contextlib.suppress(openai.NotFoundError):  # not every server has that list
            self._client().models.list()

    def close(self) -> None:
        with self._opening:
            client, self._open = self._open, None
        if client:
            client.close()

    def _client(self) -> Any:
        # A second of import that the other runtimes need not spend.
        import httpx
        import openai

        with self._opening:
            if self._open is None:
                address = self.settings.server_url
                if urlsplit(address).scheme not in ("http", "https"):
                    raise StudentError("没有设置模型服务的地址：请把 ODFIN_SERVER_URL 设为例如 http://127.0.0.1:8000/v1")
                self._open = openai.OpenAI(
                    base_url=address, api_key=self.settings.server_key.get_secret_value() or "none", max_retries=1,
                    timeout=httpx.Timeout(600, connect=10),
                    # a proxy cannot reach this machine's own loopback
                    http_client=httpx.Client(trust_env=not _is_loopback(address)))
            return self._open

    def run(self, messages: Sequence[Message], options: Options, listener: Listener) -> Finish:
        client = self._client()
        request: dict[str, Any] = {
            "model": self.model_name, "messages": list(messages), "max_tokens": options.max_tokens,
            "temperature": options.temperature, "top_p": options.top_p,
        }
        if options.stop:
            request["stop"] = list(options.stop)
        if options.seed is not None:
            request["seed"] = options.seed
        # not in OpenAI's own API, so sent only where asked for
        extra = {name: value for name, value, usual in (("top_k", options.top_k, 0),
                 ("repeat_penalty", options.repeat_penalty, 1.0)) if value != usual}
        reason, usage, pieces = "stop", None, 0
        started = time.perf_counter()
        first = 0.0
        with self._errors():
            stream = client.chat.completions.create(
                **request, stream=True, stream_options={"include_usage": True}, extra_body=extra or None)
            with stream:
                for chunk in stream:
                    if listener.gone:
                        raise GaveUp  # leaving the block closes the connection, which stops the server
                    usage = chunk.usage or usage
                    for choice in chunk.choices:
                        reason = choice.finish_reason or reason
                        if choice.delta.content:
                            first = first or time.perf_counter() - started
                            pieces += 1
                            listener(choice.delta.content)
        took = time.perf_counter() - started
        details = usage and usage.prompt_tokens_details
        return Finish(
            reason=reason,
            prompt_tokens=usage.prompt_tokens if usage else self.count_prompt_tokens(messages),
            completion_tokens=usage.completion_tokens if usage else pieces,
            cached_tokens=(details.cached_tokens or 0) if details else 0,
            timings={"prompt_s": first, "generation_s": took - first},
        )

    def first_token_logprobs(self, messages: Sequence[Message], top_n: int = 20) -> dict[str, float]:
        with self._errors():
            answer = self._client().chat.completions.create(
                model=self.model_name, messages=list(messages), max_tokens=1, temperature=0, logprobs=True,
                top_logprobs=min(top_n, 20))  # 20 is the most the API allows
        found = answer.choices[0].logprobs
        if not found or not found.content:
            raise StudentError(f"模型服务 {self.settings.server_url} 不提供词元概率")
        return readable((bytes(entry.bytes).decode(errors="replace") if entry.bytes else entry.token, entry.logprob)
                        for entry in found.content[0].top_logprobs)

    def count_tokens(self, text: str) -> int:
        """An estimate on the high side: one token a Chinese character, one for three others."""
        wide = sum(ord(character) > 0x2E7F for character in text)
        return wide + -(-(len(text) - wide) // 3)

    def count_prompt_tokens(self, messages: Sequence[Message]) -> int:
        return 3 + sum(5 + self.count_tokens(message["content"]) for message in messages)

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """The client's errors as one line that says what to mend. Never shows the key."""
        import httpx
        import openai

        where = self.settings.server_url
        try:
            yield
        except (openai.APITimeoutError, httpx.TimeoutException) as error:
            raise StudentError(f"模型服务 {where} 没有按时回应") from error
        except (openai.APIConnectionError, httpx.TransportError) as error:
            raise StudentError(f"连不上模型服务 {where}：请确认它已启动，地址（ODFIN_SERVER_URL）正确") from error
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise StudentError(f"模型服务 {where} 拒绝了密钥：请检查 ODFIN_SERVER_KEY") from error
        except openai.NotFoundError as error:
            raise StudentError(f"模型服务 {where} 没有模型 {self.model_name}：请检查 ODFIN_STUDENT 与 ODFIN_SERVER_URL"
                               ) from error
        except openai.RateLimitError as error:
            raise StudentError(f"模型服务 {where} 请求过多或额度用完，请稍后再试") from error
        except openai.APIError as error:
            raise StudentError(f"模型服务 {where} 报错：{_message(error)}") from error
        except json.JSONDecodeError as error:
            raise StudentError(f"模型服务 {where} 的回应不是 OpenAI 格式") from error


def _message(error: Any) -> str:
    body = error.body if isinstance(getattr(error, "body", None), dict) else {}
    return str(body.get("message") or error.message).splitlines()[0][:300]


def _is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
