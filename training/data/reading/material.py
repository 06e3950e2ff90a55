"""Documents as what can be asked about: their tables and their clauses, read by the assistant's own loader and splitter."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag.documents.load import SUFFIXES, load_document
from rag.documents.split import split_document
from rag.text.sentences import Unit, cells, split_units
from training.data.reading.draft import Passage
from training.data.reading.grid import Grid
from training.data.topics import TOPICS, topic_of

WINDOW = 240  # characters of running text a passage holds, as in the assistant's evidence
FEWEST_ROWS, MOST_COLUMNS = 2, 10
_KIND_WORDS = re.compile(
    r"(?:产品)?(?:说明书?|条款|费率表|一览表?|指南|手册|常见问题|问答|对照表|概要|摘要|合同|合约|协议|标准|流程|规则|办法|揭示书|表)+(?:与.*)?$")
_BRACKETS = re.compile(r"[（(【\[][^（）()【】\[\]]*[）)】\]]")
_BOILERPLATE = re.compile(r"示例文件|虚构机构|仅供.{0,12}演示|^产品代码|INFO END|^#|^[（(]?单位[:：]|"
                          r"^\d{4}年\d{1,2}月\d{1,2}日.{0,60}(?:通过|公布|施行|修订|修正|发布|批准)[）)]*$")


@dataclass(frozen=True)
class Clauses:
    """The running text of one section: its sentences and lists in order."""

    source: str
    title: str
    headings: tuple[str, ...]
    units: tuple[Unit, ...]
    topic: str
    licence: str
    name: str

    def window(self, position: int, most: int = WINDOW) -> str:
        """The unit with its neighbours, up to `most` characters, exact words in order."""
        first = last = position
        length = len(self.units[position].text)
        while True:
            nearest = next((p for p in (last + 1, first - 1) if 0 <= p < len(self.units)
                            and length + len(self.units[p].text) <= most), None)
            if nearest is None:
                return "\n".join(unit.text for unit in self.units[first : last + 1])
            length += len(self.units[nearest].text)
            first, last = min(first, nearest), max(last, nearest)

    def passage(self, position: int, most: int = WINDOW) -> Passage:
        return Passage(self.source, self.title, self.headings, self.window(position, most))


@dataclass
class Material:
    """Everything that can be asked about. `passages` are windows of every document, to tempt with."""

    grids: list[Grid] = field(default_factory=list)
    clauses: list[Clauses] = field(default_factory=list)
    by_document: dict[str, list[Passage]] = field(default_factory=lambda: defaultdict(list))
    by_topic: dict[str, list[Passage]] = field(default_factory=lambda: defaultdict(list))

    def add(self, grids: Iterable[Grid], clauses: Iterable[Clauses]) -> None:
        for grid in grids:
            self.grids.append(grid)
            for start in range(0, len(grid.rows), 4):
                self._tempt(grid.topic, Passage(grid.source, grid.title, grid.headings,
                                                grid.text(range(start, min(start + 3, len(grid.rows))))))
        for section in clauses:
            self.clauses.append(section)
            for position in range(0, len(section.units), 2):
                self._tempt(section.topic, section.passage(position))

    def _tempt(self, topic: str, passage: Passage) -> None:
        self.by_document[passage.source].append(passage)
        self.by_topic[topic].append(passage)

    def tempting(self, source: str, topic: str, count: int, chance: random.Random) -> Iterator[Passage]:
        """Up to `count` passages, mostly of the same document, then of its topic."""
        for _ in range(count):
            pool = self.by_document[source] if chance.random() < 0.55 else self.by_topic[topic]
            if pool:
                yield chance.choice(pool)


def name_of(title: str) -> str:
    """What a customer calls a document's subject: 《澄湖守家定期寿险费率表》 is 澄湖守家定期寿险."""
    bare = _BRACKETS.sub("", title).replace("中华人民共和国", "").strip()
    if re.search(r"(?:法|条例|规定|解释|办法)$", bare) and "产品" not in bare:
        return bare if len(bare) <= 16 else ""
    short = _KIND_WORDS.sub("", bare)
    return short if 3 <= len(short) <= 16 else ""


def read_folder(folder: Path, licence: str) -> Iterator[tuple[list[Grid], list[Clauses]]]:
    """Grids and clauses of each document below `folder`, in the order of their paths. Raises DocumentError."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix.lower() in SUFFIXES):
        source = path.relative_to(folder).as_posix()
        document = load_document(path, source)
        text = "\n".join(page.text for page in document.pages)
        topic = source.split("/")[0] if source.split("/")[0] in TOPICS else topic_of(text, document.title)
        yield _read(split_document(document), source, document.title, topic, licence)


def _read(chunks: Sequence, source: str, title: str, topic: str, licence: str) -> tuple[list[Grid], list[Clauses]]:
    tables: dict[tuple, list[tuple[str, ...]]] = {}
    sections: list[Clauses] = []
    name = name_of(title)
    for chunk in chunks:
        prose: list[Unit] = []
        for unit in split_units(chunk.text):
            if unit.kind == "row":
                lines = unit.text.split("\n")
                row = tuple(cells(lines[-1]))
                known = tables.setdefault((chunk.headings, unit.context, tuple(cells(lines[-3]))), [])
                if len(row) == len(cells(lines[-3])) and row not in known:
                    known.append(row)
            elif not _BOILERPLATE.search(unit.plain) and 6 <= len(unit.plain) <= 2 * WINDOW and unit.plain not in chunk.headings:
                prose.append(unit)
        if prose:
            sections.append(Clauses(source, title, chunk.headings, tuple(prose), topic, licence, name))
    grids = [Grid(source, title, headings, caption, header, tuple(rows), topic, licence, shape_of(header), name)
             for (headings, caption, header), rows in tables.items()
             if len(rows) >= FEWEST_ROWS and 2 <= len(header) <= MOST_COLUMNS and all(header) and len(set(header)) == len(header)]
    return grids, sections


def shape_of(header: Sequence[str]) -> str:
    """The form of a table: its column names without brackets and figures."""
    return "|".join(re.sub(r"[\d.,]+", "#", _BRACKETS.sub("", name)).strip() for name in header)
