"""A small HTTP Bot API server for the bot's tests, and people who talk to it.

It follows Telegram's documentation (https://core.telegram.org/bots/api) for the methods the bot uses, error texts
included, so that python-telegram-bot talks to it unmodified through `base_url`. It keeps everything in memory, speaks
plain HTTP on loopback, and does not parse Markdown or HTML (`parse_mode` is refused): send entities.
"""

from api_server.errors import ApiError
from api_server.people import Group, Person
from api_server.server import BotApiServer

__all__ = ["ApiError", "BotApiServer", "Group", "Person"]
