"""Starting the console. Run: pytest tests/ui/test_console_run.py"""

from __future__ import annotations

import logging
import socket
import sys

import pytest

from rag.errors import OdfinError
from rag.settings import Settings, load_settings
from ui import run
from ui.texts import _WORDS, Texts


def test_the_child_gets_the_settings_but_not_the_bots_token(tmp_path, monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123:secret")
    monkeypatch.setenv("ODFIN_TELEGRAM_TOKEN", "123:secret")
    settings = load_settings(home=tmp_path / "家", ui_port=8777, language="en", upload_mb=7)
    assert run.command(settings)[:3] == [sys.executable, "-m", "ui.run"]
    environment = run.environment(settings)
    assert not any("secret" in value for value in environment.values())
    assert (environment["ODFIN_HOME"], environment["ODFIN_UI_PORT"]) == (str(settings.home), "8777")
    for name in ("ODFIN_TELEGRAM_TOKEN", "TELEGRAM_BOT_TOKEN"):
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    again = load_settings()
    assert (again.home, again.ui_port, again.language, again.upload_mb) == (settings.home, 8777, "en", 7)


@pytest.mark.parametrize("host, loopback", [("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.8.8.8", True),
                                            ("0.0.0.0", False), ("::", False), ("192.168.1.5", False), ("host.lan", False)])
def test_which_addresses_stay_on_this_machine(host, loopback):
    assert run._is_loopback(host) is loopback


def test_another_address_must_be_asked_for_and_is_warned_about(caplog):
    with caplog.at_level(logging.WARNING):
        run._check_host(load_settings(ui_host="0.0.0.0"))
    assert "0.0.0.0" in caplog.text and "TLS" in caplog.text
    with pytest.raises(OdfinError, match="ODFIN_UI_HOST"):
        run._check_host(Settings.model_construct(_fields_set=set(), ui_host="0.0.0.0"))


def test_a_busy_port_is_one_clear_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OdfinError, match=f"{port}.*ODFIN_UI_PORT"):
            run._listen("127.0.0.1", port)


@pytest.mark.parametrize("host, url", [("127.0.0.1", "http://127.0.0.1:8501"), ("0.0.0.0", "http://127.0.0.1:8501"),
                                       ("::1", "http://[::1]:8501")])
def test_where_to_look(host, url):
    assert run.url(load_settings(ui_host=host, ui_port=8501)) == url


def test_streamlit_knows_every_option_and_sends_nothing_home():
    from streamlit import config

    options = run.options(load_settings(upload_mb=9))
    assert set(options) <= set(config._config_options_template)
    assert options["browser.gatherUsageStats"] is False and options["server.enableXsrfProtection"] is True
    assert options["server.fileWatcherType"] == "none" and options["server.enableAgentApi"] is False


def test_both_languages_say_the_same_things():
    fields = {key: [set(part.split("{")[1:]) and {p.split("}")[0].split(":")[0] for p in part.split("{")[1:]}
                    for part in pair] for key, pair in _WORDS.items()}
    assert all(pair[0] and pair[1] for pair in _WORDS.values())
    assert {key: pair for key, pair in fields.items() if pair[0] != pair[1]} == {}
    assert Texts("zh")("selected", n=3) == "已选 3 份" and Texts("en")("selected", n=3) == "3 selected"
