"""What documents say of themselves, stored: read of each version under each name its file has, edited for a source.

An edit stands over what was read, outlives every re-index, and is undone by taking it back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import PurePosixPath

from rag.documents.fact_words import KINDS
from rag.documents.facts import DATES, FIELDS, RULES, Facts
from rag.errors import OdfinError
from rag.index.catalogue import Catalogue, Entry, now
from rag.index.folder import TOPICS, topic_of
from rag.text.dates import find_dates
from rag.text.normalise import normalise

LONGEST = 200
NAMES = {
    "title": "标题", "institution": "机构", "product": "产品", "product_code": "产品代码", "number": "文号", "kind": "类别",
    "topic": "主题", "version": "版本", "issued": "发布日期", "effective": "生效日期", "expires": "有效期至", "supersedes": "替代",
    "superseded_by": "被替代为", "repealed": "已废止"}


@dataclass(frozen=True)
class SourceFacts:
    """The facts that hold for one document, and which of them the administrator wrote."""

    facts: Facts = field(default_factory=Facts)
    edited: frozenset[str] = frozenset()

    def to_json(self) -> dict:
        return {**self.facts.to_json(), "edited": sorted(self.edited)}


class FactStore:
    """Facts in the catalogue. Readers need no lock; a change to the live snapshot's moves `State.facts`."""

    def __init__(self, catalogue: Catalogue):
        self.catalogue = catalogue

    # -- read from documents --------------------------------------------------------------------------------------

    def unread(self, entries: Iterable[Entry]) -> list[Entry]:
        """Those documents whose facts have not been read by the present rules; of equal ones with one name the first."""
        known = {tuple(row) for row in self.catalogue.db.execute(
            "SELECT version, name FROM version_facts WHERE rules = ?", (RULES,))}
        found: dict[tuple[str, str], Entry] = {}
        for entry in entries:
            found.setdefault((entry.version, _name(entry.source)), entry)
        return [entry for key, entry in found.items() if key not in known]

    def put(self, read: Sequence[tuple[str, str, Facts]]) -> None:
        """Store what was read: (version, source, facts)."""
        with self.catalogue.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO version_facts VALUES (?, ?, ?, ?)", [
                (version, _name(source), RULES, json.dumps(_filled(facts), ensure_ascii=False))
                for version, source, facts in read])
            live = self.catalogue.live()
            if live and any(db.execute("SELECT 1 FROM snapshot_documents WHERE version = ? AND snapshot = ?",
                                       (version, live.id)).fetchone() for version, _, _ in read):
                _moved(db)

    # -- edited by the administrator ------------------------------------------------------------------------------

    def edit(self, source: str, changes: Mapping[str, str | None], by: str = "") -> None:
        """Write fields of one document's facts; None takes an edit back, "" says that there is nothing.

        Raises OdfinError with one line where a value does not fit; nothing is changed then.
        """
        checked = {name: None if value is None else checked_value(name, value) for name, value in changes.items()}
        with self.catalogue.transaction() as db:
            row = db.execute("SELECT facts FROM fact_edits WHERE source = ?", (source,)).fetchone()
            held = json.loads(row[0]) if row else {}
            held = {name: value for name, value in {**held, **checked}.items() if value is not None}
            _check_order(replace(self._read_of(source), **held))
            if held:
                db.execute("INSERT OR REPLACE INTO fact_edits VALUES (?, ?, ?, ?)",
                           (source, json.dumps(held, ensure_ascii=False), by, now()))
            else:
                db.execute("DELETE FROM fact_edits WHERE source = ?", (source,))
            _moved(db)

    def follow(self, before: Mapping[str, Entry], after: Mapping[str, Entry]) -> None:
        """What was edited of a document holds for it under its new name too, where it was moved.

        `before` and `after`: source -> document, of one snapshot and the next.
        """
        edits = self.edits()
        arrived = {after[source].version: source for source in sorted(after.keys() - before.keys() - edits.keys(), reverse=True)}
        with self.catalogue.transaction() as db:
            for source in edits.keys() & before.keys() - after.keys():
                if new := arrived.get(before[source].version):  # a copy: an older snapshot may be gone back to
                    db.execute("INSERT OR IGNORE INTO fact_edits SELECT ?, facts, editor, edited FROM fact_edits "
                               "WHERE source = ?", (new, source))

    def edits(self) -> dict[str, dict[str, str]]:
        """source -> the fields written by the administrator."""
        rows = self.catalogue.db.execute("SELECT source, facts FROM fact_edits")
        return {row["source"]: json.loads(row["facts"]) for row in rows}

    # -- what holds -----------------------------------------------------------------------------------------------

    def of_sources(self, snapshot: int) -> dict[str, SourceFacts]:
        """source -> facts of every document of a snapshot: the edit over the folder's topic over what was read."""
        edits = self.edits()
        read = {(row["version"], row["name"]): row["facts"] for row in self.catalogue.db.execute(
            "SELECT version, name, facts FROM version_facts WHERE version IN "
            "(SELECT version FROM snapshot_documents WHERE snapshot = ?)", (snapshot,))}
        rows = self.catalogue.db.execute(
            "SELECT d.source, d.version, v.title FROM snapshot_documents d JOIN versions v ON v.id = d.version "
            "WHERE d.snapshot = ?", (snapshot,))
        return {source: _held(source, title, read.get((version, _name(source))), edits.get(source, {}))
                for source, version, title in rows}

    def _read_of(self, source: str) -> Facts:
        live = self.catalogue.live()
        row = self.catalogue.db.execute(
            "SELECT v.title, f.facts FROM snapshot_documents d JOIN versions v ON v.id = d.version "
            "LEFT JOIN version_facts f ON f.version = d.version AND f.name = ? WHERE d.snapshot = ? AND d.source = ?",
            (_name(source), live.id if live else 0, source)).fetchone()
        if row is None:
            raise OdfinError(f"索引里没有文档“{source}”；请先重新索引，或核对文件名")
        return _held(source, row["title"], row["facts"], {}).facts


