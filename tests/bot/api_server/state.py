"""What Telegram would know: chats, messages, drafts, button presses, files and the queue of updates."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

# What getUpdates delivers where allowed_updates was never given: everything but these.
QUIET_UPDATES = {"chat_member", "message_reaction", "message_reaction_count"}


@dataclass
class Flood:
    """Refuse the next `times` matching requests with 429. `method` None: any that names the chat."""

    retry_after: int
    times: int
    method: str | None = None
    until: float = field(default=0.0)


@dataclass
class State:
    """One bot's world. Nothing here knows of HTTP."""

    token: str
    username: str = "odfin_test_bot"
    bot_id: int = 424242
    chats: dict[int, dict[str, Any]] = field(default_factory=dict)
    started: set[int] = field(default_factory=set)
    blocked: set[int] = field(default_factory=set)
    messages: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    drafts: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    actions: list[tuple[float, int, str]] = field(default_factory=list)
    queries: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    commands: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    allowed: set[str] | None = None
    webhook: dict[str, Any] = field(default_factory=dict)
    floods: dict[int | None, list[Flood]] = field(default_factory=lambda: defaultdict(list))
    unknown_methods: set[str] = field(default_factory=set)
    broken: dict[str, int] = field(default_factory=dict)
    calls: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)
    enforce_group_limit: bool = False
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        self._message_ids = itertools.count(1)
        self._update_ids = itertools.count(1000)
        self._query_ids = itertools.count(5_000_000)
        self.group_sent: dict[int, list[float]] = defaultdict(list)

    @property
    def me(self) -> dict[str, Any]:
        return {"id": self.bot_id, "is_bot": True, "first_name": "ODFin", "username": self.username,
                "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}

    async def touch(self) -> None:
        """Wake whoever waits for something to happen."""
        async with self.changed:
            self.changed.notify_all()

    async def until(self, found, timeout: float = 20.0, what: str = "") -> Any:
        """Wait until `found()` is true and return its value; AssertionError with `what` after `timeout` seconds."""
        async with self.changed:
            try:
                await asyncio.wait_for(self.changed.wait_for(found), timeout)
            except TimeoutError:
                raise AssertionError(f"waited {timeout} s in vain for {what or found}") from None
            return found()

    async def add_message(self, chat_id: int, sender: dict[str, Any], **content: Any) -> dict[str, Any]:
        message = {"message_id": next(self._message_ids), "date": int(time.time()), "chat": self.chats[chat_id],
                   "from": sender, **content}
        self.messages[chat_id, message["message_id"]] = message
        await self.touch()
        return message

    def next_query_id(self) -> str:
        return str(next(self._query_ids))

    async def push(self, kind: str, payload: dict[str, Any]) -> int:
        """Queue an update unless the bot did not ask for its kind; returns its id (0: not wanted)."""
        wanted = kind in self.allowed if self.allowed is not None else kind not in QUIET_UPDATES
        if not wanted:
            return 0
        update_id = next(self._update_ids)
        self.updates.append({"update_id": update_id, kind: payload})
        await self.touch()
        return update_id

    def bot_messages(self, chat_id: int) -> list[dict[str, Any]]:
        """The bot's messages standing in a chat, oldest first."""
        return [m for (chat, _), m in self.messages.items() if chat == chat_id and m["from"]["id"] == self.bot_id]

    def called(self, method: str) -> list[dict[str, Any]]:
        return [data for _, name, data in self.calls if name == method]
