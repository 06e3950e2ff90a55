"""A corrected answer is kept. Run: pytest tests/ui/test_console_correction.py"""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from rag.answer.result import Answer, Citation
from rag.journal import Journal


def page() -> None:
    import streamlit as st

    from ui.chat_correction import correction_box
    from ui.conversations import Exchange
    from ui.texts import Texts

    shown = st.session_state.setdefault("exchange", Exchange("年费多少", journal_id=st.session_state["id"]))
    correction_box(Texts("zh"), st.session_state["journal"], shown, "1")


def test_what_is_written_is_in_the_journal_and_shown_again(settings):
    journal = Journal(settings)
    kept = journal.record(Answer("年费多少", "年费20元", False, (Citation(1, "卡.md", "卡", "年费200元"),)), "console", "a")
    app = AppTest.from_function(page, default_timeout=30)
    app.session_state["journal"], app.session_state["id"] = journal, kept
    app.run()
    app.text_area[0].set_value("年费200元。")
    app.button[0].click().run()
    assert not app.exception and journal.get(kept).correction == "年费200元。"
    app.text_area[0].set_value("")
    app.button[0].click().run()
    assert journal.get(kept).correction == ""
