"""Floods, groups, long answers, impatient and silent people."""

from __future__ import annotations

import asyncio
import time

import pytest
from api_server import Group, Person
from scripted import WAITING, answer_to

from bot.limits import Bucket
from rag.answer.result import Citation


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


async def test_flood_in_one_chat_delays_no_other(bot, server, wang, john):
    server.flood(wang.id, retry_after=4, method="sendMessage")
    began = time.monotonic()
    await wang.send("/help")
    await server.state.until(lambda: any(f.until for f in server.state.floods[wang.id]), what="the flood wait")
    await john.send("/help")
    await john.hear()
    assert not server.state.bot_messages(wang.id), "the other chat still waits"
    await wang.hear(timeout=20)
    assert time.monotonic() - began >= 4, "no sooner than the server allows"


async def test_flooded_draft_is_dropped_and_the_answer_still_comes(bot, server, wang):
    server.flood(wang.id, retry_after=1, method="sendMessageDraft")
    await wang.send("等待期多久？")
    assert "来源：" in (await wang.hear())["text"]
    assert len(server.state.called("sendMessageDraft")) == 1


def test_bucket_gives_a_burst_then_a_rate():
    bucket = Bucket(rate=10, burst=3)
    assert [bucket.take() for _ in range(3)] == [0, 0, 0]
    assert 0 < bucket.take() <= 0.1
    assert bucket.take(spare=2) > 0.2


async def test_group_answers_only_when_meant(bot, server, assistant):
    group, li = Group(server), Person(server, 20001, "李雷")
    await li.send("今天天气不错", chat_id=group.id)
    await li.send("@odfin_test_bot 等待期多久？", chat_id=group.id)
    answer = await server.state.until(lambda: next((m for m in group.said() if "来源：" in m["text"]), None))
    assert [q for q, _ in assistant.asked] == ["等待期多久？"]
    assert answer["reply_to_message"]["text"].endswith("等待期多久？") and len(group.said()) == 1
    await li.send("那退多少？", chat_id=group.id, reply_to=answer)
    await server.state.until(lambda: len(group.said()) == 2)
    assert assistant.asked[1][0] == "那退多少？" and len(assistant.asked[1][1]) == 2
    await li.send("@odfin_test_bot", chat_id=group.id)
    assert "@odfin_test_bot" in (await group.hear("写上问题"))["text"]


async def test_people_in_a_group_have_their_own_conversations(bot, server, assistant):
    group, li, han = Group(server), Person(server, 20001, "李雷"), Person(server, 20002, "韩梅梅")
    await li.send("@odfin_test_bot 等待期多久？", chat_id=group.id)
    await server.state.until(lambda: sum("来源：" in m["text"] for m in group.said()) == 1)
    await han.send("@ODFIN_test_bot 年费多少？", chat_id=group.id)
    await server.state.until(lambda: sum("来源：" in m["text"] for m in group.said()) == 2)
    assert assistant.asked[1] == ("年费多少？", ())


async def test_group_keeps_under_twenty_a_minute(bot, server, assistant, monkeypatch):
    monkeypatch.setattr("bot.streaming.GROUP_EDIT_SECONDS", 0.02)
    server.state.enforce_group_limit = True
    assistant.pause = 0.1
    group = Group(server)
    for number in range(3):
        await Person(server, 20001 + number).send("@odfin_test_bot 等待期多久？", chat_id=group.id)
    await server.state.until(lambda: sum("来源：" in m["text"] for m in group.said()) == 3, 15)
    assert len(server.state.group_sent[group.id]) <= 20
    assert len(server.state.called("sendMessageDraft")) == 0


async def test_long_answer_is_split_by_utf16_with_buttons_under_the_last(bot, wang, assistant):
    assistant.reply = lambda q: answer_to(q, "\n".join(f"**第{n}条** 保额😀😀😀每年给付。" * 12 for n in range(60)))
    await wang.send("全文？")
    last = await wang.hear("来源：", 10)
    pieces = wang.said()
    assert len(pieces) >= 3 and all(units(m["text"]) <= 4096 for m in pieces)
    assert [("reply_markup" in m) for m in pieces] == [False] * (len(pieces) - 1) + [True]
    for message in pieces:
        raw = message["text"].encode("utf-16-le")
        for e in message["entities"]:
            words = raw[e["offset"] * 2:(e["offset"] + e["length"]) * 2].decode("utf-16-le")
            assert words in {"来源："} | {f"第{n}条" for n in range(60)}
    assert last is pieces[-1]


async def test_long_sources_fold_and_split(bot, wang, assistant):
    long = Citation(1, "a.md", "长文", "保险责任包括😀。" * 900, 1, ())
    table = Citation(2, "b.md", "费率表", "| 年龄 | 费率 |\n|---|---|\n| 30 | 1.5% |", 2, ())
    assistant.reply = lambda q: answer_to(q, "见原文[1][2]。", citations=(long, table))
    await wang.send("责任？")
    await wang.press(await wang.hear(), "查看来源")
    last = await wang.hear("费率表")
    sources = [m for m in wang.said() if "保险责任" in m["text"]]
    assert all(units(m["text"]) <= 4096 for m in sources) and len(sources) >= 2
    assert {e["type"] for e in sources[0]["entities"]} == {"bold", "expandable_blockquote"}
    assert last["entities"][-1]["type"] == "pre"
    assert "".join(m["text"] for m in sources).count("保险责任包括") == 900


