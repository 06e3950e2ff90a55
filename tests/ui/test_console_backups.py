"""Backups of the console: what is kept, and the way out behind the login. Run: pytest tests/ui/test_console_backups.py"""

from __future__ import annotations

import hashlib

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from rag.errors import OdfinError
from rag.index.backup import contents
from rag.index.catalogue import Catalogue
from ui.accounts import Accounts
from ui.backups import Backups
from ui.gate import Gate

COOKIE = "odfin_console_8501"


@pytest.fixture
def backups(tmp_path) -> Backups:
    Catalogue(tmp_path / "catalogue.db").close()
    return Backups(tmp_path)


def test_an_archive_is_made_checked_and_deleted(backups):
    told = []
    report = backups.make(told.append)
    [path] = backups.files()
    assert report["file"] == str(path) and contents(path)[0].to_json() == report
    assert told[-1].done == told[-1].total == report["files"]
    assert backups.digest(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    (backups.folder / "other.zip").write_bytes(b"x")
    assert backups.files() == [path], "what is not of our making is not shown"
    backups.delete(path)
    assert [one.name for one in backups.folder.iterdir()] == ["other.zip"]


def test_what_is_no_whole_archive_says_so(backups):
    backups.make(lambda _: None)
    [path] = backups.files()
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(OdfinError, match="不是完整的备份"):
        contents(path)


def test_only_an_administrator_downloads_and_only_archives(backups, tmp_path):
    backups.make(lambda _: None)
    [path] = backups.files()
    accounts = Accounts(tmp_path / "console.db")
    app = Starlette(routes=backups.routes, middleware=[Middleware(Gate, accounts=accounts, cookie=COOKIE)])
    client = TestClient(app, base_url="http://127.0.0.1:8501", follow_redirects=False)
    assert client.get(f"/backup/{path.name}").status_code == 401
    token = accounts.open_session(accounts.create_first(accounts.issue_code(), "admin", "长江 correct horse 9"))
    client.cookies.set(COOKIE, token)
    answer = client.get(f"/backup/{path.name}")
    assert answer.status_code == 200 and answer.content == path.read_bytes()
    assert path.name in answer.headers["content-disposition"] and answer.headers["cache-control"] == "no-store"
    for name in ("..%2Fconsole.db", "console.db", "odfin-20200101-000000.zip", f"{path.name}.sha256"):
        assert client.get(f"/backup/{name}").status_code == 404
