"""The Knowledge base page: what the index is built from, adding and taking out documents, and building it anew."""

from __future__ import annotations

import hashlib
import time
from datetime import datetime
from typing import Any

import streamlit as st

from rag.documents.load import SUFFIXES
from rag.errors import OdfinError
from rag.index.folder import TOPICS
from rag.text.normalise import normalise
from ui import backups, dialogs, document_facts, snapshots
from ui.console import Console
from ui.jobs import JobState
from ui.markup import markdown_plain, plain
from ui.texts import Texts

_RUNNING_S, _IDLE_S = 1.0, 4.0
_STATES = ("indexed", "waiting", "failed", "withdrawn")


def render(console: Console, account: str) -> None:
    t = console.texts
    rows = console.indexer.documents()
    # seldom while nothing happens, but then too: the run may have been started in another tab
    pace = _RUNNING_S if console.job.state().running else _IDLE_S
    st.fragment(_head, run_every=pace)(console, account, rows)
    if line := st.session_state.pop("said", None):
        st.success(markdown_plain(line))
    for line in st.session_state.pop("refused", []):
        st.error(markdown_plain(line))
    with st.expander(t("upload"), icon=":material/upload_file:", expanded=not rows):
        _upload(console)
    if not rows:
        st.html(f'<div class="odf-empty"><b>{plain(t("knowledge_empty"))}</b>'
                f'{plain(t("knowledge_empty_hint", folder=console.settings.knowledge))}</div>')
        return
    _table(console, rows)
    snapshots.render(console)
    backups.render(console, account)
    _dialogs(console, account, rows)


# re-indexing ----------------------------------------------------------------------------------------------------------


def _head(console: Console, account: str, rows: list[Any]) -> None:
    """Title, the button and the run as it goes, in every tab; and the whole page once more when it begins or ends."""
    t = console.texts
    state = console.job.state()
    live = console.indexer.catalogue.live()  # another process may have published, or gone back
    now = (state.number, state.running, live.id if live else 0)
    seen = st.session_state.get("run-seen")
    st.session_state["run-seen"] = now
    if seen is not None and seen != now:
        st.rerun()
    title, run = st.columns([3, 1], vertical_alignment="center")
    count = {one: sum(row.status == one for row in rows) for one in _STATES}
    title.html(f'<div class="odf-title">{plain(t("knowledge"))}</div><div class="odf-sub">' + plain(t(
        "knowledge_sub", documents=len(rows), chunks=sum(row.chunks for row in rows), waiting=count["waiting"],
        failed=count["failed"])) + "</div>")
    if state.running:
        run.button(t("stopping") if state.stopping else t("stop"), icon=":material/stop_circle:", width="stretch",
                   disabled=state.stopping, key="stop-run", on_click=console.job.stop)
        label = t("progress", stage=t("stage_" + state.stage), done=state.done, total=state.total)
        st.progress(state.fraction, markdown_plain(f"{label}　{state.detail}"))
        st.caption(markdown_plain(t("since", seconds=round(time.time() - state.started_at), by=state.by)))
        return
    run.button(t("reindex"), icon=":material/sync:", type="primary", width="stretch", help=t("reindex_hint"),
               key="start-run", on_click=_start, args=(console, account))
    if state.number:
        _last_run(t, state)


def _start(console: Console, account: str) -> None:
    if not console.job.start(account):
        console.indexer.queue.request()
        st.toast(console.texts("already_running"))


