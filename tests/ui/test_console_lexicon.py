"""The Lexicon page as an administrator uses it, without a browser: entries are added, refused with a reason, and taken up."""

import pytest
from streamlit.testing.v1 import AppTest

from rag.index.lexicon.store import LexiconStore
from ui.console import Console, install


def page() -> None:
    from ui import lexicon
    from ui.console import installed

    lexicon.render(installed())


@pytest.fixture
def app(settings) -> AppTest:
    install(Console(settings))
    return AppTest.from_function(page, default_timeout=60)


def add(app: AppTest, turn: int, word: str, terms: str) -> None:
    app.text_input(key=f"lexicon-word-{turn}").input(word)
    app.text_input(key=f"lexicon-terms-{turn}").input(terms)
    next(button for button in app.button if button.label == "添加").click().run()


def test_an_entry_is_added_and_counts_and_a_bad_one_is_refused_with_a_reason(app, settings):
    store = LexiconStore(settings)
    assert not app.run().exception
    add(app, 0, "打水漂", "本金损失、亏损")
    assert not app.exception and "打水漂" in app.success[0].value
    assert store.current().terms("钱会打水漂吗") == ["本金损失", "亏损"]
    add(app, 1, "退保", "")
    assert "还没有写文档的说法" in app.error[0].value
    assert [one.word for one in store.own()[0]] == ["打水漂"]


def test_bad_lines_of_the_file_are_named_by_number_and_an_idle_lexicon_is_said(settings):
    idle = settings.model_copy(update={"lexicon": "off"})
    (idle.home / "lexicon.tsv").write_text("断供\t逾期\n没有分栏\n", "utf-8")
    install(Console(idle))
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    assert "第 2 行" in app.error[0].value and "ODFIN_LEXICON=off" in app.warning[0].value.replace("\\", "")
