"""Which dialog stands open in a tab. It is kept beside the page's other state, so that a page drawn anew - a run of
the index begins or ends, another tab publishes - neither loses the click that opens a dialog nor closes an open one.

Streamlit's own way, `if st.button(...): dialog()`, knows of the click in one drawing only.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

_OPEN = "open-dialog"


def open_over(name: str, about: Any) -> None:
    """The `on_click` of the button that opens the dialog `name` over `about`; it takes the place of another one."""
    st.session_state[_OPEN] = (name, about)


def open_about(name: str) -> Any | None:
    """What the dialog `name` stands open over; None where it is shut."""
    held = st.session_state.get(_OPEN)
    return held[1] if held is not None and held[0] == name else None


def shut() -> None:
    """The answer has been given, or the dialog was dismissed (`on_dismiss`)."""
    st.session_state.pop(_OPEN, None)
