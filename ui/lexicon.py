"""The Lexicon page: the administrator's own entries, what customers' words are missing, and the shipped list."""

from __future__ import annotations

import streamlit as st

from rag.errors import OdfinError
from rag.index.lexicon.entries import BadLine, Entry
from rag.index.lexicon.store import NAME, LexiconStore, shipped
from rag.missing_words import QUESTIONS, missing_words
from rag.text.normalise import normalise
from ui.console import Console
from ui.markup import markdown_plain, plain
from ui.texts import Texts


def render(console: Console) -> None:
    t, store = console.texts, LexiconStore(console.settings)
    own, bad = store.own()
    st.html(f'<div class="odf-title">{plain(t("lexicon"))}</div><div class="odf-sub">'
            f'{plain(t("lexicon_sub", own=len(own), shipped=len(shipped())))}</div>')
    if console.settings.lexicon != "all":
        st.warning(t("lexicon_off" if console.settings.lexicon == "off" else "lexicon_only_shipped"), icon=":material/toggle_off:")
    if line := st.session_state.pop("said", None):
        st.success(markdown_plain(line))
    _bad_lines(t, [*st.session_state.pop("lexicon-refused", []), *bad])
    _adding(t, store)
    _own(t, store, own)
    _suggestions(console)
    _files(t, store)
    with st.expander(t("lexicon_shipped", n=len(shipped())), icon=":material/menu_book:"):
        _table(t, shipped())


def _bad_lines(t: Texts, bad: list[BadLine]) -> None:
    for one in bad:
        st.error(markdown_plain(t("lexicon_bad", n=one.number, reason=one.reason) if one.number else one.reason))


def _adding(t: Texts, store: LexiconStore) -> None:
    # the keys change after each entry, so that the fields are empty again; a suggestion fills the first
    turn = st.session_state.get("lexicon-turn", 0)
    with st.form("lexicon-add", border=False):
        word_column, terms_column, button = st.columns([2, 3.6, 1.2], vertical_alignment="bottom")
        word = word_column.text_input(t("lexicon_word"), st.session_state.get("lexicon-word", ""), max_chars=40,
                                      key=f"lexicon-word-{turn}", placeholder="退保")
        terms = terms_column.text_input(t("lexicon_terms"), max_chars=200, key=f"lexicon-terms-{turn}",
                                        placeholder="解除合同、解除保险合同")
        pressed = button.form_submit_button(t("lexicon_add"), type="primary", width="stretch")
    if pressed:
        _done(t, lambda: store.put(word, terms).word)


def _own(t: Texts, store: LexiconStore, own: list[Entry]) -> None:
    if not own:
        st.html(f'<div class="odf-empty">{plain(t("lexicon_empty"))}</div>')
        return
    event = _table(t, own, selectable=True)
    chosen = [one for number, one in enumerate(own) if number in event.selection.rows]
    if not chosen:
        st.caption(t("lexicon_choose"))
        return
    if len(chosen) == 1:
        with st.form("lexicon-edit", border=False):
            word_column, terms_column, button = st.columns([2, 3.6, 1.2], vertical_alignment="bottom")
            word = word_column.text_input(t("lexicon_word"), chosen[0].word, key=f"edit-{chosen[0].word}")
            terms = terms_column.text_input(t("lexicon_terms"), "、".join(chosen[0].terms), key=f"edit-to-{chosen[0].word}")
            if button.form_submit_button(t("save"), width="stretch"):
                _done(t, lambda: store.put(word, terms, instead_of=chosen[0].word).word)
    if st.button(t("lexicon_delete", n=len(chosen)), icon=":material/delete:"):
        _done(t, lambda: "、".join(one.word for one in chosen if store.remove(one.word)), "lexicon_deleted")


def _table(t: Texts, entries, selectable: bool = False):
    wanted = normalise(st.text_input(t("search"), key=f"lexicon-search-{selectable}")) if not selectable else ""
    rows = [{t("lexicon_word"): one.word, t("lexicon_terms_head"): "、".join(one.terms)} for one in entries
            if wanted in one.line()]
    if not rows:
        st.caption(t("lexicon_no_match"))
        return None
    more = {"on_select": "rerun", "selection_mode": "multi-row",
            "key": f"lexicon-own-{st.session_state.get('lexicon-turn', 0)}"} if selectable else {}
    return st.dataframe(rows, hide_index=True, width="stretch", height=min(38 + 35 * max(1, len(rows)), 420), **more)


def _suggestions(console: Console) -> None:
    """Words of refused questions that stand in no document. The index must be in memory to tell."""
    t = console.texts
    if not (console.indexed and console.assistant_ready):
        return
    searcher = console.assistant().searcher
    found = missing_words(console.journal.unanswered(QUESTIONS), searcher.frequency, searcher.lexicon.current())
    with st.expander(t("lexicon_missing", n=len(found)), icon=":material/help_center:", expanded=bool(found)):
        st.caption(t("lexicon_missing_hint" if found else "lexicon_missing_none"))
        for one in found:
            line, button = st.columns([6, 1], vertical_alignment="center")
            line.html(f"<b>{plain(one.word)}</b>　{plain(t('lexicon_times', n=one.count))}　{plain(one.example)}")
            if button.button(t("lexicon_take"), key=f"take-{one.word}", width="stretch"):
                st.session_state["lexicon-word"] = one.word
                st.session_state["lexicon-turn"] = st.session_state.get("lexicon-turn", 0) + 1
                st.rerun()


def _files(t: Texts, store: LexiconStore) -> None:
    with st.expander(t("lexicon_files"), icon=":material/swap_vert:"):
        st.caption(t("lexicon_format"))
        st.download_button(t("lexicon_export"), store.text(), NAME, "text/tab-separated-values", icon=":material/download:")
        with st.form("lexicon-import", clear_on_submit=True, border=False):
            file = st.file_uploader(t("lexicon_file"), type=["tsv", "txt"])
            pressed = st.form_submit_button(t("lexicon_import"), icon=":material/upload:")
    if not (pressed and file):
        return
    try:
        taken, bad = store.take_in(file.getvalue().decode("utf-8-sig"))
    except UnicodeDecodeError:
        st.error(t("lexicon_encoding"))
        return
    except OdfinError as error:
        st.error(markdown_plain(str(error)))
        return
    st.session_state["lexicon-refused"] = bad
    st.session_state["said"] = t("lexicon_imported", n=taken, bad=len(bad))
    st.rerun()


def _done(t: Texts, change, said: str = "lexicon_saved") -> None:
    """Make the change and say so, or say why not."""
    try:
        word = change()
    except OdfinError as error:
        st.error(markdown_plain(str(error)))
        return
    st.session_state.pop("lexicon-word", None)
    st.session_state["lexicon-turn"] = st.session_state.get("lexicon-turn", 0) + 1
    st.session_state["said"] = t(said, word=word)
    st.rerun()
