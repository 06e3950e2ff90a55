"""The Telegram bot: wiring, start and clean stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import threading
from urllib.parse import urlsplit

from telegram.error import TelegramError
from telegram.ext import Application
from telegram.request import HTTPXRequest

from bot.handlers import Assistant, Desk
from bot.limits import ChatLimiter
from bot.logs import token_hidden
from bot.memory import Memory
from bot.polling import connect, poll
from bot.texts import EN, ZH
from rag.errors import OdfinError
from rag.journal import Journal
from rag.settings import Settings

logger = logging.getLogger(__name__)

# A running answer may take so long to finish; what does not is taken up at the next start. Supervisors kill after 20 s.
STOP_SECONDS = 15.0


def build(settings: Settings, assistant: Assistant) -> Application:
    """The application, not yet connected. Raises OdfinError where no token is set."""
    token = settings.telegram_token.get_secret_value().strip()
    if not token:
        raise OdfinError("没有设置 Telegram 令牌：向 @BotFather 申请后，在 .env 里写 TELEGRAM_BOT_TOKEN=…，再启动")
    builder = Application.builder().token(token).updater(None).rate_limiter(ChatLimiter()).concurrent_updates(256)
    options: dict = {}
    if settings.telegram_url:
        url = settings.telegram_url.rstrip("/")
        builder = builder.base_url(url).base_file_url(f"{url.removesuffix('/bot')}/file/bot")
        if urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1"):
            options["trust_env"] = False  # a proxy has no business between us and our own machine
    builder = builder.request(HTTPXRequest(connection_pool_size=64, read_timeout=15, connect_timeout=10,
                                           pool_timeout=10, httpx_kwargs=options))
    builder = builder.get_updates_request(HTTPXRequest(connection_pool_size=2, connect_timeout=10,
                                                       httpx_kwargs=options))
    app = builder.build()
    desk = Desk(assistant, Journal(settings), Memory(settings.home / "bot.db"))
    desk.register(app)
    app.bot_data["desk"] = desk
    return app


async def serve(app: Application, stop: asyncio.Event) -> None:
    """Run until `stop`; then fetch no more, let running answers finish, and close everything.

    Raises OdfinError where Telegram does not accept the token.
    """
    desk: Desk = app.bot_data["desk"]
    try:
        if not await connect(app, stop):
            return
        await _set_menus(app)
        await app.start()
        logger.info("Telegram 机器人 @%s 已上线", app.bot.username)
        resumed = asyncio.create_task(desk.take_up(app.bot, desk.memory.unanswered()))
        try:
            await poll(app, stop)
        finally:
            desk.stopping = True
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await app.stop()
                    await resumed
            except TimeoutError:
                logger.warning("还有回答没有完成，下次启动时继续")
                resumed.cancel()
    finally:
        with contextlib.suppress(TelegramError, RuntimeError):
            await app.shutdown()
            await app.bot.shutdown()  # where it never came up, the connections are all there is
        desk.memory.close()


async def _set_menus(app: Application) -> None:
    try:
        await app.bot.set_my_commands(ZH.commands)
        await app.bot.set_my_commands(EN.commands, language_code="en")
    except TelegramError as error:
        logger.warning("没能设置命令菜单（%s），不影响使用", type(error).__name__)


def run(settings: Settings, assistant: Assistant) -> None:
    """Serve until SIGTERM or SIGINT (a second SIGINT leaves at once). Raises OdfinError for a missing or wrong token."""
    with token_hidden(settings.telegram_token.get_secret_value().strip()):
        asyncio.run(_run(settings, assistant))


async def _run(settings: Settings, assistant: Assistant) -> None:
    stop, me, loop = asyncio.Event(), asyncio.current_task(), asyncio.get_running_loop()
    interrupts = 0

    def on_signal(number: int) -> None:
        nonlocal interrupts
        interrupts += number == signal.SIGINT
        if not stop.is_set():
            logger.info("正在停止：等正在回答的问题答完（再按一次 Ctrl-C 立即退出）")
            stop.set()
        elif number == signal.SIGINT and interrupts > 1:  # Ctrl-C under a supervisor is one SIGINT and one SIGTERM
            me.cancel()

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, on_signal, number)
    with contextlib.suppress(asyncio.CancelledError):
        await serve(build(settings, assistant), stop)
