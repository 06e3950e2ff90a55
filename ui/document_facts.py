"""What one document says of itself, and the dialog in which the administrator puts it right."""

from __future__ import annotations

from typing import Any

import streamlit as st

from rag.documents.fact_words import KINDS
from rag.documents.facts import DATES, FIELDS
from rag.errors import OdfinError
from rag.index.folder import TOPICS
from rag.index.listing import DocumentRow
from ui import dialogs
from ui.console import Console
from ui.markup import markdown_plain, plain
from ui.texts import Texts

_CHOICES: dict[str, tuple[str, ...]] = {"kind": ("", *KINDS), "topic": ("", *TOPICS), "repealed": ("", "是")}


def cells(t: Texts, row: DocumentRow, edits: bool) -> dict[str, Any]:
    """The columns of the table: kind, version, the first day of force, whether it is in force; and `edits` with a mark."""
    facts = row.facts.facts
    return {
        t("fact_kind"): facts.kind,
        t("fact_version"): facts.version,
        t("fact_effective"): facts.effective,
        t("standing"): t(f"standing_{row.in_force}"),
        **({t("facts_edited"): "✎" if row.facts.edited else ""} if edits else {}),
    }


def editing(console: Console, account: str, row: DocumentRow) -> None:
    """Open the dialog over the facts of this document."""
    t = console.texts
    # another document's dialog, or this one's after a change, must not begin with what was typed into the last
    place = f"{row.source} {st.session_state.get('dealt', 0)}"

    @st.dialog(t("facts_title"), width="large", on_dismiss=dialogs.shut)
    def ask() -> None:
        facts, edited = row.facts.facts, row.facts.edited
        st.html(f'<div class="odf-src">{plain(row.source)}</div>')
        refusal = st.empty()
        with st.form("facts", border=False):
            left, right = st.columns(2)
            said = {}
            for number, name in enumerate(FIELDS):
                column, held = (right if number % 2 else left), getattr(facts, name)
                label = t("fact_" + name) + (f"（{t('fact_edited')}）" if name in edited else "")
                if name in _CHOICES:
                    options = _CHOICES[name] if held in _CHOICES[name] else (*_CHOICES[name], held)
                    said[name] = column.selectbox(label, options, index=options.index(held),
                                                  format_func=lambda one: one or "—", key=f"fact-{name}-{place}")
                else:
                    said[name] = column.text_input(label, held, key=f"fact-{name}-{place}", max_chars=2000,
                                                   placeholder=t("fact_date") if name in DATES else "")
            st.caption(markdown_plain(t("facts_note")))
            save, back = st.columns(2)
            saved = save.form_submit_button(t("save"), type="primary", width="stretch")
            undone = back.form_submit_button(t("facts_undo"), width="stretch", disabled=not edited)
        if not (saved or undone):
            return
        changes = dict.fromkeys(edited) if undone else {
            name: value for name, value in said.items() if value.strip() != getattr(facts, name)}
        try:
            if changes:
                console.indexer.facts.edit(row.source, changes, account)
        except OdfinError as error:
            refusal.error(markdown_plain(str(error)))
            return
        st.session_state["said"] = t("facts_undone" if undone else "facts_saved" if changes else "facts_same")
        st.session_state["dealt"] = st.session_state.get("dealt", 0) + 1
        dialogs.shut()
        st.rerun()

    ask()
