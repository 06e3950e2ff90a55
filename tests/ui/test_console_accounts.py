"""Accounts of the console. Run: pytest tests/ui/test_console_accounts.py"""

from __future__ import annotations

import sqlite3
import threading

import pytest
from argon2 import PasswordHasher

from rag.errors import OdfinError
from ui.accounts import (
    FREE_TRIES,
    IDLE_S,
    LIFETIME_S,
    LONGEST_WAIT_S,
    TRIES_A_MINUTE,
    Accounts,
    LoginError,
    TooManyTriesError,
    WeakPasswordError,
)

QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)  # the rules are tested here, not argon2
PASSWORD = "长江 correct horse 9"


class Clock:
    """Seconds that pass only when the test says so."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(tmp_path, clock) -> Accounts:
    return Accounts(tmp_path / "home" / "console.db", clock, QUICK)


@pytest.fixture
def admin(accounts) -> Accounts:
    accounts.create_first(accounts.issue_code(), "Admin", PASSWORD)
    return accounts


def fail(accounts: Accounts, times: int, name: str = "admin") -> None:
    for _ in range(times):
        with pytest.raises(LoginError):
            accounts.check(name, "wrong password")


def test_no_account_to_begin_with(accounts):
    assert not accounts.exist()
    with pytest.raises(LoginError):
        accounts.check("admin", "admin")


def test_code_makes_the_first_account_and_is_used_up(accounts):
    code = accounts.issue_code()
    assert accounts.create_first(code.lower().replace("-", " "), " Admin ", PASSWORD) == "admin"
    assert accounts.check("ADMIN", PASSWORD) == "admin"
    with pytest.raises(LoginError):
        accounts.create_first(code, "second", PASSWORD)
    with pytest.raises(OdfinError):
        accounts.issue_code()


def test_a_new_code_replaces_the_old_one(accounts):
    old, new = accounts.issue_code(), accounts.issue_code()
    with pytest.raises(LoginError):
        accounts.create_first(old, "admin", PASSWORD)
    assert accounts.create_first(new, "admin", PASSWORD) == "admin"


def test_one_code_makes_one_account_even_when_used_twice_at_once(tmp_path):
    path = tmp_path / "console.db"
    code = Accounts(path, hasher=QUICK).issue_code()
    made, refused = [], []

    def take(name: str) -> None:
        try:
            made.append(Accounts(path, hasher=QUICK).create_first(code, name, PASSWORD))
        except LoginError:
            refused.append(name)

    threads = [threading.Thread(target=take, args=(f"admin{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1 and len(refused) == 3


def test_weak_passwords_and_names_are_refused_and_leave_the_code_good(accounts):
    code = accounts.issue_code()
    for name, password in (("admin", "short"), ("admin", "aaaaaaaaaaaa"), ("admin", "x1y2" * 100), ("a b", PASSWORD),
                           ("", PASSWORD), ("n" * 41, PASSWORD), ("<b>", PASSWORD)):
        with pytest.raises(WeakPasswordError):
            accounts.create_first(code, name, password)
    assert accounts.create_first(code, "admin", PASSWORD) == "admin"


def test_nothing_secret_lies_in_the_file(admin, tmp_path):
    path = tmp_path / "home" / "console.db"
    token = admin.open_session("admin")
    stored = path.read_bytes()
    assert PASSWORD.encode() not in stored and token.encode() not in stored
    with sqlite3.connect(path) as db:
        hashed = db.execute("SELECT password FROM accounts").fetchone()[0]
    assert hashed.startswith("$argon2id$")
    assert path.stat().st_mode & 0o077 == 0


def test_the_default_hash_costs_what_rfc_9106_asks(tmp_path):
    accounts = Accounts(tmp_path / "console.db")
    accounts.create_first(accounts.issue_code(), "admin", PASSWORD)
    assert b"$argon2id$v=19$m=65536,t=3,p=4$" in (tmp_path / "console.db").read_bytes()
    assert accounts.check("admin", PASSWORD) == "admin"


def test_the_code_is_stored_hashed(accounts, tmp_path):
    code = accounts.issue_code()
    stored = (tmp_path / "home" / "console.db").read_bytes()
    assert code.encode() not in stored and code.replace("-", "").encode() not in stored
    assert b"$argon2id$" in stored


def test_each_failure_after_the_free_ones_doubles_the_wait(admin, clock):
    fail(admin, FREE_TRIES)
    with pytest.raises(TooManyTriesError) as refused:
        admin.check("admin", PASSWORD)  # the right one is not even looked at
    assert refused.value.wait_s == pytest.approx(2)
    clock.now += 2
    fail(admin, 1)
    with pytest.raises(TooManyTriesError) as refused:
        admin.check("admin", PASSWORD)
    assert refused.value.wait_s == pytest.approx(4)
    clock.now += 4
    assert admin.check("admin", PASSWORD) == "admin"
    fail(admin, FREE_TRIES)  # counted from the beginning again


def test_the_wait_has_an_upper_end_and_survives_a_restart(admin, clock, tmp_path):
    for _ in range(FREE_TRIES + 12):
        fail(admin, 1)
        clock.now += LONGEST_WAIT_S
    fail(admin, 1)
    again = Accounts(tmp_path / "home" / "console.db", clock, QUICK)
    with pytest.raises(TooManyTriesError) as refused:
        again.check("admin", PASSWORD)
    assert refused.value.wait_s == pytest.approx(LONGEST_WAIT_S)


def test_the_code_cannot_be_guessed_at_speed(accounts, clock):
    code = accounts.issue_code()
    for _ in range(FREE_TRIES):
        with pytest.raises(LoginError):
            accounts.create_first("AAAA-BBBB-CCCC", "admin", PASSWORD)
    with pytest.raises(TooManyTriesError):
        accounts.create_first(code, "admin", PASSWORD)
    clock.now += 2
    assert accounts.create_first(code, "admin", PASSWORD) == "admin"


def test_one_process_tries_only_so_often_whatever_the_names(admin, clock):
    clock.now += 60
    for number in range(TRIES_A_MINUTE):
        with pytest.raises(LoginError):
            admin.check(f"guess{number}", PASSWORD)
    with pytest.raises(TooManyTriesError):
        admin.check("admin", PASSWORD)
    clock.now += 60
    assert admin.check("admin", PASSWORD) == "admin"


def test_sessions_end_by_logout_by_idling_and_by_age(admin, clock):
    token = admin.open_session("admin")
    assert admin.session(token) == "admin"
    assert admin.session("") is None and admin.session(token + "x") is None
    admin.close_session(token)
    assert admin.session(token) is None

    idle = admin.open_session("admin")
    clock.now += IDLE_S + 1
    assert admin.session(idle) is None

    old = admin.open_session("admin")
    for _ in range(int(LIFETIME_S / (IDLE_S - 60)) + 1):
        clock.now += IDLE_S - 60
        last = admin.session(old)
    assert last is None


def test_a_new_password_ends_every_session(admin):
    token = admin.open_session("admin")
    with pytest.raises(LoginError):
        admin.change_password("admin", "not the old one", "黄河 another horse 8")
    assert admin.session(token) == "admin"
    admin.change_password("admin", PASSWORD, "黄河 another horse 8")
    assert admin.session(token) is None
    assert admin.check("admin", "黄河 another horse 8") == "admin"
    with pytest.raises(LoginError):
        admin.check("admin", PASSWORD)
