"""The door: every request of the console, pages, files and sockets alike, passes here before Streamlit sees it.

Without a session nothing but the login form answers. The session is a cookie no script can read (HttpOnly), which no
other site can send (SameSite=Strict). Responses carry a policy that keeps the browser from loading anything from
elsewhere, whatever a document holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.accounts import Accounts

OPEN_PATHS = frozenset({"/login", "/setup", "/logout", "/healthz"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

_POLICY = "; ".join((
    "default-src 'self'",
    # Streamlit's bundle compiles small functions and styles itself at run time
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
))
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


class Gate:
    """ASGI middleware. `hosts` are the names the console may be reached by; empty: any (not on loopback only)."""

    def __init__(self, app: ASGIApp, accounts: Accounts, cookie: str, hosts: Iterable[str] = LOOPBACK) -> None:
        self._app = app
        self._accounts = accounts
        self._cookie = cookie
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        socket = scope["type"] == "websocket"
        method = "CONNECT" if socket else scope["method"]
        if not self._known_host(headers.get("host", "")) or not self._own_page(headers, method):
            await self._refuse(scope, receive, send, 403)
        elif (not socket and scope["path"] in OPEN_PATHS) or self._accounts.session(token_of(headers, self._cookie)):
            await self._app(scope, receive, _with_headers(send))
        elif not socket and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            await RedirectResponse("/login", status_code=303)(scope, receive, _with_headers(send))
        else:
            await self._refuse(scope, receive, send, 401)

    def _known_host(self, host: str) -> bool:
        # a name that merely resolves to loopback (DNS rebinding) is not the console's
        return not self._hosts or urlsplit(f"//{host}").hostname in self._hosts

    @staticmethod
    def _own_page(headers: Headers, method: str) -> bool:
        """Whether a request that changes something, or a socket, comes from the console's own page."""
        if method in ("GET", "HEAD", "OPTIONS"):
            return True
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return False
        origin = headers.get("origin")
        return origin is None or urlsplit(origin).netloc == headers.get("host", "")

    @staticmethod
    async def _refuse(scope: Scope, receive: Receive, send: Send, status: int) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await PlainTextResponse("请先登录 /login" if status == 401 else "拒绝访问", status)(
            scope, receive, _with_headers(send))


def token_of(headers: Headers, cookie: str) -> str:
    """The session token a request brings, or ""."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(cookie)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
        await send(message)

    return wrapped
