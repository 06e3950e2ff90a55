"""What the bot does with each kind of message and button."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import secrets
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from typing import Protocol

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Message, MessageEntity, Update
from telegram.error import BadRequest, Forbidden, NetworkError, TelegramError
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes, MessageHandler, filters

from bot.choices import choice_rows, choices_of, message_number, pressed
from bot.logs import masked_trace
from bot.memory import Kept, Memory, Waiting
from bot.render import render_answer, render_markdown, render_preview, render_sources
from bot.streaming import Place, Preview, Server, deliver
from bot.texts import Texts, texts_for
from rag.answer.result import Answer, EvidenceShown, Finished, Token
from rag.journal import Journal
from rag.text.personal import mask_personal

logger = logging.getLogger(__name__)

QUESTION_CHARS = 500
WAITING_EACH = 1  # questions of one person that may wait behind the one being answered
AT_ONCE = 4  # questions answered at the same time; the student runs on the machine's own cores
ANONYMOUS_ADMIN = 1087968824  # the account Telegram shows for administrators who hide in their group


class Assistant(Protocol):
    def astream(self, question: str, history=()): ...


@dataclass(frozen=True)
class Question:
    """A question on its way. `message` is its number in the chat."""

    text: str
    user: int
    message: int
    place: Place
    texts: Texts


class Desk:
    """The front desk: takes questions and button presses, one running question for each person in each chat."""

    def __init__(self, assistant: Assistant, journal: Journal, memory: Memory):
        self.assistant, self.journal, self.memory = assistant, journal, memory
        self.stopping = False
        self._server = Server()
        self._busy: dict[tuple[int, int], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: dict[tuple[int, int], int] = defaultdict(int)
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._albums: deque[str] = deque(maxlen=100)
        self._pressing: set[tuple[int, str]] = set()

    def register(self, app: Application) -> None:
        new = filters.UpdateType.MESSAGE  # edits asked for by an earlier program may still be under way
        private, group = new & filters.ChatType.PRIVATE, new & filters.ChatType.GROUPS
        app.add_handler(CommandHandler("start", self.on_start, new))
        app.add_handler(CommandHandler("help", self.on_help, new))
        app.add_handler(CommandHandler("new", self.on_new, new))
        app.add_handler(MessageHandler(private & filters.COMMAND, self.on_unknown_command))
        app.add_handler(MessageHandler(private & filters.TEXT, self.on_text))
        app.add_handler(MessageHandler(group & filters.TEXT & ~filters.COMMAND, self.on_group_text))
        app.add_handler(MessageHandler(private & ~filters.StatusUpdate.ALL, self.on_other))
        app.add_handler(CallbackQueryHandler(self.on_button))
        app.add_error_handler(self.on_error)

    # commands

    async def on_start(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        await self._say(context.bot, update.message, _texts(update).start)

    async def on_help(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        await self._say(context.bot, update.message, _texts(update).help.format(limit=QUESTION_CHARS))

    async def on_new(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        self.memory.forget(update.effective_chat.id, update.effective_user.id)
        await self._say(context.bot, update.message, _texts(update).forgotten)

    async def on_unknown_command(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        await self._say(context.bot, update.message, _texts(update).unknown_command)

    async def on_other(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Pictures, voice, stickers, files …: one kind line, also for an album of ten."""
        album = update.message.media_group_id
        if album is not None and album in self._albums:
            return
        if album is not None:
            self._albums.append(album)
        await self._say(context.bot, update.message, _texts(update).not_text)

    # questions

    async def on_text(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        await self._take(update, context.bot, update.message.text, reply=False)

    async def on_group_text(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """In groups only what is meant for the bot: a mention, or a reply to one of its messages."""
        message, me = update.message, context.bot
        if message.from_user is None or (message.from_user.is_bot and message.from_user.id != ANONYMOUS_ADMIN):
            return
        text, mentioned = _without_mention(message, me)
        replied = message.reply_to_message is not None and message.reply_to_message.from_user is not None \
            and message.reply_to_message.from_user.id == me.id
        if not (mentioned or replied):
            return
        if not text:
            await self._say(me, message, _texts(update).empty_mention.format(mention=f"@{me.username}"))
            return
        await self._take(update, me, text, reply=True)

    async def _take(self, update: Update, bot: Bot, text: str, reply: bool) -> None:
        message, texts = update.message, _texts(update)
        text = text.strip()
        if len(text) > QUESTION_CHARS:
            await self._say(bot, message, texts.too_long.format(length=len(text), limit=QUESTION_CHARS))
            return
        key = (message.chat_id, message.from_user.id)
        if self._waiting.get(key, 0) > WAITING_EACH:
            await self._say(bot, message, texts.please_wait)
            return
        if not self.memory.take(key[0], message.message_id, key[1], message.from_user.language_code or "",
                                mask_personal(text)):
            return
        reply = reply or key in self._waiting
        place = Place(message.chat_id, message.message_thread_id if message.is_topic_message else None,
                      message.message_id if reply else None)
        await self.answer(bot, Question(text, key[1], message.message_id, place, texts))

    async def take_up(self, bot: Bot, waiting: list[Waiting]) -> None:
        """Answer what an earlier stop cut off."""
        await asyncio.gather(*(
            self.answer(bot, Question(w.text, w.user, w.message, Place(w.chat, None, w.message if w.message > 0 else None),
                                      texts_for(w.language)))
            for w in waiting), return_exceptions=True)

    async def answer(self, bot: Bot, question: Question) -> None:
        """One at a time for each person. Never raises on the question's account: the user gets a kind line."""
        key = (question.place.chat_id, question.user)
        self._waiting[key] += 1
        try:
            async with self._busy[key]:
                if self.stopping:
                    return  # it is in the memory and is taken up at the next start
                await self._answer(bot, question)
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key]
                self._busy.pop(key, None)
        self.memory.done(question.place.chat_id, question.message)

    async def _answer(self, bot: Bot, question: Question) -> None:
        place, preview = question.place, Preview(bot, question.place, self._server)
        delivering = False
        try:
            generation = self.memory.generation(place.chat_id, question.user)
            answer = await self._make(question, preview)
            if not answer.answer.strip():
                raise RuntimeError("the assistant gave an empty answer")
            standing = await preview.close()
            self.memory.remember(place.chat_id, question.user, generation, mask_personal(question.text), answer.answer)
            markup = await self._kept(question, answer)
            delivering = True
            await deliver(bot, place, render_answer(answer, question.texts), markup, standing)
        except Forbidden:
            logger.info("会话 %d 的用户已停用机器人，不再回答", place.chat_id)
        except Exception as error:
            error_id = _log(error, question.text)
            with contextlib.suppress(TelegramError):
                line = question.texts.trouble.format(error_id=error_id)
                left = await preview.close()
                await deliver(bot, place, render_markdown(line), replace=None if delivering else left)
        finally:
            await preview.close()

    async def _make(self, question: Question, preview: Preview) -> Answer:
        """Run the assistant and show its progress. Raises what the assistant raises, Forbidden when nobody reads."""
        texts, draft, evidence = question.texts, "", ()
        preview.show(render_preview((), "", texts))
        async with self._at_once:
            history = self.memory.history(question.place.chat_id, question.user)
            events = self.assistant.astream(question.text, history)
            try:
                async for event in events:
                    if preview.blocked is not None:
                        raise preview.blocked
                    if isinstance(event, Finished):
                        return event.answer
                    if isinstance(event, EvidenceShown):
                        evidence = event.citations
                    elif isinstance(event, Token):
                        draft += event.text
                    preview.show(render_preview(evidence, draft, texts))
            finally:
                if hasattr(events, "aclose"):
                    await events.aclose()
        raise RuntimeError("the assistant ended without an answer")

    async def _kept(self, question: Question, answer: Answer) -> InlineKeyboardMarkup | None:
        """Journal the exchange and make its buttons. The answer goes out even where the journal cannot be written."""
        chat = question.place.chat_id
        try:
            exchange = await asyncio.to_thread(self.journal.record, answer, "telegram", str(question.user))
            kept = self.memory.keep_answer(chat, exchange, answer.refused, mask_personal(answer.answer), answer.citations,
                                           choices_of(answer))
        except Exception as error:
            _log(error, question.text)
            return None
        return _buttons(kept, question.texts)

    # buttons

    async def on_button(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        query, texts = update.callback_query, _texts(update)
        action, _, number = (query.data or "").partition(":")
        chat = query.message.chat.id if query.message else 0
        kept = self.memory.answer(int(number), chat) if re.fullmatch("[0-9]{1,15}", number) else None
        if kept and (chosen := pressed(kept.choices, action)):
            await self._choose(context.bot, query, chosen, message_number(kept.id, action), texts)
        elif kept is None or action not in ("s", "u", "d"):
            await _answered(query, texts.button_old, alert=True)
        elif action == "s":
            await self._show_sources(context.bot, query, kept, texts)
        else:
            await self._vote(query, kept, 1 if action == "u" else -1, texts)

    async def _choose(self, bot: Bot, query, chosen: tuple[str, str], number: int, texts: Texts) -> None:
        """Ask the question about the product alone; a second press of the same button asks nothing."""
        product, question = chosen
        place, user = _place_of(query), query.from_user
        if self._waiting.get((place.chat_id, user.id), 0) > WAITING_EACH:
            await _answered(query, texts.please_wait)
            return
        await _answered(query, texts.choice_taken.format(product=product))
        if self.memory.take(place.chat_id, number, user.id, user.language_code or "", question):
            await self.answer(bot, Question(question, user.id, number, place, texts))

    async def _show_sources(self, bot: Bot, query, kept: Kept, texts: Texts) -> None:
        await _answered(query, texts.sources_sent)
        press = (kept.id, "s")
        if press in self._pressing:  # a double tap
            return
        self._pressing.add(press)
        try:
            await deliver(bot, _place_of(query), render_sources(kept.citations, texts, kept.said))
        finally:
            self._pressing.discard(press)

    async def _vote(self, query, kept: Kept, value: int, texts: Texts) -> None:
        if kept.vote != value:
            await asyncio.to_thread(self.journal.feedback, kept.exchange, value)
            self.memory.vote(kept.id, value)
        await _answered(query, texts.thanks_up if value > 0 else texts.thanks_down)
        if kept.vote != value:
            with contextlib.suppress(BadRequest):  # the message may be too old to be edited; the vote stands
                await query.edit_message_reply_markup(_buttons(replace(kept, vote=value), texts))

    # the rest

    async def on_error(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """What no handler caught. Blocked bots and lost networks are no news."""
        error = context.error
        if isinstance(error, Forbidden):
            logger.info("用户已停用机器人：%s", error)
            return
        if isinstance(error, NetworkError) and not isinstance(error, BadRequest):
            logger.warning("一条消息没能送达 Telegram（%s）", type(error).__name__)
            return
        message = update.effective_message if isinstance(update, Update) else None
        error_id = _log(error, (message and message.text) or "")
        with contextlib.suppress(TelegramError):
            if isinstance(update, Update) and update.callback_query:
                await _answered(update.callback_query, _texts(update).trouble.format(error_id=error_id), alert=True)
            elif isinstance(message, Message):
                await self._say(context.bot, message, _texts(update).trouble.format(error_id=error_id))

    async def _say(self, bot: Bot, message: Message, markdown: str) -> None:
        """A line of the bot's own; in groups as a reply."""
        place = Place(message.chat_id, message.message_thread_id if message.is_topic_message else None,
                      message.message_id if message.chat_id < 0 else None)
        await deliver(bot, place, render_markdown(markdown))


def _texts(update: Update) -> Texts:
    return texts_for(update.effective_user.language_code if update.effective_user else None)


def _without_mention(message: Message, me: Bot) -> tuple[str, bool]:
    """The text with mentions of the bot cut out, and whether there were any."""
    text, mentioned = message.text, False
    for entity, words in message.parse_entities([MessageEntity.MENTION, MessageEntity.TEXT_MENTION]).items():
        if words.casefold() == f"@{me.username}".casefold() or (entity.user and entity.user.id == me.id):
            text, mentioned = text.replace(words, " ", 1), True
    return " ".join(text.split()) if mentioned else text.strip(), mentioned


def _place_of(query) -> Place:
    """Under the message whose button was pressed."""
    thread = getattr(query.message, "message_thread_id", None)
    topic = getattr(query.message, "is_topic_message", None)
    return Place(query.message.chat.id, thread if topic else None, query.message.message_id)


def _buttons(kept: Kept, texts: Texts) -> InlineKeyboardMarkup:
    """Callback data is a letter and the answer's number: far below Telegram's 64 bytes."""
    row = []
    if kept.citations:
        label = texts.show_nearest if kept.refused else texts.show_sources
        row.append(InlineKeyboardButton(label, callback_data=f"s:{kept.id}"))
    for sign, letter, value in (("👍", "u", 1), ("👎", "d", -1)):
        row.append(InlineKeyboardButton(f"{sign} ✓" if kept.vote == value else sign, callback_data=f"{letter}:{kept.id}"))
    return InlineKeyboardMarkup([*choice_rows(kept.choices, kept.id), row])


async def _answered(query, text: str, alert: bool = False) -> None:
    """Acknowledge a press. Telegram forgets presses after a while; that is no reason to do nothing else."""
    with contextlib.suppress(BadRequest):
        await query.answer(text[:200], show_alert=alert)


def _log(error: BaseException, words: str) -> str:
    """Log the full, masked traceback and return the short number the user is told."""
    error_id = secrets.token_hex(3).upper()
    logger.error("回答出错，编号 %s\n%s", error_id, masked_trace(error, words))
    return error_id
