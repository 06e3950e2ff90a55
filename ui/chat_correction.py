"""Under an answer in the console: what should have been answered. It is kept in the journal, for the student to learn."""

from __future__ import annotations

import streamlit as st

from rag.journal import Journal
from ui.conversations import Exchange
from ui.texts import Texts

MOST_CHARS = 400


def correction_box(t: Texts, journal: Journal, exchange: Exchange, key: str) -> None:
    """A button that opens the box; `key` tells this exchange from the others on the page."""
    # no wider than the talk, so that the evidence stays in view
    with (st.popover(t("correct"), icon=":material/edit:", type="tertiary"),
          st.form(f"correct-{key}", border=False, width=420)):
        text = st.text_area(t("correct_label"), value=exchange.correction, max_chars=MOST_CHARS, key=f"correction-{key}")
        st.caption(t("correct_hint"))
        if st.form_submit_button(t("save")):
            journal.correct(exchange.journal_id, text)
            exchange.correction = text.strip()
            st.toast(t("thanks"))
