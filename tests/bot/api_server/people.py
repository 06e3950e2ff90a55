"""People at their phones: they write, press buttons, send pictures, and read what the bot says."""

from __future__ import annotations

import re
from typing import Any

from api_server.server import BotApiServer

Message = dict[str, Any]


class Person:
    """Someone in a private chat with the bot. `started` False: has never written to it."""

    def __init__(self, server: BotApiServer, user_id: int, name: str = "王芳", language: str = "zh-hans",
                 started: bool = True):
        self.state, self.id = server.state, user_id
        self.user = {"id": user_id, "is_bot": False, "first_name": name, "language_code": language}
        self.state.chats.setdefault(user_id, {"id": user_id, "type": "private", "first_name": name})
        if started:
            self.state.started.add(user_id)
        self._read = 0

    async def send(self, text: str, chat_id: int | None = None, reply_to: Message | None = None) -> Message:
        """Write a text; commands and mentions get their entities as Telegram's clients add them."""
        content: Message = {"text": text}
        entities = [{"type": kind, "offset": len(text[:m.start()].encode("utf-16-le")) // 2, "length": len(m.group())}
                    for kind, pattern in (("bot_command", r"(?<!\S)/[A-Za-z0-9_]+(@\w+)?"), ("mention", r"@[A-Za-z]\w+"))
                    for m in re.finditer(pattern, text, re.ASCII)]
        if entities:
            content["entities"] = entities
        return await self.send_content(content, chat_id, reply_to)

    async def send_content(self, content: Message, chat_id: int | None = None,
                           reply_to: Message | None = None) -> Message:
        """Send any message body, e.g. `{"photo": […]}`."""
        if reply_to:
            content = {**content, "reply_to_message": reply_to}
        self.state.started.add(self.id)
        message = await self.state.add_message(chat_id or self.id, self.user, **content)
        await self.state.push("message", message)
        return message

    async def send_document(self, name: str, data: bytes, caption: str = "") -> Message:
        file_id = f"file-{len(self.state.files) + 1}"
        self.state.files[file_id] = {"file_id": file_id, "file_unique_id": file_id, "file_size": len(data),
                                     "file_path": f"documents/{name}", "data": data}
        document = {"file_id": file_id, "file_unique_id": file_id, "file_name": name, "file_size": len(data)}
        return await self.send_content({"document": document, **({"caption": caption} if caption else {})})

    async def edit(self, message: Message, text: str) -> None:
        await self.state.push("edited_message", {**message, "text": text, "edit_date": message["date"] + 1})

    async def press(self, message: Message, label: str, timeout: float = 20.0) -> Message:
        """Press the button whose text contains `label` and return the query once the bot answered it."""
        query = await self.press_only(message, label)
        await self.state.until(lambda: query.get("answer") is not None, timeout, f"an answer to the button {label}")
        return query

    async def press_only(self, message: Message, label: str) -> Message:
        button = next(b for row in message["reply_markup"]["inline_keyboard"] for b in row if label in b["text"])
        query = {"id": self.state.next_query_id(), "from": self.user, "message": message, "chat_instance": "1",
                 "data": button["callback_data"]}
        self.state.queries[query["id"]] = query
        await self.state.push("callback_query", {k: v for k, v in query.items() if k != "answer"})
        return query

    async def block(self) -> None:
        self.state.blocked.add(self.id)

    def said(self) -> list[Message]:
        """Every message of the bot standing in the private chat."""
        return self.state.bot_messages(self.id)

    async def hear(self, containing: str = "", timeout: float = 20.0) -> Message:
        """The bot's next unread message (that contains the words); unread ones before it count as read."""
        def find() -> Message | None:
            return next((m for m in self.said() if m["message_id"] > self._read and containing in m["text"]), None)
        message = await self.state.until(find, timeout, f"the bot's words to {self.id} {containing!r}")
        self._read = message["message_id"]
        return message

    async def hear_after(self, text: str, timeout: float = 20.0) -> Message:
        """Write a text and return the bot's next message."""
        await self.send(text)
        return await self.hear(timeout=timeout)


class Group:
    """A group chat the bot is a member of."""

    def __init__(self, server: BotApiServer, chat_id: int = -100200300, title: str = "理财群"):
        self.state, self.id = server.state, chat_id
        self.state.chats[chat_id] = {"id": chat_id, "type": "supergroup", "title": title}
        self._read = 0

    def said(self) -> list[Message]:
        return self.state.bot_messages(self.id)

    async def hear(self, containing: str = "", timeout: float = 20.0) -> Message:
        def find() -> Message | None:
            return next((m for m in self.said() if containing in m["text"] and m["message_id"] > self._read), None)
        message = await self.state.until(find, timeout, f"the bot's words to the group {containing!r}")
        self._read = message["message_id"]
        return message
