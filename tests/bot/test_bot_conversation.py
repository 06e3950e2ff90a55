"""A customer's way through the bot, in a private chat. Run: python -m pytest tests/bot"""

from __future__ import annotations

import asyncio

from scripted import WAITING, answer_to

from rag.journal import Journal


def entities(message: dict, kind: str) -> list[str]:
    """The words an entity kind covers, cut by UTF-16 units as Telegram's clients do."""
    raw = message["text"].encode("utf-16-le")
    return [raw[e["offset"] * 2:(e["offset"] + e["length"]) * 2].decode("utf-16-le")
            for e in message.get("entities", []) if e["type"] == kind]


def labels(message: dict) -> list[str]:
    return [b["text"] for row in message["reply_markup"]["inline_keyboard"] for b in row]


async def test_start_says_who_where_from_and_privacy(bot, wang):
    await wang.send("/start")
    message = await wang.hear()
    assert "ODFin 金融助手" in entities(message, "bold")
    assert "本机构的文件" in message["text"] and "🔒" in message["text"] and "不是投资建议" in message["text"]


async def test_help_and_unknown_command(bot, wang):
    await wang.send("/help")
    assert "500" in (await wang.hear())["text"]
    await wang.send("/weather")
    assert "/help" in (await wang.hear())["text"]


async def test_english_for_english_telegram(bot, john):
    await john.send("/start")
    assert "financial assistant" in (await john.hear())["text"]
    await john.send("等待期多久？")
    message = await john.hear("Sources:")
    assert "📄 Sources" in labels(message)


async def test_menus_in_both_languages(bot, server, wang):
    assert [c["command"] for c in server.state.commands[""]] == ["start", "help", "new"]
    assert server.state.commands[""][2]["description"].startswith("忘掉")
    assert server.state.commands["en"][2]["description"].startswith("Forget")


async def test_answer_with_numbered_sources_and_buttons(bot, wang):
    await wang.send("等待期多久？")
    message = await wang.hear()
    assert message["text"].startswith("等待期为90日[1]")
    assert entities(message, "bold") == ["90日", "来源："]
    assert "[1] 《安康重疾险条款》 第二章 保险责任 第五条 等待期 第3页" in message["text"]
    assert labels(message) == ["📄 查看来源", "👍", "👎"]


async def test_answer_is_streamed_as_drafts_with_the_evidence_first(bot, server, wang, assistant, monkeypatch):
    assistant.pause = 0.15
    monkeypatch.setattr("bot.streaming.DRAFT_SECONDS", 0.1)
    await wang.send("等待期多久？")
    await wang.hear("来源：")
    drafts = server.state.drafts[wang.id]
    assert len(drafts) >= 3 and len({d["draft_id"] for d in drafts}) == 1
    assert "找到依据" in drafts[1]["text"] + drafts[0]["text"] and WAITING.text in drafts[-1]["text"]
    assert len(wang.said()) == 1
    assert [(chat, action) for _, chat, action in server.state.actions] == [(wang.id, "typing")]


async def test_server_without_drafts_gets_edits_of_one_message(bot, server, wang, assistant, monkeypatch):
    monkeypatch.setattr("bot.streaming.EDIT_SECONDS", 0.2)
    server.forget_method("sendMessageDraft")
    assistant.pause = 0.2
    await wang.send("等待期多久？")
    message = await server.state.until(lambda: next((m for m in wang.said() if "来源：" in m["text"]), None), 10)
    assert len(wang.said()) == 1 and len(server.state.called("editMessageText")) >= 2
    assert labels(message) == ["📄 查看来源", "👍", "👎"]
    await wang.send("再问一次")
    await server.state.until(lambda: len(wang.said()) == 2 and "来源：" in wang.said()[1]["text"], 10)
    assert len(server.state.called("sendMessageDraft")) == 1


async def test_sources_button_sends_the_exact_words(bot, wang):
    await wang.send("等待期多久？")
    answer = await wang.hear()
    assert (await wang.press(answer, "查看来源"))["answer"]["text"] == "原文已发在下面"
    sources = await wang.hear()
    assert entities(sources, "blockquote") == [WAITING.text, "等待期内发生的，本公司退还已交保险费。"]
    assert sources["reply_to_message"]["message_id"] == answer["message_id"]
    assert "第3页" in sources["text"]


async def test_votes_are_kept_acknowledged_and_may_change(bot, server, wang, settings):
    await wang.send("等待期多久？")
    answer = await wang.hear()
    assert "谢谢" in (await wang.press(answer, "👍"))["answer"]["text"]
    await server.state.until(lambda: "👍 ✓" in labels(answer), what="the tick")
    assert "改进" in (await wang.press(answer, "👎"))["answer"]["text"]
    await server.state.until(lambda: labels(answer) == ["📄 查看来源", "👍", "👎 ✓"], what="the other tick")
    await wang.press(answer, "👎")
    await asyncio.sleep(0.1)
    assert labels(answer) == ["📄 查看来源", "👍", "👎 ✓"]
    (exchange,) = Journal(settings).recent()
    assert (exchange.channel, exchange.question, exchange.feedback) == ("telegram", "等待期多久？", -1)
    assert str(wang.id) not in exchange.user


async def test_a_choice_between_products_is_a_button_that_asks_about_one(bot, server, wang, assistant):
    products = ("安康重疾险", "福寿终身寿险")
    assistant.reply = lambda q: answer_to(q, choices=products, standalone="等待期多久？") if "，" not in q else answer_to(q)
    await wang.send("等待期多久？")
    offer = await wang.hear()
    assert labels(offer) == [*products, "📄 查看来源", "👍", "👎"]
    assert (await wang.press(offer, products[1]))["answer"]["text"] == "按“福寿终身寿险”回答"
    answer = await wang.hear()
    assert answer["reply_to_message"]["message_id"] == offer["message_id"]
    assert [question for question, _ in assistant.asked] == ["等待期多久？", "福寿终身寿险，等待期多久？"]
    await wang.press(offer, products[1])  # a second press of the same button asks nothing
    await wang.press(offer, products[0])
    await wang.hear()
    assert [question for question, _ in assistant.asked][2:] == ["安康重疾险，等待期多久？"]
    await wang.press(offer, "👍")  # the choice stays when the thumb is ticked
    await server.state.until(lambda: "👍 ✓" in labels(offer), what="the tick")
    assert labels(offer)[:2] == list(products)


async def test_refusal_names_the_nearest_documents(bot, wang, assistant):
    assistant.reply = lambda q: answer_to(q, "文件里没有说明这一点。", refused=True, citations=(WAITING,))
    await wang.send("明天会涨吗？")
    message = await wang.hear()
    assert "最接近的文件：" in message["text"] and labels(message)[0] == "📄 看最接近的内容"


async def test_history_goes_to_the_assistant_and_new_forgets(bot, wang, assistant):
    await wang.send("等待期多久？")
    await wang.hear()
    await wang.send("那退多少？")
    await wang.hear()
    assert [(t.role, t.content[:5]) for t in assistant.asked[1][1]] == [("user", "等待期多久"), ("assistant", "等待期为*")]
    await wang.send("/new")
    assert "忘掉" in (await wang.hear())["text"]
    await wang.send("信用卡年费？")
    await wang.hear()
    assert assistant.asked[2][1] == ()
