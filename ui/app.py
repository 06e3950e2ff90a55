"""The script Streamlit runs for every tab: who is it, which page, and the frame around it.

The gate has let only sessions in; here the session is looked up again, because a tab stays open after a logout.
"""

from __future__ import annotations

import streamlit as st

from ui import chat, knowledge, lexicon, sidebar, style
from ui.console import installed


def main() -> None:
    console = installed()
    t = console.texts
    st.set_page_config(page_title=t("product"), page_icon=style.ICON, layout="wide")
    st.html(style.css(t))
    token = st.context.cookies.get(console.cookie, "")
    account = console.accounts.session(token)
    if account is None:
        sidebar.session_over(console)
        return
    pages = [
        st.Page(lambda: chat.render(console, account), title=t("chat"), icon=":material/chat:", url_path="chat",
                default=True),
        st.Page(lambda: knowledge.render(console, account), title=t("knowledge"), icon=":material/library_books:",
                url_path="knowledge"),
        st.Page(lambda: lexicon.render(console), title=t("lexicon"), icon=":material/translate:", url_path="lexicon"),
    ]
    page = st.navigation(pages, position="hidden")
    sidebar.render(console, account, pages, job_line=page is not pages[1])
    page.run()


main()
