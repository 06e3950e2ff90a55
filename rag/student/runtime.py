"""What every student runtime does, whatever runs the model underneath.

A runtime turns messages into pieces of text and ends with one `Finish`. It may be used from many threads at once;
callers wait their turn in order. Whoever stops reading stops the generation, also while still waiting.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import queue
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from rag.errors import OdfinError


class StudentError(OdfinError):
    """The student cannot answer this request: prompt too long, server away, model unusable."""


def too_long(prompt: int, window: int) -> StudentError:
    """The error for a prompt of so many tokens in a window of so many (one must be left for the answer)."""
    return StudentError(f"提示太长：共 {prompt} 个词元，超出上下文窗口（{window}）{prompt - window + 1} 个；"
                        "请缩短问题或材料，或调大 ODFIN_CONTEXT_TOKENS")


def readable(tokens: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Tokens by their text; those without a text of their own (an end mark, part of a character) are left out."""
    found: dict[str, float] = {}
    for text, logprob in tokens:
        if text and "\ufffd" not in text:
            found.setdefault(text, logprob)
    return found


class Message(TypedDict):
    """`role` is "system", "user" or "assistant". A last message of the assistant is continued, not answered."""

    role: str
    content: str


@dataclass(frozen=True)
class Options:
    """How to generate. Temperature 0 is greedy; `top_p` 1 and `top_k` 0 switch those samplers off."""

    max_tokens: int = 160
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    repeat_penalty: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    timeout: float | None = None  # seconds to wait for the next piece, None: for ever


@dataclass(frozen=True)
class Finish:
    """How a generation ended. `reason` is "stop" or "length"; `timings` holds seconds and counts the runtime knows."""

    reason: str
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    timings: dict[str, float] = field(default_factory=dict)


class GaveUp(Exception):
    """Nobody listens any more; never leaves this package."""


class Listener:
    """Where a runtime puts its pieces. Calling it returns False once nobody reads any more."""

    def __init__(self, deliver: Callable[[str | Finish | BaseException], None]):
        self._deliver = deliver
        self._gone = threading.Event()

    def __call__(self, piece: str | Finish | BaseException) -> bool:
        if not self._gone.is_set():
            self._deliver(piece)
        return not self._gone.is_set()

    def leave(self) -> None:
        self._gone.set()

    @property
    def gone(self) -> bool:
        return self._gone.is_set()


class Turns:
    """Lets at most `places` callers in at once, first come first served. Giving up while waiting costs nothing."""

    def __init__(self, places: int):
        self._free = places
        self._waiting: deque[object] = deque()
        self._change = threading.Condition()

    @contextlib.contextmanager
    def turn(self, gone: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Raises GaveUp if `gone()` turns true before a place is free."""
        ticket = object()
        with self._change:
            self._waiting.append(ticket)
            try:
                while self._waiting[0] is not ticket or not self._free:
                    if gone():
                        raise GaveUp
                    self._change.wait(0.1)
                if gone():
                    raise GaveUp
                self._free -= 1
            finally:
                self._waiting.remove(ticket)
                self._change.notify_all()
        try:
            yield
        finally:
            with self._change:
                self._free += 1
                self._change.notify_all()


class Runtime(ABC):
    """One loaded (or reachable) model. Loading happens at `warm()` or at the first use."""

    name: str
    model_name: str

    @abstractmethod
    def warm(self) -> None:
        """Load the model now. Raises OdfinError where that is not possible. Does nothing the second time."""

    @abstractmethod
    def run(self, messages: Sequence[Message], options: Options, listener: Listener) -> Finish:
        """Generate in the calling thread, giving each piece to `listener`; stop soon after it returns False."""

    @abstractmethod
    def count_tokens(self, text: str) -> int:
        """Tokens of a bare text."""

    @abstractmethod
    def count_prompt_tokens(self, messages: Sequence[Message]) -> int:
        """Tokens of the whole prompt these messages become, template included."""

    def first_token_logprobs(self, messages: Sequence[Message], top_n: int = 20) -> dict[str, float]:
        """The `top_n` likeliest first tokens of the answer and their natural log probabilities, likeliest first.

        Tokens that are no text by themselves (an end mark, part of a character) are left out of the `top_n`.
        """
        raise StudentError(f"{self.name} 运行方式不提供词元概率")

    def close(self) -> None:  # noqa: B027 - nothing to free is a valid answer
        """Free memory and stop helpers; the next use loads again."""

    def generate(self, messages: Sequence[Message], options: Options) -> Iterator[str | Finish]:
        """Pieces of text, then exactly one `Finish`. Closing the iterator stops the model."""
        inbox: queue.SimpleQueue = queue.SimpleQueue()
        listener = Listener(inbox.put)
        # A thread of its own, so that Ctrl-C and a timeout reach a caller who waits on native code.
        _start(self._work, messages, options, listener)
        try:
            while True:
                try:
                    piece = inbox.get(timeout=options.timeout)
                except queue.Empty:
                    raise StudentError(f"模型 {options.timeout:g} 秒内没有回应") from None
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
                if isinstance(piece, Finish):
                    return
        finally:
            listener.leave()

    async def agenerate(self, messages: Sequence[Message], options: Options) -> AsyncIterator[str | Finish]:
        """As `generate`, without holding up the event loop."""
        loop = asyncio.get_running_loop()
        inbox: asyncio.Queue = asyncio.Queue()

        def deliver(piece: str | Finish | BaseException) -> None:
            try:
                loop.call_soon_threadsafe(inbox.put_nowait, piece)
            except RuntimeError:  # the loop is closed, so nobody reads
                listener.leave()

        listener = Listener(deliver)
        _start(self._work, messages, options, listener)
        try:
            while True:
                try:
                    piece = await asyncio.wait_for(inbox.get(), options.timeout)
                except TimeoutError:
                    raise StudentError(f"模型 {options.timeout:g} 秒内没有回应") from None
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
                if isinstance(piece, Finish):
                    return
        finally:
            listener.leave()

    def _work(self, messages: Sequence[Message], options: Options, listener: Listener) -> None:
        try:
            listener(self.run(messages, options, listener))
        except GaveUp:
            pass
        except BaseException as error:
            listener(error)  # the reader's thread is the one to hear of it


LAST_PIECE_S = 30.0  # a stopped generation ends with its next piece; reading a long prompt comes before that
_working: dict[threading.Thread, Listener] = {}


def _start(work: Callable[..., None], messages: Sequence[Message], options: Options, listener: Listener) -> None:
    def run() -> None:
        try:
            work(messages, options, listener)
        finally:
            _working.pop(threading.current_thread(), None)

    thread = threading.Thread(target=run, name="student", daemon=True)
    _working[thread] = listener
    thread.start()


@atexit.register
def _stop_all() -> None:
    """Python ends daemon threads where they stand, and one that stands in native code takes the process down with it
    (abort). So every generation is stopped first, as after Ctrl-C in the middle of an answer."""
    working = dict(_working)
    for listener in working.values():
        listener.leave()
    for thread in working:
        thread.join(LAST_PIECE_S)
