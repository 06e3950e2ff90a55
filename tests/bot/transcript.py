"""Print a conversation with the real bot as text: the real assistant over the published index, Telegram's place taken
by the tests' Bot API server. Needs `odfin index` to have run.

    python tests/bot/transcript.py ["问题" …]

Lines: a question; `/command`; `> words on a button` presses that button under the last answer.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from api_server import BotApiServer, Person

from bot.app import build, serve
from rag.settings import Settings, load_settings

LINES = ["/start", "安康重疾险的等待期是多久？", "> 查看来源", "> 👍", "那等待期内生病了怎么办？",
         "明天上证指数会涨吗？", "/new"]
ANSWER_SECONDS = 180


async def play(assistant, settings: Settings, lines: list[str], name: str = "王芳") -> str:
    """Hold the conversation and return it as text. The bot's state goes to a temporary folder, not into the home."""
    out: list[str] = []
    with tempfile.TemporaryDirectory() as home:
        async with BotApiServer() as server:
            own = load_settings(**{**settings.model_dump(exclude={"telegram_token", "telegram_url"}),
                                   "home": home, "telegram_url": server.base_url, "TELEGRAM_BOT_TOKEN": server.token})
            person, stop = Person(server, 10001, name), asyncio.Event()
            app = build(own, assistant)
            bot = asyncio.create_task(serve(app, stop))
            try:
                answer = None
                for line in lines:
                    began = time.monotonic()
                    if line.startswith("> "):
                        out.append(f"{name}  点按 [{line[2:]}]")
                        query = await person.press(answer, line[2:])
                        out.append(f"        （{query['answer']['text']}）")
                        if "来源" in line or "内容" in line:
                            out.append(_shown(await person.hear()))
                    else:
                        out.append(f"{name}  {line}")
                        message = await person.hear_after(line, ANSWER_SECONDS)
                        out.append(_shown(message, time.monotonic() - began))
                        answer = message if "reply_markup" in message else answer
            finally:
                stop.set()
                await bot
    return "\n".join(out) + "\n"


def _shown(message: dict, seconds: float = 0.0) -> str:
    """Quoted words get a bar, buttons a line of their own, answers their time."""
    raw, bars = message["text"].encode("utf-16-le"), set()
    for entity in message.get("entities", []):
        if "blockquote" in entity["type"] or entity["type"] == "pre":
            first = raw[:entity["offset"] * 2].decode("utf-16-le").count("\n")
            words = raw[entity["offset"] * 2:(entity["offset"] + entity["length"]) * 2].decode("utf-16-le")
            bars.update(range(first, first + words.count("\n") + 1))
    lines = [("│ " if number in bars else "") + text for number, text in enumerate(message["text"].split("\n"))]
    if buttons := [b["text"] for row in message.get("reply_markup", {}).get("inline_keyboard", []) for b in row]:
        lines.append("".join(f"[{label}]" for label in buttons) + (f"  {seconds:.1f} 秒" if seconds else ""))
    return "ODFin " + "\n      ".join(lines)


def main() -> None:
    from rag.answer.assistant import Assistant

    settings = load_settings()
    print(asyncio.run(play(Assistant.open(settings), settings, sys.argv[1:] or LINES)))


if __name__ == "__main__":
    main()
