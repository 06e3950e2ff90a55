"""Telegram's limits, kept chat by chat: a flood wait in one chat delays nobody else.

(python-telegram-bot's own AIORateLimiter stops every chat on one 429.)
"""

from __future__ import annotations

import asyncio
import logging
import time
import warnings
from collections.abc import Callable, Coroutine
from typing import Any

from telegram.error import RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter
from telegram.warnings import PTBDeprecationWarning

logger = logging.getLogger(__name__)

# With every 429 the library announces a later change of type, which `wait_seconds` is ready for.
warnings.filterwarnings("ignore", message=".*`retry_after` will be of type", category=PTBDeprecationWarning)

# What the next one makes superfluous: dropped while a chat must wait, never queued.
FLEETING = frozenset({"sendMessageDraft", "sendChatAction"})
# What fills a bucket; the rest (answering a button, menus) only obeys pauses.
COUNTED = frozenset({"sendMessage", "sendMessageDraft", "editMessageText", "editMessageReplyMarkup"})
FLEETING_EDIT = 1  # `rate_limit_args` of an edit that a later one will replace
RETRIES = 5
IDLE_SECONDS = 300


class Dropped(TelegramError):
    """A fleeting request was not sent because its chat must wait."""

    def __init__(self, seconds: float):
        super().__init__(f"dropped: the chat must wait {seconds:.1f} s")


def wait_seconds(error: RetryAfter) -> float:
    after = error.retry_after
    return float(after) if isinstance(after, int) else after.total_seconds()


class Bucket:
    """At most `burst` at once and `rate` a second in the long run."""

    def __init__(self, rate: float, burst: float):
        self.rate, self.burst, self.level, self.at = rate, burst, burst, time.monotonic()

    def _fill(self) -> None:
        now = time.monotonic()
        self.level, self.at = min(self.burst, self.level + (now - self.at) * self.rate), now

    def take(self, spare: float = 0.0) -> float:
        """Take one and return 0.0, or take none and return the seconds until there is one above `spare`."""
        self._fill()
        if self.level >= 1 + spare:
            self.level -= 1
            return 0.0
        return max((1 + spare - self.level) / self.rate, 0.001)


class _Chat:
    def __init__(self, group: bool):
        # Telegram: about one message a second in a chat with short bursts; never over 20 in any minute in a group.
        self.bucket = Bucket(14 / 60, 6) if group else Bucket(1.0, 6)
        self.paused_until = 0.0
        self.used = time.monotonic()


class ChatLimiter(BaseRateLimiter[int]):
    """One bucket and one pause for each chat, and one bucket of 30 a second for the whole bot."""

    def __init__(self) -> None:
        self._all = Bucket(28, 28)
        self._chats: dict[int, _Chat] = {}

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        self._chats.clear()

    def _chat(self, chat_id: int) -> _Chat:
        if len(self._chats) > 1000:
            old = time.monotonic() - IDLE_SECONDS
            self._chats = {k: c for k, c in self._chats.items() if c.used > old or c.paused_until > time.monotonic()}
        chat = self._chats.setdefault(chat_id, _Chat(chat_id < 0))
        chat.used = time.monotonic()
        return chat

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        """Wait for the chat's turn and send; on 429 pause this chat and try again. Raises Dropped, or RetryAfter
        after the last retry."""
        fleeting = endpoint in FLEETING or rate_limit_args == FLEETING_EDIT
        chat_id = data.get("chat_id")
        chat = self._chat(int(chat_id)) if isinstance(chat_id, int) or str(chat_id).lstrip("-").isdigit() else None
        for attempt in range(RETRIES + 1):
            await self._turn(chat, endpoint, fleeting)
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                seconds = wait_seconds(error)
                if chat is None:
                    if attempt == RETRIES:
                        raise
                    await asyncio.sleep(seconds)
                    continue
                chat.paused_until = max(chat.paused_until, time.monotonic() + seconds + 0.1)
                logger.warning("Telegram 要求会话稍候 %d 秒（%s）", seconds, endpoint)
                if fleeting:
                    raise Dropped(seconds) from error
                if attempt == RETRIES:
                    raise

    async def _turn(self, chat: _Chat | None, endpoint: str, fleeting: bool) -> None:
        while chat is not None:
            pause = chat.paused_until - time.monotonic()
            if pause <= 0 and endpoint in COUNTED:
                # A preview leaves room in the bucket for the answer itself.
                pause = chat.bucket.take(spare=2 if fleeting else 0)
            if pause <= 0:
                break
            if fleeting:
                raise Dropped(pause)
            await asyncio.sleep(pause)
        while endpoint in COUNTED and (pause := self._all.take()) > 0:
            await asyncio.sleep(pause)
