"""What is indexed, as the administrator sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from rag.errors import OdfinError
from rag.index.catalogue import Catalogue
from rag.index.editions import Editions
from rag.index.facts import FactStore, SourceFacts
from rag.index.folder import UPLOADS, Listing, survey, topic_of
from rag.settings import Settings


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

    @property
    def in_force(self) -> str:
        """Whether it answers as what is in force, in one word: "现行", or why not ("读不了" where nothing of it could be read)."""
        if self.status == "withdrawn":
            return "已撤下"
        if self.chunks == 0:
            return "读不了" if self.status == "failed" else "未索引"
        return self.standing or "现行"


def list_documents(catalogue: Catalogue, settings: Settings, directory: Path) -> list[DocumentRow]:
    """Every document of the folder, the uploads and the live snapshot, by source."""
    with catalogue.reading():
        live = catalogue.live()
        entries = catalogue.entries(live.id) if live else {}
        failures = catalogue.failures(live.id) if live else {}
        sizes = catalogue.sizes(live.id) if live else {}
        said = FactStore(catalogue).of_sources(live.id) if live else {}
        withdrawn = catalogue.withdrawn()
    editions, today = Editions({source: one.facts for source, one in said.items()}), date.today()
    try:
        listing = survey(directory, settings.uploads_dir)
    except OdfinError:
        listing = Listing(())
    files = {f.source: f for f in listing.files}
    rows = []
    for source in sorted(files.keys() | entries.keys() | failures.keys()):
        entry, file = entries.get(source), files.get(source)
        pages, chunks, warnings = sizes[entry.version] if entry else (0, 0, ())
        facts = said.get(source, SourceFacts())
        reason = failures.get(source, ("", 0, 0))[0]
        status = "indexed" if entry else "waiting"
        if source in withdrawn:
            status = "withdrawn"
        elif reason:
            status = "failed"
        elif file is None and (closed := [why for folder, why in listing.closed if source.startswith(folder)]):
            status, reason = "failed", closed[0]
        elif file is None:
            status, reason = "waiting", "文件已不在，重新索引后移除"
        elif entry and (file.size, file.modified) != (entry.size, entry.modified):
            status, reason = "waiting", "文件已修改"
        elif entry is None:
            reason = "新文件"
        rows.append(DocumentRow(
            source=source, title=facts.facts.title or Path(source).stem, topic=facts.facts.topic or topic_of(source),
            status=status, reason=reason, pages=pages, chunks=chunks, bytes=file.size if file else entry.size if entry else 0,
            indexed_at=entry.indexed if entry else "", uploaded=source.startswith(UPLOADS + "/"),
            warnings=warnings, facts=facts, standing=editions.state(source, today).why if source in said else ""))
    return rows