def checked_value(name: str, value: str) -> str:
    """The value as it is stored. Raises OdfinError with one line that says what is wrong and how to mend it."""
    if name not in FIELDS:
        raise OdfinError(f"没有“{name}”这一项；可以修改的是：{'、'.join(NAMES.values())}")
    value = " ".join(value.split())
    if len(value) > LONGEST and name != "supersedes":
        raise OdfinError(f"“{NAMES[name]}”太长（{len(value)} 字）；请缩短到 {LONGEST} 字以内")
    if not value:
        if name == "title":
            raise OdfinError("标题不能为空；要恢复从文件读到的标题，请点“恢复”")
        return ""
    if name in DATES:
        return _day(NAMES[name], value)
    if name == "kind" and value not in KINDS:
        raise OdfinError(f"没有类别“{value[:20]}”；请从这些里选：{'、'.join(KINDS)}")
    if name == "topic" and value not in TOPICS:
        raise OdfinError(f"主题“{value[:20]}”不在七个主题里：{'、'.join(TOPICS)}")
    if name == "repealed" and value not in ("是", "否"):
        raise OdfinError("“已废止”只能填“是”或“否”")
    return "" if value == "否" else value


def _day(name: str, value: str) -> str:
    spans = find_dates(normalise(value))
    if len(spans) != 1 or spans[0].first != spans[0].last:
        raise OdfinError(f"“{name}”里的“{value[:30]}”不是日期；请写成 2026-01-15 或 2026年1月15日")
    return spans[0].first.isoformat()


def _check_order(facts: Facts) -> None:
    if facts.effective and facts.expires and date.fromisoformat(facts.expires) < date.fromisoformat(facts.effective):
        raise OdfinError(f"有效期至 {facts.expires} 早于生效日期 {facts.effective}；请核对这两个日期")


def _name(source: str) -> str:
    """What of its source a document's facts may depend on."""
    return PurePosixPath(source).stem


def _held(source: str, title: str, read: str | None, edits: Mapping[str, str]) -> SourceFacts:
    facts = Facts(**{"title": title, **(json.loads(read) if read else {})})
    topic = topic_of(source) or facts.topic
    return SourceFacts(replace(facts, **{"topic": topic, **edits}), frozenset(edits))


def _filled(facts: Facts) -> dict[str, str]:
    return {name: value for name, value in facts.to_json().items() if value}


def _moved(db) -> None:
    db.execute("INSERT INTO meta VALUES ('facts', '1') ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1")
