"""Trouble: errors, blocked bots, lost networks, restarts, crashes, wrong and shared tokens, and what the log says."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import sqlite3
import subprocess
import sys
import textwrap
import traceback
from pathlib import Path

import pytest
from scripted import WAITING, ScriptedAssistant, answer_to

from bot.app import build, run, serve
from bot.logs import token_hidden
from bot.polling import Trouble
from rag.errors import OdfinError
from rag.journal import Journal
from rag.settings import load_settings

CARD = "6222021234567890123"


async def test_error_gives_the_user_a_number_and_the_log_the_traceback(bot, wang, assistant, caplog):
    def fail(question):
        raise ValueError(f"cannot answer {question}")
    assistant.reply = fail
    await wang.send("我的卡 6222 0212 3456 7890 128 怎么还款？")
    message = await wang.hear("抱歉")
    error_id = re.search(r"[0-9A-F]{6}", message["text"]).group()
    assert "Traceback" not in message["text"] and "ValueError" not in message["text"]
    logged = next(r.getMessage() for r in caplog.records if error_id in r.getMessage())
    assert "Traceback" in logged and "ValueError: cannot answer" in logged and "scripted.py" in logged
    assert "3456 7890" not in caplog.text
    assistant.reply = answer_to
    await wang.send("再问？")
    await wang.hear("来源：")


async def test_journal_trouble_does_not_cost_the_answer(bot, wang, settings, caplog):
    database = sqlite3.connect(settings.home / "journal.db")
    database.execute("DROP TABLE exchanges")
    database.commit()
    await wang.send("等待期多久？")
    message = await wang.hear("来源：")
    assert "reply_markup" not in message and "no such table" in caplog.text


async def test_blocked_bot_stops_answering_and_says_little(bot, server, wang, assistant, caplog, monkeypatch):
    caplog.set_level(logging.INFO, "bot")
    monkeypatch.setattr("bot.streaming.DRAFT_SECONDS", 0.05)
    assistant.pause = 0.3
    await wang.send("等待期多久？")
    await server.state.until(lambda: server.state.drafts[wang.id], what="the first draft")
    await wang.block()
    await asyncio.sleep(1.2)
    assert assistant.abandoned == 1 and assistant.running == 0 and wang.said() == []
    assert "已停用机器人" in caplog.text
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


async def test_bad_gateway_while_answering_is_waited_out(bot, server, wang):
    server.break_method("sendMessage", times=1)
    await wang.send("等待期多久？")
    assert "来源：" in (await wang.hear(timeout=8))["text"]
    assert len(server.state.called("sendMessage")) == 2


async def test_refused_entities_do_not_cost_the_answer(bot, server, wang, monkeypatch):
    import api_server.methods as methods
    plain = methods._text

    def picky(data, **options):
        if data.get("entities"):
            raise methods.ApiError(400, "Bad Request: can't parse entities: strange entity")
        return plain(data, **options)
    monkeypatch.setattr(methods, "_text", picky)
    await wang.send("等待期多久？")
    assert "entities" not in await wang.hear("来源：")


async def test_expired_press_still_does_its_work(bot, server, wang):
    await wang.send("等待期多久？")
    query = await wang.press_only(await wang.hear(), "查看来源")
    query["expired"] = True
    await wang.hear(WAITING.text)


async def test_buttons_history_and_votes_survive_a_restart(start, server, wang, assistant, settings):
    first = await start()
    await wang.send("等待期多久？")
    answer = await wang.hear()
    await wang.press(answer, "👍")
    await first.halt()
    await start()
    assert "改进" in (await wang.press(answer, "👎"))["answer"]["text"]
    await wang.press(answer, "查看来源")
    assert WAITING.text in (await wang.hear())["text"]
    await wang.send("那退多少？")
    await wang.hear()
    assert [t.content for t in assistant.asked[1][1]][:1] == ["等待期多久？"]
    assert [e.feedback for e in Journal(settings).recent()] == [0, -1]


async def test_lost_memory_makes_old_buttons_say_so(start, server, wang, settings):
    first = await start()
    await wang.send("等待期多久？")
    answer = await wang.hear()
    await first.halt()
    for file in settings.home.glob("bot.db*"):
        file.unlink()
    await start()
    query = await wang.press(answer, "查看来源")
    assert query["answer"]["show_alert"] and "再发一次" in query["answer"]["text"]


async def test_messages_sent_while_the_bot_was_away_are_answered(start, server, wang):
    first = await start()
    await first.halt()
    await wang.send("等待期多久？")
    await start()
    await wang.hear("来源：")
    assert all(not call.get("drop_pending_updates") for call in server.state.called("deleteWebhook"))


async def test_stop_lets_the_running_answer_finish_and_keeps_the_waiting_one(start, server, wang, assistant):
    first = await start()
    assistant.gate = asyncio.Event()
    await wang.send("一？")
    await server.state.until(lambda: assistant.asked, what="the first question running")
    await wang.send("二？")
    await asyncio.sleep(0.2)
    first.stop.set()
    await asyncio.sleep(0.2)
    assert not first.task.done()
    assistant.gate.set()
    await asyncio.wait_for(first.task, 5)
    assert len(wang.said()) == 1 and server.state.updates == []
    await start()
    await server.state.until(lambda: len(wang.said()) == 2)
    assert [q for q, _ in assistant.asked] == ["一？", "二？"]


async def test_killed_bot_takes_the_question_up_again_once(start, server, wang, assistant, monkeypatch):
    monkeypatch.setattr("bot.app.STOP_SECONDS", 0.1)
    assistant.gate = asyncio.Event()
    first = await start()
    await wang.send("等待期多久？")
    await server.state.until(lambda: assistant.asked, what="the question running")
    await first.kill()
    assert wang.said() == []
    assistant.gate.set()
    second = await start()
    await wang.hear("来源：")
    await second.halt()
    await start()
    await asyncio.sleep(0.3)
    assert len(assistant.asked) == 2 and len(wang.said()) == 1


async def test_question_delivered_twice_is_answered_once(bot, server, wang, assistant):
    message = await wang.send("等待期多久？")
    await wang.hear()
    await server.state.push("message", message)
    await asyncio.sleep(0.3)
    assert len(assistant.asked) == 1


async def test_unreadable_update_is_skipped_and_its_neighbours_are_answered(start, server, wang, john, caplog):
    await wang.send("等待期多久？")
    await server.state.push("message", {"message_id": 1, "nonsense": True})
    await john.send("年费多少？")
    await start()
    await asyncio.gather(wang.hear("来源："), john.hear("Sources:"))
    await server.state.until(lambda: not server.state.updates, what="every update confirmed")
    assert caplog.text.count("跳过读不懂的") == 1


async def test_lost_network_is_outlived(bot, server, wang, caplog):
    await server.stop()
    await wang.send("等待期多久？")
    await asyncio.sleep(0.5)
    await server.start()
    await wang.hear("来源：", 8)
    lines = [r.getMessage() for r in caplog.records if r.name == "bot.polling"]
    assert len(lines) == 2 and "连不上 Telegram" in lines[0] and "已恢复" in lines[1]
    assert bot.task.done() is False


async def test_start_waits_for_the_network(server, settings, assistant, wang):
    await server.stop()
    stop = asyncio.Event()
    task = asyncio.create_task(serve(build(settings, assistant), stop))
    await asyncio.sleep(0.5)
    assert not task.done()
    await server.start()
    await wang.send("/help")
    await wang.hear("500", 8)
    stop.set()
    await asyncio.wait_for(task, 5)


def test_one_line_a_minute(caplog):
    now = [0.0]
    trouble = Trouble(clock=lambda: now[0])
    for second in range(0, 150, 5):
        now[0] = float(second)
        trouble.note("连不上")
    assert len(caplog.records) == 3
    trouble.over()
    trouble.over()
    assert len(caplog.records) == 4 and "已恢复" in caplog.records[-1].getMessage()


async def test_two_bots_with_one_token_get_one_clear_line(start, server, settings, tmp_path, caplog):
    await start()
    other = settings.model_copy(update={"home": tmp_path / "other"})
    await start(settings=other)
    await server.state.until(lambda: "另一个程序正在用同一个 Telegram 令牌" in caplog.text, what="the line")
    await asyncio.sleep(0.5)
    assert caplog.text.count("另一个程序正在用同一个 Telegram 令牌") <= 2  # one for each of the two
    assert "Traceback" not in caplog.text


async def test_webhook_left_over_is_taken_down(start, server, wang):
    server.state.webhook = {"url": "http://127.0.0.1:1/gone", "secret": ""}
    await start()
    await wang.send("/help")
    await wang.hear("500")


@pytest.mark.parametrize("token", ["424242:WRONG-token-0123456789", "not-a-token"])
async def test_wrong_token_is_one_clear_line(server, settings, assistant, token, caplog):
    wrong = load_settings(_env_file=None, home=settings.home, TELEGRAM_BOT_TOKEN=token, telegram_url=server.base_url)
    with pytest.raises(OdfinError, match="BotFather") as error:
        await asyncio.wait_for(serve(build(wrong, assistant), asyncio.Event()), 5)
    shown = "".join(traceback.format_exception(error.value))
    assert token not in shown and not caplog.records


async def test_revoked_token_ends_the_bot(bot, server):
    server.state.token = "424242:RENEWED"
    with pytest.raises(OdfinError, match="BotFather"):
        server.state.updates.clear()
        await server.state.touch()
        await server.stop()
        await server.start()
        await asyncio.wait_for(bot.task, 8)


def test_missing_token_is_one_clear_line(tmp_path):
    with pytest.raises(OdfinError, match="TELEGRAM_BOT_TOKEN"):
        run(load_settings(_env_file=None, home=tmp_path, TELEGRAM_BOT_TOKEN=""), ScriptedAssistant())


def test_token_never_appears_in_the_log(caplog):
    token = "424242:SECRET-abcdefghijklmnop"
    with token_hidden(token):
        logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/bot%s/getMe", token)
        logging.getLogger("any").error("url %s", f"https://x/bot{token}/y")
        try:
            raise ValueError(f"The token `{token}` was rejected by the server.")
        except ValueError:
            logging.getLogger("any").exception("failed for %r", {"t": token.split(":")[1]})
    assert "SECRET" not in caplog.text and caplog.text.count("<telegram-token>") == 3
    assert "HTTP Request" not in caplog.text and "Traceback" in caplog.text


PROGRAM = textwrap.dedent("""
    import logging, sys
    sys.path[:0] = {paths!r}
    from scripted import ScriptedAssistant
    from bot.app import run
    from rag.settings import load_settings
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    run(load_settings(_env_file=None, home={home!r}, TELEGRAM_BOT_TOKEN={token!r}, telegram_url={url!r}), ScriptedAssistant(pause=0.2))
    print("stopped cleanly")
""")


async def test_the_program_itself_stops_after_its_answer_on_ctrl_c_under_a_supervisor(server, wang, tmp_path):
    here = Path(__file__).parent
    code = PROGRAM.format(paths=[str(here.parent.parent), str(here)], home=str(tmp_path / "home"), token=server.token,
                          url=server.base_url)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=subprocess.PIPE,
                                                   stderr=subprocess.PIPE, env={**os.environ, "NO_PROXY": "*"})
    await server.state.until(lambda: server.state.called("getUpdates"), 30, "the program's first poll")
    await wang.send(f"卡号 {CARD} 的年费？")
    await server.state.until(lambda: server.state.drafts[wang.id], 10, "its draft")
    process.send_signal(signal.SIGINT)  # from the terminal
    process.send_signal(signal.SIGTERM)  # from the supervisor
    out, err = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0 and b"stopped cleanly" in out
    assert "来源：" in wang.said()[0]["text"]
    log = err.decode()
    assert server.token not in log and server.token.split(":")[1] not in log and CARD not in log
    assert "正在停止" in log and "Traceback" not in log
