"""The indexing run: what changed on disk becomes versions, pieces and vectors, and then a published snapshot.

Only changed documents are parsed and only new pieces embedded. Everything before the last step may be interrupted at any
moment: the old snapshot goes on answering, and the next run goes on from what is stored.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from filelock import FileLock, Timeout

from rag.documents.facts import read_facts
from rag.documents.load import load_document
from rag.documents.split import split_document
from rag.errors import DocumentError, OdfinError
from rag.index.catalogue import Catalogue, Entry, now
from rag.index.editions import Editions
from rag.index.facts import FactStore, SourceFacts
from rag.index.folder import TOPICS, UPLOADS, File, save_upload, scan, topic_of, uploaded_path
from rag.index.vectors import VectorStore, collection_name, vector_id
from rag.models.embedder import Embedder
from rag.settings import Settings

log = logging.getLogger(__name__)

PARSER_VERSION = "1"  # raise it when loaders or splitter give other pieces for the same file
KEEP_SNAPSHOTS = 5
EMBED_GROUP = 32
_NO_FACTS = ("", 0, 0, ())
MIN_HEADING = 3  # characters beside the number: 第十六条 alone says nothing
_LABEL = re.compile(r"第[零〇一二三四五六七八九十百千\d]+[编章节条款部分]+|[\d.、（）()\s一二三四五六七八九十]+")


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
class IndexReport:
    """What a run did."""

    documents: int
    added: int
    changed: int
    removed: int
    unchanged: int
    chunks: int
    seconds: float
    snapshot: str
    failed: list[Failure] = field(default_factory=list)

    def to_json(self) -> dict:
        return asdict(self)


@dataclass(frozen=True)
class DocumentRow:
    """A document as the administrator sees it. `status` is "indexed", "failed", "waiting" or "withdrawn".

    `warnings` are the loader's one-line notes (pages without text, a suffix that does not fit, …). `facts` is what the
    document says of itself and what the administrator wrote over it; `standing` why it is not in force ("" where it is).
    """

    source: str
    title: str
    topic: str
    status: str
    reason: str
    pages: int
    chunks: int
    bytes: int
    indexed_at: str
    uploaded: bool
    warnings: tuple[str, ...] = ()
    facts: SourceFacts = field(default_factory=SourceFacts)
    standing: str = ""


class Indexer:
    """Builds the index of one ODFIN_HOME. One run at a time on a machine; a second one is refused."""

    def __init__(self, settings: Settings, embedder: Embedder | None = None):
        self.settings = settings
        self.embedder = embedder or Embedder(settings)
        self.catalogue = Catalogue(settings.home / "catalogue.db")
        self.facts = FactStore(self.catalogue)

    # -- the run --------------------------------------------------------------------------------------------------

    def run(self, directory: Path | None = None, progress: Callable[[Progress], None] | None = None) -> IndexReport:
        """Bring the index up to date with `directory` (default: the folder of the live snapshot, else the setting).

        Raises OdfinError if the folder is not there or another run is under way. A document that cannot be read is in
        the report; its last readable version goes on answering.
        """
        lock = FileLock(self.settings.home / "index.lock")
        try:
            with lock.acquire(timeout=0):
                return self._run(directory, progress or (lambda _: None))
        except Timeout:
            raise OdfinError("另一个索引任务正在进行；请等它结束后再试") from None

    def directory(self) -> Path:
        """The folder a run without one takes."""
        live = self.catalogue.live()
        return Path(live.directory) if live and Path(live.directory).is_dir() else self.settings.knowledge

    def _run(self, directory: Path | None, progress: Callable[[Progress], None]) -> IndexReport:
        started = time.monotonic()
        directory = (directory or self.directory()).expanduser().resolve()
        withdrawn = self.catalogue.withdrawn()
        files = [f for f in scan(directory, self.settings.uploads_dir) if f.source not in withdrawn]
        live = self.catalogue.live()
        same_folder = live is not None and live.directory == str(directory)
        before = self.catalogue.entries(live.id) if live else {}
        vectors = collection_name(self.embedder.version)
        store = VectorStore(self.settings.home / "chroma", vectors)

        entries: list[Entry] = []
        failed: list[tuple[File, str]] = []
        for number, file in enumerate(files):
            progress(Progress("read", number, len(files), file.source))
            old = before.get(file.source)
            reusable = old if same_folder or file.source.startswith(UPLOADS + "/") else None
            try:
                version = self._version(file, reusable)
            except DocumentError as error:
                log.warning("%s: %s", file.source, error)
                failed.append((file, str(error)))
                if reusable:
                    entries.append(old)
                continue
            indexed = old.indexed if old and old.version == version else now()
            entries.append(Entry(file.source, version, file.size, file.modified, indexed))
        progress(Progress("read", len(files), len(files)))

        self._embed(entries, store, progress)
        self._read_facts(entries, {f.source: f for f in files})
        progress(Progress("publish", 0, 1))
        after = {e.source: e for e in entries}
        nothing_new = (
            live is not None and live.directory == str(directory) and live.vectors == vectors
            and {s: e.version for s, e in before.items()} == {s: e.version for s, e in after.items()}
            and not failed and not self.catalogue.failures(live.id))
        if nothing_new:
            snapshot = live
        else:
            snapshot = self.catalogue.publish(str(directory), vectors, entries,
                                              [(f.source, reason, f.size, f.modified) for f, reason in failed])
            self._forget(store)
        progress(Progress("publish", 1, 1))
        kept = after.keys() & before.keys()
        unchanged = sum(before[s].version == after[s].version for s in kept)
        return IndexReport(
            documents=len(entries), added=len(after.keys() - before.keys()), changed=len(kept) - unchanged,
            removed=len(before.keys() - after.keys()), unchanged=unchanged, chunks=snapshot.chunks,
            seconds=round(time.monotonic() - started, 2), snapshot=str(snapshot.id),
            failed=[Failure(f.source, reason) for f, reason in failed])

    def _version(self, file: File, old: Entry | None) -> str:
        """The id of the version of this file, parsed and stored if it is new. Raises DocumentError."""
        recipe = f"{PARSER_VERSION}:{self.settings.chunk_chars}:{self.embedder.version}"
        prefix = hashlib.sha256(recipe.encode()).hexdigest()[:8]
        if old and (old.size, old.modified) == (file.size, file.modified) and old.version.startswith(prefix):
            return old.version
        try:
            with file.path.open("rb") as opened:
                content = hashlib.file_digest(opened, "sha256").hexdigest()
        except OSError as error:
            raise DocumentError(f"{file.source}：打不开（{error.strerror}）；请检查权限后重试") from error
        # The stem is part of it: where a text has no title of its own, the file's name is its title.
        version = f"{prefix}-{hashlib.sha256(f'{content}:{file.path.stem}'.encode()).hexdigest()[:32]}"
        if not self.catalogue.has_version(version):
            document = load_document(file.path, file.source)
            chunks = split_document(document, self.settings.chunk_chars)
            if not chunks:
                raise DocumentError(f"{file.source}：没有读到文字；若是扫描件，请先做文字识别再放入")
            ids = [(vector_id(self.embedder.version, embedded_text(c.headings, c.text)), self._heading_id(c.headings))
                   for c in chunks]
            self.catalogue.add_version(version, document, file.size, chunks, ids)
            self.facts.put(version, read_facts(document))
        return version

    def _read_facts(self, entries: Iterable[Entry], files: Mapping[str, File]) -> None:
        """Read the facts of versions that were stored before the present rules; nothing is embedded again."""
        missing = self.facts.missing(e.version for e in entries)
        for entry in (e for e in entries if e.version in missing):
            file = files[entry.source]
            if (file.size, file.modified) != (entry.size, entry.modified):
                continue  # the file can no longer be read: an older version answers for it
            try:
                self.facts.put(entry.version, read_facts(load_document(file.path, file.source)))
            except DocumentError as error:
                log.warning("%s: %s", file.source, error)

    def _embed(self, entries: Iterable[Entry], store: VectorStore, progress: Callable[[Progress], None]) -> None:
        """Compute the vectors that the pieces of these documents name and the collection lacks."""
        wanted = self.catalogue.vectors_of(e.version for e in entries)
        missing = sorted(wanted.keys() - store.ids()) if wanted else []
        texts = {i: embedded_text(*wanted[i]) for i in missing}
        # Neighbours in length are padded least when embedded together.
        missing.sort(key=lambda i: (bool(wanted[i][1]), len(texts[i])))
        for start in range(0, len(missing), EMBED_GROUP):
            progress(Progress("embed", start, len(missing)))
            group = missing[start : start + EMBED_GROUP]
            bodies = [i for i in group if wanted[i][1]]
            headings = [i for i in group if not wanted[i][1]]
            if bodies:
                store.add(bodies, self.embedder.embed_documents([texts[i] for i in bodies]))
            if headings:
                store.add(headings, self.embedder.embed_questions([texts[i] for i in headings]))
        progress(Progress("embed", len(missing), len(missing)))

    def _heading_id(self, headings: Sequence[str]) -> str:
        if not headings or len(_LABEL.sub("", headings[-1])) < MIN_HEADING:
            return ""
        return vector_id(self.embedder.version + ":heading", headings[-1])

    def _forget(self, store: VectorStore) -> None:
        orphans = self.catalogue.prune(KEEP_SNAPSHOTS)
        if orphans:
            store.delete(orphans)

    # -- the administrator's view ---------------------------------------------------------------------------------

    def documents(self) -> list[DocumentRow]:
        """Every document of the folder, the uploads and the live snapshot, by source."""
        live = self.catalogue.live()
        entries = self.catalogue.entries(live.id) if live else {}
        failures = self.catalogue.failures(live.id) if live else {}
        facts = self.catalogue.version_facts(live.id) if live else {}
        said = self.facts.of_sources(live.id) if live else {}
        editions, today = Editions({source: one.facts for source, one in said.items()}), date.today()
        withdrawn = self.catalogue.withdrawn()
        try:
            files = {f.source: f for f in scan(self.directory(), self.settings.uploads_dir)}
        except OdfinError:
            files = {}
        rows = []
        for source in sorted(files.keys() | entries.keys() | failures.keys()):
            entry, file = entries.get(source), files.get(source)
            title, pages, chunks, warnings = facts.get(entry.version, _NO_FACTS) if entry else _NO_FACTS
            reason = failures.get(source, ("", 0, 0))[0]
            status = "indexed" if entry else "waiting"
            if source in withdrawn:
                status = "withdrawn"
            elif reason:
                status = "failed"
            elif file is None:
                status, reason = "waiting", "文件已不在，重新索引后移除"
            elif entry and (file.size, file.modified) != (entry.size, entry.modified):
                status, reason = "waiting", "文件已修改"
            elif entry is None:
                reason = "新文件"
            rows.append(DocumentRow(
                source=source, title=said[source].facts.title if source in said else title or Path(source).stem,
                topic=said[source].facts.topic if source in said else topic_of(source), status=status, reason=reason,
                pages=pages, chunks=chunks, bytes=file.size if file else entry.size if entry else 0,
                indexed_at=entry.indexed if entry else "", uploaded=source.startswith(UPLOADS + "/"),
                warnings=warnings, facts=said.get(source, SourceFacts()),
                standing=editions.state(source, today).why if source in said else ""))
        return rows

    def upload(self, filename: str, data: bytes, topic: str) -> str:
        """Put a document among the uploads and return its source; the next run indexes it. Raises OdfinError."""
        source = save_upload(self.settings.uploads_dir, filename, data, topic, self.settings.upload_mb)
        self.catalogue.restore(source)
        return source

    def remove(self, source: str) -> None:
        """Take a document out at the next run. An uploaded file is deleted, one of the folder only withdrawn."""
        path = uploaded_path(self.settings.uploads_dir, source)
        if path is not None:
            path.unlink(missing_ok=True)
        else:
            self.catalogue.withdraw(source)

    def restore(self, source: str) -> None:
        """Undo the withdrawal of a document of the folder, from the next run on."""
        self.catalogue.restore(source)


def embedded_text(headings: Sequence[str], text: str) -> str:
    """What is embedded of a piece: its last two headings and its words; of a heading (`text` is empty): itself.

    The title is not part of it: it is a field of its own.
    """
    return "\n".join((*headings[-2:], text)) if text else headings[-1]


__all__ = ["TOPICS", "DocumentRow", "Failure", "IndexReport", "Indexer", "Progress"]
