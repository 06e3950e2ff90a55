"""The Bot API methods. Each takes the state and the request's fields (JSON already decoded) and returns `result`."""

from __future__ import annotations

import re
import time
from typing import Any

from api_server.errors import NOT_MODIFIED, QUERY_TOO_OLD, ApiError, too_many
from api_server.state import State

ACTIONS = {"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
           "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note"}
GROUP_MESSAGES_A_MINUTE = 20
Data = dict[str, Any]


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _chat(state: State, data: Data) -> int:
    """The chat a method is for, once it is clear that the bot may write there."""
    try:
        chat_id = int(data["chat_id"])
    except (KeyError, ValueError):
        raise ApiError(400, "Bad Request: chat_id is empty" if "chat_id" not in data else
                       "Bad Request: chat not found") from None
    if chat_id not in state.chats:
        raise ApiError(400, "Bad Request: chat not found")
    if chat_id in state.blocked:
        private = state.chats[chat_id]["type"] == "private"
        raise ApiError(403, "Forbidden: bot was blocked by the user" if private else
                       "Forbidden: bot was kicked from the group chat")
    if chat_id > 0 and chat_id not in state.started:
        raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
    return chat_id


def _group_limit(state: State, chat_id: int) -> None:
    if not state.enforce_group_limit or chat_id > 0:
        return
    now = time.monotonic()
    recent = [at for at in state.group_sent[chat_id] if now - at < 60]
    if len(recent) >= GROUP_MESSAGES_A_MINUTE:
        raise too_many(max(1, int(61 - (now - recent[0]))))
    state.group_sent[chat_id] = [*recent, now]


def _text(data: Data, *, may_be_empty: bool = False) -> tuple[str, list[Data]]:
    """The text as Telegram keeps it: outer white space gone, entities moved with it and clipped to it."""
    if data.get("parse_mode"):
        raise ApiError(400, "Bad Request: unsupported parse_mode")
    raw = str(data.get("text") or "")
    text = raw.strip()
    if not text and not may_be_empty:
        raise ApiError(400, "Bad Request: message text is empty")
    if utf16(text) > 4096:
        raise ApiError(400, "Bad Request: message is too long")
    shift, end, kept = utf16(raw[: len(raw) - len(raw.lstrip())]), utf16(text), []
    for entity in data.get("entities") or []:
        if "type" not in entity or entity.get("length", 0) < 1 or entity.get("offset", -1) < 0:
            raise ApiError(400, "Bad Request: can't parse entities: incorrect entity")
        start = max(0, entity["offset"] - shift)
        stop = min(end, entity["offset"] - shift + entity["length"])
        if stop > start:
            kept.append({**entity, "offset": start, "length": stop - start})
    return text, kept[:100]


def _markup(data: Data) -> Data | None:
    markup = data.get("reply_markup")
    if not markup or not markup.get("inline_keyboard"):
        return None
    for row in markup["inline_keyboard"]:
        for button in row:
            if not button.get("text"):
                raise ApiError(400, "Bad Request: can't parse inline keyboard button: Text must be non-empty")
            if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
                raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
    return markup


async def get_me(state: State, data: Data) -> Data:
    return state.me


async def send_message(state: State, data: Data) -> Data:
    chat_id = _chat(state, data)
    text, entities = _text(data)
    content: Data = {"text": text}
    if entities:
        content["entities"] = entities
    if markup := _markup(data):
        content["reply_markup"] = markup
    reply = data.get("reply_parameters")
    if reply:
        original = state.messages.get((chat_id, int(reply["message_id"])))
        if original is None and not reply.get("allow_sending_without_reply"):
            raise ApiError(400, "Bad Request: message to be replied not found")
        if original is not None:
            content["reply_to_message"] = {k: v for k, v in original.items() if k != "reply_to_message"}
    _group_limit(state, chat_id)
    return await state.add_message(chat_id, state.me, **content)


async def send_message_draft(state: State, data: Data) -> bool:
    chat_id = _chat(state, data)
    if chat_id < 0:
        raise ApiError(400, "Bad Request: TEXTDRAFT_PEER_INVALID")
    if not int(data.get("draft_id") or 0):
        raise ApiError(400, "Bad Request: RANDOM_ID_INVALID")
    text, entities = _text(data, may_be_empty=True)
    state.drafts[chat_id].append({"draft_id": int(data["draft_id"]), "text": text, "entities": entities})
    await state.touch()
    return True


