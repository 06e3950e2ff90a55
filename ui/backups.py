"""Backups in the console: made in the background, kept in ODFIN_HOME/backups, downloaded straight from the disk.

The archives are `odfin backup`'s. A download is a route of its own beside Streamlit, behind the same login gate: Streamlit
would hold the whole file in memory.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from rag.errors import OdfinError
from rag.index.backup import BackupReport, back_up, contents
from rag.index.build import Progress
from ui.markup import markdown_plain, plain

NAME = re.compile(r"odfin-\d{8}-\d{6}\.zip")


class Backups:
    """The archives of one ODFIN_HOME."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.folder = home / "backups"

    def make(self, progress: Callable[[Progress], None]) -> dict[str, Any]:
        """Write one more; returns its report. Raises OdfinError."""
        target = self.folder / f"odfin-{time.strftime('%Y%m%d-%H%M%S')}.zip"
        report = back_up(self._home, target, lambda name, number, total: progress(Progress("backup", number, total, name)))
        with target.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        target.with_suffix(".zip.sha256").write_text(f"{digest}  {target.name}\n", encoding="utf-8")  # as sha256sum -c reads it
        return report.to_json()

    def files(self) -> list[Path]:
        """Newest first."""
        return sorted((p for p in self.folder.glob("*.zip") if NAME.fullmatch(p.name)), reverse=True)

    def digest(self, path: Path) -> str:
        """SHA-256 of the archive as it was when it was made, or ""."""
        note = path.with_suffix(".zip.sha256")
        return note.read_text(encoding="utf-8").split()[0] if note.is_file() else ""

    def delete(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        path.with_suffix(".zip.sha256").unlink(missing_ok=True)

    @property
    def routes(self) -> list[Route]:
        return [Route("/backup/{name}", self._send, methods=["GET"])]

    async def _send(self, request: Request) -> Response:
        name = request.path_params["name"]
        path = self.folder / name
        if not NAME.fullmatch(name) or not path.is_file():
            return PlainTextResponse("没有这份备份，可能已被删除", 404)
        return FileResponse(path, media_type="application/zip", filename=name, headers={"Cache-Control": "no-store"})


def render(console: Any, account: str) -> None:
    t, backups = console.texts, console.backups
    with st.expander(t("backups"), icon=":material/archive:"):
        st.caption(markdown_plain(t("backups_hint")))
        # quick while one is made, and still at rest: another tab may have begun one
        st.fragment(_making, run_every=1.0 if console.backup_job.state().running else None)(console, account)
        for path in backups.files():
            _archive(console, path)
        if not backups.files():
            st.caption(t("backup_none"))
        free = shutil.disk_usage(console.settings.home).free / 1e9
        st.caption(markdown_plain(t("backup_restore", folder=backups.folder, free_gb=free)))


def _making(console: Any, account: str) -> None:
    t, state = console.texts, console.backup_job.state()
    now = (state.number, state.running)
    if st.session_state.get("backup-seen", now) != now:
        st.session_state["backup-seen"] = now
        st.rerun()
    st.session_state["backup-seen"] = now
    if state.running:
        st.progress(state.fraction, markdown_plain(t("backup_running", done=state.done, total=state.total) + f"　{state.detail}"))
        return
    st.button(t("backup_do"), icon=":material/archive:", key="make-backup", on_click=console.backup_job.start, args=(account,))
    if state.error:
        when = datetime.fromtimestamp(state.finished_at).strftime("%m-%d %H:%M")
        st.error(markdown_plain(t("backup_failed", when=when, by=state.by, error=state.error)))


def _archive(console: Any, path: Path) -> None:
    t = console.texts
    line, button = st.columns([4, 1], vertical_alignment="center")
    try:
        report, held = contents(path)
        words = _line(t, report) + "<br><small>" + plain(_holds(t, held)) + "</small>"
    except OdfinError as error:
        words = plain(str(error))
    line.html(f'<div class="odf-run" data-testid="backup"><a class="odf-out" href="/backup/{plain(path.name)}">{plain(t("backup_download"))} '
              f"{plain(path.name)}</a><br>{words}<br><small>sha256 {plain(console.backups.digest(path))}</small></div>")
    button.button(t("delete"), icon=":material/delete:", key=f"delete-{path.name}", on_click=_delete, args=(console, path))


def _delete(console: Any, path: Path) -> None:
    console.backups.delete(path)
    st.session_state["said"] = console.texts("backup_deleted", name=path.name)


def _line(t: Any, report: BackupReport) -> str:
    when = datetime.fromisoformat(report.created).astimezone().strftime("%Y-%m-%d %H:%M")
    if report.snapshot is None:
        return plain(t("backup_unpublished", when=when, mb=report.bytes / 1e6))
    return plain(t("backup_line", when=when, snapshot=report.snapshot, documents=report.documents, chunks=report.chunks,
                   mb=report.bytes / 1e6))


def _holds(t: Any, held: dict[str, tuple[int, int]]) -> str:
    return t("backup_holds", databases=held["databases"][0], databases_mb=held["databases"][1] / 1e6,
             vectors_mb=held["vectors"][1] / 1e6, uploads=held["uploads"][0], uploads_mb=held["uploads"][1] / 1e6)