def _last_run(t: Texts, state: JobState) -> None:
    when = datetime.fromtimestamp(state.finished_at).strftime("%m-%d %H:%M")
    if state.error:
        st.error(markdown_plain(t("last_failed", when=when, by=state.by, error=state.error)))
        return
    if state.stopped:
        st.info(markdown_plain(t("last_stopped", when=when, by=state.by)))
        return
    report = state.report
    line = t("last_run", when=when, by=state.by, added=report["added"], changed=report["changed"],
             removed=report["removed"], unchanged=report["unchanged"], chunks=report["chunks"], seconds=report["seconds"])
    failed = report["failed"]
    items = "".join(f"<li><b>{plain(one['source'])}</b>：{plain(_bare(one['reason'], one['source']))}</li>" for one in failed)
    st.html(f'<div class="odf-run" data-testid="last-run">{plain(line)}</div>' + (
        f'<div class="odf-run">{plain(t("files_failed", n=len(failed)))}<ul class="odf-fails">{items}</ul></div>'
        if failed else "") + "".join(f'<div class="odf-run">{plain(one["reason"])}</div>' for one in report.get("skipped", [])))


def _bare(reason: str, source: str) -> str:
    """A reason without the file's name, which stands beside it already."""
    return reason.removeprefix(f"{source}：")


# adding ---------------------------------------------------------------------------------------------------------------


def _upload(console: Console) -> None:
    t = console.texts
    with st.form("upload", clear_on_submit=True, border=False):
        topic_column, file_column = st.columns([1, 3])
        topic = topic_column.selectbox(t("topic"), TOPICS)
        files = file_column.file_uploader(t("upload_files"), accept_multiple_files=True)
        file_column.caption(t("upload_hint", suffixes=" ".join(sorted(SUFFIXES)), mb=console.settings.upload_mb))
        pressed = topic_column.form_submit_button(t("upload_do"), type="primary", icon=":material/upload:",
                                                  width="stretch")
    if not pressed:
        return
    if not files:
        st.warning(t("upload_none"))
        return
    taken, refused = 0, []
    for file in files:
        try:
            console.indexer.upload(file.name, file.getvalue(), topic)
            taken += 1
        except OdfinError as error:
            refused.append(t("refused_file", name=file.name, reason=error))
    if taken:
        st.session_state["said"] = t("uploaded", n=taken)
    st.session_state["refused"] = refused
    st.rerun()


# the list -------------------------------------------------------------------------------------------------------------


def _table(console: Console, rows: list[Any]) -> None:
    t = console.texts
    words, topic, state = st.columns([3, 1, 1])
    wanted = words.text_input(t("search"), placeholder=t("search_hint"))
    # the browser sends back the words of a choice: no two may read the same
    topics = sorted({row.topic for row in rows}, key=lambda one: (not one, one))
    chosen_topic = topic.selectbox(t("topic"), [None, *topics],
                                   format_func=lambda one: t("all_topics") if one is None else one or t("no_topic"))
    chosen_state = state.selectbox(t("status"), [None, *_STATES],
                                   format_func=lambda one: t(f"status_{one}") if one else t("all_states"))
    shown = [row for row in rows
             if (chosen_topic is None or row.topic == chosen_topic)
             and (chosen_state is None or row.status == chosen_state) and _matches(row, wanted)]
    if not shown:
        st.html(f'<div class="odf-empty">{plain(t("no_match"))}</div>')
        return
    above = st.container(horizontal=True, vertical_alignment="center", key="actions")
    # rows are ticked by number: other rows must not inherit the ticks, nor the same ones after they have been dealt with
    shape = hashlib.sha256("\n".join(f"{row.source} {row.status}" for row in shown).encode()).hexdigest()[:12]
    reasons, edits = any(row.reason for row in shown), any(row.facts.edited for row in shown)
    event = st.dataframe(
        [_cells(t, row, reasons, edits) for row in shown], hide_index=True, width="stretch", on_select="rerun",
        selection_mode="multi-row", key=f"documents-{shape}-{st.session_state.get('dealt', 0)}", height=min(38 + 35 * len(shown), 640),
        column_config={
            t("title"): st.column_config.TextColumn(width="medium"),
            t("size"): st.column_config.NumberColumn(format="%.1f"),
            t("source"): st.column_config.TextColumn(width="medium"),
            t("reason"): st.column_config.TextColumn(width="medium"),
        }, placeholder="")
    selected = [row for number, row in enumerate(shown) if number in event.selection.rows]
    with above:
        if selected:
            _actions(console, selected)
        else:
            st.caption(t("shown", shown=len(shown), all=len(rows)))


