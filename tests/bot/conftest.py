"""The real bot against the Bot API server of `api_server`, and an assistant that says what a test tells it to."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # api_server, scripted and transcript are no packages of the project

from api_server import BotApiServer, Person
from scripted import RunningBot, ScriptedAssistant

from bot.app import build, serve
from rag.settings import load_settings


def pytest_configure(config: pytest.Config) -> None:
    """pytest resets the bot's own filters for the library's announcements."""
    config.addinivalue_line("filterwarnings", "ignore:.*`retry_after` will be of type")
    config.addinivalue_line("filterwarnings", "ignore:Please use 'Bot.getUpdates'")


@pytest.fixture
async def server():
    async with BotApiServer() as server:
        yield server


@pytest.fixture
def settings(server, tmp_path):
    return load_settings(_env_file=None, home=tmp_path / "home", TELEGRAM_BOT_TOKEN=server.token, telegram_url=server.base_url)


@pytest.fixture
def assistant():
    return ScriptedAssistant()


@pytest.fixture
async def start(server, settings, assistant):
    """`await start()` brings a bot up (again); all that still run are stopped at the end."""
    running: list[RunningBot] = []

    async def go(assistant=assistant, settings=settings) -> RunningBot:
        stop = asyncio.Event()
        app = build(settings, assistant)
        bot = RunningBot(app, stop, asyncio.create_task(serve(app, stop)))
        polls = len(server.state.called("getUpdates"))
        await server.state.until(lambda: bot.task.done() or len(server.state.called("getUpdates")) > polls,
                                 what="the bot's first getUpdates")
        running.append(bot)
        return bot

    yield go
    for bot in running:
        if not bot.task.done():
            bot.stop.set()
            with contextlib.suppress(asyncio.CancelledError, TimeoutError):
                await asyncio.wait_for(bot.task, 10)


@pytest.fixture
async def bot(start) -> RunningBot:
    return await start()


@pytest.fixture
def wang(server) -> Person:
    return Person(server, 10001)


@pytest.fixture
def john(server) -> Person:
    return Person(server, 10002, "John", "en-GB")
