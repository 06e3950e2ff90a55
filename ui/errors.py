"""What a page shows when its script fails: one line; the log has the rest."""

from __future__ import annotations

import logging

from rag.errors import OdfinError

logger = logging.getLogger(__name__)


def report_script_error(error: Exception) -> bool:
    """Streamlit's hook for uncaught errors. True: Streamlit shows nothing of its own."""
    import streamlit as st

    from ui.console import installed
    from ui.markup import markdown_plain

    if isinstance(error, OdfinError):
        logger.warning("page: %s", error)
        st.error(markdown_plain(str(error)))
    else:
        logger.error("page failed", exc_info=error)
        st.error(markdown_plain(installed().texts("page_failed")))
    return True
