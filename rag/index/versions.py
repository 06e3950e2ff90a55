"""A file on disk becomes a stored version: read in a child process, split into pieces, its facts taken down."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from rag.documents.facts import read_facts
from rag.documents.reader import read_document
from rag.documents.split import split_document
from rag.errors import DocumentError
from rag.index.catalogue import Catalogue, Entry
from rag.index.complete import embedded_text
from rag.index.facts import FactStore
from rag.index.folder import File
from rag.index.postings import FOLD
from rag.index.vectors import vector_id
from rag.settings import Settings
from rag.storage import reason

log = logging.getLogger(__name__)

PARSER_VERSION = "15"  # raise it when loaders or splitter give other pieces for the same file
FACTS_EVERY = 100  # documents whose facts are read anew are told to running searches at once
MIN_HEADING = 3  # characters beside the number: 第十六条 alone says nothing
_LABEL = re.compile(r"第[零〇一二三四五六七八九十百千\d]+[编編章节節条條款部分]+|[\d.、（）()\s一二三四五六七八九十]+")

Tell = Callable[[int, int, str], None]  # done, of how many, source


class VersionReader:
    """Reads for one embedder. `version` is a hash of a file's content and of how it is read: its name makes no new one."""

    def __init__(self, settings: Settings, embedder_version: str, catalogue: Catalogue, facts: FactStore):
        self._settings, self._embedder_version = settings, embedder_version
        self._catalogue, self._facts = catalogue, facts
        recipe = f"{PARSER_VERSION}:{settings.chunk_chars}:{embedder_version}"
        self._prefix = hashlib.sha256(recipe.encode()).hexdigest()[:8]

    def version(self, file: File, old: Entry | None, stored: Callable[[str, int], None] = lambda *_: None) -> str:
        """The id of the version of this file, parsed and stored if it is new; `stored(version, pieces)` is told then.

        Raises DocumentError.
        """
        if self.unchanged(file, old):
            return old.version
        try:
            with file.path.open("rb") as opened:
                content = hashlib.file_digest(opened, "sha256").hexdigest()
        except OSError as error:
            raise DocumentError(f"{file.source}：打不开（{reason(error)}）；请检查后重试") from error
        version = f"{self._prefix}-{hashlib.sha256(f'{content}:{file.path.suffix.lower()}'.encode()).hexdigest()[:32]}"
        if not self._catalogue.has_version(version):
            document = read_document(file.path, file.source, self._settings)
            chunks = split_document(document, self._settings.chunk_chars)
            if not chunks:
                raise DocumentError(f"{file.source}：没有读到文字；若是扫描件，请先做文字识别再放入")
            ids = [(vector_id(self._embedder_version, embedded_text(c.headings, c.text)), self._heading_id(c.headings))
                   for c in chunks]
            self._catalogue.add_version(version, document, file.size, chunks, ids)
            self._facts.put([(version, file.source, read_facts(document))])
            stored(version, len(chunks))
            self._catalogue.settle(at_least=FOLD)
        return version

    def unchanged(self, file: File, old: Entry | None) -> bool:
        """Whether the entry stands for this file as it lies there, read as documents are read now."""
        return bool(old and (old.size, old.modified) == (file.size, file.modified) and old.version.startswith(self._prefix))

    def read_facts(self, entries: Iterable[Entry], paths: Mapping[str, Path], tell: Tell) -> None:
        """Read the facts of what was stored before the present rules, or under another name; nothing is embedded again."""
        unread = self._facts.unread(entries)
        for start in range(0, len(unread), FACTS_EVERY):
            read = []
            for number, entry in enumerate(unread[start : start + FACTS_EVERY], start):
                tell(number, len(unread), entry.source)
                try:
                    document = read_document(paths[entry.source], entry.source, self._settings)
                    read.append((entry.version, entry.source, read_facts(document)))
                except DocumentError as error:
                    log.warning("%s", error)  # which names the file
            self._facts.put(read)

    def _heading_id(self, headings: Sequence[str]) -> str:
        if not headings or len(_LABEL.sub("", headings[-1])) < MIN_HEADING:
            return ""
        return vector_id(self._embedder_version + ":heading", headings[-1])
