"""The student on llama.cpp, in this process (xllamacpp).

Prompts that begin alike share their evaluated prefix. llama.cpp's server always listens somewhere: here on a UNIX
socket in a private folder that is removed on close (Windows: loopback, random port, random key). Only token counts
go that way; generation is a call in the process.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import secrets
import shutil
import signal
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx

from rag.errors import ModelMissingError
from rag.models.pins import PINS
from rag.models.store import ModelStore
from rag.settings import Settings
from rag.student.adapter import adapter_of
from rag.student.runtime import (
    Finish,
    GaveUp,
    Listener,
    Message,
    Options,
    Runtime,
    StudentError,
    Turns,
    readable,
    too_long,
)

log = logging.getLogger(__name__)

LOOKED_UP, TRIED = 3, 8  # tokens
CACHED_PROMPTS_MIB = 256  # evaluated prompts kept for later turns; llama.cpp's own default is 8 GiB


class LlamaCppRuntime(Runtime):
    """Takes a GGUF model (a name in the model store or a path) and an optional GGUF LoRA adapter."""

    name = "llamacpp"

    def __init__(self, settings: Settings, slots: int = 1):
        self.settings = settings
        self.slots = slots
        pin = PINS.get(settings.student)
        self.model_name = Path(pin.file if pin else settings.student).stem
        self._loading = threading.Lock()
        self._engine: Engine | None = None
        self._turns = Turns(slots)

    def warm(self) -> None:
        self._loaded()

    def close(self) -> None:
        with self._loading:
            engine, self._engine = self._engine, None
        if engine:
            engine.close()

    def _loaded(self) -> Engine:
        with self._loading:
            if self._engine is None:
                self._engine = Engine(self._model_path(), self._adapter_path(), self.settings, self.slots)
            return self._engine

    def _model_path(self) -> Path:
        if self.settings.student in PINS:
            return ModelStore(self.settings).path(self.settings.student)
        path = Path(self.settings.student).expanduser()
        if not path.is_file():
            raise ModelMissingError(f"找不到模型文件 {path}；请在 ODFIN_STUDENT 里写 GGUF 文件的路径，"
                                    f"或内置模型名 {'、'.join(PINS)}")
        return path

    def _adapter_path(self) -> Path | None:
        adapter = adapter_of(self.settings)
        if adapter and not adapter.is_file():
            raise ModelMissingError(f"LoRA 适配器 {adapter} 是文件夹；llamacpp 运行方式需要 GGUF 文件（ODFIN_ADAPTER），"
                                    "可用 odfin train export 转换")
        return adapter

    def run(self, messages: Sequence[Message], options: Options, listener: Listener) -> Finish:
        engine = self._loaded()
        request = {
            "messages": list(messages), "max_tokens": options.max_tokens, "stop": list(options.stop),
            "temperature": options.temperature, "top_p": options.top_p, "top_k": options.top_k, "min_p": 0.0,
            "repeat_penalty": options.repeat_penalty, "cache_prompt": self.settings.prompt_cache,
            "stream": True, "stream_options": {"include_usage": True},
        }
        if options.seed is not None:
            request["seed"] = options.seed
        reason, last, failure = "stop", {}, None

        def on_chunk(chunk: dict) -> bool:
            """Called by llama.cpp for each piece; True stops it."""
            nonlocal reason, last, failure
            if "error" in chunk:
                failure = chunk["error"]
                return True
            for choice in chunk["choices"]:
                reason = choice.get("finish_reason") or reason
                text = choice["delta"].get("content")
                if text and not listener(text):
                    return True
            if "usage" in chunk:
                last = chunk
            return listener.gone

        with self._turns.turn(lambda: listener.gone):
            engine.chat(request, on_chunk)
        if failure:
            raise self._error(failure)
        if listener.gone:
            raise GaveUp
        usage, timings = last["usage"], last.get("timings", {})
        return Finish(
            reason=reason,
            prompt_tokens=usage["prompt_tokens"],
            completion_tokens=usage["completion_tokens"],
            cached_tokens=timings.get("cache_n", 0),
            timings={
                "prompt_s": timings.get("prompt_ms", 0.0) / 1000,
                "generation_s": timings.get("predicted_ms", 0.0) / 1000,
                "drafted_tokens": timings.get("draft_n", 0),
                "accepted_tokens": timings.get("draft_n_accepted", 0),
            },
        )

    def first_token_logprobs(self, messages: Sequence[Message], top_n: int = 20) -> dict[str, float]:
        engine = self._loaded()
        answers: list[dict] = []
        request = {"messages": list(messages), "max_tokens": 1, "temperature": 0.0, "cache_prompt": self.settings.prompt_cache,
                   "logprobs": True, "top_logprobs": top_n,
                   # An answer that ends at once or opens with part of a character would report nothing, so a digit
                   # is forced; the numbers reported are those before any forcing.
                   "logit_bias": [["0", 1000.0]]}
        with self._turns.turn():
            engine.chat(request, answers.append)
        if "error" in answers[0]:
            raise self._error(answers[0]["error"])
        seen = answers[0]["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        # By its bytes: llama.cpp cuts a token's text back to whole characters, so a fragment would pass for a word.
        return readable((bytes(entry["bytes"]).decode(errors="replace"), entry["logprob"]) for entry in seen)

    def count_tokens(self, text: str) -> int:
        return len(self._loaded().post("/tokenize", {"content": text})["tokens"])

    def count_prompt_tokens(self, messages: Sequence[Message]) -> int:
        engine = self._loaded()
        prompt = engine.post("/apply-template", {"messages": list(messages)})["prompt"]
        return len(engine.post("/tokenize", {"content": prompt, "add_special": True})["tokens"])

    def _error(self, failure: dict) -> StudentError:
        if failure.get("type") == "exceed_context_size_error":
            return too_long(failure["n_prompt_tokens"], failure["n_ctx"])
        return StudentError(f"模型 {self.model_name} 无法处理这个请求：{failure.get('message', failure)}")


def look_up(speculative: Any) -> None:
    """Draft from the prompt: where the last LOOKED_UP tokens stand in it, the ones that follow there are tried together
    (Saxena 2023, prompt lookup decoding). What is said stays the same; only words the model would say are kept."""
    import xllamacpp

    speculative.types = [xllamacpp.common_speculative_type.COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE]
    speculative.ngram_simple.size_n, speculative.ngram_simple.size_m = LOOKED_UP, TRIED


class Engine:
    """One llama.cpp server object and the private socket beside it.

    `shape` may change the server's parameters before it starts: training reads hidden states through it.
    """

    def __init__(self, model: Path, adapter: Path | None, settings: Settings, slots: int,
                 shape: Callable[[Any], None] = lambda params: None):
        # 40 MB of native code that the other runtimes need not load.
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(model)
        params.n_ctx = settings.context_tokens * slots  # llama.cpp shares this out among the slots
        params.n_parallel = slots
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings.cpu_threads
        params.cache_prompt = settings.prompt_cache
        params.cache_ram_mib = CACHED_PROMPTS_MIB if settings.prompt_cache else 0
        if settings.lookup:
            look_up(params.speculative)
        params.fit_params = False  # it would shrink the context window silently where memory is short
        params.warmup = False
        params.ui = False
        params.endpoint_slots = False
        params.endpoint_metrics = True
        params.verbosity = -1
        if adapter:
            params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 1.0)]
        shape(params)
        key, folder, transport = secrets.token_hex(16), None, None
        params.api_keys = [key]
        if os.name == "posix":
            folder = tempfile.mkdtemp(prefix="odfin-")  # mode 0700; a path under ODFIN_HOME may be too long for a socket
            params.hostnames = [f"{folder}/s.sock"]
            transport = httpx.HTTPTransport(uds=f"{folder}/s.sock")
        else:
            params.hostnames, params.port = ["127.0.0.1"], 0
        try:
            with _own_signal_handlers():
                self._server = xllamacpp.Server(params)
                # Answered by the main loop: closing before that loop runs would wait for it for ever.
                self._server.handle_metrics()
        except RuntimeError as error:
            _remove(folder)
            what = f"模型 {model}" + (f" 与适配器 {adapter}" if adapter else "")
            raise StudentError(f"llama.cpp 无法载入{what}：文件不是完整的 GGUF、适配器与模型不符，或内存不足") from error
        address = "http://localhost" if folder else self._server.listening_address
        self._http = httpx.Client(transport=transport, base_url=address, trust_env=False, timeout=60,
                                  headers={"Authorization": f"Bearer {key}"})
        self._tidy = weakref.finalize(self, _remove, folder)
        log.info("student loaded: %s, %d threads, %d tokens", model.name, settings.cpu_threads, settings.context_tokens)

    def chat(self, request: dict, on_answer) -> None:
        server = self._server  # keeps it alive for this call should somebody close the runtime meanwhile
        if server is None:
            raise StudentError("模型已经关闭")
        try:
            server.handle_chat_completions(request, on_answer)
        except ValueError as error:
            raise StudentError(f"llama.cpp 拒绝了这个请求：{error}") from error

    def post(self, path: str, body: dict, timeout: float | None = 60) -> Any:
        """The server's answer as JSON. `timeout` in seconds; None for what may take as long as the machine needs."""
        answer = self._http.post(path, json=body, timeout=timeout)
        answer.raise_for_status()
        return answer.json()

    def close(self) -> None:
        self._server = None
        self._http.close()
        self._tidy()


def _remove(folder: str | None) -> None:
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _own_signal_handlers() -> Iterator[None]:
    """llama.cpp installs its own SIGINT and SIGTERM handlers; Ctrl-C must stay Python's, whatever thread loads."""
    if os.name != "posix":
        yield
        return
    get, put = ctypes.pythonapi.PyOS_getsig, ctypes.pythonapi.PyOS_setsig
    get.restype = put.restype = ctypes.c_void_p
    put.argtypes = [ctypes.c_int, ctypes.c_void_p]
    before = {number: get(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            put(number, handler)