async def test_question_over_the_limit(bot, wang, assistant):
    await wang.send("问" * 501)
    assert "501" in (await wang.hear())["text"]
    assert assistant.asked == []
    await wang.send("问" * 500)
    await wang.hear("来源：")


@pytest.mark.parametrize("content", [
    {"photo": [{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}], "caption": "这是什么？"},
    {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3}},
    {"sticker": {"file_id": "s", "file_unique_id": "s", "width": 1, "height": 1, "is_animated": False,
                 "is_video": False, "type": "regular"}},
    {"location": {"longitude": 1.0, "latitude": 2.0}},
])
async def test_what_is_not_text_gets_a_kind_line(bot, wang, content):
    await wang.send_content(content)
    assert "文字" in (await wang.hear())["text"]


async def test_document_and_album_get_one_kind_line(bot, wang):
    await wang.send_document("保单.pdf", b"%PDF")
    await wang.hear("文字")
    for number in range(3):
        await wang.send_content({"photo": [{"file_id": f"p{number}", "file_unique_id": "p", "width": 1, "height": 1}],
                                 "media_group_id": "77"})
    await wang.hear("文字")
    await asyncio.sleep(0.2)
    assert len(wang.said()) == 2


async def test_edited_messages_are_not_answered_again(bot, wang, assistant):
    message = await wang.send("等待期多久？")
    await wang.hear("来源：")
    await wang.edit(message, "犹豫期多久？")
    bot_asks_for, wang.state.allowed = wang.state.allowed, None  # one that was on its way before the bot said what it wants
    await wang.edit(message, "/help")
    await asyncio.sleep(0.3)
    assert len(assistant.asked) == 1 and len(wang.said()) == 1
    assert bot_asks_for == {"message", "callback_query"}


async def test_one_question_at_a_time_one_may_wait_more_get_a_kind_line(bot, server, wang, john, assistant):
    assistant.gate = asyncio.Event()
    for text in ("一？", "二？", "三？"):
        await wang.send(text)
    assert "还在回答" in (await wang.hear("还在回答"))["text"]
    await john.send("我的？")  # nobody waits for another person
    await server.state.until(lambda: len(assistant.asked) == 2, what="John's question running")
    assert sorted(q for q, _ in assistant.asked) == ["一？", "我的？"]
    assistant.gate.set()
    await server.state.until(lambda: sum("来源：" in m["text"] for m in wang.said()) == 2)
    assert [q for q, _ in assistant.asked] == ["一？", "我的？", "二？"]
    assert len(assistant.asked[2][1]) == 2  # the waiting question saw the first one's answer
    assert [m["reply_to_message"]["text"] for m in wang.said() if "reply_to_message" in m] == ["二？"]


async def test_new_while_an_answer_is_made_keeps_it_out_of_the_next_conversation(bot, server, wang, assistant):
    assistant.gate = asyncio.Event()
    await wang.send("一？")
    await server.state.until(lambda: assistant.asked, what="the question running")
    await wang.send("/new")
    await wang.hear("忘掉")
    assistant.gate.set()
    await wang.hear("来源：")
    await wang.send("二？")
    await wang.hear("来源：")
    assert assistant.asked[1] == ("二？", ())


async def test_many_people_at_once_are_all_answered_a_few_at_a_time(bot, server, assistant):
    assistant.pause = 0.02
    people = [Person(server, 30000 + n) for n in range(12)]
    await asyncio.gather(*(person.send("等待期多久？") for person in people))
    await asyncio.gather(*(person.hear("来源：", 10) for person in people))
    assert 2 <= assistant.most_running <= 4


@pytest.mark.parametrize("data", ["", "s:", "s:²", "x:1", "s:1;DROP", "s:" + "9" * 40, "d:777"])
async def test_forged_presses_are_turned_away(bot, server, wang, data, caplog):
    forged = {"message_id": 1, "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": data}]]},
              "date": 1, "chat": server.state.chats[wang.id], "from": server.state.me, "text": "x"}
    assert (await wang.press(forged, "x"))["answer"]["show_alert"]
    assert not caplog.records


async def test_press_from_another_chat_shows_nothing(bot, wang, john):
    await wang.send("等待期多久？")
    answer = await wang.hear()
    query = await john.press({**answer, "chat": john.state.chats[john.id]}, "查看来源")
    assert query["answer"]["show_alert"] and john.said() == []


async def test_double_tap_on_sources_sends_them_once(bot, server, wang):
    await wang.send("等待期多久？")
    answer = await wang.hear()
    server.flood(wang.id, retry_after=1, method="sendMessage")
    await asyncio.gather(wang.press(answer, "查看来源"), wang.press(answer, "查看来源"))
    await wang.hear(WAITING.text)
    await asyncio.sleep(0.2)
    assert sum(WAITING.text in m["text"] for m in wang.said()) == 1
