"""The console's door, over a small app that stands for Streamlit. Run: pytest tests/ui/test_console_gate.py"""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from ui.accounts import FREE_TRIES, Accounts
from ui.gate import Gate
from ui.login import LoginPages
from ui.texts import Texts

PASSWORD = "长江 correct horse 9"
COOKIE = "odfin_console_8501"
BASE, SOCKETS = "http://127.0.0.1:8501", "ws://127.0.0.1:8501"


@pytest.fixture
def accounts(tmp_path) -> Accounts:
    return Accounts(tmp_path / "console.db", hasher=PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def client(accounts) -> TestClient:
    async def inside(request):
        return PlainTextResponse("inside")

    async def stream(websocket):
        await websocket.accept()
        await websocket.send_text("inside")
        await websocket.close()

    pages = LoginPages(accounts, Texts("zh"), COOKIE)
    app = Starlette(
        routes=[*pages.routes, WebSocketRoute("/_stcore/stream", stream),
                Route("/{path:path}", inside, methods=["GET", "PUT", "POST"])],
        middleware=[Middleware(Gate, accounts=accounts, cookie=COOKIE)])
    return TestClient(app, base_url=BASE, follow_redirects=False)


@pytest.fixture
def admin(client, accounts) -> TestClient:
    """A client that has made the first account and is logged in."""
    answer = client.post("/setup", data={"code": accounts.issue_code(), "name": "admin", "password": PASSWORD,
                                         "again": PASSWORD})
    assert answer.status_code == 303 and answer.headers["location"] == "/"
    return client


@pytest.mark.parametrize("path", ["/", "/knowledge", "/static/js/index.js", "/media/x.png", "/_stcore/health",
                                  "/_stcore/host-config", "/login/..", "/loginx", "//login", "/healthz/"])
def test_nothing_but_the_form_answers_a_stranger(client, path):
    page = client.get(path, headers={"accept": "text/html"})
    assert page.status_code == 303 and page.headers["location"] == "/login"
    assert client.get(path, headers={"accept": "*/*"}).status_code == 401
    assert client.put(path).status_code == 401
    assert "inside" not in page.text


def test_a_stranger_gets_no_socket(client):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(f"{SOCKETS}/_stcore/stream"):
        pass
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(f"{SOCKETS}/login"):
        pass


def test_the_first_visit_leads_to_the_setup_form(client):
    assert client.get("/login").headers["location"] == "/setup"
    form = client.get("/setup")
    assert form.status_code == 200 and 'name="code"' in form.text and form.headers["cache-control"] == "no-store"


def test_setup_logs_in_and_is_closed_afterwards(admin):
    assert admin.get("/").text == "inside"
    assert admin.get("/setup").headers["location"] == "/login"
    assert admin.get("/login").headers["location"] == "/"
    with admin.websocket_connect(f"{SOCKETS}/_stcore/stream") as socket:
        assert socket.receive_text() == "inside"


@pytest.mark.parametrize("change, status, said", [
    ({"code": "AAAA-BBBB-CCCC"}, 401, "一次性码"),
    ({"again": "something else"}, 400, "两次输入的密码不同"),
    ({"password": "short", "again": "short"}, 400, "至少 10"),
    ({"name": "a b"}, 400, "账号名"),
])
def test_a_wrong_setup_says_what_is_wrong(client, accounts, change, status, said):
    fields = {"code": accounts.issue_code(), "name": "admin", "password": PASSWORD, "again": PASSWORD} | change
    answer = client.post("/setup", data=fields)
    assert answer.status_code == status and said in answer.text and "set-cookie" not in answer.headers
    assert not accounts.exist()


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client, accounts):
    answer = client.post("/setup", data={"code": accounts.issue_code(), "name": "admin", "password": PASSWORD,
                                         "again": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "path=/" in cookie and "domain" not in cookie


def test_wrong_passwords_are_refused_then_delayed(admin):
    admin.cookies.clear()
    for _ in range(FREE_TRIES):
        answer = admin.post("/login", data={"name": "admin", "password": "wrong password"})
        assert answer.status_code == 401 and "账号或密码不对" in answer.text
    answer = admin.post("/login", data={"name": "admin", "password": PASSWORD})
    assert answer.status_code == 429 and "秒后再试" in answer.text and "set-cookie" not in answer.headers


def test_a_name_is_shown_again_but_never_as_html(admin):
    admin.cookies.clear()
    answer = admin.post("/login", data={"name": '"><script>x</script>', "password": "wrong password"})
    assert "<script>" not in answer.text and "&lt;script&gt;" in answer.text


def test_logout_ends_the_session_for_good(admin):
    token = admin.cookies[COOKIE]
    assert admin.get("/logout").headers["location"] == "/login"
    assert admin.get("/", headers={"cookie": f"{COOKIE}={token}"}).status_code == 401


def test_another_site_can_neither_log_out_nor_post_nor_connect(admin):
    # the browser would not even send the cookie; were it sent, these would be refused all the same
    evil = {"origin": "http://evil.example", "cookie": f"{COOKIE}={admin.cookies.get(COOKIE, '')}"}
    assert admin.put("/_stcore/upload_file/x", headers=evil).status_code == 403
    assert admin.post("/login", data={"name": "admin", "password": PASSWORD}, headers=evil).status_code == 403
    with pytest.raises(WebSocketDisconnect), admin.websocket_connect(f"{SOCKETS}/_stcore/stream", headers=evil):
        pass
    same_site = {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:3000"}
    assert admin.put("/_stcore/upload_file/x", headers=same_site).status_code == 403


def test_logging_out_takes_the_consoles_own_link(admin):
    assert admin.get("/logout", headers={"sec-fetch-site": "cross-site"}).headers["location"] == "/"
    assert admin.get("/").text == "inside"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8501", "127.0.0.1.evil.example", ""])
def test_a_foreign_host_name_is_refused(admin, host):
    assert admin.get("/", headers={"host": host}).status_code == 403
    assert admin.get("/login", headers={"host": host}).status_code == 403


def test_every_answer_forbids_loading_from_elsewhere(admin):
    for path in ("/", "/login"):
        policy = admin.get(path).headers["content-security-policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "http:" not in policy


def test_a_form_too_large_is_refused(client, accounts):
    accounts.issue_code()
    answer = client.post("/setup", data={"code": "x" * 20_000, "name": "admin", "password": PASSWORD})
    assert answer.status_code == 400 and not accounts.exist()
