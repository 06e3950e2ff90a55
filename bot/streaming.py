"""Shows an answer while it is being made.

Private chats get drafts (`sendMessageDraft`); groups, and servers too old for drafts, get one message that is edited.
A preview may be late or lost, never in the way: the final answer does not wait for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time

from telegram import Bot, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ChatAction
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, TelegramError

from bot.limits import FLEETING_EDIT
from bot.render import Piece

logger = logging.getLogger(__name__)

DRAFT_SECONDS = 1.0
EDIT_SECONDS = 1.2
GROUP_EDIT_SECONDS = 4.0  # 20 messages a minute in a group, the answers among them
DRAFT_LIFE = 20.0  # a draft fades after 30 s; it is shown again before that
SEND_SECONDS = 600.0  # an answer waits so long for the network to come back
LONGEST_WAIT = 30.0
NO_LINKS = LinkPreviewOptions(is_disabled=True)


class Place:
    """Where an answer goes: the chat, its topic, and the message it answers."""

    def __init__(self, chat_id: int, thread_id: int | None = None, reply_to: int | None = None):
        self.chat_id, self.thread_id, self.reply_to = chat_id, thread_id, reply_to

    @property
    def private(self) -> bool:
        return self.chat_id > 0

    def reply(self) -> ReplyParameters | None:
        return ReplyParameters(self.reply_to, allow_sending_without_reply=True) if self.reply_to else None


class Server:
    """What has been learnt about the Bot API server this bot talks to."""

    drafts = True


class Preview:
    """`show` what there is so far as often as you like; `close` before the answer goes out."""

    def __init__(self, bot: Bot, place: Place, server: Server):
        self._bot, self._place, self._server = bot, place, server
        self._drafting = place.private and server.drafts
        self._draft_id = random.randint(1, 2**31 - 1)
        self._latest: Piece | None = None
        self._shown: Piece | None = None
        self._changed = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._pump())
        self._typing = asyncio.create_task(self._type())
        self.message_id: int | None = None
        self.blocked: Forbidden | None = None

    def show(self, piece: Piece) -> None:
        self._latest = piece
        self._changed.set()

    async def _type(self) -> None:
        with contextlib.suppress(TelegramError):
            await self._bot.send_chat_action(self._place.chat_id, ChatAction.TYPING, self._place.thread_id)

    async def close(self) -> int | None:
        """Stop; returns the message that stands for the preview and is to become the answer (None for drafts)."""
        self._closing = True
        self._changed.set()
        self._typing.cancel()
        # A request under way is let finish, so that no half-made message stays behind.
        _, late = await asyncio.wait({self._task}, timeout=5)
        if late:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        return self.message_id

    async def _pump(self) -> None:
        while not self._closing and self.blocked is None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), DRAFT_LIFE)
            self._changed.clear()
            if self._closing or self._latest is None:
                continue
            try:
                await (self._draft(self._latest) if self._drafting else self._edit(self._latest))
            except Forbidden as error:
                self.blocked = error
            except TelegramError as error:
                logger.debug("preview not shown: %s", error)
            pause = DRAFT_SECONDS if self._drafting else EDIT_SECONDS if self._place.private else GROUP_EDIT_SECONDS
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._until_closing(), pause)

    async def _until_closing(self) -> None:
        while not self._closing:
            await asyncio.sleep(0.05)

    async def _draft(self, piece: Piece) -> None:
        try:
            await self._bot.send_message_draft(self._place.chat_id, self._draft_id, piece.text,
                                               message_thread_id=self._place.thread_id, entities=piece.entities)
        except InvalidToken:  # 404: how the library reads "method not found"
            self._server.drafts = False
            logger.info("Telegram 服务器没有 sendMessageDraft，改用编辑消息的方式显示")
            self._drafting = False
            await self._edit(piece)
        except BadRequest:
            self._drafting = False
            await self._edit(piece)

    async def _edit(self, piece: Piece) -> None:
        if piece == self._shown:
            return
        if self.message_id is None:
            message = await self._bot.send_message(
                self._place.chat_id, piece.text, entities=piece.entities, message_thread_id=self._place.thread_id,
                reply_parameters=self._place.reply(), link_preview_options=NO_LINKS)
            self.message_id = message.message_id
        else:
            await self._bot.edit_message_text(piece.text, self._place.chat_id, self.message_id,
                                              entities=piece.entities, link_preview_options=NO_LINKS,
                                              rate_limit_args=FLEETING_EDIT)
        self._shown = piece


async def deliver(bot: Bot, place: Place, pieces: list[Piece], markup=None, replace: int | None = None) -> None:
    """Send the pieces in order, `markup` under the last; the first one takes the place of message `replace`.

    Network trouble is waited out; raises TelegramError where Telegram refuses for good.
    """
    for number, piece in enumerate(pieces):
        under = markup if number == len(pieces) - 1 else None
        if number == 0 and replace is not None and await _replaced(bot, place, replace, piece, under):
            continue
        await _sent(bot, place, piece, under, first=number == 0)


async def _replaced(bot: Bot, place: Place, message_id: int, piece: Piece, markup) -> bool:
    try:
        await _stubborn(lambda: bot.edit_message_text(
            piece.text, place.chat_id, message_id, entities=piece.entities, reply_markup=markup,
            link_preview_options=NO_LINKS))
    except BadRequest as error:
        return "not modified" in str(error)  # anything else (deleted meanwhile, …): send it anew
    return True


async def _sent(bot: Bot, place: Place, piece: Piece, markup, first: bool) -> Message:
    async def send(entities) -> Message:
        return await bot.send_message(
            place.chat_id, piece.text, entities=entities, reply_markup=markup, message_thread_id=place.thread_id,
            reply_parameters=place.reply() if first else None, link_preview_options=NO_LINKS)
    try:
        return await _stubborn(lambda: send(piece.entities))
    except BadRequest as error:
        if not piece.entities or "entit" not in str(error).lower():
            raise
        return await _stubborn(lambda: send(None))


async def _stubborn(request):
    """Try again on network trouble only. A time-out may send twice: better than not at all."""
    wait, until = 1.0, time.monotonic() + SEND_SECONDS
    while True:
        try:
            return await request()
        except BadRequest:
            raise
        except NetworkError:
            if time.monotonic() + wait > until:
                raise
        await asyncio.sleep(wait)
        wait = min(LONGEST_WAIT, wait * 2)
