"""`odfin bench corpus`: a folder of documents read once, as a table by format: files, pages, pieces, tables, seconds, and
what could not be read with its reason."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rag.documents.blocks import blocks_of
from rag.documents.reader import close_readers, read_document
from rag.documents.split import split_document
from rag.errors import DocumentError, OdfinError
from rag.evaluate.ground import Report
from rag.evaluate.report import seconds, table
from rag.index.folder import survey
from rag.settings import Settings


@dataclass
class Read:
    """What the files of one format gave. `table_pieces` are pieces that hold a table or a run of its rows; `seconds` are
    for reading and splitting, `slowest` those of the slowest file."""

    files: int = 0
    failed: int = 0
    bytes: int = 0
    pages: int = 0
    chars: int = 0
    chunks: int = 0
    tables: int = 0
    table_pieces: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    warnings: int = 0

    def add(self, other: Read) -> None:
        for name, value in asdict(other).items():
            setattr(self, name, max(self.slowest, value) if name == "slowest" else getattr(self, name) + value)


@dataclass(frozen=True)
class CorpusBench:
    """`failures` and `skipped` are (source, one line)."""

    directory: Path
    kinds: dict[str, Read]
    failures: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    @property
    def whole(self) -> Read:
        total = Read()
        for one in self.kinds.values():
            total.add(one)
        return total

    def to_json(self) -> dict[str, Any]:
        return {"directory": str(self.directory), "kinds": {kind: asdict(one) for kind, one in self.kinds.items()},
                "all": asdict(self.whole), "failures": self.failures, "skipped": self.skipped}

    def to_markdown(self) -> str:
        head = ["格式", "文件", "读不了", "MB", "页", "万字", "片", "表格", "表格片", "秒", "最慢一份 秒", "有提示的"]
        kinds = sorted(self.kinds.items(), key=lambda one: -one[1].files)
        lines = [table(head, [_row(kind, one) for kind, one in (*kinds, ("合计", self.whole))])]
        for title, said in (("读不了的", self.failures), ("没有单独读的", self.skipped)):
            if said:
                lines.append(f"{title}：\n\n" + "\n".join(f"- {reason}" for _, reason in said))
        return "\n\n".join(lines) + "\n"


def _row(kind: str, one: Read) -> Sequence[str]:
    return (kind, str(one.files), str(one.failed), f"{one.bytes / 1e6:.1f}", str(one.pages), f"{one.chars / 1e4:.1f}",
            str(one.chunks), str(one.tables), str(one.table_pieces), seconds(one.seconds), seconds(one.slowest), str(one.warnings))


def run_bench_corpus(settings: Settings, directory: Path | None = None, report: Report = lambda *_: None) -> CorpusBench:
    """Read every document of `directory` (default: the knowledge folder) as an indexing run does; nothing is stored.

    Raises OdfinError where the folder is missing or holds no document.
    """
    directory = (directory or settings.knowledge).expanduser().resolve()
    listing = survey(directory, directory / ".none")
    if not listing.files:
        raise OdfinError(f"文件夹 {directory} 里没有能读的文档；请换一个文件夹")
    kinds: dict[str, Read] = {}
    failures = list(listing.closed)
    for number, file in enumerate(listing.files, 1):
        one, started = Read(files=1, bytes=file.size), time.perf_counter()
        try:
            document = read_document(file.path, file.source, settings)
            chunks = split_document(document, settings.chunk_chars)
        except DocumentError as error:
            one.failed = 1
            failures.append((file.source, str(error)))
        else:
            one.pages, one.chars = len(document.pages), sum(len(page.text) for page in document.pages)
            one.chunks, one.table_pieces = len(chunks), sum(chunk.kind == "table" for chunk in chunks)
            one.tables = sum(block.kind == "table" for block in blocks_of(document))
            one.warnings = bool(document.warnings)
        one.seconds = one.slowest = time.perf_counter() - started
        kinds.setdefault(file.path.suffix.lower(), Read()).add(one)
        report("reading", number, len(listing.files))
    close_readers()
    return CorpusBench(directory, kinds, failures, list(listing.skipped))