def _matches(row: Any, wanted: str) -> bool:
    facts = row.facts.facts
    text = normalise(f"{row.title} {row.source} {row.reason} {facts.kind} {facts.institution} {facts.product_code}").lower()
    return all(word in text for word in normalise(wanted).lower().split())


def _cells(t: Texts, row: Any, reasons: bool, edits: bool) -> dict[str, Any]:
    """A row of the table; the columns of reasons and of edits only where one of the rows has one."""
    return {
        t("topic"): row.topic,
        t("title"): row.title,
        **document_facts.cells(t, row, edits),
        t("status"): t(f"status_{row.status}"),
        **({t("reason"): _bare(row.reason, row.source)} if reasons else {}),
        t("pages"): row.pages or None,
        t("chunks"): row.chunks,
        t("size"): row.bytes / 1000,
        t("indexed_at"): _local(row.indexed_at),
        t("origin"): t("origin_upload" if row.uploaded else "origin_folder"),
        t("source"): row.source,
    }


def _local(moment: str) -> str:
    """An ISO moment as the administrator's clock shows it; "" stays ""."""
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M") if moment else ""


def _actions(console: Console, selected: list[Any]) -> None:
    t = console.texts
    here = [row for row in selected if row.status != "withdrawn"]
    away = [row.source for row in selected if row.status == "withdrawn"]
    st.html(f"<b>{plain(t('selected', n=len(selected)))}</b>", width="content")
    if len(here) == 1 and here[0].chunks:
        st.button(t("facts_edit"), icon=":material/edit_note:", on_click=dialogs.open_over, args=("facts", here[0].source))
    if here:
        st.button(t("delete"), icon=":material/delete:", on_click=dialogs.open_over,
                  args=("delete", {row.source: row.uploaded for row in here}))
    if away:
        st.button(t("restore"), icon=":material/restore_from_trash:", on_click=_each,
                  args=(console, away, console.indexer.restore, "restored"))


def _dialogs(console: Console, account: str, rows: list[Any]) -> None:
    if asked := dialogs.open_about("delete"):
        _confirm_delete(console, asked)
    elif edited := dialogs.open_about("facts"):
        for row in rows:
            if row.source == edited:
                document_facts.editing(console, account, row)


def _confirm_delete(console: Console, uploaded: dict[str, bool]) -> None:
    """`uploaded` says of each source whether its file goes for good."""
    t = console.texts
    sources = list(uploaded)

    @st.dialog(t("delete_title"), on_dismiss=dialogs.shut)
    def ask() -> None:
        st.write(t("delete_ask", n=len(sources)))
        items = "".join(
            f"<li>{plain(source)}<br><small>{plain(t('delete_upload' if uploaded[source] else 'delete_folder'))}</small></li>"
            for source in sources[:10])
        more = f"<p>{plain(t('and_more', n=len(sources) - 10))}</p>" if len(sources) > 10 else ""
        st.html(f"<ul>{items}</ul>{more}<p>{plain(t('delete_note'))}</p>")
        yes, no = st.columns(2)
        if yes.button(t("delete"), type="primary", width="stretch", key="delete-yes"):
            _each(console, sources, console.indexer.remove, "deleted")
            dialogs.shut()
            st.rerun()
        if no.button(t("cancel"), width="stretch", key="delete-no", on_click=dialogs.shut):
            st.rerun()

    ask()


def _each(console: Console, sources: list[str], do, said: str) -> None:
    """Do it to every document; what is refused is shown, the others go on."""
    done, refused = 0, []
    for source in sources:
        try:
            do(source)
            done += 1
        except OdfinError as error:
            refused.append(console.texts("refused_file", name=source, reason=error))
    if done:
        st.session_state["said"] = console.texts(said, n=done)
    st.session_state["refused"] = refused
    st.session_state["dealt"] = st.session_state.get("dealt", 0) + 1
