"""The indexing run: what changed on disk becomes versions, pieces and vectors, and then a published snapshot.

Only changed documents are parsed and only new pieces embedded. Everything before the last step may be interrupted at any
moment: the old snapshot goes on answering, and the next run goes on from what is stored.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from filelock import FileLock, Timeout

from rag.documents.reader import start_reader
from rag.errors import BusyError, DocumentError
from rag.index.ahead import Ahead
from rag.index.catalogue import Catalogue, Entry, now
from rag.index.collect import prune, sweep
from rag.index.complete import Stores, add_missing, note_embedder, repair
from rag.index.facts import FactStore
from rag.index.folder import UPLOADS, save_upload, survey, uploaded_path
from rag.index.listing import DocumentRow, list_documents
from rag.index.queue import Queue
from rag.index.vectors import collection_name, reopen
from rag.index.versions import VersionReader
from rag.models.embedder import Embedder
from rag.settings import Settings
from rag.storage import told_plainly

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """How far a run is. `stage` is "read", "embed" or "publish"."""

    stage: str
    done: int
    total: int
    detail: str = ""


@dataclass(frozen=True)
class Failure:
    source: str
    reason: str


@dataclass(frozen=True)
class Unread:
    """A document, or a folder (its source ends in `/`), that could not be read as it lay there."""

    source: str
    reason: str
    size: int
    modified: int


@dataclass(frozen=True)
class IndexReport:
    """What a run did. `skipped` are files and folders that were passed over, each with one line."""

    documents: int
    added: int
    changed: int
    removed: int
    unchanged: int
    chunks: int
    seconds: float
    snapshot: str
    failed: list[Failure] = field(default_factory=list)
    skipped: list[Failure] = field(default_factory=list)

    def to_json(self) -> dict:
        return asdict(self)

    def then(self, later: IndexReport) -> IndexReport:
        """This run and the one that followed it, as one."""
        return replace(later, added=self.added + later.added, changed=self.changed + later.changed,
                       removed=self.removed + later.removed, seconds=round(self.seconds + later.seconds, 2))


class Indexer:
    """Builds the index of one ODFIN_HOME. One run at a time on a machine; a second one is refused."""

    def __init__(self, settings: Settings, embedder: Embedder | None = None):
        self.settings = settings
        self.embedder = embedder or Embedder(settings)
        self.catalogue = Catalogue(settings.home / "catalogue.db")
        self.facts = FactStore(self.catalogue)
        self.queue = Queue(self.catalogue)

    # -- the run --------------------------------------------------------------------------------------------------

    def run(self, directory: Path | None = None, progress: Callable[[Progress], None] | None = None) -> IndexReport:
        """Bring the index up to date with `directory` (default: the folder of the live snapshot, else the setting).

        Somebody who asks for a run meanwhile gets one more at the end of this one; the report is of both.

        Raises OdfinError if the folder is not there or another run is under way; that one is then followed by one more.
        A document that cannot be read is in the report; its last readable version goes on answering.
        """
        tell = progress or (lambda _: None)
        with told_plainly(self.settings.home):
            with self._alone():
                report = self._run(directory, tell)
            while self.queue.pending():  # looked at after the lock is free: whoever asks later takes it
                try:
                    with self._alone():
                        report = report.then(self._run(None, tell))
                except BusyError:
                    break
        return report

    def repair(self, progress: Callable[[Progress], None] | None = None) -> int:
        """Compute again what the live snapshot has lost of its vectors (a damaged or deleted folder); returns how many.

        Reads no documents. Raises OdfinError if a run is under way.
        """
        tell = progress or (lambda _: None)
        with told_plainly(self.settings.home), self._alone():
            reopen()
            return repair(self.catalogue, self.settings, self.embedder,
                          lambda done, total: tell(Progress("embed", done, total)))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = FileLock(self.settings.home / "index.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            self.queue.request()
            try:
                lock.acquire(timeout=0)  # the other run may have ended just before it could see the request
            except Timeout:
                raise BusyError("另一个索引任务正在进行；它结束后会自动再更新一次") from None
        try:
            yield
        finally:
            lock.release()

    def directory(self) -> Path:
        """The folder a run without one takes."""
        live = self.catalogue.live()
        return Path(live.directory) if live and Path(live.directory).is_dir() else self.settings.knowledge

    def _run(self, directory: Path | None, progress: Callable[[Progress], None]) -> IndexReport:
        started, requested = time.monotonic(), self.queue.requested()
        directory = (directory or self.directory()).expanduser().resolve()
        listing, withdrawn = survey(directory, self.settings.uploads_dir), self.catalogue.withdrawn()
        files = [f for f in listing.files if f.source not in withdrawn]
        live = self.catalogue.live()
        same_folder = live is not None and live.directory == str(directory)
        before = self.catalogue.entries(live.id) if live else {}
        reader = VersionReader(self.settings, self.embedder.version, self.catalogue, self.facts)
        if not all(reader.unchanged(file, before.get(file.source)) for file in files):
            start_reader(self.settings)  # while Chroma is imported
        vectors = collection_name(self.embedder.version)
        reopen()
        stores = Stores.open(self.catalogue, self.settings.home, vectors)
        sweep(stores)  # what a run that was killed left over
        note_embedder(self.catalogue, self.settings, self.embedder)
        whole = stores.made_whole()

        entries: list[Entry] = []
        failed: list[Unread] = []
        with Ahead(stores, self.embedder) as ahead:
            for number, file in enumerate(files):
                progress(Progress("read", number, len(files), file.source))
                old = before.get(file.source)
                reusable = old if same_folder or file.source.startswith(UPLOADS + "/") else None
                try:
                    version = reader.version(file, reusable, ahead.offer)
                except DocumentError as error:
                    log.warning("%s", error)  # which names the file
                    failed.append(Unread(file.source, str(error), file.size, file.modified))
                    if reusable:
                        entries.append(old)
                    continue
                indexed = old.indexed if old and old.version == version else now()
                entries.append(Entry(file.source, version, file.size, file.modified, indexed))
            unreadable = {f.source for f in failed}  # an older version answers for these
            reader.read_facts([e for e in entries if e.source not in unreadable], {f.source: f.path for f in files},
                              lambda *said: progress(Progress("read", *said)))
        for folder, why in listing.closed:
            log.warning("%s", why)
            failed.append(Unread(folder, why, 0, 0))
            if same_folder or folder.startswith(UPLOADS + "/"):
                hidden = [e for source, e in before.items() if source.startswith(folder) and source not in withdrawn]
                unreadable.update(e.source for e in hidden)
                entries += hidden
        progress(Progress("read", len(files), len(files)))

        kept = {before[source].version for source in unreadable if source in before}  # maybe made with another embedder
        add_missing(stores, self.embedder, sorted({e.version for e in entries}), kept.intersection(e.version for e in entries),
                    lambda done, total: progress(Progress("embed", done, total)), whole)
        progress(Progress("publish", 0, 1))
        after = {e.source: e for e in entries}
        self.facts.follow(before, after)
        nothing_new = (
            live is not None and live.directory == str(directory) and live.vectors == vectors
            and {s: e.version for s, e in before.items()} == {s: e.version for s, e in after.items()}
            and self.catalogue.failures(live.id) == {f.source: (f.reason, f.size, f.modified) for f in failed})
        if nothing_new:
            snapshot = live
            if moved := [e for e in entries if e != before[e.source]]:  # copied or touched: the same content at another time
                self.catalogue.looked_at(live.id, moved)
            self.catalogue.set_meta("rolled_back", "")
        else:
            self.catalogue.settle()
            snapshot = self.catalogue.publish(str(directory), vectors, entries,
                                              [(f.source, f.reason, f.size, f.modified) for f in failed], live)
        prune(self.catalogue, self.settings.keep_snapshots, self.settings.keep_days)
        sweep(stores)
        self.catalogue.tidy()
        self.queue.served(requested)
        progress(Progress("publish", 1, 1))
        both = after.keys() & before.keys()
        unchanged = sum(before[s].version == after[s].version for s in both)
        return IndexReport(
            documents=len(entries), added=len(after.keys() - before.keys()), changed=len(both) - unchanged,
            removed=len(before.keys() - after.keys()), unchanged=unchanged, chunks=snapshot.chunks,
            seconds=round(time.monotonic() - started, 2), snapshot=str(snapshot.id),
            failed=[Failure(f.source, f.reason) for f in failed], skipped=[Failure(*one) for one in listing.skipped])

    # -- the administrator's view ---------------------------------------------------------------------------------

    def documents(self) -> list[DocumentRow]:
        """Every document of the folder, the uploads and the live snapshot, by source."""
        return list_documents(self.catalogue, self.settings, self.directory())

    def upload(self, filename: str, data: bytes, topic: str) -> str:
        """Put a document among the uploads and return its source; the next run indexes it. Raises OdfinError."""
        with told_plainly(self.settings.home):
            source = save_upload(self.settings.uploads_dir, filename, data, topic, self.settings.upload_mb)
            self.catalogue.restore(source)
            self.queue.request()
        return source

    def remove(self, source: str) -> None:
        """Take a document out at the next run. An uploaded file is deleted, one of the folder only withdrawn."""
        path = uploaded_path(self.settings.uploads_dir, source)
        if path is not None:
            path.unlink(missing_ok=True)
        else:
            self.catalogue.withdraw(source)
        self.queue.request()

    def restore(self, source: str) -> None:
        """Undo the withdrawal of a document of the folder, from the next run on."""
        self.catalogue.restore(source)
        self.queue.request()
