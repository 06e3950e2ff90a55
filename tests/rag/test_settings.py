"""Settings are read once, from the environment or .env, and a wrong one is one clear line."""

import pytest

from rag.errors import OdfinError
from rag.settings import load_settings


def test_environment_wins_over_defaults(monkeypatch, tmp_path):
    monkeypatch.setenv("ODFIN_HOME", str(tmp_path))
    monkeypatch.setenv("ODFIN_TOP_K", "7")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:secret")
    settings = load_settings()
    assert (settings.home, settings.top_k) == (tmp_path, 7)
    assert settings.telegram_token.get_secret_value() == "1:secret" and "secret" not in repr(settings)


def test_a_wrong_value_names_the_setting(monkeypatch):
    monkeypatch.setenv("ODFIN_TOP_K", "many")
    with pytest.raises(OdfinError, match="ODFIN_TOP_K"):
        load_settings()


def test_an_unknown_key_in_env_file_is_refused(tmp_path):
    (tmp_path / ".env").write_text("ODFIN_TOPK=3\n")
    with pytest.raises(OdfinError, match="ODFIN_TOPK"):
        load_settings(_env_file=tmp_path / ".env")


def test_keys_of_other_programs_are_left_alone(tmp_path):
    (tmp_path / ".env").write_text("PATH_TO_SOMETHING=3\nODFIN_TOP_K=4\n")
    assert load_settings(_env_file=tmp_path / ".env").top_k == 4
