"""The frame beside every page: who is logged in, whether the index is being rebuilt, the way out."""

from __future__ import annotations

import streamlit as st

from rag.errors import OdfinError
from ui import style
from ui.console import Console
from ui.markup import markdown_plain, plain


def render(console: Console, account: str, pages: list, *, job_line: bool) -> None:
    """`job_line`: whether to say here that a run is going on (not where the page itself does)."""
    t = console.texts
    with st.sidebar:
        st.html(f'<div class="odf-brand"><img src="{style.ICON_ADDRESS}" alt=""><span><b>{plain(t("product"))}</b>'
                f'<small>{plain(t("brand_sub"))}</small></span></div>')
        for page in pages:
            st.page_link(page, width="stretch")
        st.divider()
        if job_line:
            _job_line(console)
        st.html(f'<div class="odf-who">{plain(t("account"))} <b>{plain(account)}</b></div>')
        with st.popover(t("change_password"), icon=":material/key:", width="stretch"):
            _change_password(console, account)
        # a plain link, not a button: the cookie can only be taken back by the server's own answer
        st.html(f'<a class="odf-out" href="/logout" target="_self">{plain(t("logout"))}</a>')


def session_over(console: Console) -> None:
    t = console.texts
    st.html(f'<div class="odf-empty"><b>{plain(t("session_over"))}</b>'
            f'<a href="/login" target="_self">{plain(t("login"))}</a></div>')


@st.fragment(run_every=5.0)
def _job_line(console: Console) -> None:
    state = console.job.state()
    if state.running:
        t = console.texts
        st.progress(state.fraction, f"{t('job_running')} · {t('stage_' + state.stage)}")


def _change_password(console: Console, account: str) -> None:
    t = console.texts
    with st.form("change-password", clear_on_submit=True, border=False):
        old = st.text_input(t("old_password"), type="password", autocomplete="current-password")
        new = st.text_input(t("new_password"), type="password", autocomplete="new-password")
        again = st.text_input(t("password_again"), type="password", autocomplete="new-password")
        if not st.form_submit_button(t("save"), width="stretch"):
            return
    if new != again:
        st.error(t("passwords_differ"))
        return
    try:
        console.accounts.change_password(account, old, new)
    except OdfinError as error:
        st.error(markdown_plain(str(error)))
    else:
        st.success(t("password_changed"))
