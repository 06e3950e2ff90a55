"""Long polling that outlives the network and says little about it.

The library's own Updater drops out silently when the token is revoked, says nothing about time-outs and prints a
traceback for each failure; this loop feeds the same Application.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import warnings

from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import Application
from telegram.warnings import PTBUserWarning

from bot.limits import wait_seconds
from bot.logs import masked_trace
from rag.errors import OdfinError

logger = logging.getLogger(__name__)

# `_skip_one` asks for updates as raw JSON, because the library could not read them.
warnings.filterwarnings("ignore", message="Please use 'Bot.getUpdates'", category=PTBUserWarning)

WANTED = ["message", "callback_query"]  # edits are not answered again (/help says so)
POLL_SECONDS = 25
BATCH = 100
LINE_EVERY = 60.0
LONGEST_WAIT = 30.0


class Trouble:
    """One line when trouble begins, one a minute while it lasts, one when it is over."""

    def __init__(self, clock=time.monotonic):
        self._clock, self._since, self._said, self._count = clock, None, 0.0, 0

    def note(self, line: str) -> None:
        now = self._clock()
        self._count += 1
        if self._since is None:
            self._since, self._said = now, now
            logger.warning("%s", line)
        elif now - self._said >= LINE_EVERY:
            self._said = now
            logger.warning("%s（已持续 %d 秒，重试 %d 次）", line, now - self._since, self._count)

    def over(self) -> None:
        if self._since is not None:
            logger.warning("Telegram 连接已恢复（中断 %d 秒）", self._clock() - self._since)
        self._since, self._count = None, 0


def bad_token() -> OdfinError:
    return OdfinError("Telegram 不认这个令牌：请向 @BotFather 核对 TELEGRAM_BOT_TOKEN（.env 或环境变量），改好后再启动")


def _line(error: TelegramError) -> str:
    if isinstance(error, Conflict):
        if "webhook" in str(error):
            return "这个机器人设了 webhook，长轮询收不到消息；正在取消它"
        return "另一个程序正在用同一个 Telegram 令牌收消息：请只保留一个（本程序继续重试）"
    return f"连不上 Telegram（{type(error).__name__}），继续重试"


async def connect(app: Application, stop: asyncio.Event) -> bool:
    """Bring the application up, waiting for the network as long as it takes. False: stopped meanwhile.

    Raises OdfinError where Telegram does not accept the token.
    """
    trouble, wait = Trouble(), 1.0
    while not stop.is_set():
        try:
            await app.initialize()
            await app.bot.delete_webhook(drop_pending_updates=False)
            trouble.over()
            return True
        except InvalidToken:
            raise bad_token() from None  # the library puts the token into its message
        except TelegramError as error:
            trouble.note(_line(error))
            wait = await _rest(stop, error, wait)
    return False


async def poll(app: Application, stop: asyncio.Event) -> None:
    """Fetch updates into the application's queue until `stop`; then tell Telegram which were fetched.

    Raises OdfinError where the token is no longer accepted.
    """
    offset, limit, trouble, wait = 0, BATCH, Trouble(), 1.0
    stopped = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            fetch = asyncio.create_task(app.bot.get_updates(
                offset=offset, limit=limit, timeout=POLL_SECONDS, allowed_updates=WANTED))
            await asyncio.wait({fetch, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not fetch.done():
                fetch.cancel()
                with contextlib.suppress(asyncio.CancelledError, TelegramError):
                    await fetch
                break
            try:
                updates = fetch.result()
            except InvalidToken:
                raise bad_token() from None  # the library puts the token into its message
            except TelegramError as error:
                trouble.note(_line(error))
                if isinstance(error, Conflict) and "webhook" in str(error):
                    with contextlib.suppress(TelegramError):
                        await app.bot.delete_webhook(drop_pending_updates=False)
                wait = await _rest(stop, error, wait)
                continue
            except Exception as error:  # an update the library cannot read must not come again for ever
                if limit > 1:
                    limit = 1  # take them one by one to find which it is
                    continue
                offset = await _skip_one(app, offset, error)
                limit = BATCH
                continue
            trouble.over()
            wait = 1.0
            for update in updates:
                await app.update_queue.put(update)
                offset = update.update_id + 1
        if offset:
            with contextlib.suppress(TelegramError):
                await app.bot.get_updates(offset=offset, timeout=0, allowed_updates=WANTED)
    finally:
        stopped.cancel()


async def _skip_one(app: Application, offset: int, error: Exception) -> int:
    """The offset behind the first waiting update; the same one where Telegram cannot be asked."""
    with contextlib.suppress(TelegramError):
        waiting = await app.bot.do_api_request("getUpdates", {"offset": offset, "limit": 1, "timeout": 0})
        if waiting:
            logger.error("跳过读不懂的 Telegram 更新 %d\n%s", waiting[0]["update_id"], masked_trace(error))
            return waiting[0]["update_id"] + 1
    await asyncio.sleep(1)
    return offset


async def _rest(stop: asyncio.Event, error: TelegramError, wait: float) -> float:
    """Sleep before the next try, unless stopped; returns how long to sleep next time."""
    seconds = wait_seconds(error) + 0.5 if isinstance(error, RetryAfter) else wait
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    return min(LONGEST_WAIT, wait * 1.7) if isinstance(error, NetworkError | Conflict) else 1.0