def _own(state: State, data: Data, deed: str) -> Data:
    message = state.messages.get((_chat(state, data), int(data.get("message_id") or 0)))
    if message is None:
        raise ApiError(400, f"Bad Request: message to {deed} not found")
    if message["from"]["id"] != state.bot_id:
        raise ApiError(400, f"Bad Request: message can't be {'deleted' if deed == 'delete' else 'edited'}")
    return message


async def _replace(state: State, message: Data, changes: Data) -> Data:
    """Apply an edit; a key set to None goes away. Telegram refuses one that changes nothing."""
    if all(message.get(key) == value for key, value in changes.items()):
        raise ApiError(400, NOT_MODIFIED)
    _group_limit(state, message["chat"]["id"])
    for key, value in changes.items():
        if value is None:
            message.pop(key, None)
        else:
            message[key] = value
    message["edit_date"] = int(time.time())
    await state.touch()
    return message


async def edit_message_text(state: State, data: Data) -> Data:
    message = _own(state, data, "edit")
    text, entities = _text(data)
    return await _replace(state, message, {"text": text, "entities": entities or None, "reply_markup": _markup(data)})


async def edit_message_reply_markup(state: State, data: Data) -> Data:
    return await _replace(state, _own(state, data, "edit"), {"reply_markup": _markup(data)})


async def delete_message(state: State, data: Data) -> bool:
    message = _own(state, data, "delete")
    del state.messages[message["chat"]["id"], message["message_id"]]
    await state.touch()
    return True


async def send_chat_action(state: State, data: Data) -> bool:
    chat_id = _chat(state, data)
    if data.get("action") not in ACTIONS:
        raise ApiError(400, "Bad Request: wrong parameter action in request")
    state.actions.append((time.monotonic(), chat_id, data["action"]))
    await state.touch()
    return True


async def answer_callback_query(state: State, data: Data) -> bool:
    query = state.queries.get(str(data.get("callback_query_id")))
    if query is None or query.get("answer") is not None or query.get("expired"):
        raise ApiError(400, QUERY_TOO_OLD)
    if len(str(data.get("text") or "")) > 200:
        raise ApiError(400, "Bad Request: MESSAGE_TOO_LONG")
    query["answer"] = {"text": data.get("text") or "", "show_alert": bool(data.get("show_alert"))}
    await state.touch()
    return True


async def set_my_commands(state: State, data: Data) -> bool:
    for command in data["commands"]:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            raise ApiError(400, "Bad Request: BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise ApiError(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
    state.commands[data.get("language_code") or ""] = data["commands"]
    return True


async def get_my_commands(state: State, data: Data) -> list[Data]:
    return state.commands.get(data.get("language_code") or "", [])


async def set_webhook(state: State, data: Data) -> bool:
    if not data.get("url"):
        return await delete_webhook(state, data)
    secret = data.get("secret_token") or ""
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise ApiError(400, "Bad Request: secret token contains unallowed characters")
    state.webhook = {"url": data["url"], "secret": secret}
    _allow(state, data)
    if data.get("drop_pending_updates"):
        state.updates.clear()
    await state.touch()
    return True


async def delete_webhook(state: State, data: Data) -> bool:
    state.webhook = {}
    if data.get("drop_pending_updates"):
        state.updates.clear()
    await state.touch()
    return True


async def get_webhook_info(state: State, data: Data) -> Data:
    return {"url": state.webhook.get("url", ""), "has_custom_certificate": False,
            "pending_update_count": len(state.updates)}


async def get_file(state: State, data: Data) -> Data:
    file = state.files.get(str(data.get("file_id")))
    if file is None:
        raise ApiError(400, "Bad Request: invalid file_id")
    if file["file_size"] > 20 * 1024 * 1024:
        raise ApiError(400, "Bad Request: file is too big")
    return {k: file[k] for k in ("file_id", "file_unique_id", "file_size", "file_path")}


def _allow(state: State, data: Data) -> None:
    """`allowed_updates` sticks until it is given again; an empty list means the default."""
    if data.get("allowed_updates") is not None:
        state.allowed = set(data["allowed_updates"]) or None


METHODS = {
    "getme": get_me, "sendmessage": send_message, "sendmessagedraft": send_message_draft,
    "editmessagetext": edit_message_text, "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message, "sendchataction": send_chat_action,
    "answercallbackquery": answer_callback_query, "setmycommands": set_my_commands,
    "getmycommands": get_my_commands, "setwebhook": set_webhook, "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info, "getfile": get_file,
}
