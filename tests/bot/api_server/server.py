"""The HTTP side: paths, tokens, form fields, long polling, webhooks, floods, downloads."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import Any

from aiohttp import ClientSession, web

from api_server.errors import OTHER_POLLER, WEBHOOK_ACTIVE, ApiError, too_many
from api_server.methods import METHODS, _allow
from api_server.state import Flood, State


class BotApiServer:
    """`async with BotApiServer() as server:` listens on a free loopback port; `server.base_url` goes to the bot.

    `stop()` and `start()` again keep port and state: a network that goes and comes back.
    """

    def __init__(self, token: str = "424242:TEST-token_abcdefghijklmnopqrstuvwxyz"):
        self.state = State(token)
        self.port = 0
        self._runner: web.AppRunner | None = None
        self._poll: asyncio.Event | None = None
        self._webhooks: asyncio.Task | None = None

    @property
    def token(self) -> str:
        return self.state.token

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/bot"

    async def start(self) -> None:
        app = web.Application(client_max_size=60 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._method)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]
        self._webhooks = asyncio.create_task(self._deliver())

    async def stop(self) -> None:
        if self._webhooks:
            self._webhooks.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._webhooks
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> BotApiServer:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # what a test may stage

    def flood(self, chat_id: int | None, retry_after: int, times: int = 1, method: str | None = None) -> None:
        """The next `times` requests for the chat, and all in the `retry_after` seconds after the first, get 429."""
        self.state.floods[chat_id].append(Flood(retry_after, times, method))

    def forget_method(self, method: str) -> None:
        """Behave as an older Bot API server that does not know the method."""
        self.state.unknown_methods.add(method.lower())

    def break_method(self, method: str, times: int = 1) -> None:
        """The next `times` calls get 502 with a page that is not JSON."""
        self.state.broken[method.lower()] = times

    # requests

    async def _method(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        try:
            if ":" not in request.match_info["token"]:
                raise ApiError(404, "Not Found")
            if request.match_info["token"] != self.state.token:
                raise ApiError(401, "Unauthorized")
            data = await _fields(request)
            self.state.calls.append((time.monotonic(), method, data))
            await self.state.touch()
            if self.state.broken.get(method.lower(), 0) > 0:
                self.state.broken[method.lower()] -= 1
                return web.Response(status=502, text="<html>502 Bad Gateway</html>", content_type="text/html")
            if method.lower() in self.state.unknown_methods:
                raise ApiError(404, "Not Found: method not found")
            self._check_flood(method, data)
            if method.lower() == "getupdates":
                result: Any = await self._get_updates(data)
            elif method.lower() in METHODS:
                result = await METHODS[method.lower()](self.state, data)
            else:
                raise ApiError(404, "Not Found: method not found")
        except ApiError as error:
            return web.json_response(error.to_json(), status=error.code)
        return web.json_response({"ok": True, "result": result})

    def _check_flood(self, method: str, data: dict[str, Any]) -> None:
        chat_id = int(data["chat_id"]) if data.get("chat_id") else None
        now = time.monotonic()
        for flood in list(self.state.floods.get(chat_id, [])):
            if flood.method and flood.method.lower() != method.lower():
                continue
            if flood.until and now >= flood.until and flood.times <= 0:
                self.state.floods[chat_id].remove(flood)
                continue
            if flood.times > 0 or now < flood.until:
                flood.times -= 1
                flood.until = flood.until or now + flood.retry_after
                raise too_many(max(1, round(flood.until - now)) if flood.times < 0 else flood.retry_after)

    async def _get_updates(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        state = self.state
        if state.webhook:
            raise ApiError(409, WEBHOOK_ACTIVE)
        if self._poll is not None:
            self._poll.set()  # the newer request wins, as at Telegram
            await state.touch()
        mine = self._poll = asyncio.Event()
        _allow(state, data)
        offset = int(data.get("offset") or 0)
        if offset > 0:
            state.updates[:] = [u for u in state.updates if u["update_id"] >= offset]
        elif offset < 0:
            state.updates[:] = state.updates[offset:]
        limit = min(100, max(1, int(data.get("limit") or 100)))
        deadline = time.monotonic() + min(50, int(data.get("timeout") or 0))
        try:
            while not state.updates and not mine.is_set() and time.monotonic() < deadline:
                async with state.changed:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(state.changed.wait(), max(0, deadline - time.monotonic()))
            if mine.is_set():
                raise ApiError(409, OTHER_POLLER)
            return state.updates[:limit]
        finally:
            if self._poll is mine:
                self._poll = None

    async def _download(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != self.state.token:
            return web.json_response(ApiError(401, "Unauthorized").to_json(), status=401)
        for file in self.state.files.values():
            if file["file_path"] == request.match_info["path"]:
                return web.Response(body=file["data"], content_type="application/octet-stream")
        return web.json_response(ApiError(404, "Not Found").to_json(), status=404)

    async def _deliver(self) -> None:
        """Post waiting updates to the webhook, one by one; what is not answered with 2xx is tried again."""
        async with ClientSession() as session:
            while True:
                async with self.state.changed:
                    await self.state.changed.wait_for(lambda: self.state.webhook and self.state.updates)
                hook, update = self.state.webhook, self.state.updates[0]
                headers = {"X-Telegram-Bot-Api-Secret-Token": hook["secret"]} if hook["secret"] else {}
                try:
                    async with session.post(hook["url"], json=update, headers=headers) as response:
                        if response.ok:
                            self.state.updates.remove(update)
                            await self.state.touch()
                            continue
                except OSError:
                    pass
                await asyncio.sleep(0.1)


async def _fields(request: web.Request) -> dict[str, Any]:
    """Query string, form, multipart or JSON body, as documented; JSON inside form fields is decoded."""
    data: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        data.update(await request.json())
        return data
    data.update(await request.post())
    for key, value in data.items():
        if isinstance(value, str) and key != "text" and value[:1] in "[{":
            with contextlib.suppress(ValueError):
                data[key] = json.loads(value)
        elif value in ("true", "True", "false", "False"):
            data[key] = value.lower() == "true"
    return data
