"""The language model that is asked, with every answer kept on disk by its request: what was paid for is never asked twice."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path

from rag.settings import Settings
from rag.student.adapter import adapter_of
from rag.student.open import open_student
from rag.student.runtime import Finish, Message, Options
from training.data.config import Augment
from training.data.stages import file_hash

log = logging.getLogger(__name__)


@dataclass
class Cost:
    """Tokens asked for and given, of this run and of all before it that the cache holds: what has been paid for in all.

    `requests` and `cached` are this run's: questions that were asked, and those whose answer was there already.
    """

    requests: int = 0
    cached: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def price(self, config: Augment) -> float:
        return (self.prompt_tokens * config.price_prompt + self.completion_tokens * config.price_completion) / 1e6


class OverBudget(Exception):
    """So many tokens as allowed are spent; never leaves this package."""


class Teacher:
    """Asks one question after the other. Close it in the end: a local model holds memory."""

    def __init__(self, settings: Settings, config: Augment, cache: Path):
        runtime = {"runtime": "openai", "server_url": config.url} if config.url else {"runtime": "llamacpp"}
        # A pinned model runs with the adapter that is shipped for it: the teacher is the fine-tuned one.
        settings = settings.model_copy(update={**runtime, "student": config.model, "adapter": "off" if config.url else "shipped"})
        self._config = config
        self._student = open_student(settings)
        self._model = _named(settings)
        self.cost = Cost()
        self._file = cache
        self._known = _read(cache, self.cost)

    def close(self) -> None:
        self._student.close()

    def ask(self, messages: list[Message], options: Options) -> str:
        """The model's words. Raises OverBudget, or StudentError where the model cannot be had."""
        key = request_key(self._model, messages, options)
        if key in self._known:
            self.cost.cached += 1
            return self._known[key]
        if self._config.most_tokens and self.cost.tokens >= self._config.most_tokens:
            raise OverBudget
        text, finish = "", None
        for piece in self._student.runtime.generate(messages, options):
            if isinstance(piece, Finish):
                finish = piece
            else:
                text += piece
        self.cost.requests += 1
        self.cost.prompt_tokens += finish.prompt_tokens if finish else 0
        self.cost.completion_tokens += finish.completion_tokens if finish else 0
        self._keep(key, text, finish)
        return text

    def _keep(self, key: str, text: str, finish: Finish | None) -> None:
        self._known[key] = text
        row = {"key": key, "text": text, "prompt_tokens": finish.prompt_tokens if finish else 0,
               "completion_tokens": finish.completion_tokens if finish else 0}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def request_key(model: str, messages: list[Message], options: Options) -> str:
    """The hash of all that decides an answer."""
    asked = [model, [dict(m) for m in messages], options.max_tokens, options.temperature, options.top_p, options.seed]
    return hashlib.sha256(json.dumps(asked, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _named(settings: Settings) -> str:
    """The model as a request's hash knows it: with the adapter over it, where it runs here and has one."""
    adapter = adapter_of(settings)
    return f"{settings.student} {file_hash(adapter)[:16]}" if adapter else settings.student


def _read(file: Path, cost: Cost) -> dict[str, str]:
    """What is kept; its tokens are added to `cost`.

    A line that a killed run left half is passed over, and closed so that the next one stands alone.
    """
    known: dict[str, str] = {}
    if not file.is_file():
        return known
    text = file.read_text(encoding="utf-8", errors="replace")
    for line in text.splitlines():
        try:
            row = json.loads(line)
            known[row["key"]] = row["text"]
        except (ValueError, KeyError):
            log.warning("%s: a broken line is passed over", file.name)
            continue
        cost.prompt_tokens += row.get("prompt_tokens", 0)
        cost.completion_tokens += row.get("completion_tokens", 0)
    if text and not text.endswith("\n"):
        with file.open("a", encoding="utf-8") as out:
            out.write("\n")
    return known
