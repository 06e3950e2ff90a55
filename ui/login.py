"""The login form, the form for the first account, and the way out: plain HTML, no script, no model behind it."""

from __future__ import annotations

import logging
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from ui.accounts import LIFETIME_S, Accounts, LoginError, TooManyTriesError, WeakPasswordError
from ui.gate import token_of
from ui.markup import plain
from ui.style import ICON_ADDRESS
from ui.texts import Texts

logger = logging.getLogger(__name__)

_LARGEST_FORM = 8192

_STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #f3f6fa; color: #1b2733;
  font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
main { width: min(92vw, 400px); background: #fff; border: 1px solid #dde4ec; border-radius: 14px; padding: 34px 34px 28px;
  box-shadow: 0 10px 30px rgba(20, 50, 90, .07); }
h1 { font-size: 21px; margin: 0 0 2px; letter-spacing: .01em; }
.sub { margin: 0 0 20px; color: #5a6b7d; font-size: 14px; }
label { display: block; font-size: 14px; font-weight: 600; margin: 14px 0 4px; }
input { width: 100%; padding: 10px 12px; font: inherit; border: 1px solid #c3ceda; border-radius: 8px; background: #fff; }
input:focus { outline: 2px solid #1f5fa8; outline-offset: 0; border-color: #1f5fa8; }
button { width: 100%; margin-top: 22px; padding: 11px; font: inherit; font-weight: 600; color: #fff; background: #1f5fa8;
  border: 0; border-radius: 8px; cursor: pointer; }
button:hover { background: #184d89; }
.error { margin: 0 0 8px; padding: 9px 12px; border-radius: 8px; background: #fdecea; color: #96231a; font-size: 14px; }
.hint { margin: 16px 0 0; color: #5a6b7d; font-size: 13px; }
input.code { font-family: ui-monospace, monospace; letter-spacing: .08em; text-transform: uppercase; }
"""


class LoginPages:
    """`routes` for the ASGI app. `cookie` is the session cookie's name; `secure` marks it for https only."""

    def __init__(self, accounts: Accounts, texts: Texts, cookie: str) -> None:
        self._accounts = accounts
        self._t = texts
        self._cookie = cookie
        self.routes = [
            Route("/login", self._login, methods=["GET", "POST"]),
            Route("/setup", self._setup, methods=["GET", "POST"]),
            Route("/logout", self._logout, methods=["GET", "POST"]),
            Route("/healthz", self._health, methods=["GET"]),
        ]

    async def _login(self, request: Request) -> Response:
        if not await run_in_threadpool(self._accounts.exist):
            return RedirectResponse("/setup", 303)
        if request.method == "GET":
            if self._accounts.session(token_of(request.headers, self._cookie)):
                return RedirectResponse("/", 303)
            return self._page(self._login_form())
        form = await _form(request)
        name = form.get("name", "")
        try:
            # argon2 takes its time on purpose: not on the event loop
            return await run_in_threadpool(self._enter, self._accounts.check, name, form.get("password", ""))
        except LoginError as error:
            logger.warning("login refused: %s", error)
            return self._page(self._login_form(name, str(error)), _status(error))

    async def _setup(self, request: Request) -> Response:
        if await run_in_threadpool(self._accounts.exist):
            return RedirectResponse("/login", 303)
        if request.method == "GET":
            return self._page(self._setup_form())
        form = await _form(request)
        name, password = form.get("name", ""), form.get("password", "")
        if password != form.get("again", ""):
            return self._page(self._setup_form(name, self._t("passwords_differ")), 400)
        try:
            return await run_in_threadpool(
                self._enter, self._accounts.create_first, form.get("code", ""), name, password)
        except (LoginError, WeakPasswordError) as error:
            logger.warning("first account refused: %s", error)
            return self._page(self._setup_form(name, str(error)), _status(error))

    async def _logout(self, request: Request) -> Response:
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return RedirectResponse("/", 303)  # a link elsewhere must not log anybody out
        await run_in_threadpool(self._accounts.close_session, token_of(request.headers, self._cookie))
        response = RedirectResponse("/login", 303)
        response.delete_cookie(self._cookie, path="/", httponly=True, samesite="strict")
        return response

    async def _health(self, request: Request) -> Response:
        return PlainTextResponse("ok")

    def _enter(self, admit, *credentials: str) -> Response:
        name = admit(*credentials)
        response = RedirectResponse("/", 303)
        response.set_cookie(self._cookie, self._accounts.open_session(name), max_age=LIFETIME_S, path="/",
                            httponly=True, samesite="strict")
        logger.info("login: %s", name)
        return response

    def _page(self, body: str, status: int = 200) -> HTMLResponse:
        t = self._t
        page = (f'<!doctype html><html lang="{t.html_lang}"><head><meta charset="utf-8">'
                '<meta name="viewport" content="width=device-width, initial-scale=1">'
                f'<link rel="icon" href="{ICON_ADDRESS}">'
                f"<title>{plain(t('product'))}</title><style>{_STYLE}</style></head>"
                f"<body><main>{body}</main></body></html>")
        return HTMLResponse(page, status, headers={"Cache-Control": "no-store"})

    def _login_form(self, name: str = "", error: str = "") -> str:
        t = self._t
        return (f"<h1>{plain(t('product'))}</h1><p class=sub>{plain(t('login_sub'))}</p>{_error(error)}"
                '<form method="post" action="/login">'
                f'<label for="name">{plain(t("account"))}</label>'
                f'<input id="name" name="name" autocomplete="username" required maxlength="40" value="{plain(name)}"'
                f'{"" if name else " autofocus"}>'
                f'<label for="password">{plain(t("password"))}</label>'
                '<input id="password" name="password" type="password" autocomplete="current-password" required '
                f'maxlength="256"{" autofocus" if name else ""}>'
                f'<button type="submit">{plain(t("login"))}</button></form>'
                f'<p class="hint">{plain(t("forgot_password"))}</p>')

    def _setup_form(self, name: str = "", error: str = "") -> str:
        t = self._t
        return (f"<h1>{plain(t('setup_title'))}</h1><p class=sub>{plain(t('setup_sub'))}</p>{_error(error)}"
                '<form method="post" action="/setup">'
                f'<label for="code">{plain(t("code"))}</label>'
                '<input id="code" name="code" class="code" autocomplete="one-time-code" required maxlength="40" '
                'placeholder="XXXX-XXXX-XXXX" autofocus>'
                f'<label for="name">{plain(t("account"))}</label>'
                f'<input id="name" name="name" autocomplete="username" required maxlength="40" value="{plain(name)}">'
                f'<label for="password">{plain(t("new_password"))}</label>'
                '<input id="password" name="password" type="password" autocomplete="new-password" required '
                'minlength="10" maxlength="256">'
                f'<label for="again">{plain(t("password_again"))}</label>'
                '<input id="again" name="again" type="password" autocomplete="new-password" required maxlength="256">'
                f'<button type="submit">{plain(t("create_account"))}</button></form>')


def _error(line: str) -> str:
    return f'<p class="error" role="alert">{plain(line)}</p>' if line else ""


def _status(error: Exception) -> int:
    return 429 if isinstance(error, TooManyTriesError) else 401 if isinstance(error, LoginError) else 400


async def _form(request: Request) -> dict[str, str]:
    """The fields of a small url-encoded form; anything larger is cut off and so refused."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LARGEST_FORM:
            return {}
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}
