"""The Bot API server of these tests behaves as Telegram documents it, seen through python-telegram-bot unmodified."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import ClientSession, web
from api_server import BotApiServer, Group, Person
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter


def bot_for(server: BotApiServer, token: str | None = None) -> Bot:
    return Bot(token or server.token, base_url=server.base_url, base_file_url=server.base_url[:-3] + "file/bot")


@pytest.fixture
async def api(server):
    async with bot_for(server) as bot:
        yield bot


async def test_tokens(server):
    with pytest.raises(InvalidToken, match="rejected"):
        await bot_for(server, "424242:another").initialize()
    async with ClientSession() as session:
        for token, status, words in (("424242:another", 401, "Unauthorized"), ("nonsense", 404, "Not Found")):
            async with session.get(f"{server.base_url}{token}/getMe") as response:
                assert (response.status, (await response.json())["description"]) == (status, words)


async def test_json_query_and_form_requests(server):
    async with ClientSession() as session:
        async with session.get(f"{server.base_url}{server.token}/GETME") as response:
            assert (await response.json())["result"]["is_bot"] is True
        Person(server, 5)
        async with session.post(f"{server.base_url}{server.token}/sendMessage", json={"chat_id": 5, "text": "[1]"}) as r:
            assert (await r.json())["result"]["text"] == "[1]"
        async with session.post(f"{server.base_url}{server.token}/sendMessage", data={"chat_id": 5, "text": "[1]"}) as r:
            assert (await r.json())["result"]["text"] == "[1]"


async def test_long_polling_confirms_by_offset_and_keeps_the_rest(server, api):
    person = Person(server, 5)
    for text in "甲乙丙":
        await person.send(text)
    first = await api.get_updates(timeout=0)
    again = await api.get_updates(timeout=0)
    assert [u.message.text for u in first] == [u.message.text for u in again] == ["甲", "乙", "丙"]
    rest = await api.get_updates(offset=first[1].update_id + 1, timeout=0)
    assert [u.message.text for u in rest] == ["丙"]
    assert [u.message.text for u in await api.get_updates(offset=-1, timeout=0)] == ["丙"]
    assert await api.get_updates(offset=rest[0].update_id + 1, timeout=0) == ()


async def test_long_polling_waits_and_wakes(server, api):
    waiting = asyncio.create_task(api.get_updates(timeout=5))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await Person(server, 5).send("在吗")
    assert (await asyncio.wait_for(waiting, 1))[0].message.text == "在吗"


async def test_allowed_updates_stick(server, api):
    person = Person(server, 5)
    await api.get_updates(timeout=0, allowed_updates=["callback_query"])
    await person.send("听不见")
    assert await api.get_updates(timeout=0) == ()


async def test_second_poller_ends_the_first(server, api):
    first = asyncio.create_task(api.get_updates(timeout=5))
    await asyncio.sleep(0.1)
    async with bot_for(server) as other:
        assert await other.get_updates(timeout=0) == ()
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await asyncio.wait_for(first, 1)


async def test_text_limits_count_utf16(server, api):
    Person(server, 5)
    assert (await api.send_message(5, "😀" * 2048)).text == "😀" * 2048
    with pytest.raises(BadRequest, match="Message is too long"):
        await api.send_message(5, "😀" * 2049)
    with pytest.raises(BadRequest, match="Message text is empty"):
        await api.send_message(5, " \n ")


async def test_outer_white_space_goes_and_entities_follow(server, api):
    Person(server, 5)
    sent = await api.send_message(5, "\n 😀粗 ", entities=[MessageEntity("bold", 4, 9)])
    assert sent.text == "😀粗" and sent.parse_entities() == {sent.entities[0]: "粗"}


async def test_edits(server, api):
    Person(server, 5)
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("好", callback_data="x")]])
    sent = await api.send_message(5, "一", reply_markup=keyboard)
    with pytest.raises(BadRequest, match="not modified"):
        await api.edit_message_text("一", 5, sent.message_id, reply_markup=keyboard)
    edited = await api.edit_message_text("二", 5, sent.message_id)
    assert edited.text == "二" and edited.reply_markup is None
    with pytest.raises(BadRequest, match="to edit not found"):
        await api.edit_message_text("三", 5, 999)
    theirs = await Person(server, 5).send("我的")
    with pytest.raises(BadRequest, match="can't be edited"):
        await api.edit_message_text("三", 5, theirs["message_id"])
    with pytest.raises(BadRequest, match="Button_data_invalid"):
        await api.edit_message_reply_markup(5, sent.message_id, reply_markup=InlineKeyboardMarkup(
            [[InlineKeyboardButton("长", callback_data="x" * 65)]]))


async def test_drafts_only_in_private_chats(server, api):
    Person(server, 5), Group(server, -7)
    assert await api.send_message_draft(5, 1, "正在")
    assert await api.send_message_draft(5, 1, "")
    with pytest.raises(BadRequest, match="Textdraft_peer_invalid"):
        await api.send_message_draft(-7, 1, "正在")
    with pytest.raises(BadRequest):
        await api.send_message_draft(5, 0, "正在")


async def test_a_press_is_answered_once(server, api):
    person = Person(server, 5)
    await api.send_message(5, "选", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("好", callback_data="x")]]))
    query = await person.press_only(person.said()[0], "好")
    (update,) = await api.get_updates(timeout=0)
    assert update.callback_query.data == "x" and update.callback_query.message.text == "选"
    assert await update.callback_query.answer("收到")
    assert query["answer"] == {"text": "收到", "show_alert": False}
    with pytest.raises(BadRequest, match="Query is too old"):
        await update.callback_query.answer("又来")


async def test_who_may_be_written_to(server, api):
    person = Person(server, 5)
    Person(server, 6, started=False)
    await person.block()
    with pytest.raises(Forbidden, match="blocked by the user"):
        await api.send_message(5, "喂")
    with pytest.raises(Forbidden, match="can't initiate"):
        await api.send_message(6, "喂")
    with pytest.raises(BadRequest, match="Chat not found"):
        await api.send_message(7, "喂")
    with pytest.raises(BadRequest, match="Wrong parameter action"):
        await api.send_chat_action(Person(server, 8).id, "dancing")


async def test_floods_name_the_seconds(server, api):
    Person(server, 5), Person(server, 6)
    server.flood(5, retry_after=1)
    with pytest.raises(RetryAfter) as flood:
        await api.send_message(5, "喂")
    assert "Retry in 1 seconds" in str(flood.value)
    assert await api.send_message(6, "喂")
    with pytest.raises(RetryAfter):
        await api.send_message(5, "还没到时候")
    await asyncio.sleep(1.05)
    assert await api.send_message(5, "喂")


async def test_group_limit_of_twenty_a_minute(server, api):
    group = Group(server, -7)
    server.state.enforce_group_limit = True
    for number in range(20):
        await api.send_message(group.id, str(number))
    with pytest.raises(RetryAfter):
        await api.send_message(group.id, "太多")


async def test_unknown_methods_and_bad_gateways(server, api):
    Person(server, 5)
    server.forget_method("sendMessageDraft")
    with pytest.raises(InvalidToken, match=r"[Mm]ethod not found"):
        await api.send_message_draft(5, 1, "正在")
    server.break_method("sendMessage")
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await api.send_message(5, "喂")
    assert await api.send_message(5, "喂")


async def test_documents_are_fetched_by_get_file(server, api):
    await Person(server, 5).send_document("条款.txt", "第一条".encode(), caption="看看")
    (update,) = await api.get_updates(timeout=0)
    file = await update.message.document.get_file()
    assert bytes(await file.download_as_bytearray()).decode() == "第一条"
    with pytest.raises(BadRequest, match="Invalid file_id"):
        await api.get_file("nothing")
    await Person(server, 5).send_document("大.bin", b"")
    server.state.files["file-2"]["file_size"] = 21 * 1024 * 1024
    with pytest.raises(BadRequest, match="File is too big"):
        await api.get_file("file-2")


async def test_webhook_gets_updates_with_the_secret(server, api):
    got: list[tuple[str, str]] = []

    async def hook(request: web.Request) -> web.Response:
        got.append((request.headers["X-Telegram-Bot-Api-Secret-Token"], (await request.json())["message"]["text"]))
        return web.Response(status=500 if len(got) == 1 else 200)

    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    try:
        await api.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token="s3cret")
        with pytest.raises(Conflict, match="webhook is active"):
            await api.get_updates(timeout=0)
        await Person(server, 5).send("喂")
        await server.state.until(lambda: not server.state.updates, what="delivery")
        assert got == [("s3cret", "喂")] * 2  # refused once, delivered again
        await api.delete_webhook()
        assert (await api.get_webhook_info()).url == ""
        assert await api.get_updates(timeout=0) == ()
    finally:
        await runner.cleanup()


async def test_menus_by_language(server, api):
    await api.set_my_commands([("start", "开始")])
    await api.set_my_commands([("start", "Start")], language_code="en")
    assert (await api.get_my_commands())[0].description == "开始"
    assert (await api.get_my_commands(language_code="en"))[0].description == "Start"
    with pytest.raises(BadRequest):
        await api.set_my_commands([("Wrong", "x")])
