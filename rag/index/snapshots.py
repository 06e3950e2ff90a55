"""The published states of the index: listed, compared, and gone back to.

After a roll-back the files on disk are as they were: bringing the index up to date would publish them again, faults and
all. So runs that nobody asked for (a watched folder, an upload) leave the index alone until somebody runs `odfin index`
or presses the console's button: that is the word that the files are in order.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from rag.errors import OdfinError
from rag.index.catalogue import Catalogue, Snapshot


@dataclass(frozen=True)
class SnapshotRow:
    """A snapshot as the administrator sees it. `created` is an ISO moment, UTC."""

    id: int
    created: str
    directory: str
    documents: int
    chunks: int
    failed: int
    live: bool

    def to_json(self) -> dict:
        return asdict(self)


@dataclass(frozen=True)
class SnapshotDiff:
    """What of one snapshot is not so in another: sources, and pieces that only one of them has."""

    before: int
    after: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    chunks_before: int
    chunks_after: int
    chunks_added: int
    chunks_removed: int

    def to_json(self) -> dict:
        return asdict(self)


def list_snapshots(catalogue: Catalogue) -> list[SnapshotRow]:
    """All that are kept, newest first."""
    live = catalogue.live()
    return [SnapshotRow(s.id, s.created, s.directory, s.documents, s.chunks, len(catalogue.failures(s.id)),
                        live is not None and s.id == live.id) for s in catalogue.snapshots()]


def compare(catalogue: Catalogue, before: int, after: int) -> SnapshotDiff:
    """How `after` differs from `before`. Raises OdfinError where one of them is not kept."""
    first, second = find(catalogue, before), find(catalogue, after)
    old, new = catalogue.entries(before), catalogue.entries(after)
    both = old.keys() & new.keys()
    changed = sorted(source for source in both if old[source].version != new[source].version)
    had, has = catalogue.piece_vectors(before), catalogue.piece_vectors(after)
    return SnapshotDiff(
        before, after, tuple(sorted(new.keys() - old.keys())), tuple(changed), tuple(sorted(old.keys() - new.keys())),
        len(both) - len(changed), first.chunks, second.chunks, len(has - had), len(had - has))


def roll_back(catalogue: Catalogue, snapshot: int) -> Snapshot:
    """Let a kept snapshot answer again, in one transaction; running bots and consoles follow with their next question.

    Raises OdfinError where it is not kept.
    """
    catalogue.roll_back(snapshot)
    return find(catalogue, snapshot)


def rolled_back_to(catalogue: Catalogue) -> int | None:
    """The snapshot that was gone back to, while runs that nobody asked for wait; None otherwise."""
    value = catalogue.meta("rolled_back")
    return int(value) if value else None


def find(catalogue: Catalogue, snapshot: int) -> Snapshot:
    for one in catalogue.snapshots():
        if one.id == snapshot:
            return one
    kept = "、".join(str(s.id) for s in catalogue.snapshots()) or "没有"
    raise OdfinError(f"没有快照 {snapshot}；保留着的有：{kept}（odfin snapshots 可列出）")
