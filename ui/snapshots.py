"""The snapshots' part of the Knowledge base page: what is kept, what changed between two, and going back to one."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from rag.errors import OdfinError
from rag.index.snapshots import SnapshotRow, compare, list_snapshots, roll_back, rolled_back_to
from ui import dialogs
from ui.console import Console
from ui.markup import markdown_plain, plain

_SHOWN = 20  # documents of each kind in a comparison


def render(console: Console) -> None:
    """Nothing where nothing has been published."""
    t = console.texts
    rows = list_snapshots(console.indexer.catalogue)
    held = rolled_back_to(console.indexer.catalogue)
    if held is not None:
        st.warning(markdown_plain(t("rolled_back_note", id=held)))
    if not rows:
        return
    with st.expander(t("snapshots"), icon=":material/history:"):
        st.caption(t("snapshots_hint", keep=console.settings.keep_snapshots))
        lines = "".join(
            f'<tr><td>{row.id}{" ← " + plain(t("snapshot_live")) if row.live else ""}</td><td>{plain(_when(row))}</td>'
            f"<td>{row.documents}</td><td>{row.chunks}</td><td>{row.failed or ''}</td></tr>" for row in rows)
        head = "".join(f"<th>{plain(t(key))}</th>" for key in ("snapshot", "published", "documents", "chunks", "status_failed"))
        st.html(f'<div class="odf-table" data-testid="snapshots"><table><tr>{head}</tr>{lines}</table></div>')
        if len(rows) > 1:
            _compare(console, rows)
            _go_back(console, rows)


def _compare(console: Console, rows: list[SnapshotRow]) -> None:
    t = console.texts
    named = {row.id: f"{row.id} · {_when(row)}" for row in rows}
    ids = list(named)  # the newest is in the keys: a new snapshot begins the choice anew
    first, second = st.columns(2)
    before = first.selectbox(t("compare_before"), ids, index=1, format_func=named.get, key=f"compare-before-{ids[0]}")
    after = second.selectbox(t("compare_after"), ids, index=0, format_func=named.get, key=f"compare-after-{ids[0]}")
    try:
        found = compare(console.indexer.catalogue, before, after)
    except OdfinError as error:  # pruned since the page was drawn
        st.info(markdown_plain(str(error)))
        return
    line = t("compared", added=len(found.added), changed=len(found.changed), removed=len(found.removed),
             unchanged=found.unchanged, before=found.chunks_before, after=found.chunks_after)
    items = "".join(_items(console, key, sources) for key, sources in (
        ("compare_added", found.added), ("compare_changed", found.changed), ("compare_removed", found.removed)))
    st.html(f'<div class="odf-run" data-testid="compared">{plain(line)}</div>{items}')


def _items(console: Console, key: str, sources: tuple[str, ...]) -> str:
    t = console.texts
    if not sources:
        return ""
    more = f"<li>{plain(t('and_more', n=len(sources) - _SHOWN))}</li>" if len(sources) > _SHOWN else ""
    return (f'<div class="odf-run"><b>{plain(t(key))}</b><ul class="odf-fails">'
            + "".join(f"<li>{plain(source)}</li>" for source in sources[:_SHOWN]) + f"{more}</ul></div>")


def _go_back(console: Console, rows: list[SnapshotRow]) -> None:
    t = console.texts
    choice, button = st.columns([3, 1], vertical_alignment="bottom")
    wanted = choice.selectbox(t("roll_back_to"), [row for row in rows if not row.live], key=f"roll-back-to-{rows[0].id}",
                              format_func=lambda row: t("snapshot_line", id=row.id, when=_when(row), documents=row.documents,
                                                        chunks=row.chunks))
    button.button(t("roll_back"), icon=":material/undo:", width="stretch", disabled=wanted is None,
                  on_click=dialogs.open_over, args=("roll-back", wanted))
    if (asked := dialogs.open_about("roll-back")) is not None:
        _confirm(console, asked)


def _confirm(console: Console, row: SnapshotRow) -> None:
    t = console.texts

    @st.dialog(t("roll_back_title"), on_dismiss=dialogs.shut)
    def ask() -> None:
        st.write(markdown_plain(t("roll_back_ask", id=row.id, when=_when(row), documents=row.documents)))
        st.caption(markdown_plain(t("roll_back_note")))
        yes, no = st.columns(2)
        if yes.button(t("roll_back"), type="primary", width="stretch", key="roll-back-yes"):
            try:
                roll_back(console.indexer.catalogue, row.id)
                st.session_state["said"] = t("rolled_back", id=row.id)
            except OdfinError as error:
                st.session_state["refused"] = [str(error)]
            dialogs.shut()
            st.rerun()
        if no.button(t("cancel"), width="stretch", key="roll-back-no", on_click=dialogs.shut):
            st.rerun()

    ask()


def _when(row: SnapshotRow) -> str:
    return datetime.fromisoformat(row.created).astimezone().strftime("%Y-%m-%d %H:%M")
